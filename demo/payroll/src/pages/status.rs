use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::company;
use crate::admission::Admission;
use crate::company::MONTHS;
use crate::flash;
use crate::html::{Page, fact};
use crate::router::Service;

/// How the machinery is doing: no Relevant Data.
pub async fn show(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    let missing = company.payslips.get(MONTHS[0].0).into_iter().flatten().filter(|p| !p.generated).count();
    let remembered = if flash::browser(&headers).is_some() { "yes, by its __Host- cookie" } else { "not yet" };
    let page = Page {
        organization: &admission.organization,
        legal_name: company.seed.legal_name,
        section: "settings/status",
        crumbs: company.seed.name.to_owned(),
        title: "Status".to_owned(),
        actions: String::new(),
        message: None,
        body: format!(
            "<section><table class=\"facts\"><tbody>{}{}{}{}{}{}</tbody></table></section>",
            fact("Version", concat!("Kestrel Payroll ", env!("CARGO_PKG_VERSION"))),
            fact("Payslip renderer", if missing == 0 { "idle" } else { "stopped after an error in its template" }),
            fact("Waiting in the queue", &missing.to_string()),
            fact("Last backup", "22 November 2026, 02:00 UTC"),
            fact("This browser was recognised", remembered),
            fact("Your Session's Scope", admission.scope.label()),
        ),
    };
    Ok(page.into_response())
}
