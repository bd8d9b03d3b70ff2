//! The key that marks are made with: one secret of the gateway, and one key derived from it for each Organization.

use std::path::Path;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use domain::OrgId;
use zeroize::Zeroizing;

use super::known::Known;
use super::originals::Originals;
use crate::Error;
use crate::config::read_secret;

const SALT: &[u8] = b"countersign masking v1";
/// Bytes in the file, and of each derived key.
const LENGTH: usize = 32;
/// Bytes of the HMAC that a mark shows: among a million values of one Organization, two share a mark once in 37 million.
const SHOWN: usize = 8;

/// What every Organization's key is derived from. It has no `Debug` on purpose.
pub struct MaskingSecret(Zeroizing<Vec<u8>>);

impl MaskingSecret {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Config`] when others may read it, or it is not 32 bytes.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = read_secret(path)?;
        if bytes.len() == LENGTH {
            Ok(Self(bytes))
        } else {
            Err(Error::Config(format!("{} does not hold {LENGTH} bytes", path.display())))
        }
    }

    /// What marks the values of this Organization.
    #[must_use]
    pub fn marks_of(&self, organization: &OrgId) -> Marks {
        let mut key = Zeroizing::new([0; LENGTH]);
        let derived = Salt::new(HKDF_SHA256, SALT)
            .extract(&self.0)
            .expand(&[organization.as_str().as_bytes()], Derived)
            .and_then(|okm| okm.fill(key.as_mut_slice()));
        match derived {
            Ok(()) => {
                Marks { key: Key::new(HMAC_SHA256, key.as_slice()), known: Mutex::default(), originals: Arc::default() }
            }
            Err(_) => unreachable!("HKDF gives 32 bytes"),
        }
    }
}

struct Derived;

impl KeyType for Derived {
    fn len(&self) -> usize {
        LENGTH
    }
}

/// Makes the marks of one Organization, and remembers for one Session which values were marked by name.
pub struct Marks {
    key: Key,
    pub known: Mutex<Known>,
    pub originals: Arc<Originals>,
}

impl Marks {
    /// What stands in the place of a value: the same for the same value, however it is spaced or capitalised.
    #[must_use]
    pub fn mark(&self, what: &str, value: &str) -> String {
        format!("{}{what} {}]", super::BEGIN, self.shown(value))
    }

    /// The digits that a mark shows of it.
    #[must_use]
    pub fn shown(&self, value: &str) -> String {
        let plain: String = value.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        hex(&sign(&self.key, plain.as_bytes()).as_ref()[..SHOWN])
    }

    /// With what keeps the originals of the Session.
    #[must_use]
    pub fn with(self, originals: Arc<Originals>) -> Self {
        Self { originals, ..self }
    }

    /// The digest of what is left out: under the key, so that nobody else can try what it was.
    #[must_use]
    pub fn digest(&self, bytes: &[u8]) -> String {
        hex(sign(&self.key, bytes).as_ref())
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(secret: u8, organization: &str) -> Marks {
        MaskingSecret(Zeroizing::new(vec![secret; LENGTH])).marks_of(&organization.parse().unwrap())
    }

    #[test]
    fn a_mark_is_the_same_for_one_value_in_one_organization_alone() {
        let mark = marks(7, "kinloch-hotels").mark("e-mail", "Mara@kinloch.example");
        assert_eq!(mark.len(), "[masked e-mail 7f3a91c2d0b4e6f8]".len());
        assert_eq!(mark, marks(7, "kinloch-hotels").mark("e-mail", "mara@kinloch.example "));
        let hash = |mark: &str| mark.rsplit_once(' ').unwrap().1.to_owned();
        assert_eq!(hash(&mark), hash(&marks(7, "kinloch-hotels").mark("account", "mara@kinloch.example")));
        for other in [
            marks(7, "delmar-foods").mark("e-mail", "mara@kinloch.example"),
            marks(8, "kinloch-hotels").mark("e-mail", "mara@kinloch.example"),
            marks(7, "kinloch-hotels").mark("e-mail", "ines@kinloch.example"),
        ] {
            assert_ne!(hash(&mark), hash(&other));
        }
    }

    #[test]
    fn a_key_file_holds_exactly_32_bytes_and_is_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("masking.key");
        for (length, mode, good) in [(32, 0o600, true), (31, 0o600, false), (0, 0o600, false), (32, 0o640, false)] {
            let _ = std::fs::remove_file(&file);
            std::fs::write(&file, vec![7; length]).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(MaskingSecret::read(&file).is_ok(), good, "{length} {mode:o}");
        }
    }
}
