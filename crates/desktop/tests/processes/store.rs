use std::any::Any;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::api::{Credential, CredentialApi, CredentialStoreApi};
use keyring_core::{Entry, Error, Result};

/// A keyring that several processes share: a folder of files. Looking takes a while, as asking a real one does.
pub struct SharedStore {
    pub folder: PathBuf,
}

#[derive(Debug, Clone)]
struct Kept {
    path: PathBuf,
    name: (String, String),
}

impl CredentialStoreApi for SharedStore {
    fn vendor(&self) -> String {
        "tests".into()
    }

    fn id(&self) -> String {
        "shared".into()
    }

    fn build(&self, service: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        let path = self.folder.join(format!("{service}.{}", user.replace('/', ".")));
        let kept = Kept { path, name: (service.to_owned(), user.to_owned()) };
        Ok(Entry::new_with_credential(Arc::new(kept)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl CredentialApi for Kept {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        keys::write_private(&self.path, secret).map_err(|e| Error::PlatformFailure(Box::new(e)))
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        let found = keys::read_private(&self.path).map_err(|e| Error::PlatformFailure(Box::new(e)))?;
        std::thread::sleep(Duration::from_millis(20));
        found.ok_or(Error::NoEntry)
    }

    fn delete_credential(&self) -> Result<()> {
        keys::remove(&self.path).map_err(|e| Error::PlatformFailure(Box::new(e)))
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        Ok(self.path.exists().then(|| Arc::new(self.clone()) as Arc<Credential>))
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some(self.name.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
