use domain::{Digest, SessionId};
use serde::{Deserialize, Serialize};

/// What a sealed Recording consists of. Its digest (SHA-256 of this struct as `serde_json` writes it) stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub session: SessionId,
    pub segments: Vec<SegmentEntry>,
    pub frames: u64,
    pub exchanges: u64,
    /// Batches that the gateway said it made and that never came: shown as a gap, never hidden.
    pub missing_batches: Vec<u64>,
}

/// One sealed segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentEntry {
    pub number: u64,
    pub first_frame: u64,
    pub frames: u64,
    pub bytes: u64,
    /// SHA-256 of the sealed bytes.
    pub sealed: Digest,
    /// SHA-256 of the frames' JSON lines before compression.
    pub plain: Digest,
}
