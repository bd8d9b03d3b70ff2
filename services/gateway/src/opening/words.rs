//! What somebody is told whose opening is refused.

use crate::log::LogError;
use crate::refused::Refused;

pub(super) fn refused(status: u16, code: &'static str, title: &str, detail: &str) -> Refused {
    Refused::new(status, code, title, detail)
}

/// The Grant is used up.
#[must_use]
pub fn already_taken() -> Refused {
    refused(
        409,
        "already-taken",
        "This approval was already used.",
        "Resume the session where it was opened, or ask for access again.",
    )
}

pub(super) fn not_believed(refusal: &statement::Refusal) -> Refused {
    let detail = match refusal.code() {
        "second-factor-too-old" | "no-second-factor" => "Enter a code and open again.",
        "expired" | "from-the-future" => "Check this computer's clock and open again.",
        "sign-in-too-old" => "Sign in again and ask for access again.",
        _ => "Nothing was opened. Ask for access again.",
    };
    refused(403, refusal.code(), &format!("The opening was refused: {refusal}."), detail)
}

pub(super) fn not_extended(refusal: &statement::Refusal) -> Refused {
    let detail = match refusal.code() {
        "second-factor-too-old" | "no-second-factor" => "Enter a code and try again.",
        "expired" | "from-the-future" => "Check this computer's clock and try again.",
        _ => "The session goes on until its end as it is.",
    };
    // What was signed may be as it should; the Session is no longer as it was then.
    let outdated = matches!(refusal.code(), "adds-no-time" | "ends-sooner" | "session-over");
    let status = if outdated { 409 } else { 403 };
    refused(status, refusal.code(), &format!("The extension was refused: {refusal}."), detail)
}

/// What was seen of the log does not hold, or cannot be asked.
pub(crate) fn not_reliable(error: &LogError) -> Refused {
    tracing::error!(%error, "an opening was refused because of the log");
    match error {
        LogError::Call(_) => refused(
            503,
            "audit-unreachable",
            "The audit service does not answer.",
            "Nothing is lost: the approval stays good. Try again in a minute.",
        ),
        LogError::Broken(_) | LogError::Another(_) => refused(
            503,
            "log-broken",
            "The audit log contradicts itself. Nothing is opened.",
            "Tell your administrators now; they have to look into it.",
        ),
        LogError::NotKept(_) => refused(
            503,
            "no-spool",
            "The gateway cannot keep what it saw of the audit log. Nothing is opened.",
            "Tell your administrators; its disk is full or cannot be written.",
        ),
        LogError::Clock(_) => refused(
            503,
            "wrong-clock",
            "The gateway's clock is wrong. Nothing is opened.",
            "Tell your administrators; its clock is more than 5 s off.",
        ),
    }
}
