//! Faults at the N-th call of the system, by strace, and what it saw.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Calls that change something on the disk, or tell somebody something.
pub const KINDS: [&str; 21] = [
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "sendto",
    "sendmsg",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "ftruncate",
    "fallocate",
    "mkdir",
    "mkdirat",
    "open",
    "openat",
];

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed before the call is made.
    Kill,
    /// The call fails with EIO.
    Eio,
}

/// strace around a role. Each thread of it has a count of its own; the first that comes to the N-th call meets the fault.
pub struct Strace {
    kinds: String,
    fault: Option<(Fault, u32)>,
    log: PathBuf,
}

impl Strace {
    /// Only looks.
    pub fn survey(kinds: &[&str], log: &Path) -> Self {
        Self::new(kinds.join(","), None, log)
    }

    /// The fault, at the N-th call of this kind.
    pub fn inject(kind: &str, fault: Fault, when: u32, log: &Path) -> Self {
        Self::new(kind.to_owned(), Some((fault, when)), log)
    }

    fn new(kinds: String, fault: Option<(Fault, u32)>, log: &Path) -> Self {
        // What the one before saw is nothing that this one sees.
        let _ = fs::remove_file(log);
        Self { kinds, fault, log: log.to_owned() }
    }

    /// The same command under strace.
    pub fn around(&self, command: &Command) -> Command {
        let mut strace = self.options();
        strace.arg(command.get_program()).args(command.get_args());
        strace
    }

    fn options(&self) -> Command {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-y", "-s", "0", "-o"]).arg(&self.log);
        strace.args(["-e", &format!("trace={}", self.kinds)]);
        match self.fault {
            // With a filter in the kernel strace sends no signals.
            Some((Fault::Kill, when)) => {
                strace.args(["-e", &format!("inject={}:signal=SIGKILL:when={when}", self.kinds)]);
            }
            Some((Fault::Eio, when)) => {
                strace.args(["--seccomp-bpf", "-e", &format!("inject={}:error=EIO:when={when}", self.kinds)]);
            }
            None => drop(strace.arg("--seccomp-bpf")),
        }
        strace
    }

    /// Attaches to a process that runs, for calls from here on; ends with it.
    pub fn to(&self, pid: u32) -> Command {
        let mut strace = self.options();
        strace.args(["-p", &pid.to_string()]);
        strace
    }

    /// Whether a call failed by our doing.
    pub fn has_injected(&self) -> bool {
        fs::read_to_string(&self.log).is_ok_and(|text| text.contains("(INJECTED)"))
    }

    /// What the call that met the fault was about.
    pub fn met(&self) -> Option<String> {
        let text = fs::read_to_string(&self.log).ok()?;
        let is_it = |line: &&str| ["(INJECTED)", "= ?", "<unfinished ...>"].iter().any(|end| line.ends_with(end));
        text.lines().rev().filter(is_it).find_map(Call::read).map(|call| call.about)
    }

    /// For each kind, which numbers of a call were about something that matters, and what the first of them was about.
    pub fn seen(&self) -> BTreeMap<String, BTreeMap<u32, String>> {
        seen(&fs::read_to_string(&self.log).unwrap_or_default())
    }
}

struct Call<'a> {
    thread: &'a str,
    kind: &'a str,
    about: String,
    changes: bool,
}

impl<'a> Call<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (thread, rest) = line.split_once(' ')?;
        let (kind, arguments) = rest.trim_start().split_once('(')?;
        if !KINDS.contains(&kind) {
            return None;
        }
        let about = about(arguments);
        let opens = kind.starts_with("open");
        let changes =
            if opens { arguments.contains("O_CREAT") } else { !["log", "wake", "pipe"].contains(&about.as_str()) };
        Some(Self { thread, kind, about, changes })
    }
}

fn seen(text: &str) -> BTreeMap<String, BTreeMap<u32, String>> {
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut seen: BTreeMap<String, BTreeMap<u32, String>> = BTreeMap::new();
    for call in text.lines().filter_map(Call::read) {
        let count = counts.entry((call.thread, call.kind)).or_default();
        *count += 1;
        if call.changes {
            seen.entry(call.kind.to_owned()).or_default().entry(*count).or_insert(call.about);
        }
    }
    seen
}

/// The file that a call is about by its name alone, or what stands behind its descriptor.
fn about(arguments: &str) -> String {
    let quoted = arguments.split('"').nth(1).filter(|name| !name.is_empty());
    let behind = arguments.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(behind, _)| behind);
    match (behind, quoted) {
        (Some(behind), _) if behind.contains("eventfd") => "wake".into(),
        (Some(behind), _) if behind.starts_with("pipe:") => "pipe".into(),
        (Some(behind), _)
            if behind.starts_with("socket:") || behind.starts_with("TCP") || behind.starts_with("UDP") =>
        {
            "the network".into()
        }
        (Some(behind), None) => known(behind),
        (_, Some(name)) => known(name),
        (None, None) => "nothing".into(),
    }
}

fn known(path: &str) -> String {
    let path = Path::new(path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_digest = name.len() > 40;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("log") => "log".into(),
        Some("spool") => "a spool".into(),
        Some("next") if is_digest => "a segment".into(),
        _ if is_digest => "a segment".into(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{about, seen};

    #[test]
    fn each_thread_counts_for_itself_and_what_changes_nothing_is_left_out() {
        let text = "7 write(2</x/audit.log>, \"\"..., 9) = 9\n\
                    7 write(9</x/audit.sqlite-wal>, \"\"..., 9) = 9\n\
                    8 write(9<anon_inode:[eventfd]>, \"\"..., 8) = 8\n\
                    8 openat(AT_FDCWD</x>, \"/x/lock\", O_RDWR|O_CREAT, 0600) = 3\n\
                    8 openat(AT_FDCWD</x>, \"/etc/hosts\", O_RDONLY) = 3\n";
        let seen = seen(text);
        assert_eq!(seen["write"].clone().into_iter().collect::<Vec<_>>(), [(2, "audit.sqlite-wal".to_owned())]);
        assert_eq!(seen["openat"].keys().copied().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_call_is_named_by_its_file() {
        assert_eq!(about("5<socket:[12]>, \"\"..., 9, MSG_NOSIGNAL"), "the network");
        assert_eq!(about("5</x/00000003.spool>) = 0"), "a spool");
        assert_eq!(about("\"/x/checkpoint.next\", \"/x/checkpoint\") = 0"), "checkpoint.next");
    }
}
