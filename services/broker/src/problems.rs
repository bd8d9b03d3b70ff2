//! What people are told, where it is not a statement's own refusal (`serve::refused`).

use domain::UnixSeconds;
use policy::PolicyRefusal;
use serve::ProblemResponse;
use wire::broker::RequestState;

use crate::ledger::LedgerError;
use crate::store::StoreError;

pub(crate) type Answer<T> = Result<T, ProblemResponse>;

/// An Event could not be written.
pub(crate) const AUDIT_UNREACHABLE: &str = "audit-unreachable";
/// The database did not answer.
const STORAGE_FAILED: &str = "storage-failed";
/// The steps before it take too long.
const BUSY: &str = "busy";
/// Answers that leave no Event of their own when they are given: each of them says why there could be none.
pub(crate) const UNWRITTEN: [&str; 3] = [AUDIT_UNREACHABLE, STORAGE_FAILED, BUSY];

const AGAIN: &str = "Try again in a minute; nothing has changed.";

fn problem(status: u16, code: &str, title: &str, detail: &str) -> ProblemResponse {
    ProblemResponse::new(status, code, title, detail)
}

fn audit_unreachable(error: &LedgerError) -> ProblemResponse {
    tracing::warn!(%error, "a step was refused because it could not be logged");
    let unknown = matches!(error, LedgerError::Unknown(_));
    let next = if unknown { "Load it again in a minute: if it was written down, it happened." } else { AGAIN };
    problem(503, AUDIT_UNREACHABLE, "The audit service does not answer, so nothing may happen.", next)
}

fn storage(error: &StoreError) -> ProblemResponse {
    tracing::error!(%error, "the database failed");
    match error {
        StoreError::Moved => problem(409, "changed-meanwhile", "It changed a moment ago.", "Load it again."),
        _ => problem(503, STORAGE_FAILED, "The broker could not read or write its database.", AGAIN),
    }
}

impl From<StoreError> for ProblemResponse {
    fn from(error: StoreError) -> Self {
        storage(&error)
    }
}

impl From<LedgerError> for ProblemResponse {
    fn from(error: LedgerError) -> Self {
        match &error {
            LedgerError::Refused { code, .. } if code == ORGANIZATION_FORGOTTEN => organization_forgotten(),
            LedgerError::Refused { code, .. } if code == OTHER_LOG => other_log(),
            error => audit_unreachable(error),
        }
    }
}

/// As the audit service says it.
pub(crate) const OTHER_LOG: &str = "other-log";

pub(crate) fn other_log() -> ProblemResponse {
    problem(
        409,
        OTHER_LOG,
        "A signer had seen a log that is not the beginning of this one.",
        "Sign nothing more, and tell your security team at once: the log may have been forked.",
    )
}

pub(crate) fn log_broken() -> ProblemResponse {
    problem(
        503,
        "log-broken",
        "The audit log is not a continuation of what the broker saw of it, so nothing may happen.",
        "Tell your administrators now; they have to look into it.",
    )
}

/// A text that cannot come next, and why.
pub(crate) fn not_a_successor(why: &str) -> ProblemResponse {
    problem(
        409,
        "not-a-successor",
        &format!("This cannot follow the policy in force: {why}."),
        "Nothing was signed for. Mend the text, and propose it with the next version.",
    )
}

/// As the audit service says it.
const ORGANIZATION_FORGOTTEN: &str = "organization-forgotten";

fn organization_forgotten() -> ProblemResponse {
    problem(
        410,
        ORGANIZATION_FORGOTTEN,
        "This Organization was forgotten: nothing opens there any more.",
        "Look at `countersign forget list`. A customer who comes back gets another Organization.",
    )
}

pub(crate) fn not_forgotten(why: &str) -> ProblemResponse {
    problem(
        409,
        "not-forgotten",
        &format!("The audit service does not forget this Organization: {why}."),
        "Nothing was destroyed.",
    )
}

pub(crate) fn no_such_permission() -> ProblemResponse {
    problem(
        404,
        "no-such-permission",
        "There is no such break-glass permission.",
        "Look at those that name you, or ask for a countersignature.",
    )
}

pub(crate) fn permission_used_up() -> ProblemResponse {
    problem(
        409,
        "permission-used-up",
        "The break-glass permission was used as often as it may be.",
        "Ask for a countersignature, or have two administrators sign another permission.",
    )
}

pub(crate) fn filed_already() -> ProblemResponse {
    problem(409, "filed-already", "Two administrators have signed this.", "It is there; nothing is left to sign.")
}

pub(crate) fn not_filed(why: &str) -> ProblemResponse {
    problem(
        409,
        "not-filed",
        &format!("The audit service does not file this permission: {why}."),
        "Nothing was permitted. Have two administrators sign it again.",
    )
}

