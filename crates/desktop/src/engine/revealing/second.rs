//! Whose Session marks are of, and who can be the second person: known before a code is taken for anything.

use domain::{Digest, Role, SessionId};
use policy::InForce;
use statement::{Directory, Identity, Reveal, SessionOpen, Signer, sha256};
use wire::event::{EventKind, Source};
use wire::revealing::RevealedSession;

use super::not_signed;
use crate::engine::Inner;
use crate::fault::fault;
use crate::joined::Joined;
use crate::view::UiError;

impl Inner {
    /// By the entry about its opening and the statement that opened it, whose SHA-256 is the id that was signed for.
    pub(super) async fn whose(
        &self,
        joined: &Joined,
        in_force: &InForce,
        body: &Reveal,
        session: &RevealedSession,
    ) -> Result<Identity, UiError> {
        let (event, _) = joined.log.prove(&session.opened).await?;
        let fact = |name: &str| event.facts.get(name).map(String::as_str).unwrap_or_default();
        let right = event.kind == EventKind::SessionOpened
            && event.source == Source::Audit
            && event.session.as_ref() == Some(&body.session)
            && event.organization.as_ref() == Some(&body.organization.id)
            && SessionId::from(sha256(&session.open)) == body.session;
        let (set, at) = (fact("provider-keys").parse::<Digest>(), fact("opened-at").parse::<i64>());
        let (true, Ok(set), Ok(at)) = (right, set, at) else { return Err(not_signed()) };
        joined.log.signers_agree(&[], std::slice::from_ref(&session.open)).await?;
        let tokens = [&session.pk_token];
        joined.keys_for(&tokens).await?;
        let keys = joined.keys_when(&set, at).await?;
        let signed = Directory::new(tokens, &in_force.trust, keys)
            .and_then(|directory| directory.verify::<SessionOpen>(&session.open));
        signed.map(|(_, whose)| whose).map_err(|why| {
            tracing::error!(%why, "whose Session it is cannot be verified");
            not_signed()
        })
    }
}

/// Somebody else, on another computer, whose Session it was not, with a role that signs.
pub(super) fn check_second(second: &Identity, first: &Signer<Reveal>, whose: &Identity) -> Result<(), UiError> {
    if !second.roles.iter().any(|role| matches!(role, Role::Reviewer | Role::Approver)) {
        return Err(fault("missing-role", "Only reviewers and approvers countersign this.", "Ask one of them."));
    }
    if second.person == first.identity.person {
        return Err(fault("same-person", "You proposed this yourself.", "Somebody else has to countersign it."));
    }
    if second.device == first.identity.device {
        return Err(fault("same-device", "It was proposed on this computer.", "Countersign it on another one."));
    }
    if second.person == whose.person { Err(own_session()) } else { Ok(()) }
}

/// Of nobody, first or second.
pub(super) fn own_session() -> UiError {
    fault("own-session", "Nobody has marks opened of a Session of their own.", "Ask another reviewer.")
}
