use serde::{Deserialize, Serialize};
use specta::Type;

/// What this computer made sure of about a Recording before it showed anything of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum RecordingCheck {
    /// Every frame is one that the manifest in the log names, and none is missing.
    ChecksOut,
    /// Every frame that is shown is one that the manifest names, but some never came, or nothing was sealed at all
    /// although the Session is over. `RecordingView::detail` says which.
    Incomplete,
    /// Still being recorded: nothing in the log answers for these frames yet.
    Running,
    /// The log says that it was destroyed by retention: there is nothing to show, and nothing is wrong.
    Destroyed,
    /// Changed, missing, doubled, borrowed or in another order. Nothing is shown; `RecordingView::detail` says what.
    DoesNotMatch,
}

/// A Recording, opened for replay.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RecordingView {
    #[specta(type = u32)]
    pub started_ms: f64,
    #[specta(type = u32)]
    pub ended_ms: f64,
    pub live: bool,
    pub exchanges: Vec<ExchangeView>,
    /// Pages that reported events, in order; fetch them with `page_events`.
    pub pages: Vec<PageView>,
    pub gaps: Vec<GapView>,
    /// Pictures and fonts that pages were given, by address: a replayed page shows these.
    pub resources: Vec<ResourceView>,
    /// Show it with the Recording, and replay nothing as true under [`RecordingCheck::DoesNotMatch`].
    pub check: RecordingCheck,
    /// What was checked or what is wrong, in one sentence.
    pub detail: String,
}

/// What came of a Session that is watched, since it was last asked for.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WatchedView {
    /// Exchanges that are new or went on, whole; the new events of each page; new gaps.
    pub part: RecordingView,
    /// The person inside cannot see yet who watches, and nothing is given before.
    pub untold: bool,
    /// The Session is over and its Recording sealed: open that, and it is held to what was shown here.
    pub over: bool,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeView {
    pub number: u32,
    #[specta(type = u32)]
    pub at_ms: f64,
    pub method: String,
    pub path: String,
    /// 0 when nothing was answered.
    pub status: u32,
    #[specta(type = u32)]
    pub body_bytes: f64,
    pub took_ms: u32,
    pub write: bool,
    /// Why it was refused; empty when it was forwarded.
    pub refused: String,
    /// Why the answer was cut; empty when it was whole.
    pub cut: String,
    pub content_type: String,
    /// Text of the answer, at most 64 KiB, when it is text and was kept.
    pub body: Option<String>,
    pub request_body: Option<String>,
    pub socket_messages: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PageView {
    pub page: String,
    #[specta(type = u32)]
    pub at_ms: f64,
    pub events: u32,
    /// rrweb events as one JSON array.
    pub json: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ResourceView {
    pub address: String,
    /// As a `data:` address, of a media type that is painted and never run.
    pub data: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GapView {
    #[specta(type = u32)]
    pub at_ms: f64,
    #[specta(type = u32)]
    pub until_ms: f64,
    pub detail: String,
}
