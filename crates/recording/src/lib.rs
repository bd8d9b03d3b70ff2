//! The formats of a Recording: frames, the batches that a gateway seals to the audit service, the segments that the
//! audit service seals under a recording's key, and the manifest that the log commits to.

mod frame;
mod manifest;

pub use frame::{Captured, Frame};
pub use manifest::{Manifest, SegmentEntry};
