//! Which key service the configuration names, and moving every Organization's key to another one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Clock;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use key_service::{AwsKms, AwsKmsSettings, KeyService, Transit, TransitSettings};
use recording::SecretKey;
use serve::config::{read_secret, read_text};
use sqlx::Connection as _;

use crate::config::{Config, KeyServiceConfig};
use crate::error::{Error, StoreError};
use crate::store::{self, private};
use crate::vault::{Owner, Vault};

/// Calls to a key service at once.
pub(crate) const AT_ONCE: usize = 16;

/// # Errors
/// [`Error::Misconfigured`]. Nobody is called yet.
pub(crate) fn open(config: &KeyServiceConfig, clock: Arc<dyn Clock>) -> Result<KeyService, Error> {
    let misconfigured = |e: &dyn std::fmt::Display| Error::Misconfigured(format!("key_service: {e}"));
    let client = |ca: &Option<PathBuf>| {
        let ca = ca.as_deref().map(read_text).transpose()?;
        identity::http_client(ca.as_deref()).map_err(|e| misconfigured(&e))
    };
    Ok(match config.clone() {
        KeyServiceConfig::File { file } => {
            let unusable = |_| Error::Misconfigured(format!("{} holds no key", file.display()));
            KeyService::File(SecretKey::from_bytes(&read_secret(&file)?).map_err(unusable)?)
        }
        KeyServiceConfig::Transit { url, mount, key, namespace, token, ca } => {
            let settings = TransitSettings { url, mount, key, namespace };
            let transit = Transit::new(client(&ca)?, settings, credential(token)?);
            KeyService::Transit(transit.map_err(|e| misconfigured(&e))?)
        }
        KeyServiceConfig::AwsKms { url, region, key, credentials, ca } => {
            let settings = AwsKmsSettings { url, region, key };
            let kms = AwsKms::new(client(&ca)?, settings, clock, credential(credentials)?);
            KeyService::AwsKms(kms.map_err(|e| misconfigured(&e))?)
        }
    })
}

/// A file that is read each time; it must be there now already.
fn credential(file: PathBuf) -> Result<key_service::ReadCredential, Error> {
    read_secret(&file)?;
    Ok(Box::new(move || read_secret(&file).map_err(|error| error.to_string())))
}

/// Wraps every key that is kept under another key service, all of them or none, and answers how many. The service must not
/// run; afterwards its configuration has to name the other one.
///
/// # Errors
/// [`Error`]; nothing has changed then.
pub async fn rewrap(config: &Config, to: &KeyServiceConfig, clock: Arc<dyn Clock>) -> Result<usize, Error> {
    let (old, new) = (open(&config.key_service, clock.clone())?, open(to, clock)?);
    private::folder(&config.objects).map_err(StoreError::Objects)?;
    let lock = crate::start::lock(&config.objects)?;
    existing(&config.database)?;
    let mut connection = store::open_writer(&config.database).await?;
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT owner, wrapped FROM owner_keys ORDER BY owner")
        .fetch_all(&mut connection)
        .await
        .map_err(StoreError::from)?;
    let moved: Vec<(String, Vec<u8>)> = stream::iter(rows)
        .map(|(owner, wrapped)| moved(&old, &new, Owner(owner), wrapped))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut transaction = connection.begin().await.map_err(StoreError::from)?;
    for (owner, wrapped) in &moved {
        let update = sqlx::query("UPDATE owner_keys SET wrapped = ? WHERE owner = ?").bind(wrapped).bind(owner);
        update.execute(&mut *transaction).await.map_err(StoreError::from)?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    // What was wrapped before is in no file any more.
    store::close(connection).await?;
    drop(lock);
    Ok(moved.len())
}

/// Nothing is made by moving keys.
fn existing(database: &Path) -> Result<(), Error> {
    if database.is_file() {
        return Ok(());
    }
    Err(Error::Misconfigured(format!("there is no database at {}", database.display())))
}

async fn moved(
    old: &KeyService,
    new: &KeyService,
    owner: Owner,
    wrapped: Vec<u8>,
) -> Result<(String, Vec<u8>), StoreError> {
    let key = Vault::opened(old, &owner, &wrapped).await?;
    let wrapped = new.wrap(owner.place(), &key).await?;
    // What cannot be opened again is not kept.
    if Vault::opened(new, &owner, &wrapped).await?.bytes() != key.bytes() {
        return Err(StoreError::damaged(format!("the key of owner {:?} comes back as another one", owner.0)));
    }
    Ok((owner.0, wrapped))
}
