//! The formats of a Recording: frames, the batches that a gateway seals to the audit service (HPKE, RFC 9180), the
//! segments that the audit service seals under a recording's key (C2SP `chunked-encryption`, Cobblestone-256), and the
//! manifest that the log commits to.
//!
//! What it is not: no IO, no clock, no storage of keys, and no decision about what is captured.

pub mod cobblestone;
mod error;
mod frame;
mod ingest;
mod key;
mod lines;
mod manifest;
mod segment;

pub use error::{IngestKeyError, SealError};
pub use frame::{Captured, Frame};
pub use ingest::{IngestPublic, IngestSecret, open_batch, seal_batch};
pub use key::SecretKey;
pub use manifest::{Manifest, SegmentEntry};
pub use segment::{MAX_SEGMENT_BYTES, open_segment, seal_segment};

#[cfg(test)]
mod tests;
