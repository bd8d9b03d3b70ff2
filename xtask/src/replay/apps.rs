//! The applications: how each is fetched, started and described to the gateway.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;

use crate::{certificate, commands, folders::root, process::Process};

const START: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum App {
    /// The payroll service of the demo.
    Payroll,
    /// Pages that are hard to record, of our own.
    Hard,
    /// Notebooks from PyPI: React, WebSockets.
    Marimo,
    /// A wiki from npm that builds its whole page in scripts.
    Tiddlywiki,
}

/// An application that runs until it is dropped.
pub struct Running {
    /// What the gateway is to know of it; none of the payroll service, which is known.
    pub target: Option<PathBuf>,
    _processes: Vec<Process>,
}

impl App {
    pub fn all() -> [Self; 4] {
        [Self::Payroll, Self::Hard, Self::Marimo, Self::Tiddlywiki]
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Payroll => "payroll",
            Self::Hard => "hard",
            Self::Marimo => "marimo",
            Self::Tiddlywiki => "tiddlywiki",
        }
    }

    pub fn organization(self) -> &'static str {
        match self {
            Self::Payroll => "delmar-foods",
            Self::Hard => "hardwick-mills",
            Self::Marimo => "juniper-labs",
            Self::Tiddlywiki => "wren-archive",
        }
    }

    fn host(self) -> String {
        format!("{}.test", self.name())
    }

    fn fetched(self, folder: &Path) -> PathBuf {
        folder.join("apps").join(self.name())
    }

    /// Fetches it in the versions, and with the digests, that its lock file names.
    pub fn install(self, folder: &Path) -> anyhow::Result<()> {
        let (lock, files): (&str, &[&str]) = match self {
            Self::Payroll | Self::Hard => return Ok(()),
            Self::Marimo => ("requirements.txt", &["requirements.txt", "notebook.py"]),
            Self::Tiddlywiki => ("package-lock.json", &["package.json", "package-lock.json"]),
        };
        let (from, to) = (root().join("xtask/replay").join(self.name()), self.fetched(folder));
        let wanted = fs::read(from.join(lock))?;
        fs::create_dir_all(&to)?;
        for file in files {
            fs::copy(from.join(file), to.join(file))?;
        }
        let done = to.join("installed");
        if fs::read(&done).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        println!("fetching {}", self.name());
        match self {
            Self::Tiddlywiki => commands::output(
                Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&to),
            ),
            _ => from_pypi(&to),
        }
        .with_context(|| format!("{} could not be fetched", self.name()))?;
        Ok(fs::write(done, wanted)?)
    }

    /// Starts it, and a TLS end before it with a certificate of its own.
    pub fn start(self, folder: &Path, state: &Path, logs: &Path) -> anyhow::Result<Running> {
        if self == Self::Payroll {
            return Ok(Running { target: None, _processes: Vec::new() });
        }
        let own = state.join(self.name());
        fs::create_dir_all(&own)?;
        certificate::make(&own, &self.host())?;
        let port = spare_ports::reserve(1)?;
        let mut process = Process::start(self.name(), &mut self.command(folder, &own, port)?, logs, "")?;
        process.wait(START, |_| TcpStream::connect(("127.0.0.1", port)).ok().map(drop))?;
        let mut front = Command::new("node");
        front.arg(root().join("xtask/replay/front.mjs")).arg(&own).arg(port.to_string());
        let mut front = Process::start(&format!("{}-front", self.name()), &mut front, logs, "")?;
        let listens = |text: &str| text.lines().find_map(|line| line.strip_prefix("ready ")?.parse::<u16>().ok());
        let target = own.join("target.toml");
        fs::write(&target, self.described(front.wait(START, listens)?))?;
        Ok(Running { target: Some(target), _processes: vec![front, process] })
    }

    fn command(self, folder: &Path, own: &Path, port: u16) -> anyhow::Result<Command> {
        let (fetched, base, port) = (self.fetched(folder), format!("/o/{}", self.organization()), port.to_string());
        let mut command;
        match self {
            Self::Marimo => {
                fs::copy(fetched.join("notebook.py"), own.join("notebook.py"))?;
                command = Command::new("python3");
                command.args(["-m", "marimo", "edit", "--headless", "--no-token", "--skip-update-check"]);
                command.args(["--host", "127.0.0.1", "--port", &port, "--base-url", &base, "notebook.py"]);
                command.current_dir(own).env("PYTHONPATH", fetched.join("site")).env("HOME", own);
            }
            Self::Tiddlywiki => {
                let program = fetched.join("node_modules/tiddlywiki/tiddlywiki.js");
                let wiki = own.join("wiki");
                let mut made = Command::new("node");
                commands::output(made.arg(&program).arg(&wiki).args(["--init", "server"]))?;
                // Its scripts ask for the prefix's address only when an entry of the wiki says so.
                fs::create_dir_all(wiki.join("tiddlers"))?;
                let host = format!("title: $:/config/tiddlyweb/host\n\n$protocol$//$host${base}/");
                fs::write(wiki.join("tiddlers/host.tid"), host)?;
                command = Command::new("node");
                command.arg(&program).arg(&wiki).args(["--listen", "host=127.0.0.1"]);
                command.args([format!("port={port}"), format!("path-prefix={base}")]);
            }
            Self::Payroll | Self::Hard => {
                command = Command::new("node");
                command.arg(root().join("xtask/replay/hard/service.mjs")).args([&port, &base]);
            }
        }
        Ok(command)
    }

    fn described(self, port: u16) -> String {
        let (name, organization, host) = (self.name(), self.organization(), self.host());
        format!(
            r#"[[targets]]
name = "{name}"
audience = "https://{host}"
organizations = ["{organization}"]
hosts = ["{host}"]
upstream = "https://127.0.0.1:{port}"
upstream_name = "{host}"
upstream_ca = "ca.pem"
allowed_addresses = ["127.0.0.1/32"]
start = "https://{host}/o/{{organization}}/"
organization_path = "/o/{{organization}}/"
rules = [
  {{ methods = ["GET"], path = "/", scope = "read" }},
  {{ methods = ["*"], path = "/", scope = "read-write" }},
  {{ methods = ["SOCKET"], path = "/", scope = "read-write" }},
]

[[organizations]]
id = "{organization}"
name = "{organization} of the replays"
"#
        )
    }
}

fn from_pypi(folder: &Path) -> anyhow::Result<String> {
    ensure!(commands::exists("python3"), "python3 is missing: install the package python3-pip");
    let site = folder.join("site");
    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--no-warn-script-location",
    ]);
    pip.args(["--require-hashes", "--only-binary", ":all:", "--requirement", "requirements.txt", "--target"]);
    commands::output(pip.arg(&site).current_dir(folder))
}
