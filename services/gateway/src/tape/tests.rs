use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use client::ServiceClient;
use domain::FixedClock;
use recording::IngestSecret;
use statement::sha256;
use tokio::time::timeout;

use super::closing::Closed;
use super::passing::MAX_LAG;
use super::spool::Disk;
use super::*;

/// A tape whose audit service answers nobody, and its spool.
fn tape(folder: &Path) -> (Tape, Arc<Mutex<Spool>>) {
    tape_on(Disk::REAL, folder)
}

fn tape_on(disk: Disk, folder: &Path) -> (Tape, Arc<Mutex<Spool>>) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let own = rcgen::generate_simple_self_signed(vec!["gateway".into()]).unwrap();
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let client = ServiceClient::new("https://127.0.0.1:9", &certificate, &certificate, &key).unwrap();
    let session: SessionId = sha256("session").into();
    let spool = Arc::new(Mutex::new(Spool::resume_on(disk, folder).unwrap().0));
    let tape = Tape::start(TapeParts {
        sink: AuditSink::new(client, session.clone()),
        session,
        ingest: IngestSecret::generate().unwrap().public().unwrap(),
        spool: spool.clone(),
        left: Vec::new(),
        place: Place::default(),
        clock: Arc::new(FixedClock::at(1_000)),
    });
    (tape, spool)
}

fn body(bytes: usize) -> Captured {
    Captured::Body { exchange: 0, part: 0, bytes: "a".repeat(bytes) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_durable_when_it_is_on_disk_and_no_sooner() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, spool) = tape(folder.path());
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (held, is_held) = tokio::sync::oneshot::channel();
    let disk = std::thread::spawn(move || {
        let _disk = spool.lock().unwrap();
        held.send(()).unwrap();
        released.recv().unwrap();
    });
    is_held.await.unwrap();
    let position = tape.record([body(10)]);
    assert!(timeout(Duration::from_millis(300), tape.durable(position)).await.is_err());
    assert_eq!(std::fs::metadata(folder.path().join("00000000.spool")).unwrap().len(), 0);
    release.send(()).unwrap();
    timeout(Duration::from_secs(5), tape.durable(position)).await.unwrap();
    assert!(std::fs::metadata(folder.path().join("00000000.spool")).unwrap().len() > 0);
    assert!(timeout(Duration::from_millis(300), tape.acknowledged(position)).await.is_err());
    disk.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn time_and_bytes_stop_what_passes() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, _) = tape(folder.path());
    assert!(!tape.is_behind() && tape.lag() == Duration::ZERO);
    for _ in 0..16 {
        tape.record([body(1_000_000)]);
    }
    assert!(!tape.is_behind(), "sixteen megabytes are less than sixteen mebibytes");
    tape.record([body(1_000_000)]);
    assert!(tape.is_behind());
    assert!(timeout(Duration::from_millis(200), tape.passable()).await.is_err());

    let folder = tempfile::tempdir().unwrap();
    let (tape, _) = super::tests::tape(folder.path());
    tape.record([body(1)]);
    assert!(!tape.is_behind());
    tokio::time::sleep(MAX_LAG + Duration::from_millis(50)).await;
    assert!(tape.is_behind());
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_numbered_without_gaps_and_sealed_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, _) = tape(folder.path());
    let mut last = tape.record([body(1)]);
    for _ in 0..200 {
        last = tape.record([body(30_000), body(1)]);
    }
    tape.durable(last).await;
    assert_eq!(last, Position(401));
    let (_, left) = Spool::resume(folder.path()).unwrap();
    assert!(left.len() > 3);
    assert_eq!(left.iter().map(|s| s.batch).collect::<Vec<_>>(), (0..left.len() as u64).collect::<Vec<_>>());
    assert!(left.windows(2).all(|two| two[0].next_frame < two[1].next_frame));
    assert_eq!(left.last().unwrap().next_frame, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_is_on_disk_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, _) = tape(folder.path());
    tape.record([body(10)]);
    let file = folder.path().join("00000000.spool");
    let written = async {
        while std::fs::metadata(&file).unwrap().len() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(5), written).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_its_answer_are_one_batch() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, _) = tape(folder.path());
    for _ in 0..100 {
        tape.record([body(1)]);
        let answer = tape.record([body(1)]);
        tape.durable(answer).await;
    }
    let (_, left) = Spool::resume(folder.path()).unwrap();
    // A busy computer may take longer than the first one waits.
    assert!(left.len() < 150, "{}", left.len());
    assert_eq!(left.last().unwrap().next_frame, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_grow_while_the_audit_service_is_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, _) = tape(folder.path());
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let tape = tape.clone();
        callers.spawn(async move {
            for _ in 0..25 {
                let answer = tape.record([body(1)]);
                tape.durable(answer).await;
            }
        });
    }
    callers.join_all().await;
    let (_, left) = Spool::resume(folder.path()).unwrap();
    assert!(left.len() < 100, "{} batches of 400 frames", left.len());
    assert_eq!(left.last().unwrap().next_frame, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_tape_takes_nothing_and_lets_nothing_pass() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, _) = tape(folder.path());
    let before = tape.record([body(1)]);
    assert!(timeout(Duration::from_millis(200), tape.close()).await.is_err(), "nothing is acknowledged yet");
    let after = tape.record([body(1)]);
    tape.durable(before).await;
    assert!(timeout(Duration::from_millis(200), tape.durable(after)).await.is_err());
    assert!(timeout(Duration::from_millis(200), tape.acknowledged(after)).await.is_err());
    tape.is_refused_for_good("recording-sealed");
    let closed = timeout(Duration::from_secs(5), tape.close()).await.unwrap();
    assert_eq!(closed, Closed { batches: 1, refused: Some("recording-sealed".into()) });
    assert!(tape.is_behind());
}

