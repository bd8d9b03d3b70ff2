use client::CallError;
use identity::SignInError;
use keys::{FileError, KeyringError};
use statement::Refusal;

use crate::view::UiError;

/// An error for the UI.
pub(crate) fn fault(code: &str, message: impl Into<String>, next: impl Into<String>) -> UiError {
    UiError { code: code.to_owned(), message: message.into(), next: next.into() }
}

/// A call to `who` ("the broker") that did not answer what was asked.
pub(crate) fn call(who: &'static str) -> impl Fn(CallError) -> UiError {
    move |error| {
        tracing::warn!(who, %error, "a call failed");
        match error {
            CallError::Refused(problem) => fault(&problem.code, problem.title, problem.detail),
            CallError::Unreachable { why, .. } if why.contains("certificate") => fault(
                "other-certificate",
                format!("{} shows a certificate that this installation did not make.", capital(who)),
                "Do not continue. Ask your administrator for the current join file, in person.",
            ),
            CallError::Unreachable { why, .. } => fault(
                if who == "the audit service" { "audit-unreachable" } else { "unreachable" },
                format!("{} does not answer: {why}. Nothing was changed.", capital(who)),
                "Check the network, then try again.",
            ),
            CallError::Unexpected { what, .. } => fault(
                "unexpected",
                format!("{} answered something that this version does not understand: {what}", capital(who)),
                "Check that Countersign here and the service are of the same version.",
            ),
            CallError::Unmade(why) => {
                fault("unmade", format!("The call could not be made: {why}."), "Start Countersign again.")
            }
        }
    }
}

/// Something signed that this computer does not believe.
pub(crate) fn refusal(what: &str) -> impl Fn(Refusal) -> UiError + '_ {
    move |refusal| {
        tracing::warn!(what, code = refusal.code(), "not believed");
        match refusal {
            Refusal::BadText(field) => fault(
                "bad-text",
                format!("The {field} is too short, too long, or holds characters that can mislead a reader."),
                "Correct it and sign again; nothing was sent.",
            ),
            refusal => fault(
                refusal.code(),
                format!("{}: {refusal}.", capital(what)),
                "Do not sign. Try again, and tell security if it stays.",
            ),
        }
    }
}

impl From<KeyringError> for UiError {
    fn from(error: KeyringError) -> Self {
        fault("keyring", format!("{}.", capital(&error.to_string())), error.next())
    }
}

impl From<FileError> for UiError {
    fn from(error: FileError) -> Self {
        if error.is_full() {
            return fault(
                "disk-full",
                format!("{}. What was there before is still there.", capital(&error.to_string())),
                "Make room on this computer's disk, then try again.",
            );
        }
        let next = match &error {
            FileError::Io { .. } => "Check the free space and the owner of Countersign's data folder, then try again.",
            FileError::Altered(_) => "Sign in again. If you did not move these files, tell security.",
            FileError::NoRandomness => "Restart this computer.",
        };
        fault("file", format!("{}.", capital(&error.to_string())), next)
    }
}

impl From<SignInError> for UiError {
    fn from(error: SignInError) -> Self {
        let (code, next) = match &error {
            SignInError::Provider(_) => ("provider-unreachable", "Check the network, then start the sign-in again."),
            SignInError::Refused(_) => ("provider-refused", "Start the sign-in again, or ask who runs the accounts."),
            SignInError::OtherIssuer => ("wrong-issuer", "Do not continue. Tell security, then start again."),
            SignInError::BadToken(_) => ("bad-id-token", "Check this computer's clock, then start the sign-in again."),
            SignInError::TimedOut => ("sign-in-timed-out", "Start the sign-in again."),
            SignInError::NoPort => ("no-port", "Close programs that use many connections, then start again."),
        };
        fault(code, format!("{}.", capital(&error.to_string())), next)
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
