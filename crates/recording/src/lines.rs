use std::io::Read as _;

use crate::kept::{Kept, SMALL};
use crate::{Frame, SealError};

/// Frames as JSON, one to a line: the bytes that `SegmentEntry::plain` is the digest of.
pub(crate) fn write(frames: &[Frame]) -> Result<Vec<u8>, SealError> {
    let mut lines = Vec::new();
    for frame in frames {
        push(&mut lines, frame)?;
    }
    Ok(lines)
}

/// One more line.
pub(crate) fn push(lines: &mut Vec<u8>, frame: &Frame) -> Result<(), SealError> {
    serde_json::to_writer(&mut *lines, frame).map_err(|_| SealError::NotWritable)?;
    lines.push(b'\n');
    Ok(())
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

/// Compressors and decompressors that wait to be used again: a new one costs more than a small batch.
static PACKERS: Kept<zstd::bulk::Compressor<'static>> = Kept::new();
static UNPACKERS: Kept<zstd::bulk::Decompressor<'static>> = Kept::new();

pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut packer = match PACKERS.take() {
        Some(packer) => packer,
        None => zstd::bulk::Compressor::new(1).map_err(|_| SealError::NotWritable)?,
    };
    let packed = packer.compress(bytes).map_err(|_| SealError::NotWritable)?;
    // What held a large one is large.
    PACKERS.put_back(packer, bytes.len());
    Ok(packed)
}

/// Decompresses, and stops at `limit` bytes: the sender does not decide how much memory is taken.
pub(crate) fn decompress(bytes: &[u8], limit: u64) -> Result<Vec<u8>, SealError> {
    match zstd::zstd_safe::get_frame_content_size(bytes) {
        Ok(Some(length)) if length <= SMALL as u64 && length <= limit => unpacked(bytes, length),
        _ => streamed(bytes, limit),
    }
}

/// What says to be small, and is no longer than it says.
fn unpacked(bytes: &[u8], length: u64) -> Result<Vec<u8>, SealError> {
    let mut unpacker = match UNPACKERS.take() {
        Some(unpacker) => unpacker,
        None => zstd::bulk::Decompressor::new().map_err(|_| SealError::NotFrames)?,
    };
    let plain = usize::try_from(length).ok().and_then(|length| unpacker.decompress(bytes, length).ok());
    UNPACKERS.put_back(unpacker, 0);
    plain.ok_or(SealError::NotFrames)
}

fn streamed(bytes: &[u8], limit: u64) -> Result<Vec<u8>, SealError> {
    let mut plain = Vec::new();
    zstd::stream::read::Decoder::new(bytes)
        .and_then(|decoder| decoder.take(limit.saturating_add(1)).read_to_end(&mut plain))
        .map_err(|_| SealError::NotFrames)?;
    if u64::try_from(plain.len()).is_ok_and(|n| n <= limit) { Ok(plain) } else { Err(SealError::TooLong) }
}
