//! What the signers of statements had seen of the log, looked at when an entry about them is written. At an opening it is a
//! condition; here it is told, so that a log which was shown to somebody otherwise comes to light in the log itself.

use serde::Deserialize;
use statement::base64url_decode;
use wire::event::Append;

use crate::audit::Audit;
use crate::problem;

/// The fact of such an entry, and what it says.
const FACT: &str = "signer-saw";
const ANOTHER_LOG: &str = "another-log";

#[derive(Deserialize)]
struct Payload {
    seen: String,
}

impl Audit {
    /// Marks an entry one of whose signers was shown another log. It is written all the same: a revocation or a withdrawal
    /// must not wait for anybody's log, and whatever else it is about opens nothing.
    pub(crate) async fn mark_what_signers_saw(&self, append: Append) -> Append {
        let mut another = false;
        for note in append.statements.iter().filter_map(|text| seen(text)) {
            let answer = self.check_seen(&note).await;
            another |= answer.is_err_and(|refusal| refusal.code() == problem::other_log().code());
        }
        if !another {
            return append;
        }
        tracing::error!(kind = ?append.kind, "somebody who signed was shown another log");
        append.fact(FACT, ANOTHER_LOG)
    }
}

/// Of a compact statement; nothing of it is verified, and nothing has to be: what counts is the log's own signature.
fn seen(compact: &str) -> Option<String> {
    let mut parts = compact.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload: Payload = serde_json::from_slice(&base64url_decode(payload).ok()?).ok()?;
    Some(payload.seen)
}
