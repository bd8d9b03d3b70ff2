use std::sync::Arc;

use aws_lc_rs::rand;
use domain::Digest;
use keyring_core::{CredentialStore, Entry, Error};
use statement::DeviceKey;
use zeroize::Zeroizing;

use crate::{KeyringError, Sealer};

/// The name under which everything of ours stands in the keyring.
const SERVICE: &str = "countersign";

/// The system's keyring. Its calls block, some until a person answers a prompt.
#[derive(Clone)]
pub struct Keyring {
    store: Arc<CredentialStore>,
}

/// The keys of one profile.
pub struct ProfileKeys {
    pub device: DeviceKey,
    pub sealer: Sealer,
    /// The seed of the key that cosigns the log's heads.
    pub witness: Zeroizing<[u8; 32]>,
}

impl Keyring {
    /// The keyring of this computer's desktop.
    ///
    /// # Errors
    /// [`KeyringError::Missing`] when there is none.
    #[cfg(target_os = "linux")]
    pub fn of_this_computer() -> Result<Self, KeyringError> {
        let store = zbus_secret_service_keyring_store::Store::new()?;
        Ok(Self { store })
    }

    /// The keyring of this computer's desktop.
    ///
    /// # Errors
    /// [`KeyringError::Missing`]: this build knows no keyring for this system.
    #[cfg(not(target_os = "linux"))]
    pub fn of_this_computer() -> Result<Self, KeyringError> {
        Err(KeyringError::Missing)
    }

    /// A given store, for tests.
    #[must_use]
    pub fn with_store(store: Arc<CredentialStore>) -> Self {
        Self { store }
    }

    /// Writes, reads and removes a value of this profile: opening a store proves nothing yet. Like [`Self::keys`] for
    /// one process of the profile at a time.
    ///
    /// # Errors
    /// [`KeyringError`] saying what to do.
    pub fn probe(&self, profile: &str) -> Result<(), KeyringError> {
        let mut random = Zeroizing::new([0; 16]);
        fill(random.as_mut())?;
        let entry = self.entry(&format!("probe/{profile}"))?;
        entry.set_secret(random.as_ref())?;
        let read = Zeroizing::new(entry.get_secret()?);
        entry.delete_credential()?;
        if read.as_slice() == random.as_ref() {
            Ok(())
        } else {
            Err(KeyringError::Damaged("it forgets what it is given"))
        }
    }

    /// The keys of `profile`, made on first use. A key that is there and cannot be read is an error, and is never
    /// replaced silently: it may be the one that is enrolled. A keyring has no way to add only what is missing: whoever
    /// calls this holds the profile's [`crate::Lock`], or two processes make two keys.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn keys(&self, profile: &str) -> Result<ProfileKeys, KeyringError> {
        let (device, sealer) = (self.device_key(profile)?, self.sealer(profile)?);
        let seed = self.random_key(&witness_name(profile))?;
        let witness = <[u8; 32]>::try_from(seed.as_slice()).map_err(|_| KeyringError::Damaged("witness key"))?;
        Ok(ProfileKeys { device, sealer, witness: Zeroizing::new(witness) })
    }

    /// The Device key of `profile`, when there is one; nothing is made.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn has_device_key(&self, profile: &str) -> Result<bool, KeyringError> {
        Ok(self.read(&device_name(profile))?.is_some())
    }

    /// Another Device key in the place of the one with this thumbprint, and another witness key; what is sealed stays readable.
    /// Whoever calls this has verified that `out` counts no more, and holds the profile's [`crate::Lock`]: where another key
    /// stands by then, that one is given, and nothing is made.
    ///
    /// The keyring replaces an entry as a whole, so that whoever is killed meanwhile leaves the old key or the new one, never both
    /// and never none. The witness key goes first: where it alone is gone, it is made anew on next use.
    ///
    /// # Errors
    /// [`KeyringError`]; the old key may still be there then.
    pub fn replace_device_key(&self, profile: &str, out: &Digest) -> Result<ProfileKeys, KeyringError> {
        let name = device_name(profile);
        let kept = self.read(&name)?.ok_or(KeyringError::Damaged("Device key"))?;
        let kept = DeviceKey::from_pkcs8(&kept).map_err(|_| KeyringError::Damaged("Device key"))?;
        if kept.public().thumbprint() != *out {
            return self.keys(profile);
        }
        match self.entry(&witness_name(profile))?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => {}
            Err(error) => return Err(error.into()),
        }
        let device = self.make_device_key(&name)?;
        if device.public().thumbprint() == *out {
            return Err(KeyringError::Damaged("it keeps what was replaced"));
        }
        self.keys(profile)
    }

    fn device_key(&self, profile: &str) -> Result<DeviceKey, KeyringError> {
        let name = device_name(profile);
        if let Some(kept) = self.read(&name)? {
            return DeviceKey::from_pkcs8(&kept).map_err(|_| KeyringError::Damaged("Device key"));
        }
        self.make_device_key(&name)
    }

    fn make_device_key(&self, name: &str) -> Result<DeviceKey, KeyringError> {
        let (_, pkcs8) = DeviceKey::generate().map_err(|_| KeyringError::Failed("no randomness".into()))?;
        let pkcs8 = Zeroizing::new(pkcs8);
        let kept = self.keep(name, &pkcs8)?;
        DeviceKey::from_pkcs8(&kept).map_err(|_| KeyringError::Damaged("Device key"))
    }

    fn sealer(&self, profile: &str) -> Result<Sealer, KeyringError> {
        let kept = self.random_key(&format!("sealing-key/{profile}"))?;
        Sealer::new(&kept).ok_or(KeyringError::Damaged("sealing key"))
    }

    /// 32 random bytes, made on first use.
    fn random_key(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        if let Some(kept) = self.read(name)? {
            return Ok(kept);
        }
        let mut fresh = Zeroizing::new([0; 32]);
        fill(fresh.as_mut())?;
        self.keep(name, fresh.as_ref())
    }

    /// Writes, and gives back what the keyring really kept.
    fn keep(&self, name: &str, secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        self.entry(name)?.set_secret(secret)?;
        self.read(name)?.ok_or(KeyringError::Damaged("it forgets what it is given"))
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        match self.entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn entry(&self, name: &str) -> Result<Entry, KeyringError> {
        Ok(self.store.build(SERVICE, name, None)?)
    }
}

fn device_name(profile: &str) -> String {
    format!("device-key/{profile}")
}

fn witness_name(profile: &str) -> String {
    format!("witness-key/{profile}")
}

fn fill(bytes: &mut [u8]) -> Result<(), KeyringError> {
    rand::fill(bytes).map_err(|_| KeyringError::Failed("no randomness".into()))
}

#[cfg(test)]
mod tests;
