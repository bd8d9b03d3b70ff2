use domain::{Digest, SessionId};
use serde::{Deserialize, Serialize};

/// What a sealed Recording consists of. Its digest (SHA-256 of this struct as `serde_json` writes it) stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

impl Manifest {
    /// Whether its segments count from 0, do not overlap, and hold as many frames as it says.
    #[must_use]
    pub fn is_orderly(&self) -> bool {
        let (mut next, mut frames) = (0_u64, 0_u64);
        for (number, segment) in (0_u64..).zip(&self.segments) {
            if segment.number != number || segment.first_frame < next || segment.frames == 0 {
                return false;
            }
            next = segment.first_frame.saturating_add(segment.frames);
            frames = frames.saturating_add(segment.frames);
        }
        frames == self.frames
    }

    /// The frames that no segment holds, before each segment's first: first and last of each run.
    #[must_use]
    pub fn missing_frames(&self) -> Vec<(u64, u64)> {
        let mut next = 0;
        let mut missing = Vec::new();
        for segment in &self.segments {
            if segment.first_frame > next {
                missing.push((next, segment.first_frame - 1));
            }
            next = segment.first_frame.saturating_add(segment.frames);
        }
        missing
    }
}
