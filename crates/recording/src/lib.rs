//! The formats of a Recording: frames, the batches that a gateway seals to the audit service (HPKE, RFC 9180), the
//! segments that the audit service seals under a recording's key (C2SP `chunked-encryption`, Cobblestone-256), and the
//! manifest that the log commits to. Beside the frames, a batch may hold what marks in them stand for.
//!
//! What it is not: no IO, no clock, no storage of keys, and no decision about what is captured. Without the feature
//! `sealing` it is frames and manifest alone, for whoever opens nothing.

#[cfg(feature = "bodies")]
mod body;
#[cfg(feature = "sealing")]
pub mod cobblestone;
#[cfg(feature = "sealing")]
mod error;
mod frame;
#[cfg(feature = "sealing")]
mod held;
#[cfg(feature = "sealing")]
mod ingest;
#[cfg(feature = "sealing")]
mod kept;
#[cfg(feature = "sealing")]
mod key;
#[cfg(feature = "sealing")]
mod lines;
mod manifest;
#[cfg(feature = "sealing")]
mod original;
#[cfg(feature = "sealing")]
mod segment;

#[cfg(feature = "sealing")]
pub use error::{IngestKeyError, SealError};
pub use frame::{Captured, Frame};
#[cfg(feature = "sealing")]
pub use held::{Mismatch, hold};
#[cfg(feature = "sealing")]
pub use ingest::{Batch, IngestPublic, IngestSecret, open_batch, open_whole_batch, seal_batch, seal_whole_batch};
#[cfg(feature = "sealing")]
pub use key::SecretKey;
pub use manifest::{Manifest, SegmentEntry};
#[cfg(feature = "sealing")]
pub use original::{Original, open_originals, seal_originals};
#[cfg(feature = "sealing")]
pub use segment::{MAX_SEGMENT_BYTES, Segment, open_segment, open_segment_lines, seal_segment};

#[cfg(all(test, feature = "sealing"))]
mod tests;
