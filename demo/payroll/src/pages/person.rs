use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::company;
use crate::admission::Admission;
use crate::company::{Company, Employee, MONTHS};
use crate::form::Form;
use crate::html::{self, Page, fact, text};
use crate::router::Service;

pub async fn show(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Path((_, number)): Path<(String, u32)>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    let Some(employee) = company.employee(number) else {
        return Ok(html::not_found(&admission.organization, &company));
    };
    let base = format!("/o/{}", admission.organization);
    let page = Page {
        organization: &admission.organization,
        legal_name: company.seed.legal_name,
        section: "people",
        crumbs: format!("People / {}", employee.group),
        title: format!("{} {}", employee.given, employee.family),
        actions: String::new(),
        message: service.flashes.take(&headers),
        body: format!(
            "{}{}{}",
            facts(&company, employee),
            bank_form(&base, employee),
            payslips(&base, &company, number)
        ),
    };
    Ok(page.into_response())
}

pub async fn change_bank(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Path((_, number)): Path<(String, u32)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let account = Form::read(&body).text("account").to_owned();
    let message = if is_account(&account) {
        if !company(&service, &admission)?.set_account(number, account) {
            return Err(StatusCode::NOT_FOUND);
        }
        "The bank account was changed."
    } else {
        "An account number has 10 to 34 letters, digits and spaces. Nothing was changed."
    };
    service.flashes.leave(&headers, message.to_owned());
    Ok(Redirect::to(&format!("/o/{}/people/{number}", admission.organization)).into_response())
}

fn is_account(account: &str) -> bool {
    (10..=34).contains(&account.len()) && account.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
}

fn facts(company: &Company, e: &Employee) -> String {
    format!(
        "<section><table class=\"facts\"><tbody>{}{}{}{}{}{}</tbody></table></section>",
        fact("Number", &e.number.to_string()),
        fact("With us since", &e.since),
        fact("Born", &e.born),
        fact("Mail", &e.email),
        fact("Tax number", &e.tax_number),
        fact("Monthly gross", &company.money(e.gross_cents)),
    )
}

fn bank_form(base: &str, e: &Employee) -> String {
    format!(
        "<section><h2>Bank account</h2><form method=\"post\" action=\"{base}/people/{}/bank\" class=\"row\">\
         <label>Account <input name=\"account\" value=\"{}\" required autocomplete=\"off\"></label><button>Save</button></form></section>",
        e.number,
        text(&e.account)
    )
}

fn payslips(base: &str, company: &Company, number: u32) -> String {
    let rows: String = MONTHS
        .iter()
        .filter_map(|(month, label)| {
            let p = company.payslip(month, number)?;
            Some(format!(
                "<tr><td>{label}</td><td class=\"number\">{}</td><td>{}</td><td class=\"end\"><a href=\"{base}/payslips/{month}/{number}\">Open</a></td></tr>",
                text(&company.money(p.net_cents())),
                html::badge(p.generated)
            ))
        })
        .collect();
    format!(
        "<section><h2>Payslips</h2><table><thead><tr><th scope=\"col\">Month</th><th scope=\"col\" class=\"number\">Net pay</th>\
         <th scope=\"col\">Payslip</th><th></th></tr></thead><tbody>{rows}</tbody></table></section>"
    )
}
