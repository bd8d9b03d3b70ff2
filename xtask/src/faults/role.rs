//! The roles as processes of our own, so that one of them can be started under a fault.

use std::{
    net::TcpStream,
    path::PathBuf,
    process::{Command, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use super::strace::Strace;
use crate::{
    folders::program,
    process::{self, Process},
    services::Ports,
};

/// How long a role may take until it answers, under strace too.
const START: Duration = Duration::from_secs(20);

/// What faults happen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Audit,
    Gateway,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Gateway => "gateway",
        }
    }

    /// The folder that SQLite keeps the role's database in, if it has one. SQLite does not listen when forcing it to disk fails; the role
    /// does it once more by itself.
    pub fn database_folder(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Gateway => "",
        }
    }
}

/// Broker, gateway and audit service, each started by us. Ended in the order in which they stand.
pub struct Roles {
    gateway: Option<Process>,
    _broker: Process,
    audit: Option<Process>,
    dir: PathBuf,
    logs: PathBuf,
    ports: Ports,
}

impl Roles {
    /// Starts all three from the installation's folder.
    pub fn start_all(dir: PathBuf, logs: PathBuf, ports: Ports) -> anyhow::Result<Self> {
        let start = |name: &str| Process::start(name, &mut command(&dir, name), &logs, "");
        let (audit, broker, gateway) = (start("audit")?, start("broker")?, start("gateway")?);
        let mut roles = Self { gateway: Some(gateway), _broker: broker, audit: Some(audit), dir, logs, ports };
        roles.answers(Role::Audit)?;
        roles.answers(Role::Gateway)?;
        Ok(roles)
    }

    /// The folder that a role keeps everything in.
    pub fn folder(&self, role: Role) -> PathBuf {
        self.dir.join(role.name())
    }

    /// Starts a role that does not run, as it is or under a fault, and does not wait for it.
    pub fn begin(&mut self, role: Role, under: Option<&Strace>) -> anyhow::Result<()> {
        let mut plain = command(&self.dir, role.name());
        let mut wrapped = under.map(|strace| strace.around(&plain));
        let started = Process::start(role.name(), wrapped.as_mut().unwrap_or(&mut plain), &self.logs, "")?;
        *self.slot(role) = Some(started);
        Ok(())
    }

    /// Starts it as it is and waits until it answers.
    pub fn start(&mut self, role: Role) -> anyhow::Result<()> {
        self.begin(role, None)?;
        self.answers(role)
    }

    /// Waits until it answers.
    pub fn answers(&mut self, role: Role) -> anyhow::Result<()> {
        let end = Instant::now() + START;
        while !self.is_open(role) {
            if let Some(status) = self.status(role)? {
                bail!("the {} ended ({status}) and did not start:\n{}", role.name(), self.tail(role));
            }
            if Instant::now() > end {
                bail!("the {} does not answer:\n{}", role.name(), self.tail(role));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Whether somebody listens on its port.
    pub fn is_open(&self, role: Role) -> bool {
        let port = match role {
            Role::Audit => self.ports.audit(),
            Role::Gateway => self.ports.gateway(),
        };
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    }

    /// How it ended, if it did.
    pub fn status(&mut self, role: Role) -> anyhow::Result<Option<ExitStatus>> {
        match self.slot(role) {
            Some(process) => process.status(),
            None => bail!("the {} was not started", role.name()),
        }
    }

    /// Waits so long for its end.
    pub fn ended_within(&mut self, role: Role, limit: Duration) -> anyhow::Result<Option<ExitStatus>> {
        let end = Instant::now() + limit;
        loop {
            let status = self.status(role)?;
            if status.is_some() || Instant::now() > end {
                return Ok(status);
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// As [`Self::ended_within`]; answers too whether it was at work before: it listened on its port.
    pub fn worked_until(&mut self, role: Role, limit: Duration) -> anyhow::Result<(bool, Option<ExitStatus>)> {
        let (end, mut worked) = (Instant::now() + limit, false);
        loop {
            worked = worked || self.is_open(role);
            let status = self.status(role)?;
            if status.is_some() || Instant::now() > end {
                return Ok((worked, status));
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// Puts a role that runs under a fault. What answers ends with the role.
    pub fn attach(&mut self, role: Role, under: &Strace) -> anyhow::Result<Process> {
        let pid = self.pid(role)?;
        let mut strace = Process::start("strace", &mut under.to(pid), &self.logs, "")?;
        // The fault may be met before anybody sees that it waits.
        match strace.wait(START, |_| is_traced(pid).then_some(())) {
            Err(error) if !is_gone(pid) => Err(error),
            _ => Ok(strace),
        }
    }

    /// The role's own process, which may be a child of strace.
    pub fn pid(&mut self, role: Role) -> anyhow::Result<u32> {
        let Some(process) = self.slot(role) else { bail!("the {} was not started", role.name()) };
        let id = process.id();
        Ok(process::child_of(id, role.name()).unwrap_or(id))
    }

    /// Ends it with no warning, and waits until it is gone.
    pub fn kill(&mut self, role: Role) -> anyhow::Result<()> {
        if self.slot(role).is_some() && self.status(role)?.is_none() {
            let pid = self.pid(role)?;
            // It may have ended by itself in this moment.
            let _ = process::kill(pid);
            self.ended_within(role, START)?.with_context(|| format!("the {} outlives kill -9", role.name()))?;
        }
        *self.slot(role) = None;
        Ok(())
    }

    /// Sends a signal to it.
    pub fn signal(&mut self, role: Role, name: &str) -> anyhow::Result<()> {
        process::signal(self.pid(role)?, name)
    }

    /// Everything that it said since it was started.
    pub fn text(&mut self, role: Role) -> String {
        self.slot(role).as_ref().map(Process::text).unwrap_or_default()
    }

    /// The last that it said.
    pub fn tail(&mut self, role: Role) -> String {
        self.slot(role).as_ref().map(Process::tail).unwrap_or_default()
    }

    fn slot(&mut self, role: Role) -> &mut Option<Process> {
        match role {
            Role::Audit => &mut self.audit,
            Role::Gateway => &mut self.gateway,
        }
    }
}

/// It has ended, whether or not anybody has asked how.
fn is_gone(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
}

/// Every thread of it.
fn is_traced(pid: u32) -> bool {
    let Ok(mut threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.all(|thread| {
        let status = thread.and_then(|thread| std::fs::read_to_string(thread.path().join("status")));
        status.is_ok_and(|status| !status.contains("TracerPid:\t0\n"))
    })
}

fn command(dir: &std::path::Path, role: &str) -> Command {
    let mut command = Command::new(program("countersignd"));
    command.arg(role).arg("--config").arg(dir.join(role).join(format!("{role}.toml")));
    command
}
