//! A program that runs beside us until we let it go.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// Its output goes to a log file; dropping it ends it.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the program; `input` is what it reads first.
    pub fn start(name: &str, command: &mut Command, logs: &Path, input: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(logs)?;
        let log = logs.join(format!("{name}.log"));
        let output = File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Waits until `ready` answers something about the log's text.
    pub fn wait<T>(&mut self, limit: Duration, ready: impl Fn(&str) -> Option<T>) -> anyhow::Result<T> {
        let end = Instant::now() + limit;
        loop {
            if let Some(answer) = ready(&self.text()) {
                return Ok(answer);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} stopped ({status}); its log is {}:\n{}", self.name, self.log.display(), self.tail());
            }
            if Instant::now() > end {
                bail!("{} was not ready in time; its log is {}:\n{}", self.name, self.log.display(), self.tail());
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// Waits until it ends by itself and answers whether it did so well.
    pub fn finish(&mut self, limit: Duration) -> anyhow::Result<bool> {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.success());
            }
            if Instant::now() > end {
                bail!("{} did not end in time:\n{}", self.name, self.tail());
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// What it has printed so far.
    pub fn text(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn tail(&self) -> String {
        let text = self.text();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        let end = Instant::now() + Duration::from_secs(5);
        while asked.is_ok() && Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
