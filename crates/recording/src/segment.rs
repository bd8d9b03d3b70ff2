use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Digest, SessionId};
use zeroize::Zeroizing;

use crate::{Frame, Manifest, SealError, SecretKey, SegmentEntry, cobblestone, lines};

/// A segment holds no more than this, in bytes of its JSON lines; a single frame may be longer.
pub const MAX_SEGMENT_BYTES: u64 = 16 * 1024 * 1024;
/// What a segment may unpack to: one batch more than a full segment.
const MAX_PLAIN: u64 = 96 * 1024 * 1024;

/// Seals these frames, which are in order and not none, as segment `number` of the Session.
///
/// # Errors
/// [`SealError::NotFrames`] when there are none or numbers are missing between them.
pub fn seal_segment(
    key: &SecretKey,
    session: &SessionId,
    number: u64,
    frames: &[Frame],
) -> Result<(Vec<u8>, SegmentEntry), SealError> {
    let first_frame = frames.first().ok_or(SealError::NotFrames)?.seq;
    if !frames.windows(2).all(|pair| pair[0].seq.checked_add(1) == Some(pair[1].seq)) {
        return Err(SealError::NotFrames);
    }
    let plain = Zeroizing::new(lines::write(frames)?);
    let packed = Zeroizing::new(lines::compress(&plain)?);
    let sealed = cobblestone::seal(key, &context(session, number), &packed)?;
    let entry = SegmentEntry {
        number,
        first_frame,
        frames: count(frames.len())?,
        bytes: count(sealed.len())?,
        sealed: sha256(&sealed),
        plain: sha256(&plain),
    };
    Ok((sealed, entry))
}

/// Opens the segment that `entry` describes and holds it to every word of that description.
///
/// # Errors
/// [`SealError::Tampered`] when the bytes are others, or of another place.
pub fn open_segment(
    key: &SecretKey,
    session: &SessionId,
    entry: &SegmentEntry,
    sealed: &[u8],
) -> Result<Vec<Frame>, SealError> {
    let plain = open_segment_lines(key, session, entry, sealed)?;
    let frames = lines::read(&plain)?;
    let first = frames.first().ok_or(SealError::NotFrames)?.seq;
    if first != entry.first_frame || count(frames.len())? != entry.frames {
        return Err(SealError::Tampered);
    }
    Ok(frames)
}

/// The exact JSON lines of the segment that `entry` describes: the bytes that `entry.plain` is the digest of.
///
/// # Errors
/// [`SealError::Tampered`] when the bytes are others, or of another place.
pub fn open_segment_lines(
    key: &SecretKey,
    session: &SessionId,
    entry: &SegmentEntry,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if count(sealed.len())? != entry.bytes || sha256(sealed) != entry.sealed {
        return Err(SealError::Tampered);
    }
    let packed = Zeroizing::new(cobblestone::open(key, &context(session, entry.number), sealed)?);
    let plain = Zeroizing::new(lines::decompress(&packed, MAX_PLAIN)?);
    if sha256(&plain) == entry.plain { Ok(plain) } else { Err(SealError::Tampered) }
}

impl Manifest {
    /// SHA-256 of this manifest as `serde_json` writes it: what the log holds.
    ///
    /// # Errors
    /// [`SealError::NotWritable`], which a manifest never gives.
    pub fn digest(&self) -> Result<Digest, SealError> {
        serde_json::to_vec(self).map(|json| sha256(&json)).map_err(|_| SealError::NotWritable)
    }
}

fn context(session: &SessionId, number: u64) -> Vec<u8> {
    [b"countersign/rec/v1\0", session.as_str().as_bytes(), b"\0frames\0", &number.to_be_bytes()].concat()
}

fn count(n: usize) -> Result<u64, SealError> {
    u64::try_from(n).map_err(|_| SealError::TooLong)
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    URL_SAFE_NO_PAD
        .encode(digest(&SHA256, bytes))
        .parse()
        .unwrap_or_else(|_| unreachable!("32 bytes make 43 characters"))
}
