//! The identity provider, the three services and the payroll service, on free ports of loopback.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{
    commands,
    folders::{program, root},
    process::{self, Process},
};

const START: Duration = Duration::from_secs(40);

/// Ended in the order in which they stand.
pub struct Services {
    payroll: Process,
    all: Process,
    idp: Process,
    pub dir: PathBuf,
    pub ports: Ports,
    /// Where the payroll service tells what it served.
    pub served: String,
    state: PathBuf,
    logs: PathBuf,
    issuer: String,
}

/// Five ports in a row.
#[derive(Clone, Copy)]
pub struct Ports {
    first: u16,
}

/// What a crash may take away in the middle of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Provider,
    Broker,
    Gateway,
    Audit,
    Payroll,
}

/// The identity provider, before there is anything that trusts it.
pub struct Provider {
    process: Process,
    issuer: String,
}

impl Provider {
    /// Starts the sample identity provider.
    pub fn start(state: &Path, logs: &Path) -> anyhow::Result<Self> {
        Self::start_on(state, logs, &spare_ports::reserve(1)?.to_string())
    }

    fn start_on(state: &Path, logs: &Path, port: &str) -> anyhow::Result<Self> {
        let mut command = Command::new("node");
        command.arg(root().join("demo/idp/idp.mjs")).arg("--keys").arg(state.join("idp")).args(["--port", port]);
        let mut process = Process::start("idp", &mut command, logs, "")?;
        let issuer = process.wait(START, |text| {
            text.lines().find_map(|line| line.strip_prefix("ready ")).map(|issuer| issuer.trim().to_owned())
        })?;
        Ok(Self { process, issuer })
    }
}

impl Ports {
    pub fn broker(self) -> u16 {
        self.first
    }

    pub fn gateway(self) -> u16 {
        self.first + 1
    }

    pub fn audit(self) -> u16 {
        self.first + 2
    }

    pub fn payroll(self) -> u16 {
        self.first + 3
    }

    fn served(self) -> u16 {
        self.first + 4
    }
}

impl Services {
    /// Makes an installation for these first administrators and starts it. `targets` describe services beside payroll.
    pub fn start(
        state: &Path,
        logs: &Path,
        provider: Provider,
        administrators: &[String],
        targets: &[PathBuf],
    ) -> anyhow::Result<Self> {
        let (dir, payroll_dir) = (state.join("services"), state.join("payroll"));
        let ports = Ports { first: spare_ports::reserve(5)? };
        commands::output(payroll(&payroll_dir, ports).arg("--prepare"))?;
        let mut init = Command::new(program("countersignd"));
        init.arg("init").arg("--dir").arg(&dir).args(["--operator", "Kestrel Payroll", "--issuer", &provider.issuer]);
        init.args(["--person-claim", "employee_id", "--roles-claim", "countersign_roles"]);
        init.args(["--base-port", &ports.broker().to_string()]);
        init.args(targets.iter().flat_map(|target| [Path::new("--target"), target]));
        init.arg("--target").arg(payroll_dir.join("target.toml"));
        init.args(administrators.iter().flat_map(|thumbprint| ["--first-administrator", thumbprint]));
        commands::output(&mut init)?;
        let mut all = Command::new(program("countersignd"));
        let mut all = Process::start("countersignd", all.arg("all").arg("--dir").arg(&dir), logs, "")?;
        all.wait(START, |text| text.lines().any(|line| line == "ready").then_some(()))?;
        Ok(Self {
            payroll: start_payroll(state, logs, ports)?,
            all,
            idp: provider.process,
            dir,
            ports,
            served: format!("http://127.0.0.1:{}/demo/served", ports.served()),
            state: state.to_owned(),
            logs: logs.to_owned(),
            issuer: provider.issuer,
        })
    }

    /// Kills one part with no warning and waits until it, or what is started in its place, answers again.
    pub fn crash(&mut self, part: Part) -> anyhow::Result<()> {
        match part {
            Part::Provider => {
                self.idp.kill()?;
                let port = self.issuer.rsplit(':').next().context("an issuer without a port")?;
                self.idp = Provider::start_on(&self.state, &self.logs, port)?.process;
                Ok(())
            }
            Part::Payroll => {
                self.payroll.kill()?;
                self.payroll = start_payroll(&self.state, &self.logs, self.ports)?;
                Ok(())
            }
            Part::Broker => self.crash_role("broker", self.ports.broker()),
            Part::Gateway => self.crash_role("gateway", self.ports.gateway()),
            Part::Audit => self.crash_role("audit", self.ports.audit()),
        }
    }

    /// Ends the supervisor, and with it the three roles: from here on whoever asks for this runs them.
    pub fn let_roles_go(&mut self) -> anyhow::Result<()> {
        process::signal(self.all.id(), "TERM")?;
        self.all.finish(START).map(drop)
    }

    /// A role that the supervisor has to start again by itself.
    fn crash_role(&self, role: &str, port: u16) -> anyhow::Result<()> {
        let find = || process::child_of(self.all.id(), role);
        let killed = find().with_context(|| format!("no process of the {role}"))?;
        process::kill(killed)?;
        let end = Instant::now() + START;
        while find().is_none_or(|found| found == killed) || TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > end {
                bail!("the {role} was not started again");
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

fn payroll(dir: &Path, ports: Ports) -> Command {
    let mut command = Command::new(program("payroll"));
    command.arg("--dir").arg(dir).args(["--listen", &format!("127.0.0.1:{}", ports.payroll())]);
    command
}

fn start_payroll(state: &Path, logs: &Path, ports: Ports) -> anyhow::Result<Process> {
    let services = state.join("services");
    let mut command = payroll(&state.join("payroll"), ports);
    command.args(["--control", &format!("127.0.0.1:{}", ports.served())]);
    command.args(["--gateway", &format!("https://127.0.0.1:{}", ports.gateway())]);
    command.arg("--gateway-ca").arg(services.join("ca/ca.pem")).arg("--trust").arg(services.join("trust.json"));
    let mut process = Process::start("payroll", &mut command, logs, "")?;
    let answers = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
    process.wait(START, move |_| (answers(ports.payroll()) && answers(ports.served())).then_some(()))?;
    Ok(process)
}
