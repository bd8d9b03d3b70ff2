//! The identity provider, the three services and the payroll service, on free ports of loopback.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context as _;

use crate::{
    commands,
    folders::{program, root},
    process::Process,
};

const START: Duration = Duration::from_secs(40);

/// Ended in the order in which they stand.
pub struct Services {
    _payroll: Process,
    _all: Process,
    _idp: Process,
    pub dir: PathBuf,
    /// Where the payroll service tells what it served.
    pub served: String,
}

/// The identity provider, before there is anything that trusts it.
pub struct Provider {
    process: Process,
    issuer: String,
}

impl Provider {
    /// Starts the sample identity provider.
    pub fn start(state: &Path, logs: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new("node");
        command.arg(root().join("demo/idp/idp.mjs")).arg("--keys").arg(state.join("idp")).args(["--port", "0"]);
        let mut process = Process::start("idp", &mut command, logs, "")?;
        let issuer = process.wait(START, |text| {
            text.lines().find_map(|line| line.strip_prefix("ready ")).map(|issuer| issuer.trim().to_owned())
        })?;
        Ok(Self { process, issuer })
    }
}

impl Services {
    /// Makes an installation for these first administrators and starts it.
    pub fn start(state: &Path, logs: &Path, provider: Provider, administrators: &[String]) -> anyhow::Result<Self> {
        let (dir, payroll_dir) = (state.join("services"), state.join("payroll"));
        let ports = free_ports(5)?;
        let payroll_address = format!("127.0.0.1:{}", ports + 3);
        let mut payroll = Command::new(program("payroll"));
        payroll.arg("--dir").arg(&payroll_dir).args(["--listen", &payroll_address]);
        commands::output(payroll.arg("--prepare"))?;
        let mut init = Command::new(program("countersignd"));
        init.arg("init").arg("--dir").arg(&dir).args(["--operator", "Kestrel Payroll"]);
        init.args([
            "--issuer",
            &provider.issuer,
            "--person-claim",
            "employee_id",
            "--roles-claim",
            "countersign_roles",
        ]);
        init.args(["--base-port", &ports.to_string()]).arg("--target").arg(payroll_dir.join("target.toml"));
        init.args(administrators.iter().flat_map(|thumbprint| ["--first-administrator", thumbprint]));
        commands::output(&mut init)?;
        let mut all = Command::new(program("countersignd"));
        let mut all = Process::start("countersignd", all.arg("all").arg("--dir").arg(&dir), logs, "")?;
        all.wait(START, |text| text.lines().any(|line| line == "ready").then_some(()))?;
        let served = format!("127.0.0.1:{}", ports + 4);
        let payroll = start_payroll(&payroll_dir, &dir, &payroll_address, ports + 1, &served, logs)?;
        Ok(Self {
            _payroll: payroll,
            _all: all,
            _idp: provider.process,
            dir,
            served: format!("http://{served}/demo/served"),
        })
    }
}

fn start_payroll(
    payroll_dir: &Path,
    dir: &Path,
    listen: &str,
    gateway_port: u16,
    control: &str,
    logs: &Path,
) -> anyhow::Result<Process> {
    let mut command = Command::new(program("payroll"));
    command.arg("--dir").arg(payroll_dir).args(["--listen", listen, "--control", control]);
    command.args(["--gateway", &format!("https://127.0.0.1:{gateway_port}")]);
    command.arg("--gateway-ca").arg(dir.join("ca/ca.pem")).arg("--trust").arg(dir.join("trust.json"));
    let mut process = Process::start("payroll", &mut command, logs, "")?;
    let listen = listen.to_owned();
    process.wait(START, move |_| std::net::TcpStream::connect(&listen).ok().map(drop))?;
    Ok(process)
}

/// The first of so many ports in a row that nobody listens on now.
fn free_ports(count: u16) -> anyhow::Result<u16> {
    for _ in 0..50 {
        let first = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let free = (first..first.saturating_add(count)).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok());
        if free && first.checked_add(count).is_some() {
            return Ok(first);
        }
    }
    None.context("no free ports were found")
}
