use std::sync::Arc;

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::company;
use crate::admission::Admission;
use crate::company::Employee;
use crate::html::{Page, text};
use crate::router::Service;

const ON_A_PAGE: usize = 25;

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    page: Option<usize>,
}

pub async fn list(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    let found: Vec<&Employee> = company.employees.iter().filter(|e| matches(e, &wanted.q)).collect();
    let pages = found.len().div_ceil(ON_A_PAGE).max(1);
    let page = wanted.page.unwrap_or(1).clamp(1, pages);
    let base = format!("/o/{}/people", admission.organization);
    let rows: String = found.iter().skip((page - 1) * ON_A_PAGE).take(ON_A_PAGE).map(|e| row(&base, e)).collect();
    let page = Page {
        organization: &admission.organization,
        legal_name: company.seed.legal_name,
        section: "people",
        crumbs: format!("{} people", found.len()),
        title: "People".to_owned(),
        actions: search(&base, &wanted.q),
        message: service.flashes.take(&headers),
        body: format!(
            "<table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Number</th><th scope=\"col\">Group</th>\
             <th scope=\"col\">Since</th><th scope=\"col\">Mail</th><th></th></tr></thead><tbody>{rows}</tbody></table>{}",
            pager(&base, &wanted.q, page, pages)
        ),
    };
    Ok(page.into_response())
}

fn matches(employee: &Employee, wanted: &str) -> bool {
    let name = format!("{} {} {}", employee.given, employee.family, employee.number).to_lowercase();
    name.contains(&wanted.trim().to_lowercase())
}

fn row(base: &str, e: &Employee) -> String {
    format!(
        "<tr><td>{}, {}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"end\"><a href=\"{base}/{}\">Open</a></td></tr>",
        text(e.family),
        text(e.given),
        e.number,
        text(e.group),
        e.since,
        text(&e.email),
        e.number
    )
}

fn search(base: &str, wanted: &str) -> String {
    format!(
        "<form action=\"{base}\" role=\"search\"><label>Find <input type=\"search\" name=\"q\" value=\"{}\"></label>\
         <button>Find</button></form>",
        text(wanted)
    )
}

fn pager(base: &str, wanted: &str, page: usize, pages: usize) -> String {
    let query: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
    let link = |to: usize, label: &str| format!("<a href=\"{base}?q={query}&amp;page={to}\">{label}</a>");
    let before = if page > 1 { link(page - 1, "Before") } else { String::new() };
    let next = if page < pages { link(page + 1, "Next") } else { String::new() };
    format!("<p class=\"pager\">Page {page} of {pages} {before} {next}</p>")
}
