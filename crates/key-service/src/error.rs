use recording::SealError;

/// Why a key was not wrapped or opened. Nothing here quotes what a key service answered.
#[derive(Debug, thiserror::Error)]
pub enum KeyServiceError {
    #[error("the key service at {address} cannot be set up: {why}")]
    Unusable { address: String, why: String },
    /// Worth trying again.
    #[error("the key service at {address}: {why}")]
    Unreachable { address: String, why: String },
    /// Its policy, or the credential.
    #[error("the key service at {address} refused: {why}")]
    Refused { address: String, why: String },
    /// Not what it answers by its documentation.
    #[error("the key service at {address} answered something else: {why}")]
    Unexpected { address: String, why: String },
    #[error("the credential for the key service: {0}")]
    Credential(String),
    #[error("it was wrapped by another key, for another owner, or altered")]
    Mismatch,
    #[error(transparent)]
    Seal(#[from] SealError),
}
