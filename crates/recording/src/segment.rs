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

/// The lines of a segment while frames come, each written once.
#[derive(Default)]
pub struct Segment {
    plain: Zeroizing<Vec<u8>>,
    first_frame: u64,
    frames: u64,
}

impl Segment {
    /// Takes a frame. Where it does not follow the last one, or would make the segment too long, the segment as it was is
    /// given back and another one begins with this frame.
    ///
    /// # Errors
    /// [`SealError::NotWritable`], which a frame never gives.
    pub fn push(&mut self, frame: &Frame) -> Result<Option<Self>, SealError> {
        let before = self.plain.len();
        lines::push(&mut self.plain, frame)?;
        if self.is_empty() {
            self.first_frame = frame.seq;
        } else if !self.is_followed_by(frame) || self.bytes() > MAX_SEGMENT_BYTES {
            let plain = Zeroizing::new(self.plain.split_off(before));
            return Ok(Some(std::mem::replace(self, Self { plain, first_frame: frame.seq, frames: 1 })));
        }
        self.frames += 1;
        Ok(None)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// What its lines take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.plain.len() as u64
    }

    fn is_followed_by(&self, frame: &Frame) -> bool {
        self.first_frame.checked_add(self.frames) == Some(frame.seq)
    }

    /// Seals it as segment `number` of the Session.
    ///
    /// # Errors
    /// [`SealError::NotFrames`] when there are none.
    pub fn seal(
        &self,
        key: &SecretKey,
        session: &SessionId,
        number: u64,
    ) -> Result<(Vec<u8>, SegmentEntry), SealError> {
        if self.is_empty() {
            return Err(SealError::NotFrames);
        }
        let packed = Zeroizing::new(lines::compress(&self.plain)?);
        let sealed = cobblestone::seal(key, &context(session, number), &packed)?;
        let entry = SegmentEntry {
            number,
            first_frame: self.first_frame,
            frames: self.frames,
            bytes: count(sealed.len())?,
            sealed: sha256(&sealed),
            plain: sha256(&self.plain),
        };
        Ok((sealed, entry))
    }
}

/// Seals these frames, which are in order and not none, as segment `number` of the Session.
///
/// # Errors
/// [`SealError::NotFrames`] when there are none or numbers are missing between them, [`SealError::TooLong`] when they are more than
/// one segment.
pub fn seal_segment(
    key: &SecretKey,
    session: &SessionId,
    number: u64,
    frames: &[Frame],
) -> Result<(Vec<u8>, SegmentEntry), SealError> {
    let mut segment = Segment::default();
    for frame in frames {
        let is_missing = !segment.is_empty() && !segment.is_followed_by(frame);
        if segment.push(frame)?.is_some() {
            return Err(if is_missing { SealError::NotFrames } else { SealError::TooLong });
        }
    }
    segment.seal(key, session, number)
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
