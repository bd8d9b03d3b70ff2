//! What the gateway records.

use domain::{Digest, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::event::Receipt;
use crate::extension::LoggedExtension;

/// The gateway verified a bundle and takes the Grant. The audit service verifies it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenRecording {
    /// The bundle's exact JSON bytes.
    pub bundle_json: String,
    /// SHA-256 of the DER of the TLS client certificate that the gateway saw.
    pub tls_client: Digest,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    /// The target's name in `targets.toml`.
    pub target: String,
    pub policy: Digest,
}

/// The gateway verified a bundle that asks for more time in an open Session, and takes its Grant. The audit service
/// verifies it again and says until when the Session goes on: the leaf's fact `ends-at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExtendRecording {
    /// The bundle's exact JSON bytes.
    pub bundle_json: String,
    /// SHA-256 of the DER of the TLS client certificate that the gateway saw.
    pub tls_client: Digest,
    pub extended_at: UnixSeconds,
    pub policy: Digest,
}

/// How far a recording has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordingState {
    pub session: SessionId,
    pub next_batch: u64,
    pub sealed: bool,
    pub request: Digest,
    pub device: Digest,
    pub opened_at: UnixSeconds,
    /// As it was opened, without what extended it since.
    pub ends_at: UnixSeconds,
    /// Of `session-opened`: whoever lost the answer to [`OpenRecording`] finds it here.
    pub opened: Receipt,
}

/// What a gateway goes on from that has lost its own note of a Session. The bundle's digest, the `tls-client`
/// fingerprint and the times stand in the receipt's leaf, and are held to it by whoever uses them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TakenGrant {
    pub recording: RecordingState,
    /// The exact JSON bytes of the bundle that was handed in.
    pub bundle_json: String,
    /// The number that the next frame gets: behind every frame that came.
    pub next_frame: u64,
    /// What extended the Session since, in the log's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<LoggedExtension>,
    /// Why the Recording was sealed, once it is.
    pub ended_by: Option<String>,
}

/// Everything up to and with this batch is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Acknowledged {
    pub next_batch: u64,
}

/// The Session is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndRecording {
    /// As in [`crate::broker::SessionChange::Ended`].
    pub reason: String,
    pub ended_at: UnixSeconds,
    /// Batches that the gateway made.
    pub batches: u64,
}
