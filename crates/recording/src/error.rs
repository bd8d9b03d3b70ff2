/// Why something could not be sealed, or is not what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the system has no randomness")]
    NoRandomness,
    #[error("the key is not 32 bytes")]
    WrongKeyLength,
    #[error("longer than may be sealed at once")]
    TooLong,
    #[error("altered, cut short, or sealed under another key or for another place")]
    Tampered,
    #[error("what was sealed are not frames in order")]
    NotFrames,
    #[error("the frames could not be written or compressed")]
    NotWritable,
}

/// Why a text is not an ingest key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an ingest key: 32 bytes in base64url")]
pub struct IngestKeyError;
