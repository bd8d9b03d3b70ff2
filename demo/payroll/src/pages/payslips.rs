use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::company;
use crate::admission::Admission;
use crate::company::{Company, MONTHS, Payslip};
use crate::form::Form;
use crate::html::{self, Page, card, text};
use crate::router::Service;

#[derive(Deserialize)]
pub struct Wanted {
    month: Option<String>,
    #[serde(default)]
    group: String,
}

pub async fn list(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    let Some((month, label)) = known_month(wanted.month.as_deref()) else {
        return Ok(html::not_found(&admission.organization, &company));
    };
    let payslips = of_group(&company, month, &wanted.group);
    let missing = payslips.iter().filter(|p| !p.generated).count();
    let base = format!("/o/{}", admission.organization);
    let page = Page {
        organization: &admission.organization,
        legal_name: company.seed.legal_name,
        section: "payslips",
        crumbs: format!("Pay runs / {label}"),
        title: if wanted.group.is_empty() { "Payslips".into() } else { format!("Payslips, {}", wanted.group) },
        actions: format!(
            "<a class=\"button\" href=\"{base}/exports/payslips.csv?month={month}\">Export</a>\
             <button form=\"generate\" class=\"main\">Generate {missing} payslips</button>"
        ),
        message: service.flashes.take(&headers),
        body: format!(
            "{}{}<form id=\"generate\" method=\"post\" action=\"{base}/payslips/generate\">\
             <input type=\"hidden\" name=\"month\" value=\"{month}\">{}</form>",
            cards(&company, &payslips, missing),
            groups(&base, &company, month, &wanted.group),
            table(&base, &company, month, &payslips)
        ),
    };
    Ok(page.into_response())
}

pub async fn generate(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::read(&body);
    let (month, _) = known_month(Some(form.text("month"))).ok_or(StatusCode::NOT_FOUND)?;
    let numbers: Vec<u32> = form.all("number").filter_map(|n| n.parse().ok()).collect();
    let made = company(&service, &admission)?.generate(month, &numbers);
    service.flashes.leave(&headers, format!("{made} payslips were generated."));
    Ok(Redirect::to(&format!("/o/{}/payslips?month={month}", admission.organization)).into_response())
}

/// The newest when none is named; none when there is no such pay run.
pub fn known_month(wanted: Option<&str>) -> Option<(&'static str, &'static str)> {
    match wanted {
        None => Some(MONTHS[0]),
        Some(month) => MONTHS.into_iter().find(|(known, _)| *known == month),
    }
}

fn of_group<'a>(company: &'a Company, month: &str, group: &str) -> Vec<&'a Payslip> {
    let in_group = |p: &&Payslip| group.is_empty() || company.employee(p.employee).is_some_and(|e| e.group == group);
    company.payslips.get(month).into_iter().flatten().filter(in_group).collect()
}

fn cards(company: &Company, payslips: &[&Payslip], missing: usize) -> String {
    let total: u64 = payslips.iter().map(|p| p.net_cents()).sum();
    format!(
        "<dl class=\"cards\">{}{}{}{}</dl>",
        card("In this pay group", &payslips.len().to_string()),
        card("Generated", &(payslips.len() - missing).to_string()),
        card("Missing", &missing.to_string()),
        card("Net total", &company.money(total)),
    )
}

fn groups(base: &str, company: &Company, month: &str, chosen: &str) -> String {
    let link = |group: &str, label: &str| {
        let current = if group == chosen { " aria-current=\"true\"" } else { "" };
        let query: String = url::form_urlencoded::byte_serialize(group.as_bytes()).collect();
        format!("<a href=\"{base}/payslips?month={month}&amp;group={query}\"{current}>{}</a> ", text(label))
    };
    let all: String = company.seed.groups.iter().map(|g| link(g, g)).collect();
    format!("<p class=\"groups\">{}{all}</p>", link("", "All groups"))
}

fn table(base: &str, company: &Company, month: &str, payslips: &[&Payslip]) -> String {
    let rows: String = payslips
        .iter()
        .filter_map(|p| {
            let e = company.employee(p.employee)?;
            let off = if p.generated { " disabled" } else { "" };
            Some(format!(
                "<tr><td><input type=\"checkbox\" name=\"number\" value=\"{0}\" aria-label=\"Generate for {0}\"{off}></td>\
                 <td>{1}, {2}</td><td>{0}</td><td>{3}</td><td class=\"number\">{4}</td><td>{5}</td>\
                 <td class=\"end\"><a href=\"{base}/payslips/{month}/{0}\">Open</a></td></tr>",
                e.number,
                text(e.family),
                text(e.given),
                text(e.group),
                text(&company.money(p.net_cents())),
                html::badge(p.generated)
            ))
        })
        .collect();
    format!(
        "<table><thead><tr><th></th><th scope=\"col\">Employee</th><th scope=\"col\">Number</th><th scope=\"col\">Group</th>\
         <th scope=\"col\" class=\"number\">Net pay</th><th scope=\"col\">Payslip</th><th></th></tr></thead><tbody>{rows}</tbody></table>"
    )
}
