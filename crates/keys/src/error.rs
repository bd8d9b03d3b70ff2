use keyring_core::Error;

/// Why the keyring cannot be used. Each says what to do; none holds anything that was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Nothing on this computer offers a keyring.
    #[error("this computer has no keyring that Countersign can use")]
    Missing,
    /// There is one, and it does not open.
    #[error("this computer's keyring is locked or refuses access")]
    Locked,
    /// It holds something under our name that we did not write.
    #[error("the keyring holds something unreadable under Countersign's name ({0})")]
    Damaged(&'static str),
    /// It answered something else; `0` is the kind of failure, without content.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

impl KeyringError {
    /// What to do next, in one sentence.
    #[must_use]
    pub fn next(&self) -> &'static str {
        match self {
            Self::Missing => {
                "Install a keyring that offers the Secret Service (gnome-keyring, KWallet or KeePassXC; on Debian: \
                 apt install gnome-keyring), sign in to the desktop again, and start Countersign once more."
            }
            Self::Locked => {
                "Unlock your login keyring (in a desktop session it asks for your password; the first time, \
                 create one named Login), then try again."
            }
            Self::Damaged(_) => "Remove Countersign's entries from the keyring and have this computer enrolled again.",
            Self::Failed(_) => "Sign in to the desktop again; if it stays, look at the keyring service's own log.",
        }
    }
}

impl From<Error> for KeyringError {
    fn from(error: Error) -> Self {
        match error {
            Error::PlatformFailure(_) | Error::NoDefaultStore | Error::NotSupportedByStore(_) => Self::Missing,
            Error::NoStorageAccess(_) => Self::Locked,
            Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => Self::Damaged("format"),
            Error::Ambiguous(_) => Self::Damaged("two entries of one name"),
            Error::TooLong(what, _) => Self::Failed(format!("{what} is too long")),
            Error::Invalid(what, _) => Self::Failed(format!("{what} is not accepted")),
            _ => Self::Failed("unknown".into()),
        }
    }
}

/// Why a file of the profile could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{path} could not be {what}: {source}")]
    Io { path: String, what: &'static str, source: std::io::Error },
    /// Not what this computer sealed: altered, cut, or sealed by another key.
    #[error("{0} was altered or belongs to another computer")]
    Altered(String),
    #[error("the system gives no randomness")]
    NoRandomness,
}

impl FileError {
    /// There is no room left, or no more of it for this person.
    #[must_use]
    pub fn is_full(&self) -> bool {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        matches!(self, Self::Io { source, .. } if matches!(source.kind(), StorageFull | QuotaExceeded | FileTooLarge))
    }
}
