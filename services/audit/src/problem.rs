use serve::ProblemResponse;

use crate::error::StoreError;

fn problem(status: u16, code: &str, title: &str, detail: &str) -> ProblemResponse {
    ProblemResponse::new(status, code, title, detail)
}

pub(crate) fn stopped() -> ProblemResponse {
    problem(
        503,
        "storage-failed",
        "The audit service could not write and has stopped. Nothing was acknowledged.",
        "Try again in a minute; if it stays so, tell whoever runs the audit service.",
    )
}

pub(crate) fn busy() -> ProblemResponse {
    problem(
        503,
        "busy",
        "More is being written down than the audit service can take.",
        "Nothing was written. Try again in a minute.",
    )
}

/// A new Organization's first entry waits for its key.
pub(crate) fn no_key() -> ProblemResponse {
    problem(
        503,
        "key-service-unreachable",
        "The key service made no key for this Organization.",
        "Try again; see the audit service's own log for what the key service answered.",
    )
}

pub(crate) fn disk_full() -> ProblemResponse {
    problem(
        503,
        "disk-full",
        "The audit service's disk is full.",
        "Make room on the audit service's disk, then try again.",
    )
}

pub(crate) fn clock_behind() -> ProblemResponse {
    problem(
        503,
        "clock-behind",
        "The audit service's clock is behind its log.",
        "Set the audit service's clock, then try again.",
    )
}

pub(crate) fn already_taken() -> ProblemResponse {
    problem(409, "already-taken", "This was used before.", "Ask again with a new request.")
}

pub(crate) fn permission_used_up() -> ProblemResponse {
    problem(
        409,
        "permission-used-up",
        "The break-glass permission was used as often as it may be.",
        "Ask for a countersignature, or have two administrators sign another permission.",
    )
}

pub(crate) fn organization_forgotten() -> ProblemResponse {
    problem(
        410,
        "organization-forgotten",
        "This Organization was forgotten: what was recorded there is destroyed, and nothing opens there any more.",
        "The list of Sessions says when, and who signed it. A customer who comes back gets another Organization.",
    )
}

pub(crate) fn recording_expired() -> ProblemResponse {
    problem(
        410,
        "recording-expired",
        "This Recording was destroyed when the time was over for which the policy keeps Recordings.",
        "What was signed, and the log's entries about it, are there still.",
    )
}

pub(crate) fn sessions_run() -> ProblemResponse {
    problem(
        409,
        "sessions-run",
        "A Session of this Organization runs, or its Recording is not sealed yet.",
        "End it, wait until it is sealed, then sign again.",
    )
}

pub(crate) fn review_owed() -> ProblemResponse {
    problem(
        409,
        "review-owed",
        "A Session that was opened by break-glass waits for somebody's review.",
        "Have somebody review it; it keeps its Recording until then.",
    )
}

pub(crate) fn not_to_be_destroyed() -> ProblemResponse {
    problem(
        409,
        "not-to-be-destroyed",
        "This Recording is not one that the policy has destroyed now.",
        "Nothing was destroyed.",
    )
}

pub(crate) fn bad_event(why: &str) -> ProblemResponse {
    problem(400, "bad-event", &format!("This Event cannot be written. {why}"), "Mend the caller; nothing was written.")
}

pub(crate) fn not_a_successor(why: &str) -> ProblemResponse {
    problem(
        409,
        "not-a-successor",
        &format!("This cannot follow the policy in force: {why}."),
        "Nothing was adopted. Propose the text again with the next version.",
    )
}

pub(crate) fn other_batch() -> ProblemResponse {
    problem(
        409,
        "other-batch",
        "Another batch was acknowledged under this number.",
        "Read the Recording's state and go on from there.",
    )
}

pub(crate) fn recording_sealed() -> ProblemResponse {
    problem(409, "recording-sealed", "The Recording is sealed.", "Open a new Session.")
}

pub(crate) fn session_over() -> ProblemResponse {
    problem(409, "session-over", "The Session is over.", "Ask for access again.")
}

pub(crate) fn too_far_ahead() -> ProblemResponse {
    problem(409, "too-far-ahead", "Too many batches before this one are missing.", "Send the missing batches first.")
}

pub(crate) fn folded_already() -> ProblemResponse {
    problem(409, "changed-meanwhile", "The Recording changed meanwhile.", "Try again.")
}

pub(crate) fn no_session() -> ProblemResponse {
    problem(404, "no-session", "There is no such Session.", "Check the Session's id.")
}

pub(crate) fn no_entry() -> ProblemResponse {
    problem(404, "no-entry", "The log has no such entry or size.", "Fetch the checkpoint and ask again.")
}

pub(crate) fn malformed(title: &str) -> ProblemResponse {
    problem(400, "malformed", title, "Check the version of the app, then try again.")
}

pub(crate) fn other_cursor() -> ProblemResponse {
    problem(400, "malformed", "The cursor is not one of this list.", "Load the list again from its beginning.")
}

pub(crate) fn too_wide() -> ProblemResponse {
    problem(
        400,
        "too-wide",
        "More people or tickets fit than are looked for at once.",
        "Write more of the name, or add the Organization.",
    )
}

pub(crate) fn export_too_large() -> ProblemResponse {
    problem(
        400,
        "export-too-large",
        "More than 100,000 Sessions fit; no export holds more.",
        "Export a shorter time, or one Organization after the other.",
    )
}

