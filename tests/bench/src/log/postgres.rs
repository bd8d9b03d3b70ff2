//! A PostgreSQL of this program's own: a new cluster in a folder, on a Unix socket, with the settings that it comes with.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;
use tokio_postgres::{Client, Config, NoTls};

const ROOT: u32 = 0;
/// Who may run a server: it refuses to be root's.
const USER: &str = "postgres";

/// Ends the server when it is dropped.
pub struct Postgres {
    server: Child,
    folder: TempDir,
}

impl Postgres {
    /// Makes a cluster and starts its server; nothing when the programs are not installed.
    pub async fn start() -> anyhow::Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = super::private_folder()?;
        let owner = owner()?;
        if let Some((uid, gid)) = owner {
            chown(folder.path(), Some(uid), Some(gid))?;
        }
        let data = folder.path().join("data");
        let mut init = command(&programs.join("initdb"), owner);
        init.arg("--pgdata").arg(&data).args(["--auth", "trust", "--username", USER, "--encoding", "UTF8"]);
        let made = init.stdout(Stdio::null()).status()?;
        anyhow::ensure!(made.success(), "initdb made no cluster");
        let mut serve = command(&programs.join("postgres"), owner);
        serve.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-c", "listen_addresses="]);
        let server = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let started = Self { server, folder };
        for _ in 0..100 {
            if started.client().await.is_ok() {
                return Ok(Some(started));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("PostgreSQL does not answer")
    }

    /// One more connection.
    pub async fn client(&self) -> anyhow::Result<Client> {
        let mut config = Config::new();
        let (client, connection) = config.host_path(self.folder.path()).user(USER).dbname(USER).connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Drop for Postgres {
    /// An interrupt is how it is told to end at once and in order.
    fn drop(&mut self) {
        let told = Command::new("kill").args(["-INT", &self.server.id().to_string()]).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

/// Its folder of programs: Debian keeps them off the path.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let has_both = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file());
    debian.into_iter().rev().chain(std::env::split_paths(&path)).find(has_both)
}

/// Whom root lets run it: the user of the Debian package.
fn owner() -> anyhow::Result<Option<(u32, u32)>> {
    if std::fs::metadata("/proc/self")?.uid() != ROOT {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd")?;
    let user = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == USER).then(|| Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?)))?
    });
    user.map(Some).context("root cannot run PostgreSQL, and there is no user postgres")
}

fn command(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).current_dir("/");
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    command
}
