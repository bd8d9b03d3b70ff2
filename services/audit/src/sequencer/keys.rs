use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sqlx::sqlite::SqliteConnection;

use super::{Command, Sequencer};
use crate::error::StoreError;
use crate::vault::{Owner, Prepared, Vault};
use crate::wrapping::AT_ONCE;

impl Sequencer {
    /// Keys of owners that have none yet, in a transaction of their own: a key in use is always a committed one.
    pub(super) async fn make_keys(&mut self, commands: &[Command]) -> Result<(), StoreError> {
        for owner in commands.iter().filter_map(Command::owner) {
            if !self.vault.lacks(&owner) {
                continue;
            }
            // Whose key was not prepared is refused.
            let Some(Prepared { key, wrapped }) = self.vault.take_prepared(&owner) else { continue };
            sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES (?, ?)")
                .bind(&owner.0)
                .bind(&wrapped)
                .execute(&mut self.connection)
                .await?;
            self.vault.learn(owner, key);
        }
        Ok(())
    }
}

/// Reads every owner's key at the start, and makes the company's when there is none.
pub(crate) async fn load_keys(connection: &mut SqliteConnection, vault: &Vault) -> Result<(), StoreError> {
    let company = Owner(String::new());
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT owner, wrapped FROM owner_keys").fetch_all(&mut *connection).await?;
    let opened = stream::iter(rows).map(|(owner, wrapped)| async move {
        let owner = Owner(owner);
        let key = vault.unwrap(&owner, &wrapped).await?;
        Ok::<_, StoreError>((owner, key))
    });
    let opened: Vec<_> = opened.buffer_unordered(AT_ONCE).try_collect().await?;
    for (owner, key) in opened {
        vault.learn(owner, key);
    }
    let forgotten: Vec<(String,)> =
        sqlx::query_as("SELECT organization FROM forgotten").fetch_all(&mut *connection).await?;
    for (organization,) in forgotten {
        let owner = Owner(organization);
        if vault.knows(&owner) {
            return Err(StoreError::damaged(format!("the key of {:?}, which was destroyed, is there", owner.0)));
        }
        vault.forget(owner);
    }
    if !vault.knows(&company) {
        vault.prepare(&company).await?;
        let Some(Prepared { key, wrapped }) = vault.take_prepared(&company) else { return Err(StoreError::Stopped) };
        sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES ('', ?)")
            .bind(&wrapped)
            .execute(connection)
            .await?;
        vault.learn(company, key);
    }
    Ok(())
}
