use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not an identifier.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid {0}")]
pub struct IdError(pub &'static str);

macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident, $what:literal, $check:expr) => {
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(try_from = "String", into = "String")]
        $(#[$meta])*
        pub struct $name(String);

        impl $name {
            /// The text of the identifier.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(IdError($what)) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// One customer's Organization in the service: 1 to 64 of `a-z 0-9 -`, as the service itself spells it.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")))]
    OrgId, "Organization id", |t| {
        (1..=64).contains(&t.len())
            && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !t.starts_with('-')
            && !t.ends_with('-')
    }
);

text_id!(
    /// A Session: the digest of the `session-open` statement that began it, in unpadded base64url (43 characters).
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")))]
    SessionId, "session id", is_base64url_32
);

text_id!(
    /// A SHA-256 in unpadded base64url (43 characters). A request is named by the digest of its exact JWS,
    /// a Device key by its RFC 7638 thumbprint, a PK token by the digest of its compact form.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")))]
    Digest, "digest", is_base64url_32
);

/// 43 characters whose last one carries only four bits: the one spelling of 32 bytes.
fn is_base64url_32(text: &str) -> bool {
    text.len() == 43
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && text.bytes().last().is_some_and(|b| b"AEIMQUYcgkosw048".contains(&b))
}

impl From<SessionId> for Digest {
    fn from(id: SessionId) -> Self {
        Self(id.0)
    }
}

impl From<Digest> for SessionId {
    fn from(digest: Digest) -> Self {
        Self(digest.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_id_has_one_spelling() {
        assert!("kinloch-hotels".parse::<OrgId>().is_ok());
        for bad in ["", "*", "Kinloch", "a/b", "a..b", "kinloch ", "-a", "a-", "к", "a%2fb", &"a".repeat(65)] {
            assert_eq!(bad.parse::<OrgId>(), Err(IdError("Organization id")), "{bad:?}");
        }
    }

    #[test]
    fn a_digest_is_43_canonical_characters() {
        assert!("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU".parse::<Digest>().is_ok());
        assert!("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV".parse::<Digest>().is_err());
        assert!("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=".parse::<Digest>().is_err());
    }
}
