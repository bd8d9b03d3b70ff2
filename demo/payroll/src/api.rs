use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::OrgId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admission::Admission;
use crate::company::{Company, Employee, MONTHS};
use crate::pages::company;
use crate::pages::payslips::known_month;
use crate::router::Service;

type Answer = Result<Json<Value>, StatusCode>;

/// Counts only: no Relevant Data.
pub async fn status(State(service): State<Arc<Service>>, Extension(admission): Extension<Admission>) -> Answer {
    let company = company(&service, &admission)?;
    let missing = company.payslips.get(MONTHS[0].0).into_iter().flatten().filter(|p| !p.generated).count();
    Ok(Json(
        json!({ "organization": admission.organization, "people": company.employees.len(), "missing_payslips": missing }),
    ))
}

pub async fn people(State(service): State<Arc<Service>>, Extension(admission): Extension<Admission>) -> Answer {
    let company = company(&service, &admission)?;
    let people: Vec<Value> = company.employees.iter().map(short).collect();
    Ok(Json(json!({ "organization": admission.organization, "people": people })))
}

pub async fn person(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Path((_, number)): Path<(String, u32)>,
) -> Answer {
    let company = company(&service, &admission)?;
    let employee = company.employee(number).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(full(&company, employee)))
}

#[derive(Deserialize)]
pub struct Wanted {
    month: Option<String>,
}

pub async fn payslips(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let company = company(&service, &admission)?;
    let (month, _) = known_month(wanted.month.as_deref()).ok_or(StatusCode::NOT_FOUND)?;
    let all = company.payslips.get(month).into_iter().flatten();
    let payslips: Vec<Value> =
        all.map(|p| json!({ "number": p.employee, "net_cents": p.net_cents(), "generated": p.generated })).collect();
    Ok(Json(json!({ "organization": admission.organization, "month": month, "payslips": payslips })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    month: String,
    #[serde(default)]
    numbers: Vec<u32>,
    /// Must be the one in the path, where it is given.
    organization: Option<OrgId>,
}

pub async fn generate(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    Json(wanted): Json<Generate>,
) -> Answer {
    if wanted.organization.is_some_and(|id| id != admission.organization) {
        return Err(StatusCode::FORBIDDEN);
    }
    let (month, _) = known_month(Some(&wanted.month)).ok_or(StatusCode::NOT_FOUND)?;
    let made = company(&service, &admission)?.generate(month, &wanted.numbers);
    Ok(Json(json!({ "generated": made })))
}

fn short(e: &Employee) -> Value {
    json!({ "number": e.number, "given": e.given, "family": e.family, "group": e.group })
}

fn full(company: &Company, e: &Employee) -> Value {
    json!({ "number": e.number, "given": e.given, "family": e.family, "group": e.group, "since": e.since, "email": e.email,
        "born": e.born, "tax_number": e.tax_number, "account": e.account, "gross": company.money(e.gross_cents) })
}
