//! A full disk, and an audit service that stays away: nothing passes unrecorded, and nothing waits for ever.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use wire::event::EventKind;

use crate::audit::Mood;
use crate::bundle::Wish;
use crate::rig::Rig;

/// A small disk of its own under the spool, for whoever may mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(folder: &Path) -> Option<Self> {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(folder).output();
        mount.is_ok_and(|out| out.status.success()).then(|| Self(folder.to_owned()))
    }

    fn fill(&self) {
        let (mut file, mut bytes) = (std::fs::File::create(self.filler()).unwrap(), 64 * 1024);
        while bytes > 0 {
            if std::io::Write::write_all(&mut file, &vec![1; bytes]).is_err() {
                bytes /= 2;
            }
        }
    }

    /// Room for the gateway's own small files, and not for a Session's recording.
    fn leave_a_little(&self) {
        let file = std::fs::OpenOptions::new().write(true).open(self.filler()).unwrap();
        file.set_len(file.metadata().unwrap().len() - 1024 * 1024).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn t19_a_full_disk_opens_nothing_pauses_what_is_open_and_says_so() {
    let mut rig = Rig::new().await;
    rig.stop().await;
    // Elsewhere the same is tested with a disk that only says that it is full: `tape::tests::t19_…`.
    let Some(disk) = SmallDisk::at(&rig.folder.path().join("spool")) else { return };
    rig.start().await;
    let person = rig.inside(Wish::default()).await;
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    disk.fill();
    disk.leave_a_little();

    let newcomer = rig.person();
    let answer = newcomer.open(&rig.people.bundle(&Wish::default(), &newcomer.certificate)).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "no-spool"));
    assert_eq!(rig.audit.kinds().iter().filter(|k| **k == EventKind::SessionOpened).count(), 1, "no Grant is spent");
    rig.until("refused", |r| r.audit.codes(EventKind::SessionRefused) == ["no-spool"]).await;

    disk.fill();
    // More than the last page of a file may still have room for.
    let waiting = person.get("/o/kinloch-hotels/large");
    tokio::pin!(waiting);
    assert!(timeout(Duration::from_millis(2_500), &mut waiting).await.is_err(), "a byte passed without its record");
    rig.until("paused", |r| r.audit.codes(EventKind::RecordingPaused) == ["no-room"]).await;
    assert_eq!(person.status().await["paused"], true);

    std::fs::remove_file(disk.filler()).unwrap();
    assert_eq!(timeout(Duration::from_secs(10), waiting).await.expect("it goes on").status, 200);
    disk.fill();
    assert_eq!(person.call("POST", "/v1/session/end", "").await.json()["open"], false, "it can be ended all the same");
    std::fs::remove_file(disk.filler()).unwrap();
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    let seqs: Vec<u64> = rig.audit.frames().iter().map(|f| f.seq).collect();
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
    rig.stop().await;
}

#[tokio::test]
async fn five_minutes_without_an_acknowledgement_end_the_session() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    rig.audit.set(Mood::Away);
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    for _ in 0..100 {
        if person.status().await["paused"] == true {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    // The watch has to have seen it too.
    sleep(Duration::from_millis(600)).await;
    rig.clock.forward(295);
    sleep(Duration::from_millis(600)).await;
    let status = person.status().await;
    assert_eq!((status["open"].as_bool(), status["paused"].as_bool()), (Some(true), Some(true)), "{status}");
    rig.clock.forward(6);
    sleep(Duration::from_millis(600)).await;
    assert_eq!(person.status().await["ended_by"], "recording-failed");
    assert_eq!(person.get("/o/kinloch-hotels/data").await.code(), "session-over");
    rig.audit.set(Mood::Well);
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    let reasons: Vec<String> =
        rig.audit.state.lock().unwrap().ended.values().map(|ended| ended.reason.clone()).collect();
    assert_eq!(reasons, ["recording-failed"]);
    rig.until("told", |r| r.audit.codes(EventKind::RecordingPaused) == ["not-acknowledged"]).await;
}