/// The code of [`clocks_differ`].
pub(crate) const CLOCKS_DIFFER: &str = "clocks-differ";

pub(crate) fn clocks_differ() -> ProblemResponse {
    problem(
        503,
        CLOCKS_DIFFER,
        "The broker's clock is not the audit service's, so nothing may happen.",
        "Tell whoever runs Countersign to set the services' clocks. Nothing has changed; try again after that.",
    )
}

pub(crate) fn too_many_reports() -> ProblemResponse {
    problem(429, "too-many-calls", "Too many people report refusals at once.", AGAIN)
}

pub(crate) fn busy() -> ProblemResponse {
    problem(503, BUSY, "The broker is waiting for the audit service.", AGAIN)
}

pub(crate) fn provider_unreachable() -> ProblemResponse {
    problem(503, "provider-unreachable", "The identity provider does not answer.", AGAIN)
}

pub(crate) fn key_unusable() -> ProblemResponse {
    problem(503, "key-unusable", "The broker's own key cannot be used.", "Tell whoever runs the broker.")
}

pub(crate) fn secret_unusable() -> ProblemResponse {
    problem(503, "secret-unusable", "Your second factor cannot be read here.", "Tell whoever runs the broker.")
}

pub(crate) fn sign_in_code_needed() -> ProblemResponse {
    problem(
        403,
        "sign-in-code-needed",
        "This sign-in has no second factor yet.",
        "Enter a code from your authenticator app.",
    )
}

pub(crate) fn gateway_only() -> ProblemResponse {
    problem(403, "gateway-only", "Only the gateway may make this call.", "Nothing to do; the app never makes it.")
}

pub(crate) fn too_many_leases() -> ProblemResponse {
    problem(
        413,
        "too-many-leases",
        "The call asks for more leases than one call gives.",
        "Ask in pages; bring the gateway to the broker's version.",
    )
}

pub(crate) fn too_many_devices() -> ProblemResponse {
    problem(
        429,
        "too-many-devices",
        "Too many of your devices wait for enrolment.",
        "Ask an administrator to enrol one of them.",
    )
}

pub(crate) fn too_many_streams() -> ProblemResponse {
    problem(
        503,
        "too-many-streams",
        "Too many desktops listen at once.",
        "Close windows of the app that you do not use; it goes on asking by itself.",
    )
}

pub(crate) fn factor_exists() -> ProblemResponse {
    problem(
        409,
        "second-factor-exists",
        "You have a second factor.",
        "Use the codes of the authenticator app that you set up, or replace it.",
    )
}

pub(crate) fn factor_missing() -> ProblemResponse {
    problem(409, "second-factor-missing", "You have no second factor yet.", "Set up an authenticator app first.")
}

pub(crate) fn factor_waits(until: UnixSeconds, now: UnixSeconds) -> ProblemResponse {
    let minutes = (until - now).max(0) / 60 + 1;
    let detail = format!("In {minutes} min its codes count for that. It signs you in, and you can ask and deny.");
    ProblemResponse::new(403, "second-factor-waits", "Your new second factor signs nothing yet.", detail)
}

pub(crate) fn fresh_sign_in_needed() -> ProblemResponse {
    problem(
        403,
        "fresh-sign-in-needed",
        "This takes a sign-in of the last ten minutes.",
        "Sign out and sign in again, then do it at once.",
    )
}

pub(crate) fn no_recovery_code() -> ProblemResponse {
    problem(
        400,
        "no-recovery-code",
        "A recovery code has sixteen letters and digits.",
        "Type one of those that you put away; blanks and hyphens do not matter.",
    )
}

pub(crate) fn wrong_recovery_code() -> ProblemResponse {
    problem(
        403,
        "wrong-recovery-code",
        "This is no recovery code of yours, or it was used.",
        "Try another one, or ask an administrator to reset your second factor.",
    )
}

pub(crate) fn nothing_to_reset() -> ProblemResponse {
    problem(404, "person-unknown", "Nobody of this id has a second factor.", "Look at the list of computers.")
}

pub(crate) fn reset_already() -> ProblemResponse {
    problem(409, "reset-already", "This reset has had its effect.", "Sign another one if it is needed again.")
}

pub(crate) fn code_for_nothing() -> ProblemResponse {
    problem(400, "malformed", "The code does not say what it is for.", "Update the app, then try again.")
}

pub(crate) fn no_code() -> ProblemResponse {
    problem(400, "no-code", "A code has six digits.", "Type the six digits that your authenticator app shows.")
}

pub(crate) fn wrong_code() -> ProblemResponse {
    problem(
        403,
        "wrong-code",
        "The code is not right.",
        "Type the code that your authenticator app shows now; check your phone's clock.",
    )
}

pub(crate) fn used_code() -> ProblemResponse {
    problem(403, "code-used", "This code was used before.", "Wait for the next code; each is good once.")
}

