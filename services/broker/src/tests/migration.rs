//! A disk that fills up while the database is brought to this version.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::world::fields;
use crate::store::{Store, StoreError};

const FILE: &str = "broker.sqlite";
const TABLE: &str = "log_head";
const LAST: i64 = 11;
const BACK: [&str; 2] = ["DROP TABLE log_head", "DELETE FROM _sqlx_migrations WHERE version = 11"];

async fn open(folder: &Path) -> Result<(), StoreError> {
    Store::open(&folder.join(FILE), fields()).await?.close().await;
    Ok(())
}

const PAGE: u64 = 4096;

/// A small disk; none where this user may not mount.
struct SmallDisk(PathBuf);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

impl SmallDisk {
    fn at(folder: &Path) -> Option<Self> {
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs"]).arg(folder).output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self(folder.to_owned()))
    }

    /// Takes all room but so many pages.
    fn leave(&self, pages: u64) {
        let ballast = self.0.join("ballast");
        let _ = Command::new("dd").args(["if=/dev/zero", "bs=4k"]).arg(format!("of={}", ballast.display())).output();
        let file = std::fs::OpenOptions::new().write(true).open(ballast).expect("ballast");
        let length = file.metadata().expect("metadata").len();
        file.set_len(length.saturating_sub(pages * PAGE)).expect("room");
    }
}

async fn connect(folder: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(folder.join(FILE)).connect().await.expect("opens")
}

/// As the version before this one left it.
async fn go_back(folder: &Path) {
    let mut connection = connect(folder).await;
    for sql in BACK {
        sqlx::query(sql).execute(&mut connection).await.expect("changes");
    }
    connection.close().await.expect("closes");
}

/// The version of the schema, and whether the last migration's table is there, in a copy of what is on the disk.
async fn schema(folder: &Path) -> (i64, bool) {
    let copy = tempfile::tempdir().expect("folder");
    for file in ["", "-wal"].map(|end| format!("{FILE}{end}")).iter().filter(|file| folder.join(file).exists()) {
        std::fs::copy(folder.join(file), copy.path().join(file)).expect("copies");
    }
    let mut connection = connect(copy.path()).await;
    let (whole,): (String,) = sqlx::query_as("PRAGMA integrity_check").fetch_one(&mut connection).await.expect("reads");
    assert_eq!(whole, "ok");
    let version = "SELECT MAX(version) FROM _sqlx_migrations WHERE success = 1";
    let (version,): (i64,) = sqlx::query_as(version).fetch_one(&mut connection).await.expect("reads");
    let table = "SELECT COUNT(*) FROM sqlite_master WHERE name = ?";
    let (tables,): (i64,) = sqlx::query_as(table).bind(TABLE).fetch_one(&mut connection).await.expect("reads");
    (version, tables == 1)
}

#[tokio::test]
async fn ops_05_a_disk_that_fills_up_during_a_migration_leaves_the_old_schema_or_the_new_one() {
    let folder = tempfile::tempdir().expect("folder");
    let Some(disk) = SmallDisk::at(folder.path()) else {
        return eprintln!("skipped: this user may not mount a small disk");
    };
    open(folder.path()).await.expect("new");
    go_back(folder.path()).await;
    let (mut said, mut olds) = (Vec::new(), 0);
    for pages in 0..200 {
        disk.leave(pages);
        // SQLite's own threads let go of the files a moment later.
        tokio::time::sleep(Duration::from_millis(20)).await;
        match open(folder.path()).await {
            Ok(()) => break,
            Err(error) => said.push(error.to_string()),
        }
        // The step is in the file as a whole or not at all.
        let found = schema(folder.path()).await;
        assert!(found == (LAST - 1, false) || found == (LAST, true), "{pages} pages: {found:?} {said:?}");
        olds += usize::from(
            found == (LAST - 1, false) && said.iter().any(|said| said.contains("nothing of it is half done")),
        );
    }
    assert_eq!(schema(folder.path()).await, (LAST, true), "{said:?}");
    assert!(olds > 0 && said.iter().any(|said| said.contains("make room")), "{said:?}");
}
