use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serve::{JsonBody, ProblemResponse};
use wire::broker::LocalRefusal;
use wire::event::{Append, EventKind};

use crate::admission::Known;
use crate::broker::{Broker, by};
use crate::problems::{self, Answer};
use crate::reports::Report;
use crate::routes::requests::kebab;

/// `POST /v1/refusals`
pub(crate) async fn report(
    State(broker): State<Arc<Broker>>,
    known: Known,
    body: Result<JsonBody<LocalRefusal>, ProblemResponse>,
) -> Answer<StatusCode> {
    let who = &known.caller.identity;
    let refusal = broker.body(body, EventKind::CallRefused, who).await?;
    let counted = match broker.reports.take(&who.person, broker.now()) {
        Report::Entry { counted } => counted,
        Report::Counted => return Ok(StatusCode::NO_CONTENT),
        Report::Full => {
            let problem = problems::too_many_reports();
            return Err(broker.refuse(EventKind::CallRefused, Some(who), None, problem).await);
        }
    };
    let mut append = by(Append::new(EventKind::RefusedOnDesktop), who)
        .fact("code", kebab(&refusal.code))
        .fact("reported-by", "desktop");
    if let Some(request) = &refusal.request {
        append = append.fact("request", request.as_str());
    }
    // Whoever reports is not told whether there is such an Organization.
    if let Some(id) = refusal.organization.filter(|id| broker.organizations.iter().any(|o| o.id == *id)) {
        append = append.organization(&id);
    }
    if counted > 0 {
        append = append.fact("count", counted.to_string());
    }
    match broker.log(append).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(problem) => {
            broker.reports.put_back(&who.person, counted.saturating_add(1));
            Err(problem)
        }
    }
}