/// Which of the disk's answers is an error, in a process of its own that is to end by it.
const DYING: &str = "GATEWAY_TEST_DISK";

/// This same test, run again in a process whose disk fails.
async fn dies(test: &str, which: &str) {
    let own = std::env::current_exe().unwrap();
    let mut child = Command::new(own);
    child.args([test, "--exact", "--nocapture"]).env(DYING, which);
    let out = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(74), "{which}: {said}{}", String::from_utf8_lossy(&out.stderr));
    assert!(said.contains("before") && !said.contains("behind"), "{which}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t21_a_disk_that_cannot_be_forced_ends_the_process() {
    const NAME: &str = "tape::tests::t21_a_disk_that_cannot_be_forced_ends_the_process";
    let Ok(which) = std::env::var(DYING) else {
        for which in ["force", "force-folder"] {
            dies(NAME, which).await;
        }
        return;
    };
    let mut disk = Disk::REAL;
    if which == "force" {
        disk.force = |_| Err(io::Error::other("EIO"));
    } else {
        // The folder is forced well when the first file is made, and fails with the second.
        disk.force_folder = |folder| {
            let files = std::fs::read_dir(folder)?.count();
            if files > 1 { Err(io::Error::other("EIO")) } else { Ok(()) }
        };
    }
    let folder = tempfile::tempdir().unwrap();
    let (tape, spool) = tape_on(disk, folder.path());
    spool.lock().unwrap().is_to_begin_another_file();
    println!("before");
    let recorded = tape.record([body(10)]);
    let _ = timeout(Duration::from_secs(5), tape.durable(recorded)).await;
    println!("behind: the process goes on");
}

static IS_FULL: AtomicBool = AtomicBool::new(true);

#[tokio::test(flavor = "multi_thread")]
async fn t19_a_full_disk_lets_nothing_pass_until_there_is_room() {
    fn write(file: &mut File, bytes: &[u8]) -> io::Result<()> {
        use std::io::Write as _;
        if IS_FULL.load(Ordering::SeqCst) {
            // Half of it goes in, as it does on a disk that fills up.
            file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all(bytes)
    }
    let folder = tempfile::tempdir().unwrap();
    let (tape, _) = tape_on(Disk { write, ..Disk::REAL }, folder.path());
    let recorded = tape.record([body(1_000)]);
    assert!(timeout(Duration::from_millis(300), tape.durable(recorded)).await.is_err());
    assert!(tape.lacks_room());
    IS_FULL.store(false, Ordering::SeqCst);
    timeout(Duration::from_secs(5), tape.durable(recorded)).await.unwrap();
    assert!(!tape.lacks_room());
    let (_, left) = Spool::resume(folder.path()).unwrap();
    assert_eq!(left.len(), 1, "what was torn is gone, and the batch is there once");
}
