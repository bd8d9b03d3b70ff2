use domain::Digest;
use serve::{ProblemResponse, refused};
use statement::{Directory, ResetFactor, Unverified, sha256, verify_reset, verify_reset_factor};
use wire::event::Append;

use crate::audit::Audit;
use crate::problem;
use crate::sequencer::Holder;

/// A reset is written down once, while it is fresh, when an enrolled administrator signed it for somebody else: whoever takes
/// the broker over resets nobody with a word of their own. Beside it stand the attestation of the code that was taken for
/// exactly it, and its signer's PK token; nobody else's is kept.
pub(super) async fn check_reset(audit: &Audit, append: &Append) -> Result<(Digest, Holder), ProblemResponse> {
    let bad = |why| Err(problem::bad_event(why));
    let mut resets = append.statements.iter().filter_map(|s| Some((s, Unverified::<ResetFactor>::read(s).ok()?)));
    let (Some((compact, reset)), None) = (resets.next(), resets.next()) else {
        return bad("It does not hold exactly one reset.");
    };
    if append.personal.get("reset-person") != Some(&reset.unverified_body().person.0) {
        return bad("It names somebody else than its statement.");
    }
    let is_token = |text: &&String| text.split('.').count() == 5;
    if append.statements.iter().filter(is_token).any(|token| sha256(token) != *reset.kid()) {
        return bad("It holds a PK token that signed nothing in it.");
    }
    let keys = audit.keys_for_tokens(&append.statements).await?;
    let enrolments = audit.roster.enrolments(audit).await?;
    let directory = Directory::of_stored(&append.statements, &audit.trust, &keys);
    let signer = verify_reset(compact, &directory, &enrolments, &audit.trust, audit.now()).map_err(|r| refused(&r))?;
    let named = append.facts.get("attestation").map(String::as_str);
    let Some(attestation) = append.statements.iter().find(|s| named == Some(sha256(s).as_str())) else {
        return bad("It names no attestation of the reset's code.");
    };
    verify_reset_factor(&signer.statement, attestation, &audit.trust).map_err(|r| refused(&r))?;
    Ok((signer.statement.digest().clone(), Holder::of(&signer.identity)))
}
