use serde::{Deserialize, Serialize};
use specta::Type;

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    pub broker: Link,
    pub audit: Link,
    pub gateway: Link,
    pub log: LogView,
    /// What to do about the keyring; empty when it works.
    pub keyring: String,
    pub sessions_recording: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    Unknown,
    Connected,
    Unreachable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum LogVerdict {
    Intact,
    Waiting,
    Broken,
}

/// What this computer verified about the audit log.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LogView {
    pub verdict: LogVerdict,
    /// Entries under the last verified Checkpoint.
    pub size: u32,
    /// Root in base64url; empty before the first check.
    pub root: String,
    /// The first 88 bits of the root in eight words.
    pub words: Vec<String>,
    pub checked_at: Option<u32>,
    /// Why it is broken or waiting, in a sentence.
    pub detail: String,
    /// The last verified Checkpoints, newest first.
    pub checkpoints: Vec<CheckpointView>,
    /// Other witnesses and what each saw, as far as that was verified here.
    pub witnesses: Vec<WitnessView>,
    /// What the log showed that contradicts the newest of `checkpoints`.
    pub contradiction: Option<ContradictionView>,
}

/// The other of two heads that cannot both be true, kept for whoever looks into it.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ContradictionView {
    /// None when it was not signed with the key that this computer pinned.
    pub checkpoint: Option<CheckpointView>,
    /// The signed text as it was shown, and that of the newest kept Checkpoint.
    pub shown: String,
    pub kept: String,
}

/// Somebody else who remembers the log's heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WitnessView {
    pub kind: WitnessKind,
    /// Of a computer, the person who signed in there; else the witness's own.
    pub name: String,
    /// Of a computer.
    pub key_short: String,
    /// The last Checkpoint that it cosigned and that continues what this computer saw; 0 for none.
    pub size: u32,
    pub at: Option<u32>,
    /// This computer knows its key from somebody else than the audit service.
    pub pinned: bool,
    /// Why it cosigns nothing now, in a sentence; empty when it does.
    pub trouble: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum WitnessKind {
    /// Another enrolled Device.
    Computer,
    /// Outside of the installation.
    Outside,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointView {
    pub size: u32,
    pub root: String,
    pub words: Vec<String>,
    pub at: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    pub index: u32,
    #[specta(type = u32)]
    pub at_ms: f64,
    /// The Event's kind, for example `session-opened`.
    pub kind: String,
    pub source: String,
    pub organization: String,
    /// Who, when still readable.
    pub who: String,
    pub facts: Vec<(String, String)>,
    pub leaf: String,
    /// Entries under the Checkpoint that it was proven against, here.
    pub under: u32,
    /// Hashes in base64url that lead from its leaf to that Checkpoint's root.
    pub path: Vec<String>,
}
