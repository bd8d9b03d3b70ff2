use domain::UnixMillis;
use serde::{Deserialize, Serialize};

/// One captured thing, in the order that the gateway captured it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// Counts from 0 in each Session, without gaps.
    pub seq: u64,
    /// The gateway's wall time; order is `seq`, never this.
    pub at: UnixMillis,
    pub content: Captured,
}

/// What was captured. Secrets (cookies, authorisation headers, passwords, token-shaped strings) are already taken out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Captured {
    /// A request as it was authorised and forwarded. `exchange` counts from 0 in each Session.
    Request {
        exchange: u64,
        method: String,
        /// The canonical path with its query.
        path: String,
        headers: Vec<(String, String)>,
        /// Base64url, when the target's rules keep bodies.
        body: Option<String>,
        body_bytes: u64,
        /// SHA-256 of the whole body.
        body_digest: Option<domain::Digest>,
        write: bool,
    },
    /// The head of the answer.
    Response { exchange: u64, status: u16, headers: Vec<(String, String)> },
    /// A part of the answer's body that is text, decoded from any content coding.
    Text { exchange: u64, part: u64, text: String },
    /// Any other part of it, base64url.
    Body { exchange: u64, part: u64, bytes: String },
    /// The answer is complete, or was cut.
    Done { exchange: u64, body_bytes: u64, body_digest: domain::Digest, took_ms: u64, cut: Option<String> },
    /// A request that was not forwarded; `code` says why.
    Refused { exchange: u64, method: String, path: String, code: String },
    /// One WebSocket message or a part of one. `from_person` tells the direction.
    Socket { exchange: u64, from_person: bool, text: bool, bytes: String },
    /// Events of the recorder in the page (rrweb). The page's own word: a hint, never evidence.
    Page { page: String, events: Vec<serde_json::Value> },
    /// Something of the gateway itself: `paused`, `resumed`, `recorder-absent`, `page-silent`.
    Note { code: String, detail: String },
}
