use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::company;
use crate::admission::Admission;
use crate::company::{Company, MONTHS};
use crate::html::{Page, card};
use crate::router::Service;

/// Counts and the state of the machinery: no Relevant Data.
pub async fn show(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    let page = Page {
        organization: &admission.organization,
        legal_name: company.seed.legal_name,
        section: "overview",
        crumbs: company.seed.name.to_owned(),
        title: "Overview".to_owned(),
        actions: String::new(),
        message: service.flashes.take(&headers),
        body: format!("{}{}{}", cards(&company), runs(&company, &admission), live_panel()),
    };
    Ok(page.into_response())
}

fn generated(company: &Company, month: &str) -> (usize, usize) {
    let payslips = company.payslips.get(month).map_or(&[][..], Vec::as_slice);
    (payslips.iter().filter(|p| p.generated).count(), payslips.len())
}

fn cards(company: &Company) -> String {
    let (done, all) = generated(company, MONTHS[0].0);
    format!(
        "<dl class=\"cards\">{}{}{}{}</dl>",
        card("People on the payroll", &company.employees.len().to_string()),
        card("Payslips of October", &done.to_string()),
        card("Missing", &(all - done).to_string()),
        card("Next pay day", &format!("{} November 2026", company.pay_day)),
    )
}

fn runs(company: &Company, admission: &Admission) -> String {
    let rows: String = MONTHS
        .iter()
        .map(|(month, label)| {
            let (done, all) = generated(company, month);
            let badge = if done == all {
                "<span class=\"badge good\">Complete</span>"
            } else {
                "<span class=\"badge bad\">Incomplete</span>"
            };
            format!(
                "<tr><td>{label}</td><td class=\"number\">{done} of {all}</td><td>{badge}</td>\
                 <td class=\"end\"><a href=\"/o/{}/payslips?month={month}\">Open</a></td></tr>",
                admission.organization
            )
        })
        .collect();
    format!(
        "<section><h2>Pay runs</h2><table><thead><tr><th scope=\"col\">Month</th><th scope=\"col\" class=\"number\">Payslips</th>\
         <th scope=\"col\">State</th><th></th></tr></thead><tbody>{rows}</tbody></table></section>"
    )
}

fn live_panel() -> &'static str {
    "<section><h2>Live <span id=\"live-state\" class=\"badge\" role=\"status\">Connecting</span></h2>\
     <ol id=\"live\" class=\"live\" aria-label=\"What the payroll engine does\"></ol></section>\
     <script src=\"/assets/live.js\" defer></script>"
}
