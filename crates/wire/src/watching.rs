//! Watching a Session that runs: what the watcher gets, and what the gateway is told of it.
//!
//! A watch is known by the number of its entry in the log (`session-watched`), which stands there before anything is
//! given. Nothing is given either before the gateway that has the Session open was told who watches, so that the person
//! inside sees it.

use domain::{SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};

/// The query of `GET /v1/sessions/{session}/watches/{watch}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhichPart {
    /// The first frame that is asked for.
    pub from: u64,
}

/// What came since, in order, as far as nothing before it is missing. Empty when nothing came for a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Part {
    /// Whole frames of every stream, the exact JSON lines that a segment of the sealed Recording has.
    pub lines: String,
    /// The `from` to ask with next.
    pub next: u64,
    /// The gateway was not told of the watch yet, and nothing is given.
    pub untold: bool,
    /// The Recording is sealed: nothing more comes than is here or can be asked for now.
    pub over: bool,
}

/// The Sessions that a gateway has open now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenNow {
    pub sessions: Vec<SessionId>,
}

/// Those of them that somebody watches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Watched {
    pub sessions: Vec<WatchedSession>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WatchedSession {
    pub session: SessionId,
    /// Who watched first stands first.
    pub watchers: Vec<Watcher>,
}

/// Somebody who watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Watcher {
    /// By their sign-in.
    pub name: String,
    pub since: UnixSeconds,
}
