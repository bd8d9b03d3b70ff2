//! One window a profile: the second start of the program hands its link to the first and ends. The place where they meet
//! is a socket in the profile's folder, which nobody else can enter.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    net::Shutdown,
    os::unix::{
        fs::{DirBuilderExt as _, OpenOptionsExt as _},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

use crate::link;

const PATIENCE: Duration = Duration::from_millis(100);
/// A window that does not say within this that it heard is asked again, if it is still there.
const ANSWER: Duration = Duration::from_millis(500);
/// So long somebody who starts the program waits for a window that says nothing.
const LONGEST: Duration = Duration::from_secs(5);
const HEARD: u8 = 1;

/// Whether this is the first window of its profile.
pub(crate) enum Instance {
    First(Meeting),
    /// Another one shows the link.
    Second,
}

/// Held as long as the window is there.
pub(crate) struct Meeting {
    listener: UnixListener,
    lock: File,
}

/// Becomes the profile's one window, or hands the link to the one that is.
///
/// # Errors
/// When the profile's folder cannot be used.
pub(crate) fn meet(folder: &Path, link: Option<&str>) -> io::Result<Instance> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let lock =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(folder.join("window.lock"))?;
    let end = Instant::now() + LONGEST;
    loop {
        match lock.try_lock() {
            Ok(()) => return first(folder, lock),
            // A window that was killed holds its place for a moment, and hears nothing any more.
            Err(fs::TryLockError::WouldBlock) if hands_over(folder, link) => return Ok(Instance::Second),
            Err(fs::TryLockError::WouldBlock) if Instant::now() < end => sleep(PATIENCE),
            Err(fs::TryLockError::WouldBlock) => {
                let why = "Countersign is open already for this profile, and its window does not answer";
                return Err(io::Error::other(why));
            }
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn first(folder: &Path, lock: File) -> io::Result<Instance> {
    let (place, _open) = place(folder)?;
    match fs::remove_file(&place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(Instance::First(Meeting { listener: UnixListener::bind(&place)?, lock }))
}

impl Meeting {
    /// Calls `hear` with the link of each later start; an empty one when it had none.
    pub(crate) fn listen(self, hear: impl Fn(&str) + Send + 'static) {
        spawn(move || {
            let Self { listener, lock } = self;
            for guest in listener.incoming() {
                let Ok(mut guest) = guest else { continue };
                if let Ok(link) = read(&guest) {
                    hear(&link);
                    let _ = guest.write_all(&[HEARD]);
                }
            }
            drop(lock);
        });
    }
}

/// Whether the window that is there says that it heard the link.
fn hands_over(folder: &Path, link: Option<&str>) -> bool {
    let link = link.filter(|link| link.len() <= link::LONGEST).unwrap_or_default();
    let told = || -> io::Result<u8> {
        let (place, _open) = place(folder)?;
        let mut first = UnixStream::connect(&place)?;
        first.write_all(link.as_bytes())?;
        first.shutdown(Shutdown::Write)?;
        first.set_read_timeout(Some(ANSWER))?;
        let mut answer = [0];
        first.read_exact(&mut answer)?;
        Ok(answer[0])
    };
    told().is_ok_and(|answer| answer == HEARD)
}

/// No more than a link is read, and nobody is waited for.
fn read(guest: &UnixStream) -> io::Result<String> {
    guest.set_read_timeout(Some(PATIENCE))?;
    let mut text = Vec::new();
    guest.take(link::LONGEST as u64 + 1).read_to_end(&mut text)?;
    if text.len() > link::LONGEST {
        text.clear();
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A socket's address may have 108 bytes and a folder's more, so the folder is named by its open descriptor, which has
/// to stay open meanwhile.
fn place(folder: &Path) -> io::Result<(PathBuf, File)> {
    let open = File::open(folder)?;
    let place = if cfg!(target_os = "linux") {
        PathBuf::from(format!("/proc/self/fd/{}/window.socket", std::os::fd::AsRawFd::as_raw_fd(&open)))
    } else {
        folder.join("window.socket")
    };
    Ok((place, open))
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::{Instance, Meeting, meet};

    #[test]
    fn the_second_start_hands_its_link_to_the_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("a-long-name-".repeat(12));
        let Instance::First(meeting) = meet(&folder, None).expect("a place") else { panic!("nobody was there") };
        let (said, heard) = mpsc::channel();
        meeting.listen(move |link| said.send(link.to_owned()).expect("it is heard"));
        let long = format!("countersign://approval/{}", "a".repeat(1 << 20));
        for (link, wanted) in [
            (Some("countersign://log"), "countersign://log"),
            (None, ""),
            (Some(long.as_str()), ""),
            (Some("countersign://approval/%00\0--profile"), "countersign://approval/%00\0--profile"),
        ] {
            assert!(matches!(meet(&folder, link).expect("somebody is there"), Instance::Second));
            assert_eq!(heard.recv_timeout(Duration::from_secs(5)).expect("a link"), wanted);
        }
    }

    #[test]
    fn x_01_a_megabyte_from_a_guest_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let Instance::First(meeting) = meet(folder.path(), None).expect("a place") else { panic!("nobody was there") };
        let (said, heard) = mpsc::channel();
        meeting.listen(move |link| said.send(link.to_owned()).expect("it is heard"));
        let mut guest =
            std::os::unix::net::UnixStream::connect(folder.path().join("window.socket")).expect("it listens");
        let _ = std::io::Write::write_all(&mut guest, &vec![b'a'; 1 << 20]);
        assert_eq!(heard.recv_timeout(Duration::from_secs(5)).expect("a link"), "");
    }

    #[test]
    fn a_window_that_was_killed_and_hears_nothing_any_more_is_no_window() {
        let folder = tempfile::tempdir().expect("a folder");
        let Instance::First(Meeting { listener, lock }) = meet(folder.path(), None).expect("a place") else {
            panic!("nobody was there")
        };
        let dying = std::thread::spawn(move || {
            drop(listener.accept().expect("a guest"));
            drop((listener, lock));
        });
        let met = meet(folder.path(), Some("countersign://log")).expect("a place");
        assert!(matches!(met, Instance::First(_)), "whoever starts it sees a window");
        dying.join().expect("it is gone");
    }

    #[test]
    fn a_profile_whose_window_is_gone_is_free_again() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(meet(folder.path(), None).expect("a place"));
        assert!(matches!(meet(folder.path(), None).expect("a place"), Instance::First(_)));
    }
}
