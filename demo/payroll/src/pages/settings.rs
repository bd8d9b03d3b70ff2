use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::company;
use crate::admission::Admission;
use crate::form::Form;
use crate::html::Page;
use crate::router::Service;

pub async fn show(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let company = company(&service, &admission)?;
    let checked = if company.payslips_by_mail { " checked" } else { "" };
    let page = Page {
        organization: &admission.organization,
        legal_name: company.seed.legal_name,
        section: "settings",
        crumbs: company.seed.name.to_owned(),
        title: "Settings".to_owned(),
        actions: String::new(),
        message: service.flashes.take(&headers),
        body: format!(
            "<section><form method=\"post\" action=\"/o/{}/settings\" class=\"column\">\
             <label>Pay day <input name=\"pay_day\" type=\"number\" min=\"1\" max=\"28\" value=\"{}\" required></label>\
             <label><input type=\"checkbox\" name=\"payslips_by_mail\" value=\"yes\"{checked}> Send payslips by mail</label>\
             <button class=\"main\">Save settings</button></form></section>",
            admission.organization, company.pay_day
        ),
    };
    Ok(page.into_response())
}

pub async fn change(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::read(&body);
    let message = match form.text("pay_day").parse::<u8>() {
        Ok(day @ 1..=28) => {
            let mut company = company(&service, &admission)?;
            company.pay_day = day;
            company.payslips_by_mail = form.text("payslips_by_mail") == "yes";
            "The settings were saved."
        }
        _ => "A pay day is a number from 1 to 28. Nothing was changed.",
    };
    service.flashes.leave(&headers, message.to_owned());
    Ok(Redirect::to(&format!("/o/{}/settings", admission.organization)).into_response())
}
