use domain::SessionId;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{SealError, SecretKey, cobblestone, lines};

/// What the originals of one fold unpack to at most.
const MAX_PLAIN: u64 = 64 * 1024 * 1024;

/// What a mark in the Recording stands for. It travels beside the frames and is sealed apart from them: whoever is given
/// frames is given none of these.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// The 16 hexadecimal digits that the mark shows.
    pub mark: String,
    /// What the mark says that it was: the rule's name.
    pub rule: String,
    pub value: String,
}

/// Never what it was.
impl std::fmt::Debug for Original {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Original").field("mark", &self.mark).field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// Seals originals under a Recording's key, as number `number` of its Session. No segment opens as originals, nor these as a
/// segment.
///
/// # Errors
/// [`SealError::NoRandomness`], and [`SealError::NotWritable`], which originals never give.
pub fn seal_originals(
    key: &SecretKey,
    session: &SessionId,
    number: u64,
    originals: &[Original],
) -> Result<Vec<u8>, SealError> {
    let plain = Zeroizing::new(serde_json::to_vec(originals).map_err(|_| SealError::NotWritable)?);
    let packed = Zeroizing::new(lines::compress(&plain)?);
    cobblestone::seal(key, &context(session, number), &packed)
}

/// Opens what [`seal_originals`] sealed for the same place.
///
/// # Errors
/// [`SealError::Tampered`] for any other place or altered bytes.
pub fn open_originals(
    key: &SecretKey,
    session: &SessionId,
    number: u64,
    sealed: &[u8],
) -> Result<Vec<Original>, SealError> {
    let packed = Zeroizing::new(cobblestone::open(key, &context(session, number), sealed)?);
    let plain = Zeroizing::new(lines::decompress(&packed, MAX_PLAIN)?);
    serde_json::from_slice(&plain).map_err(|_| SealError::NotFrames)
}

fn context(session: &SessionId, number: u64) -> Vec<u8> {
    [b"countersign/rec/v1\0", session.as_str().as_bytes(), b"\0originals\0", &number.to_be_bytes()].concat()
}
