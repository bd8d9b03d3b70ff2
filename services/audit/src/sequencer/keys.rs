use sqlx::sqlite::SqliteConnection;

use super::{Command, Sequencer};
use crate::error::StoreError;
use crate::vault::{Owner, Vault};

impl Sequencer {
    /// Keys of owners that have none yet, in a transaction of their own: a key in use is always a committed one.
    pub(super) async fn make_keys(&mut self, commands: &[Command]) -> Result<(), StoreError> {
        for owner in commands.iter().filter_map(Command::owner) {
            if self.vault.knows(&owner) || self.vault.is_forgotten(&owner) {
                continue;
            }
            let wrapped = self.vault.make(&owner)?;
            sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES (?, ?)")
                .bind(&owner.0)
                .bind(&wrapped)
                .execute(&mut self.connection)
                .await?;
            self.vault.learn(owner, &wrapped)?;
        }
        Ok(())
    }
}

/// Reads every owner's key at the start, and makes the company's when there is none.
pub(crate) async fn load_keys(connection: &mut SqliteConnection, vault: &Vault) -> Result<(), StoreError> {
    let company = Owner(String::new());
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT owner, wrapped FROM owner_keys").fetch_all(&mut *connection).await?;
    for (owner, wrapped) in rows {
        vault.learn(Owner(owner), &wrapped)?;
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
        let wrapped = vault.make(&company)?;
        sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES ('', ?)")
            .bind(&wrapped)
            .execute(connection)
            .await?;
        vault.learn(company, &wrapped)?;
    }
    Ok(())
}
