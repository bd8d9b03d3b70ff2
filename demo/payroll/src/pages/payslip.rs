use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::company;
use super::payslips::known_month;
use crate::admission::Admission;
use crate::html::{self, Page, fact};
use crate::router::Service;

pub async fn show(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Path((_, month, number)): Path<(String, String, u32)>,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    let found = known_month(Some(&month))
        .and_then(|(month, label)| Some((label, company.payslip(month, number)?, company.employee(number)?)));
    let Some((label, payslip, employee)) = found else {
        return Ok(html::not_found(&admission.organization, &company));
    };
    let page = Page {
        organization: &admission.organization,
        legal_name: company.seed.legal_name,
        section: "payslips",
        crumbs: format!("Pay runs / {label} / {}", employee.group),
        title: format!("Payslip of {} {}", employee.given, employee.family),
        actions: format!("<a class=\"button\" href=\"/o/{}/people/{number}\">Person</a>", admission.organization),
        message: None,
        body: format!(
            "<section><p>{}</p><table class=\"facts\"><tbody>{}{}{}{}{}</tbody></table></section>",
            html::badge(payslip.generated),
            fact("Gross", &company.money(payslip.gross_cents)),
            fact("Tax", &format!("- {}", company.money(payslip.tax_cents))),
            fact("Insurance", &format!("- {}", company.money(payslip.insurance_cents))),
            fact("Net", &company.money(payslip.net_cents())),
            fact("Paid to", &employee.account),
        ),
    };
    Ok(page.into_response())
}
