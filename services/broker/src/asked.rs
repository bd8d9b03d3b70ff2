//! What somebody asked, as the log keeps it: whoever wonders what another policy would have said asks it the same.

use statement::{Factor, Identity, Request, Signer};
use wire::asked::{ASKED_WITH, AskedFactor, AskedWith};
use wire::event::Append;

use crate::broker::by;
use crate::routes::requests::kebab;

/// The audit service takes no longer field, in bytes. Whoever is in more groups asks all the same.
const LONGEST: usize = 8 * 1024;

/// An Event about a request whose signature holds, taken or refused.
pub(crate) fn asked(append: Append, request: &Signer<Request>, factor: Option<&Factor>) -> Append {
    let Signer { statement, identity } = request;
    let body = statement.body();
    let append = by(append, identity)
        .organization(&body.organization.id)
        .fact("request", statement.digest().as_str())
        .fact("scope", kebab(&body.scope))
        .fact("reason", kebab(&body.reason))
        .fact("duration-seconds", body.duration_seconds.to_string())
        .fact("policy", body.policy.as_str())
        .personal("ticket", &body.ticket);
    let with = with(identity, statement.payload().iat, factor);
    match serde_json::to_string(&with) {
        // A claim may hold what the audit service takes for no text.
        Ok(text) if text.len() <= LONGEST && !text.contains(char::is_control) => append.personal(ASKED_WITH, text),
        _ => append,
    }
}

fn with(who: &Identity, at: domain::UnixSeconds, factor: Option<&Factor>) -> AskedWith {
    let factor = factor.map(|factor| AskedFactor {
        method: factor.method.clone(),
        age_seconds: factor.age_seconds,
        address: factor.address,
    });
    let Identity { roles, groups, employer, country, .. } = who.clone();
    AskedWith { at, roles, groups, employer, country, factor }
}
