mod forgotten;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use domain::Digest;
use serve::{JsonBody, ProblemResponse};
use statement::{Bundle, sha256};
use wire::audit::PeriodEvidence;
use wire::event::{Append, Event, EventKind};
use wire::evidence::{
    About, Content, Evidence, MOST_HEADS, PeriodContent, ProvenEnrolment, ProvenEvent, ProvenPolicy, SignedExtension,
    heads_digest,
};

use super::session_id;
use super::{events, sessions};
use crate::audit::Audit;
use crate::chain;
use crate::error::StoreError;
use crate::opening::one_line;
use crate::people::{Person, Reviewer};
use crate::problem;
use crate::sequencer::Head;
use crate::store::{Among, Column, Detail, ExtensionRow, LeafRow, Listing, SessionRow, Value};
use crate::witnesses::wait_for;

/// Sessions in one file.
const MOST_SESSIONS: u32 = 500;
/// Witnesses outside have so long to cosign the entry that answers for a file.
const PATIENCE: Duration = Duration::from_secs(5);
/// A file with its escapes is read up to 64 MiB.
const LARGEST: usize = 32 * 1024 * 1024;

type File = ([(HeaderName, &'static str); 2], Vec<u8>);

/// Makes the Evidence file. Its own digest stands in the log before anybody has it.
pub(super) async fn make(
    State(audit): State<Arc<Audit>>,
    Reviewer(person): Reviewer,
    Path(session): Path<String>,
) -> Result<impl IntoResponse, ProblemResponse> {
    let row = audit.reader.session(&session_id(&session)?).await?.ok_or_else(problem::no_session)?;
    let made = Append::new(EventKind::EvidenceMade).organization(&row.organization).session(&row.session);
    let head = audit.writer.head();
    if audit.reader.is_forgotten(&row.organization) {
        let content = forgotten::content(&audit, &row, &head).await?;
        return file(&audit, &person, (&content, &head), made).await;
    }
    let content = content(&audit, &row, &head).await?;
    file(&audit, &person, (&content, &head), made).await
}

/// The same of every Session of an Organization that opened in a period.
pub(super) async fn make_period(
    State(audit): State<Arc<Audit>>,
    Reviewer(person): Reviewer,
    JsonBody(asked): JsonBody<PeriodEvidence>,
) -> Result<impl IntoResponse, ProblemResponse> {
    if asked.from >= asked.to {
        return Err(problem::malformed("The period ends before it begins."));
    }
    let PeriodEvidence { organization, from, to } = asked;
    let of = Value::Text(organization.to_string());
    let all = vec![Among { column: Column::Organization, values: vec![of], not: false }];
    let listing = Listing { all, from: Some(from), to: Some(to), ..Listing::default() };
    let places = audit.reader.places(&listing, None, MOST_SESSIONS + 1).await?;
    let rows = audit.reader.sessions_at(&places).await?;
    if rows.len() > MOST_SESSIONS as usize {
        return Err(problem::too_many_sessions());
    }
    let head = audit.writer.head();
    let mut sessions = Vec::with_capacity(rows.len());
    for row in rows.iter().rev() {
        sessions.push(content(&audit, row, &head).await?);
    }
    let made = Append::new(EventKind::EvidenceMade)
        .organization(&organization)
        .fact("from", from.to_string())
        .fact("to", to.to_string())
        .fact("sessions", sessions.len().to_string());
    let content = PeriodContent { organization, from, to, sessions };
    file(&audit, &person, (&content, &head), made).await
}

/// The file of a content whose entries are proven under this head, after the entry that answers for both. Witnesses outside have a
/// moment to see that head first: what they say of a later one cannot stand in the entry.
async fn file<C: About>(
    audit: &Audit,
    person: &Person,
    (content, head): (&C, &Head),
    made: Append,
) -> Result<File, ProblemResponse> {
    let (entries, seen) = (content.entries(), content.seen());
    let content = serde_json::to_string(content).map_err(|_| StoreError::Damaged("evidence".into()))?;
    if content.len() > LARGEST {
        return Err(problem::too_many_sessions());
    }
    wait_for(audit, head.size.saturating_sub(1), PATIENCE).await;
    let notes = audit.shown(head, &seen).await?;
    if notes.len() > MOST_HEADS {
        return Err(problem::too_many_sessions());
    }
    let made = made
        .fact("content", sha256(&content).to_string())
        .fact("entries", entries.to_string())
        .fact("heads", heads_digest(notes.iter().map(|(_, note)| note.as_str())).to_string())
        .personal("person", person.identity.person.to_string())
        .personal("name", one_line(&person.identity.name));
    let made = audit.note(made).await?;
    let size = audit.verifier.open(&made.checkpoint).map_err(|e| StoreError::Damaged(e.to_string()))?.size;
    let heads = audit.tied(notes, size).await?;
    let evidence = Evidence { format: C::FORMAT.to_owned(), content, heads, made };
    let file = serde_json::to_vec(&evidence).map_err(|_| StoreError::Damaged("evidence".into()))?;
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, file))
}

async fn content(audit: &Audit, row: &SessionRow, head: &Head) -> Result<Content, ProblemResponse> {
    let detail = audit.reader.detail(row)?;
    let extensions: Vec<ExtensionRow> =
        audit.reader.extensions(row).await?.into_iter().filter(|e| e.index < head.size).collect();
    let bundles = bundles(&detail, &extensions)?;
    let seal = audit.seal(&row.session).await?.filter(|seal| seal.index < head.size);
    let reviewed = reviews(audit, row, head).await?;
    let keys = provider_keys(audit, &detail.provider_keys).await?;
    let signed_under = std::iter::once(&detail.policy).chain(extensions.iter().map(|e| &e.detail.policy));
    let policies = policies(audit, signed_under, head).await?;
    let adopters = policies.iter().flat_map(|p| &p.adoption.pk_tokens);
    let others: Vec<String> = reviewed.tokens.iter().chain(adopters).cloned().collect();
    let more_keys = more_keys(audit, &bundles, &keys, &others).await?;
    Ok(Content {
        session: row.session.clone(),
        provider_keys: keys,
        more_keys,
        policy: audit.policies().await?.pinned_text().to_owned(),
        extensions: signed_extensions(audit, extensions).await?,
        policies,
        events: proven_events(audit, row, &detail, &bundles, head).await?,
        enrolled: enrolments(audit, &bundles, &reviewed.enrols, head).await?,
        manifest: seal.map(|s| s.manifest),
        bundle_json: detail.bundle_json,
        tls_client: detail.tls_client,
        opened_at: row.opened_at,
        reviews: reviewed.statements,
        reviewer_tokens: reviewed.tokens,
        reviewer_enrols: reviewed.enrols,
    })
}

/// Who looked at a Session afterwards, and took it away, is no part of what is proven of it.
const fn is_of_looking(kind: EventKind) -> bool {
    matches!(kind, EventKind::Viewed | EventKind::SessionViewed | EventKind::EvidenceMade)
}

/// Everything in the log about the Session and about the statements that made it, but who looked at it afterwards.
async fn proven_events(
    audit: &Audit,
    row: &SessionRow,
    detail: &Detail,
    bundles: &[Bundle],
    head: &Head,
) -> Result<Vec<ProvenEvent>, ProblemResponse> {
    let signed = |bundle: &Bundle| {
        let statements = std::iter::once(&bundle.request).chain(&bundle.decisions).chain([&bundle.open]);
        statements.map(sha256).collect::<Vec<Digest>>()
    };
    let statements: Vec<Digest> = bundles.iter().flat_map(signed).collect();
    let mut leaves = audit.reader.leaves_about(&row.session, &statements, head.size).await?;
    leaves.extend(filed(audit, bundles, head).await?);
    leaves.sort_by_key(|leaf| leaf.index);
    let mut proven = Vec::new();
    for leaf in leaves {
        let event = events::read(&leaf)?;
        if is_of_looking(event.kind) {
            continue;
        }
        let one = prove(audit, &leaf, &event, head).await?;
        if leaf.index == row.opened_index {
            sessions::check_opened(&row.session, &one.receipt.leaf, detail)?;
        }
        proven.push(one);
    }
    Ok(proven)
}

/// The entry of the break-glass permission, and nothing else that was done with it.
async fn filed(audit: &Audit, bundles: &[Bundle], head: &Head) -> Result<Vec<LeafRow>, ProblemResponse> {
    let signed = bundles.iter().filter_map(|bundle| bundle.break_glass.as_ref());
    let statements: Vec<Digest> = signed.flat_map(|permission| &permission.statements).map(sha256).collect();
    let mut filed = Vec::new();
    for leaf in audit.reader.leaves_naming(&statements, head.size).await? {
        if events::read(&leaf)?.kind == EventKind::BreakGlassFiled {
            filed.push(leaf);
        }
    }
    Ok(filed)
}

async fn prove(audit: &Audit, leaf: &LeafRow, event: &Event, head: &Head) -> Result<ProvenEvent, ProblemResponse> {
    let personal = audit.reader.personal(leaf.index).await?;
    events::check_fields(leaf, event, &personal)?;
    let mut connection = audit.reader.connection().await?;
    let receipt = crate::store::receipt(&audit.reader.tree, &mut connection, leaf.index, head.size, &head.note).await?;
    Ok(ProvenEvent { receipt, personal })
}

/// The entry of each `enrol` that a signer or a reviewer rests on, with the attestation of its code.
async fn enrolments(
    audit: &Audit,
    bundles: &[Bundle],
    reviewers: &[String],
    head: &Head,
) -> Result<Vec<ProvenEnrolment>, ProblemResponse> {
    let enrols: Vec<Digest> = bundles.iter().flat_map(|b| &b.enrols).chain(reviewers).map(sha256).collect();
    enrolled(audit, &enrols, head).await
}

async fn enrolled(audit: &Audit, enrols: &[Digest], head: &Head) -> Result<Vec<ProvenEnrolment>, ProblemResponse> {
    let mut proven = Vec::new();
    for leaf in audit.reader.leaves_naming(enrols, head.size).await? {
        let event = events::read(&leaf)?;
        if event.kind != EventKind::Enrolled {
            continue;
        }
        let gone = || StoreError::Damaged(format!("the attestation of the enrolment in leaf {} is gone", leaf.index));
        let digest: Digest = event.facts.get("attestation").and_then(|d| d.parse().ok()).ok_or_else(gone)?;
        let attestation = audit.reader.statement(&digest).await?.ok_or_else(gone)?;
        proven.push(ProvenEnrolment { entry: prove(audit, &leaf, &event, head).await?, attestation });
    }
    Ok(proven)
}

struct Reviews {
    statements: Vec<String>,
    /// PK tokens of the reviewers and of whoever enrolled them, each once.
    tokens: Vec<String>,
    enrols: Vec<String>,
}

async fn reviews(audit: &Audit, row: &SessionRow, head: &Head) -> Result<Reviews, ProblemResponse> {
    let (mut statements, mut tokens) = (Vec::new(), BTreeSet::new());
    let mut signers = Vec::new();
    for review in audit.reader.reviews(&row.session).await?.into_iter().filter(|r| r.index < head.size) {
        let gone = || StoreError::Damaged(format!("review {} is gone", review.digest));
        statements.push(audit.reader.statement(&review.digest).await?.ok_or_else(gone)?);
        let token = audit.reader.statement(&review.token).await?.ok_or_else(gone)?;
        signers.push((token.clone(), review.at));
        tokens.insert(token);
    }
    let chain = chain::to_signers(audit, &signers).await?;
    tokens.extend(chain.tokens);
    Ok(Reviews { statements, tokens: tokens.into_iter().collect(), enrols: chain.enrols })
}

/// The sets without which a signer of an enrolment or of a policy, or a reviewer, could not be verified.
async fn more_keys(
    audit: &Audit,
    bundles: &[Bundle],
    opened_with: &str,
    others: &[String],
) -> Result<Vec<String>, ProblemResponse> {
    let opened_with = statement::ProviderKeys::from_jwks(opened_with.as_bytes()).map_err(|r| serve::refused(&r))?;
    let tokens: Vec<String> = bundles.iter().flat_map(|b| &b.pk_tokens).chain(others).cloned().collect();
    audit.more_keys_for(&tokens, &opened_with).await
}

/// What opened the Session, then what extended it.
fn bundles(detail: &Detail, extensions: &[ExtensionRow]) -> Result<Vec<Bundle>, StoreError> {
    let json = std::iter::once(&detail.bundle_json).chain(extensions.iter().map(|e| &e.detail.bundle_json));
    json.map(|json| serde_json::from_str(json).map_err(|_| StoreError::Damaged("a bundle".into()))).collect()
}

async fn signed_extensions(audit: &Audit, rows: Vec<ExtensionRow>) -> Result<Vec<SignedExtension>, ProblemResponse> {
    let mut signed = Vec::with_capacity(rows.len());
    for ExtensionRow { detail, .. } in rows {
        let provider_keys = provider_keys(audit, &detail.provider_keys).await?;
        signed.push(SignedExtension { bundle_json: detail.bundle_json, provider_keys });
    }
    Ok(signed)
}

async fn provider_keys(audit: &Audit, digest: &Digest) -> Result<String, ProblemResponse> {
    let gone = || StoreError::Damaged("the provider keys of a Session are gone".into());
    let raw = audit.reader.provider_keys().await?.remove(digest.as_str()).ok_or_else(gone)?;
    let text = String::from_utf8(raw).map_err(|_| gone())?;
    if sha256(&text) == *digest { Ok(text) } else { Err(gone().into()) }
}

/// How each policy came into force that the Session was opened or extended under, and those before it.
async fn policies(
    audit: &Audit,
    signed_under: impl Iterator<Item = &Digest>,
    head: &Head,
) -> Result<Vec<ProvenPolicy>, ProblemResponse> {
    let chain = audit.policies().await?;
    let mut count = 0;
    for policy in signed_under {
        chain.named(policy).ok_or_else(|| StoreError::damaged("the policy of a Session"))?;
        count = count.max(chain.adoptions_until(policy).count());
    }
    let mut proven = Vec::with_capacity(count);
    for row in audit.reader.policies(head.size).await?.into_iter().take(count) {
        let leaf = audit.reader.leaf(row.index).await?.ok_or_else(|| StoreError::damaged("a policy's entry"))?;
        let leaf = LeafRow { index: row.index, leaf };
        let entry = prove(audit, &leaf, &events::read(&leaf)?, head).await?;
        let enrols: Vec<Digest> = row.adoption.enrols.iter().map(sha256).collect();
        let enrolled = enrolled(audit, &enrols, head).await?;
        proven.push(ProvenPolicy { adoption: row.adoption, entry, enrolled });
    }
    Ok(proven)
}