pub(crate) fn no_whole_body(status: u16) -> ProblemResponse {
    problem(status, "malformed", "The batch is too long or did not come whole.", "Send a batch of at most 64 MiB.")
}

pub(crate) fn services_only() -> ProblemResponse {
    problem(403, "services-only", "This call is for Countersign's own services.", "Use the desktop app.")
}

pub(crate) fn other_service() -> ProblemResponse {
    problem(
        403,
        "other-service",
        "This service may not write this.",
        "Check which service's certificate the caller holds.",
    )
}

pub(crate) fn reviewers_only() -> ProblemResponse {
    problem(
        403,
        "missing-role",
        "Only reviewers may see this.",
        "Ask your directory's administrators for the role, then sign in again.",
    )
}

pub(crate) fn second_factor() -> ProblemResponse {
    problem(
        403,
        "no-second-factor",
        "The call carries no second factor for this sign-in.",
        "Enter a fresh code, then try again.",
    )
}

pub(crate) fn other_log() -> ProblemResponse {
    problem(
        409,
        "other-log",
        "A signer had seen a log that is not the beginning of this one.",
        "Open nothing, and tell your security team at once: the log may have been forked.",
    )
}

/// `what` begins the sentence: the request, an approval, an enrolment.
pub(crate) fn not_in_the_log(what: &str) -> ProblemResponse {
    problem(
        409,
        "not-in-the-log",
        &format!("{what} that this rests on does not stand in the log."),
        "Ask again with a new request. If it happens again, tell your security team: the broker may be hiding steps.",
    )
}

pub(crate) fn request_over() -> ProblemResponse {
    problem(
        409,
        "request-over",
        "The log says that this request was denied, withdrawn or has expired.",
        "Ask again with a new request.",
    )
}

pub(crate) fn too_many_sessions() -> ProblemResponse {
    problem(422, "too-many-sessions", "That is more than one file holds.", "Ask for a shorter period.")
}

pub(crate) fn grant_revoked() -> ProblemResponse {
    problem(403, "revoked", "The log says that this Grant was revoked.", "Ask again with a new request.")
}

pub(crate) fn signer_revoked() -> ProblemResponse {
    problem(
        403,
        "revoked",
        "The log says that somebody who signed this was revoked, or the Device that they signed with.",
        "Ask again with a new request, countersigned by somebody else.",
    )
}

pub(crate) fn caller_revoked() -> ProblemResponse {
    problem(
        403,
        "revoked",
        "This computer's key was revoked, or the person that it was enrolled for.",
        "Tell an administrator; a new key has to be enrolled.",
    )
}

pub(crate) fn somebody_inside() -> ProblemResponse {
    conflict(
        "somebody-inside",
        "Somebody is inside this Session now: whoever looks at it watches it, and they see who does.",
        "Watch the Session.",
    )
}

pub(crate) fn not_running() -> ProblemResponse {
    conflict("not-running", "The Session is over and its Recording is sealed.", "Open the Recording.")
}

pub(crate) fn own_session() -> ProblemResponse {
    forbidden("own-session", "Nobody watches a Session of their own.", "Ask another reviewer.")
}

pub(crate) fn own_marks() -> ProblemResponse {
    forbidden("own-session", "Nobody has marks opened of a Session of their own.", "Ask another reviewer.")
}

pub(crate) fn no_such_mark() -> ProblemResponse {
    conflict(
        "no-such-mark",
        "The Recording has no original for one of these marks.",
        "Copy the digits of marks that the replay shows; where the target keeps no originals, there are none.",
    )
}

pub(crate) fn no_reveal() -> ProblemResponse {
    problem(404, "no-reveal", "Nobody proposed to open these marks.", "Load the list again.")
}

pub(crate) fn not_the_reader() -> ProblemResponse {
    forbidden(
        "not-the-reader",
        "The values are for whoever proposed it, on the computer that they signed with.",
        "Propose it yourself; somebody else has to countersign.",
    )
}

pub(crate) fn reveal_over() -> ProblemResponse {
    conflict("reveal-over", "The time is over for which these values can be read.", "Propose it again.")
}

pub(crate) fn no_watch() -> ProblemResponse {
    problem(
        404,
        "no-watch",
        "There is no such watch of yours: it fell silent, or the audit service was restarted.",
        "Begin to watch again.",
    )
}

pub(crate) fn too_many_watches() -> ProblemResponse {
    conflict("too-many-watches", "You watch as many Sessions as one person can.", "Stop watching one of them.")
}

pub(crate) fn conflict(code: &str, title: &str, detail: &str) -> ProblemResponse {
    problem(409, code, title, detail)
}

pub(crate) fn forbidden(code: &str, title: &str, detail: &str) -> ProblemResponse {
    problem(403, code, title, detail)
}

pub(crate) fn provider_unreachable() -> ProblemResponse {
    problem(
        503,
        "provider-unreachable",
        "The identity provider does not answer.",
        "Try again in a minute; nothing was lost.",
    )
}

/// What a caller is told of a store that cannot be read: nothing of its insides.
pub(crate) fn unreadable(error: &StoreError) -> ProblemResponse {
    tracing::error!(%error, "the store cannot be read");
    problem(
        503,
        "store-unreadable",
        "The audit service cannot read what it stored.",
        "Tell whoever runs the audit service; its own log names the place.",
    )
}

impl From<StoreError> for ProblemResponse {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Forgotten => organization_forgotten(),
            StoreError::Expired => recording_expired(),
            error => unreadable(&error),
        }
    }
}
