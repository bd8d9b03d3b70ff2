use std::io::Read as _;

use crate::{Frame, SealError};

/// Frames as JSON, one to a line: the bytes that `SegmentEntry::plain` is the digest of.
pub(crate) fn write(frames: &[Frame]) -> Result<Vec<u8>, SealError> {
    let mut lines = Vec::new();
    for frame in frames {
        serde_json::to_writer(&mut lines, frame).map_err(|_| SealError::NotWritable)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Reads what [`write`] wrote: each frame's number is one more than the one before it.
pub(crate) fn read(lines: &[u8]) -> Result<Vec<Frame>, SealError> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in lines.split_inclusive(|b| *b == b'\n') {
        let frame: Frame = serde_json::from_slice(line).map_err(|_| SealError::NotFrames)?;
        if frames.last().is_some_and(|last| last.seq.checked_add(1) != Some(frame.seq)) {
            return Err(SealError::NotFrames);
        }
        frames.push(frame);
    }
    Ok(frames)
}

pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    zstd::bulk::compress(bytes, 1).map_err(|_| SealError::NotWritable)
}

/// Decompresses, and stops at `limit` bytes: the sender does not decide how much memory is taken.
pub(crate) fn decompress(bytes: &[u8], limit: u64) -> Result<Vec<u8>, SealError> {
    let mut plain = Vec::new();
    zstd::stream::read::Decoder::new(bytes)
        .and_then(|decoder| decoder.take(limit.saturating_add(1)).read_to_end(&mut plain))
        .map_err(|_| SealError::NotFrames)?;
    if u64::try_from(plain.len()).is_ok_and(|n| n <= limit) { Ok(plain) } else { Err(SealError::TooLong) }
}