pub(crate) fn locked(until: UnixSeconds, now: UnixSeconds) -> ProblemResponse {
    let minutes = (until - now).max(0) / 60 + 1;
    let detail = format!("Try again in {minutes} min. You can still deny requests.");
    ProblemResponse::new(429, "second-factor-locked", "Too many wrong codes.", detail)
}

pub(crate) fn not_yours() -> ProblemResponse {
    problem(403, "not-your-signature", "Somebody else's sign-in signed this.", "Sign it again after your last sign-in.")
}

pub(crate) fn stale() -> ProblemResponse {
    problem(409, "stale", "It was signed too long ago.", "Sign it again and send it at once.")
}

pub(crate) fn revoked() -> ProblemResponse {
    problem(
        403,
        "revoked",
        "This computer's key was revoked, or the person that it was enrolled for.",
        "Tell an administrator; a new key has to be enrolled.",
    )
}

pub(crate) fn nobody_waits() -> ProblemResponse {
    problem(409, "nobody-waits", "Nobody waits with this device.", "Load the list of devices again.")
}

pub(crate) fn enrolled_already() -> ProblemResponse {
    problem(409, "enrolled-already", "This device is enrolled.", "Nothing to do.")
}

pub(crate) fn organization_unknown() -> ProblemResponse {
    problem(404, "organization-unknown", "There is no such Organization here.", "Choose one from the list.")
}

pub(crate) fn organization_renamed() -> ProblemResponse {
    problem(
        409,
        "organization-renamed",
        "The Organization has another name now.",
        "Load the list again, then sign again.",
    )
}

pub(crate) fn sent_already() -> ProblemResponse {
    problem(409, "sent-already", "This request was sent before.", "Look at it under Access.")
}

pub(crate) fn too_many_waiting() -> ProblemResponse {
    problem(429, "too-many-waiting", "Too many of your requests wait.", "Withdraw one, or wait until one is decided.")
}

pub(crate) fn no_such_list() -> ProblemResponse {
    problem(400, "malformed", "There is no such list of requests.", "Update the app, then try again.")
}

pub(crate) fn no_such_request() -> ProblemResponse {
    problem(404, "no-such-request", "There is no such request.", "Load the list again.")
}

pub(crate) fn own_request() -> ProblemResponse {
    problem(403, "own-request", "This is your own request.", "Somebody else has to countersign it.")
}

pub(crate) fn same_person() -> ProblemResponse {
    problem(403, "same-person", "Another account of yours made this request.", "Another person has to countersign it.")
}

pub(crate) fn decided_twice() -> ProblemResponse {
    problem(409, "decided-twice", "You have decided this request.", "Another person has to sign as well.")
}

pub(crate) fn code_needed() -> ProblemResponse {
    problem(
        403,
        "no-second-factor",
        "This signature needs a code for exactly what it signs.",
        "Enter a code, then sign again.",
    )
}

pub(crate) fn not_the_requester() -> ProblemResponse {
    problem(403, "not-the-requester", "Only the person who asked can do this.", "Nothing to do.")
}

pub(crate) fn not_approved(state: RequestState) -> ProblemResponse {
    match state {
        RequestState::Waiting => problem(409, "no-approval", "Nobody has countersigned yet.", "Wait for an Approval."),
        other => settled(other),
    }
}

pub(crate) fn other_session() -> ProblemResponse {
    problem(409, "other-session", "Another Session belongs to this request.", "Nothing to do here; end the Session.")
}

pub(crate) fn no_open_session() -> ProblemResponse {
    problem(
        409,
        "no-open-session",
        "You have no such Session open on this computer.",
        "Load it again; once it is over, ask for access again.",
    )
}

pub(crate) fn no_such_session() -> ProblemResponse {
    problem(
        409,
        "no-such-session",
        "One of these Sessions was never opened here.",
        "Nothing was revoked. Load the list of Sessions again.",
    )
}

pub(crate) fn by_policy(refusal: &PolicyRefusal) -> ProblemResponse {
    problem(403, refusal.code, &refusal.sentence, "Choose what the policy allows, then sign again.")
}

/// Why a request cannot be decided, withdrawn or opened any more.
pub(crate) fn settled(state: RequestState) -> ProblemResponse {
    let (code, title) = match state {
        RequestState::Withdrawn => ("withdrawn", "The requester took this request back."),
        RequestState::Expired => ("expired", "This request has expired."),
        RequestState::Denied => ("already-decided", "This request was denied."),
        RequestState::Waiting => ("no-approval", "Nobody has countersigned yet."),
        RequestState::Approved => ("already-decided", "This request was approved."),
        RequestState::Open => ("already-decided", "This request was approved, and its Session is open."),
        RequestState::Ended => ("already-decided", "This request was approved, and its Session is over."),
    };
    problem(409, code, title, "Nothing to do; a new request can be made.")
}
