pub mod assets;
pub mod export;
pub mod overview;
pub mod payslip;
pub mod payslips;
pub mod people;
pub mod person;
pub mod settings;
pub mod status;

use std::sync::{Arc, MutexGuard};

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::admission::Admission;
use crate::company::Company;
use crate::html;
use crate::router::Service;

/// The Organization that the Session was opened for; nothing that a client sends chooses it.
pub fn company<'a>(service: &'a Service, admission: &Admission) -> Result<MutexGuard<'a, Company>, StatusCode> {
    service.companies.get(&admission.organization).ok_or(StatusCode::NOT_FOUND)
}

pub async fn nothing(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    Ok(html::not_found(&admission.organization, &company).into_response())
}
