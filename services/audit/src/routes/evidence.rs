use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use domain::Digest;
use serve::ProblemResponse;
use statement::sha256;
use wire::event::{Append, EventKind};
use wire::evidence::{Content, Evidence, ProvenEvent};

use super::session_id;
use super::{events, sessions};
use crate::audit::Audit;
use crate::error::StoreError;
use crate::opening::one_line;
use crate::people::{Person, Reviewer};
use crate::problem;
use crate::sequencer::Head;
use crate::store::{Detail, SessionRow};

/// Makes the Evidence file. Its own digest stands in the log before anybody has it.
pub(super) async fn make(
    State(audit): State<Arc<Audit>>,
    Reviewer(person): Reviewer,
    Path(session): Path<String>,
) -> Result<impl IntoResponse, ProblemResponse> {
    let row = audit.reader.session(&session_id(&session)?).await?.ok_or_else(problem::no_session)?;
    let content = content(&audit, &row).await?;
    let content = serde_json::to_string(&content).map_err(|_| StoreError::Damaged("evidence".into()))?;
    let made = audit.note(made(&row, &person, &sha256(&content))).await?;
    let evidence = Evidence { format: "countersign-evidence/1".into(), content, made };
    let file = serde_json::to_vec(&evidence).map_err(|_| StoreError::Damaged("evidence".into()))?;
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, file))
}

fn made(row: &SessionRow, person: &Person, content: &Digest) -> Append {
    Append::new(EventKind::EvidenceMade)
        .organization(&row.organization)
        .session(&row.session)
        .fact("content", content.to_string())
        .personal("person", person.identity.person.to_string())
        .personal("name", one_line(&person.identity.name))
}

async fn content(audit: &Audit, row: &SessionRow) -> Result<Content, ProblemResponse> {
    let detail = audit.reader.detail(row)?;
    let head = audit.writer.head();
    let seal = audit.seal(&row.session).await?.filter(|seal| seal.index < head.size);
    let (reviews, reviewer_tokens) = reviews(audit, row, &head).await?;
    Ok(Content {
        session: row.session.clone(),
        provider_keys: provider_keys(audit, &detail).await?,
        policy: policy(audit, &detail)?,
        events: proven_events(audit, row, &detail, &head).await?,
        manifest: seal.map(|s| s.manifest),
        bundle_json: detail.bundle_json,
        tls_client: detail.tls_client,
        opened_at: row.opened_at,
        reviews,
        reviewer_tokens,
    })
}

/// Everything in the log about the Session and about the statements that made it, but who looked at it afterwards.
async fn proven_events(
    audit: &Audit,
    row: &SessionRow,
    detail: &Detail,
    head: &Head,
) -> Result<Vec<ProvenEvent>, ProblemResponse> {
    let bundle: statement::Bundle =
        serde_json::from_str(&detail.bundle_json).map_err(|_| StoreError::Damaged("a bundle".into()))?;
    let statements: Vec<Digest> =
        std::iter::once(&bundle.request).chain(&bundle.decisions).chain([&bundle.open]).map(sha256).collect();
    let mut proven = Vec::new();
    for leaf in audit.reader.leaves_about(&row.session, &statements, head.size).await? {
        let event = events::read(&leaf)?;
        if matches!(event.kind, EventKind::SessionViewed | EventKind::EvidenceMade) {
            continue;
        }
        let personal = audit.reader.personal(leaf.index).await?;
        events::check_fields(&leaf, &event, &personal)?;
        let mut connection = audit.reader.connection().await?;
        let receipt = crate::store::receipt(&mut connection, leaf.index, head.size, &head.note).await?;
        if leaf.index == row.opened_index {
            sessions::check_opened(&row.session, &receipt.leaf, detail)?;
        }
        proven.push(ProvenEvent { receipt, personal });
    }
    Ok(proven)
}

/// Statements and the PK tokens of who signed them, each token once.
async fn reviews(audit: &Audit, row: &SessionRow, head: &Head) -> Result<(Vec<String>, Vec<String>), ProblemResponse> {
    let (mut statements, mut tokens) = (Vec::new(), BTreeSet::new());
    for review in audit.reader.reviews(&row.session).await?.into_iter().filter(|r| r.index < head.size) {
        let gone = || StoreError::Damaged(format!("review {} is gone", review.digest));
        statements.push(audit.reader.statement(&review.digest).await?.ok_or_else(gone)?);
        tokens.insert(audit.reader.statement(&review.token).await?.ok_or_else(gone)?);
    }
    Ok((statements, tokens.into_iter().collect()))
}

async fn provider_keys(audit: &Audit, detail: &Detail) -> Result<String, ProblemResponse> {
    let gone = || StoreError::Damaged("the provider keys of a Session are gone".into());
    let raw = audit.reader.provider_keys().await?.remove(detail.provider_keys.as_str()).ok_or_else(gone)?;
    let text = String::from_utf8(raw).map_err(|_| gone())?;
    if sha256(&text) == detail.provider_keys { Ok(text) } else { Err(gone().into()) }
}

fn policy(audit: &Audit, detail: &Detail) -> Result<String, ProblemResponse> {
    if detail.policy == *audit.policy.digest() {
        return Ok(audit.policy.text().to_owned());
    }
    Err(problem::conflict(
        "other-policy",
        "The Session was opened under another policy.",
        "Ask for the evidence where that policy is installed.",
    ))
}
