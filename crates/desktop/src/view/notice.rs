use serde::{Deserialize, Serialize};
use specta::Type;

/// Every error that reaches the UI.
#[derive(Debug, Clone, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct UiError {
    /// Stable, for example `wrong-code`, `same-person`, `unreachable`, `keyring`.
    pub code: String,
    /// What failed and what is safe, one sentence.
    pub message: String,
    /// What to do next, one sentence.
    pub next: String,
}

/// What the engine tells the windows without being asked.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Notice {
    /// Ask for the state again.
    State,
    /// Requests changed: ask again. `id` is the one, and `text` a sentence when a person should be told.
    Requests { id: String, text: String },
    /// Pending enrolments changed.
    Enrolments,
    /// Another policy is in force, or one waits for a second administrator.
    Policies,
    /// The broker says that something became of somebody's second factor: one's own, or, for administrators, anybody's.
    /// `text` is a sentence that a person should be told.
    SecondFactor { person: String, text: String },
    /// A door changed.
    Door { session: String },
    /// The log was checked.
    Log,
    /// What is known here of marks to open is another than before. Whoever shows it has just asked.
    Reveals,
    /// How many of the Sessions that are exported are in the file.
    Exporting { done: u32, of: u32 },
    /// The sign-in in the browser is over; `failed` says why when nobody is signed in by it. The state has it too.
    SignIn { failed: Option<UiError> },
}
