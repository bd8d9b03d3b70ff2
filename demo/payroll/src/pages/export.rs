use std::sync::Arc;

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::company;
use super::payslips::known_month;
use crate::admission::Admission;
use crate::router::Service;

#[derive(Deserialize)]
pub struct Wanted {
    month: Option<String>,
}

/// Every payslip of a month as CSV (RFC 4180).
pub async fn payslips(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    let (month, _) = known_month(wanted.month.as_deref()).ok_or(StatusCode::NOT_FOUND)?;
    let mut csv = String::from("number,family,given,group,account,gross,tax,insurance,net,generated\r\n");
    for payslip in company.payslips.get(month).into_iter().flatten() {
        let Some(e) = company.employee(payslip.employee) else { continue };
        let amounts = [payslip.gross_cents, payslip.tax_cents, payslip.insurance_cents, payslip.net_cents()];
        let amounts = amounts.map(|cents| format!("{}.{:02}", cents / 100, cents % 100)).join(",");
        csv.push_str(&format!(
            "{},{},{},{},{},{amounts},{}\r\n",
            e.number,
            field(e.family),
            field(e.given),
            field(e.group),
            field(&e.account),
            payslip.generated
        ));
    }
    let name = format!("attachment; filename=\"{}-payslips-{month}.csv\"", admission.organization);
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], csv)
        .into_response())
}

/// Quoted where needed; a leading sign would be a formula to a spreadsheet.
fn field(raw: &str) -> String {
    let raw = if raw.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{raw}") } else { raw.to_owned() };
    if raw.contains([',', '"', '\r', '\n']) { format!("\"{}\"", raw.replace('"', "\"\"")) } else { raw }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_stays_one_field_and_no_formula() {
        assert_eq!(field("Jansen"), "Jansen");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(field("=1+1"), "'=1+1");
    }
}
