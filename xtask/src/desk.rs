//! The surroundings of the desktop programs: home folders, a message bus, a keyring, and where to draw.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{commands, ending, folders, process::Process};

/// What every program of a person's computer is started with.
pub struct Desk {
    variables: Vec<(String, String)>,
    /// Ended with the desk.
    processes: Vec<Process>,
    data_dir: PathBuf,
    logs: PathBuf,
    /// Removed with the desk.
    runtime: Option<PathBuf>,
}

impl Desk {
    /// This person's own session, with the profiles of the demo in a folder of their own.
    pub fn of_this_session(state: &Path, logs: &Path) -> Self {
        let data_dir = state.join("profiles");
        Self { variables: Vec::new(), processes: Vec::new(), data_dir, logs: logs.to_owned(), runtime: None }
    }

    /// A session of its own: nothing of whoever runs this is read or written.
    pub fn apart(state: &Path, logs: &Path) -> anyhow::Result<Self> {
        let mut desk = Self::of_this_session(state, logs);
        let home = state.join("home");
        for folder in ["", ".local/share", ".config", ".cache"] {
            std::fs::create_dir_all(home.join(folder))?;
        }
        let runtime = folder_in_tmp()?;
        desk.runtime = Some(runtime.clone());
        let temporary = runtime.join("tmp");
        std::fs::create_dir(&temporary)?;
        desk.set("HOME", &home.to_string_lossy());
        desk.set("XDG_DATA_HOME", &home.join(".local/share").to_string_lossy());
        desk.set("XDG_CONFIG_HOME", &home.join(".config").to_string_lossy());
        desk.set("XDG_CACHE_HOME", &home.join(".cache").to_string_lossy());
        desk.set("XDG_RUNTIME_DIR", &runtime.to_string_lossy());
        // Browsers leave their sockets and downloads where this says.
        desk.set("TMPDIR", &temporary.to_string_lossy());
        desk.start_bus()?;
        desk.start_keyring()?;
        Ok(desk)
    }

    /// Sets a variable for everything that is started from here on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// A command in these surroundings.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The desktop program for one profile.
    pub fn countersign(&self, profile: &str) -> Command {
        let mut command = self.command(folders::program("countersign"));
        command.arg("--profile").arg(profile).arg("--data-dir").arg(&self.data_dir);
        command
    }

    /// Where the profiles are.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Starts a program that lives as long as the desk.
    pub fn keep(&mut self, name: &str, command: &mut Command, input: &str) -> anyhow::Result<&mut Process> {
        let process = Process::start(name, command, &self.logs, input)?;
        self.processes.push(process);
        self.processes.last_mut().ok_or_else(|| anyhow::anyhow!("a vector that was just filled"))
    }

    fn start_bus(&mut self) -> anyhow::Result<()> {
        let mut command = self.command("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address"]);
        let bus = self.keep("dbus", &mut command, "")?;
        let address = bus.wait(Duration::from_secs(10), |text| {
            text.lines().find(|line| line.starts_with("unix:")).map(str::to_owned)
        })?;
        self.set("DBUS_SESSION_BUS_ADDRESS", &address);
        Ok(())
    }

    fn start_keyring(&mut self) -> anyhow::Result<()> {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--unlock", "--components=secrets", "--foreground"]);
        self.keep("keyring", &mut command, "the demo's keyring")?;
        let mut asks = self.command("dbus-send");
        asks.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]);
        asks.args(["org.freedesktop.DBus.GetNameOwner", "string:org.freedesktop.secrets"]);
        for _ in 0..100 {
            if commands::output(&mut asks).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        anyhow::bail!("the keyring did not start; its log is in {}", self.logs.display())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        while self.processes.pop().is_some() {}
        if let Some(folder) = &self.runtime {
            ending::remove(folder);
        }
    }
}

/// Sockets need a short path, which a target folder may not be.
fn folder_in_tmp() -> anyhow::Result<PathBuf> {
    let path = commands::output(Command::new("mktemp").args(["-d", "/tmp/countersign-demo.XXXXXX"]))?;
    let path = PathBuf::from(path.trim());
    ending::made(&path);
    Ok(path)
}
