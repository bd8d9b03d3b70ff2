use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::{desk::Desk, process::Process, story::people::Person};

/// A Session that is open in a terminal.
pub struct Door {
    process: Process,
    pub way: Way,
    pub session: String,
    /// Where a session window would begin.
    pub start: String,
    pub ends_at: i64,
}

/// The way through a door, for whoever knows its secret.
#[derive(Clone)]
pub struct Way {
    pub certificate: PathBuf,
    pub proxy: String,
}

/// What the Organization's service, or whoever stands before it, answered.
pub struct Answer {
    pub status: u16,
    pub body: String,
    /// Nothing of it was cut off.
    pub is_whole: bool,
}

impl Door {
    /// `countersign open`, up to the line that says where the door is.
    pub fn open(desk: &Desk, logs: &Path, person: &Person, request: &str, name: &str) -> anyhow::Result<Self> {
        let certificate = logs.join(format!("{name}.pem"));
        let mut command = desk.countersign(person.profile);
        command.args(["--json", "open", request, "--certificate"]).arg(&certificate);
        let mut process = Process::start(name, &mut command, logs, "")?;
        let line: Value = process.wait(Duration::from_secs(30), |text| {
            text.lines().find(|line| line.starts_with('{')).and_then(|line| serde_json::from_str(line).ok())
        })?;
        let field = |name: &str| line[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {line}"));
        Ok(Self {
            way: Way { certificate, proxy: field("proxy")? },
            session: field("session")?,
            start: field("start")?,
            ends_at: line["endsAt"].as_i64().context("no endsAt")?,
            process,
        })
    }

    /// One request through the door, with what curl is to add.
    pub fn ask(&self, address: &str, more: &[&str]) -> anyhow::Result<Answer> {
        self.way.ask(address, more)
    }

    /// A WebSocket, held until the other side lets go.
    pub fn listen(&self, address: &str, logs: &Path) -> anyhow::Result<Process> {
        let mut command = self.way.curl(address);
        command.args([
            "--no-buffer",
            "--include",
            "--http1.1",
            "-H",
            "Connection: Upgrade",
            "-H",
            "Upgrade: websocket",
        ]);
        command.args(["-H", "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]);
        command.args(["-H", "Origin: https://payroll.test"]);
        Process::start("socket", &mut command, logs, "")
    }

    /// The program is killed: it tells nobody.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill()
    }

    /// The same way with a guessed secret.
    pub fn without_secret(&self) -> anyhow::Result<Way> {
        let (_, address) = self.way.proxy.rsplit_once('@').context("a proxy address with a secret")?;
        let certificate = self.way.certificate.clone();
        Ok(Way { certificate, proxy: format!("http://countersign:guess@{address}") })
    }

    /// Waits until the program says that the Session goes on, and answers until when.
    pub fn goes_on_until(&mut self, limit: Duration) -> anyhow::Result<i64> {
        let (session, first) = (self.session.clone(), self.ends_at);
        self.process.wait(limit, |text| {
            let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let ends = lines.filter(|line| line["session"] == session.as_str()).filter_map(|l| l["endsAt"].as_i64());
            ends.max().filter(|end| *end > first)
        })
    }

    /// Waits until the program says why the Session is over.
    pub fn ended_by(&mut self, limit: Duration) -> anyhow::Result<String> {
        let line: Value = self.process.wait(limit, |text| {
            text.lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .find(|line: &Value| !line["endedBy"].is_null())
        })?;
        line["endedBy"].as_str().map(str::to_owned).context("no reason")
    }
}

impl Way {
    /// One request with what curl is to add.
    pub fn ask(&self, address: &str, more: &[&str]) -> anyhow::Result<Answer> {
        let output = self.curl(address).args(["--max-time", "20", "-w", "\n%{http_code}"]).args(more).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = text.rsplit_once('\n').context("curl said nothing")?;
        if status == "000" {
            bail!("no answer: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(Answer { status: status.parse()?, body: body.to_owned(), is_whole: output.status.success() })
    }

    fn curl(&self, address: &str) -> Command {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--proxy", &self.proxy, "--cacert"])
            .arg(&self.certificate)
            .arg(address);
        command
    }
}
