//! Who may take access away.

use domain::{Digest, Role, SessionId, UnixSeconds};

use crate::{ADMINISTRATORS_WAIT, Directory, Enrolments, Identity, Refusal, Revoke, Revoked, Signer, Trust, sha256};

/// Who may revoke a Grant, and so end one Session: whoever may countersign, review or enrol. To stop is easier than to open.
const MAY_STOP: [Role; 3] = [Role::Approver, Role::Reviewer, Role::Administrator];

/// Verifies a revocation: signature, person, Device, freshness, and that its signer may revoke this.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_revoke(
    compact: &str,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<Revoke>, Refusal> {
    let signer = verify_kept_revoke(compact, directory, enrolments, trust, now)?;
    signer.statement.check_envelope(&trust.gateway_id, now)?;
    Ok(signer)
}

/// The same for one that somebody acted on in time and writes down now, however much later.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_kept_revoke(
    compact: &str,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<Revoke>, Refusal> {
    let (statement, identity) = directory.verify::<Revoke>(compact)?;
    statement.check_issued(&trust.gateway_id, now)?;
    enrolments.check(&identity)?;
    let revokes = &statement.body().revokes;
    if !may_revoke(&identity, revokes, enrolments) {
        return Err(Refusal::MissingRole);
    }
    if keeps_others_out(&identity, revokes) {
        enrolments.check_waited(&identity, statement.payload().iat, ADMINISTRATORS_WAIT)?;
    }
    Ok(Signer { statement, identity })
}

impl Revoked {
    /// By what an entry of the log names several Sessions: they may be too many for one of its facts.
    #[must_use]
    pub fn digest_of_sessions<'a>(sessions: impl IntoIterator<Item = &'a SessionId>) -> Digest {
        sha256(sessions.into_iter().map(SessionId::as_str).collect::<Vec<_>>().join("\n"))
    }
}

impl Signer<Revoke> {
    /// Whether somebody takes another Device of their own out without being an administrator. Nobody ends anything by that without
    /// a code for exactly it: no code is taken from a Device that is revoked, so that a stolen one, once it is out, puts no other
    /// out in turn.
    #[must_use]
    pub fn is_of_own(&self) -> bool {
        let (who, what) = (&self.identity, &self.statement.body().revokes);
        let another = matches!(what, Revoked::Device(device) if *device != who.device);
        another && !who.roles.contains(&Role::Administrator)
    }
}

/// More than one Grant, and somebody else or another Device of their own: a Device that was enrolled a moment ago does not put
/// out the one that its owner has had.
fn keeps_others_out(who: &Identity, what: &Revoked) -> bool {
    match what {
        Revoked::Grant(_) | Revoked::Sessions(_) => false,
        Revoked::Device(device) => *device != who.device,
        Revoked::Person(_) => true,
    }
}

/// Everybody may give up the Device that they sign with, and take out another one that is enrolled for them.
fn may_revoke(who: &Identity, what: &Revoked, enrolments: &Enrolments) -> bool {
    match what {
        Revoked::Sessions(sessions) if sessions.len() > 1 => who.roles.contains(&Role::Reviewer),
        Revoked::Grant(_) | Revoked::Sessions(_) => who.roles.iter().any(|role| MAY_STOP.contains(role)),
        Revoked::Device(device) if *device == who.device || enrolments.is_of(&who.person, device) => true,
        Revoked::Device(_) | Revoked::Person(_) => who.roles.contains(&Role::Administrator),
    }
}
