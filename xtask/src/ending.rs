//! What must be gone whichever way we end: every process with all that it started, and our folders outside `target/`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio, exit},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{park, sleep, spawn},
    time::{Duration, Instant},
};

use tokio::signal::unix::{SignalKind, signal};

const PATIENCE: Duration = Duration::from_secs(8);
/// What shells answer for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

static LEFT: Mutex<Left> = Mutex::new(Left { groups: Vec::new(), folders: Vec::new() });
static ENDING: AtomicBool = AtomicBool::new(false);

struct Left {
    groups: Vec<u32>,
    folders: Vec<PathBuf>,
}

/// From here on Ctrl-C, `kill` and a closed terminal end everything that was started before they end us.
///
/// # Errors
/// When the system gives no signals.
pub fn on_signals() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut interrupt, mut terminate, mut hang) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?)
    };
    spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang.recv() => {}
            }
        });
        ENDING.store(true, Ordering::SeqCst);
        eprintln!("\nending what was started");
        everything();
        exit(INTERRUPTED);
    });
    Ok(())
}

/// Does not return when a signal is about to end us: what fails then fails because its processes are gone.
pub fn unless_interrupted() {
    // The signal may be noticed a moment after its effects.
    sleep(Duration::from_millis(100));
    while ENDING.load(Ordering::SeqCst) {
        park();
    }
}

/// A process that leads a group of its own. One that is started while we end already is ended here, and with it whoever started it
/// gets no further.
pub fn started(group: u32) {
    left().groups.push(group);
    while ENDING.load(Ordering::SeqCst) {
        send("KILL", &[group]);
        park();
    }
}

/// Asks the whole group to end, then makes it. Its leader is waited for by whoever started it.
pub fn end(group: u32, mut has_ended: impl FnMut() -> bool) {
    send("TERM", &[group]);
    let limit = Instant::now() + PATIENCE;
    while !has_ended() && Instant::now() < limit {
        sleep(Duration::from_millis(20));
    }
    send("KILL", &[group]);
    left().groups.retain(|known| *known != group);
}

/// A folder that goes when we do.
pub fn made(folder: &Path) {
    left().folders.push(folder.to_owned());
}

/// Removes a folder that was [`made`].
pub fn remove(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
    left().folders.retain(|known| known != folder);
}

fn everything() {
    let (mut groups, folders) = {
        let left = left();
        (left.groups.clone(), left.folders.clone())
    };
    groups.reverse();
    send("TERM", &groups);
    let limit = Instant::now() + PATIENCE;
    while groups.iter().any(|group| is_alive(*group)) && Instant::now() < limit {
        sleep(Duration::from_millis(50));
    }
    send("KILL", &groups);
    for folder in folders {
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn send(name: &str, groups: &[u32]) {
    for group in groups {
        // The shell's own `kill`: the program is not on every system.
        let mut kill = Command::new("sh");
        let _ = kill.args(["-c", &format!("kill -s {name} -- -{group}")]).stderr(Stdio::null()).status();
    }
}

/// A leader that nobody waited for yet counts as gone.
fn is_alive(group: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{group}/stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with('Z')))
}

fn left() -> MutexGuard<'static, Left> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::process::CommandExt as _, process::Command, time::Duration};

    use super::{end, is_alive, started};

    #[test]
    fn what_a_process_started_ends_with_it() {
        let folder = std::env::temp_dir().join(format!("countersign-ending-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        super::made(&folder);
        let note = folder.join("pid");
        // The one that is started ignores the polite request, and so does the one that it starts.
        let script = format!("trap '' TERM; sleep 600 & echo $! > {}; wait", note.display());
        let mut child = Command::new("sh").args(["-c", &script]).process_group(0).spawn().expect("a shell");
        started(child.id());
        let second = loop {
            match std::fs::read_to_string(&note).ok().and_then(|text| text.trim().parse::<u32>().ok()) {
                Some(pid) => break pid,
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        assert!(is_alive(child.id()) && is_alive(second));
        let patience = std::time::Instant::now();
        end(child.id(), || patience.elapsed() > Duration::from_millis(300));
        child.wait().expect("an end");
        let limit = std::time::Instant::now() + Duration::from_secs(5);
        while is_alive(second) && std::time::Instant::now() < limit {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!is_alive(second), "what it started outlived it");
        super::remove(&folder);
        assert!(!folder.exists());
    }
}
