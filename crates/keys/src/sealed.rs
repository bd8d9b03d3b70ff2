use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::aead::{NONCE_LEN, Nonce};
use zeroize::Zeroizing;

use crate::{FileError, read_private, write_private};

/// The first bytes of a sealed file: the format and its version.
const MAGIC: &[u8] = b"countersign-sealed/1\0";

/// Seals files of the profile with AES-256-GCM under the key in the keyring: format, 12 random bytes, ciphertext
/// with tag. The file's name is bound in, so that one file cannot stand in for another.
pub struct Sealer {
    key: RandomizedNonceKey,
}

impl Sealer {
    /// From the key's 32 bytes.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, key).ok().map(|key| Self { key })
    }

    /// Writes `content` sealed.
    ///
    /// # Errors
    /// [`FileError`]; the old content is still there then.
    pub fn write(&self, path: &Path, content: &[u8]) -> Result<(), FileError> {
        let mut sealed = Zeroizing::new(content.to_vec());
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(associated(path)), &mut *sealed)
            .map_err(|_| FileError::NoRandomness)?;
        write_private(path, &[MAGIC, nonce.as_ref(), sealed.as_slice()].concat())
    }

    /// What was sealed, or `None` when there is no such file.
    ///
    /// # Errors
    /// [`FileError::Altered`] when it is not what this key sealed under this name.
    pub fn read(&self, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, FileError> {
        let Some(file) = read_private(path)? else { return Ok(None) };
        let altered = || FileError::Altered(path.display().to_string());
        let (nonce, sealed) =
            file.strip_prefix(MAGIC).and_then(|rest| rest.split_first_chunk::<NONCE_LEN>()).ok_or_else(altered)?;
        let mut opened = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length =
            self.key.open_in_place(nonce, Aad::from(associated(path)), &mut opened).map_err(|_| altered())?.len();
        opened.truncate(length);
        Ok(Some(opened))
    }
}

fn associated(path: &Path) -> Vec<u8> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    [MAGIC, name.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_sealed_comes_back_and_any_change_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let sealer = Sealer::new(&[7; 32]).unwrap();
        sealer.write(&path, b"secret words").unwrap();
        assert_eq!(sealer.read(&path).unwrap().unwrap().as_slice(), b"secret words");

        let good = fs::read(&path).unwrap();
        assert!(!good.windows(6).any(|w| w == b"secret"));
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            assert!(matches!(sealer.read(&path), Err(FileError::Altered(_))), "byte {at}");
        }
        for length in 0..good.len() {
            fs::write(&path, &good[..length]).unwrap();
            assert!(matches!(sealer.read(&path), Err(FileError::Altered(_))), "{length} bytes");
        }
    }

    #[test]
    fn another_name_or_another_key_does_not_open_it() {
        let folder = tempfile::tempdir().unwrap();
        let (tokens, other) = (folder.path().join("tokens"), folder.path().join("other"));
        let sealer = Sealer::new(&[7; 32]).unwrap();
        sealer.write(&tokens, b"x").unwrap();
        fs::copy(&tokens, &other).unwrap();
        assert!(sealer.read(&other).is_err());
        assert!(Sealer::new(&[8; 32]).unwrap().read(&tokens).is_err());
        assert!(sealer.read(&folder.path().join("none")).unwrap().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn x_09_only_the_owner_may_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile/tokens");
        Sealer::new(&[7; 32]).unwrap().write(&path, b"x").unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no copy stays behind");
    }
}
