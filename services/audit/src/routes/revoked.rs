use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serve::ProblemResponse;
use statement::{Revoke, Unverified, sha256, verify_mfa};
use wire::audit::{LoggedRevocation, OwnRevocation};
use wire::event::Event;

use crate::audit::Audit;
use crate::chain::to_signers;
use crate::error::StoreError;
use crate::people::SignedIn;
use crate::sequencer::Holder;

/// `GET /v1/me/revocation`. The one thing that a revoked Device is told: its holder makes no new key because somebody says that
/// this one is out, but because an entry and a signature do. Nobody else's revocation is found here.
pub(super) async fn own(
    State(audit): State<Arc<Audit>>,
    caller: SignedIn,
) -> Result<Json<OwnRevocation>, ProblemResponse> {
    let logged = match audit.reader.revoked_by(&Holder::of(&caller.identity)).await? {
        Some(index) => Some(logged(&audit, &caller, index).await?),
        None => None,
    };
    Ok(Json(OwnRevocation { logged }))
}

async fn logged(audit: &Audit, caller: &SignedIn, index: u64) -> Result<LoggedRevocation, ProblemResponse> {
    let damaged = |what: &str| StoreError::damaged(format!("the revocation of entry {index}: {what}"));
    let receipt = audit.receipt(index).await?;
    let event: Event = serde_json::from_str(&receipt.leaf).map_err(|_| damaged("it is not an Event"))?;
    let mut texts = Vec::new();
    for digest in &event.statements {
        texts.extend(audit.reader.statement(digest).await?);
    }
    let read = |text: &String| Unverified::<Revoke>::read(text).ok().map(|revoke| (text.clone(), revoke));
    let (statement, revoke) = texts.iter().find_map(read).ok_or_else(|| damaged("its statement is missing"))?;
    let token = texts.iter().find(|text| sha256(text) == *revoke.kid());
    let token = token.ok_or_else(|| damaged("its signer's token is missing"))?.clone();
    let mfa = texts.into_iter().find(|text| verify_mfa(text, &audit.trust).is_ok());
    let signers = [(token.clone(), revoke.issued_at()), (caller.pk_token.clone(), audit.now())];
    let mut chain = to_signers(audit, &signers).await?;
    chain.tokens.push(token);
    Ok(LoggedRevocation { receipt, statement, mfa, pk_tokens: chain.tokens, enrols: chain.enrols })
}
