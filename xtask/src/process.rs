//! A program that runs beside us until we let it go.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::ending;

/// Its output goes to a log file; dropping it ends it, and whatever it started.
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
        if log.exists() {
            fs::rename(&log, logs.join(format!("{name}.before.log")))?;
        }
        let output = File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        ending::started(child.id());
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

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is still there.
    pub fn is_running(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// How it ended, if it did.
    pub fn status(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends it as a crash would: at once, with no chance to put anything away.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
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

    /// The last of it.
    pub fn tail(&self) -> String {
        let text = self.text();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

/// The child of a process that was started with this as its first argument.
pub fn child_of(parent: u32, argument: &str) -> Option<u32> {
    children(parent)
        .into_iter()
        .find(|(_, line)| line.get(1).is_some_and(|first| first == argument))
        .map(|(pid, _)| pid)
}

/// The processes of an app's web engine that show its pages, in the order in which they were started.
pub fn pages_of(app: u32) -> Vec<u32> {
    let shows = |line: &[String]| line.first().is_some_and(|program| program.ends_with("/WebKitWebProcess"));
    let number = |line: &[String]| line.get(1).and_then(|first| first.parse::<u64>().ok());
    let mut pages: Vec<_> =
        children(app).into_iter().filter(|(_, line)| shows(line)).map(|(pid, line)| (number(&line), pid)).collect();
    pages.sort_unstable();
    pages.into_iter().map(|(_, pid)| pid).collect()
}

/// What a process started and what still runs of it, each with the words that it was started with.
fn children(parent: u32) -> Vec<(u32, Vec<String>)> {
    let read = |pid: u32, what: &str| fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
    let words =
        |line: Vec<u8>| line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into()).collect();
    let processes = fs::read_dir("/proc").into_iter().flatten();
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| parent_in(&read(*pid, "stat")) == Some(parent))
        .map(|pid| (pid, words(read(pid, "cmdline"))))
        .collect()
}

/// Ends a process that is not our child as a crash would.
pub fn kill(pid: u32) -> anyhow::Result<()> {
    signal(pid, "KILL")
}

/// Sends a signal by its name to a process.
pub fn signal(pid: u32, name: &str) -> anyhow::Result<()> {
    crate::commands::output(Command::new("sh").args(["-c", &format!("kill -s {name} {pid}")])).map(drop)
}

/// `/proc/PID/stat`: the program's name in parentheses may hold anything, the parent stands two fields behind it.
fn parent_in(stat: &[u8]) -> Option<u32> {
    let text = String::from_utf8_lossy(stat);
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if state == "Z" { None } else { fields.next()?.parse().ok() }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Self { child, .. } = self;
        ending::end(child.id(), || !matches!(child.try_wait(), Ok(None)));
        let _ = child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        thread::sleep,
        time::{Duration, Instant},
    };

    use super::{child_of, parent_in};

    #[test]
    fn a_parent_is_read_whatever_the_program_is_called() {
        assert_eq!(parent_in(b"12 (a) S 9) S 7 12 12"), Some(7));
        assert_eq!(parent_in(b"12 (sh) Z 7 12"), None);
        assert_eq!(parent_in(b""), None);
        let mut child = std::process::Command::new("sleep").arg("61.5").spawn().expect("a process");
        // A program's arguments appear a moment after the call that started it returns.
        let end = Instant::now() + Duration::from_secs(10);
        while child_of(std::process::id(), "61.5").is_none() && Instant::now() < end {
            sleep(Duration::from_millis(5));
        }
        assert_eq!(child_of(std::process::id(), "61.5"), Some(child.id()));
        assert_eq!(child_of(std::process::id(), "61.7"), None);
        child.kill().expect("an end");
        child.wait().expect("an end");
    }
}
