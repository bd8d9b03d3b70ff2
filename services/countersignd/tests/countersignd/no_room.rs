//! No room while an installation is made, copied, or brought to another version: what is there stays whole, and what is
//! wrong is said.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use statement::DeviceKey;
use wire::event::{Append, EventKind};
use wire::join::TrustFile;

use super::full_disk::SmallDisk;
use super::rig::Installation;

const SKIPPED: &str = "skipped: this user may not mount a small disk";

fn countersignd(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersignd")).current_dir(folder).args(arguments).output().unwrap()
}

fn init(folder: &Path) -> Output {
    let key = || DeviceKey::generate().unwrap().0.public().thumbprint().to_string();
    let (one, two) = (key(), key());
    let begin = ["init", "--dir", "d", "--operator", "Kestrel", "--issuer", "https://id.test"];
    let keys = ["--provider-keys", "../jwks.json", "--person-claim", "e", "--roles-claim", "r"];
    let administrators = ["--first-administrator", &one, "--first-administrator", &two];
    countersignd(folder, &[&begin[..], &keys, &administrators].concat())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file below, none of them empty.
fn files(folder: &Path) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            count += files(&path);
        } else {
            assert!(entry.metadata().unwrap().len() > 0, "{} is empty", path.display());
            count += 1;
        }
    }
    count
}

#[test]
fn ops_05_an_installation_that_finds_no_room_for_a_key_is_not_left_half_made() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("jwks.json"), r#"{"keys":[]}"#).unwrap();
    let small = folder.path().join("small");
    fs::create_dir(&small).unwrap();
    let Some(disk) = SmallDisk::under(&small, "size=1m") else { return eprintln!("{SKIPPED}") };
    let mut refused = 0;
    for pages in 0.. {
        disk.leave(pages);
        let output = init(&small);
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("No space left on device"), "{}", said(&output));
        let left: Vec<_> = fs::read_dir(&small).unwrap().flatten().map(|e| e.file_name()).collect();
        assert_eq!(left, ["ballast"], "{pages}");
        refused += 1;
    }
    assert!(refused > 10, "{refused}");
    let roomy = folder.path().join("roomy");
    fs::create_dir(&roomy).unwrap();
    assert!(init(&roomy).status.success());
    assert_eq!(files(&small.join("d")), files(&roomy.join("d")), "everything that `init` makes");
}

#[test]
fn ops_05_a_trust_file_that_finds_no_room_stays_what_it_was() {
    let installation = Installation::new();
    let small = installation.path("small");
    fs::create_dir(&small).unwrap();
    fs::copy(installation.path("trust.json"), small.join("trust.json")).unwrap();
    let before = fs::read(small.join("trust.json")).unwrap();
    fs::write(installation.path("new.json"), r#"{"keys":[]}"#).unwrap();
    let Some(disk) = SmallDisk::under(&small, "size=1m") else { return eprintln!("{SKIPPED}") };
    let dir = installation.dir();
    let add = || countersignd(&dir, &["trust", "--dir", "small", "--provider-keys", "new.json"]);
    disk.leave(0);
    let output = add();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("No space left on device"), "{}", said(&output));
    assert_eq!(fs::read(small.join("trust.json")).unwrap(), before);
    disk.leave(4);
    assert!(add().status.success());
    let file: TrustFile = serde_json::from_slice(&fs::read(small.join("trust.json")).unwrap()).unwrap();
    assert_eq!(file.provider_keys.len(), 2);
}

/// As docs/operations/backup.md says.
fn copy(from: &Path, to: &Path) -> bool {
    Command::new("cp").arg("-a").arg(from).arg(to).output().unwrap().status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_05_a_backup_that_finds_no_room_harms_nothing_and_one_that_is_whole_starts() {
    let installation = Installation::new();
    let role = installation.start("audit");
    let append = || Append::new(EventKind::SignInRefused).fact("code", "bad-token");
    let kept = installation.client("broker", "audit").append(&append()).await.unwrap();
    tokio::task::spawn_blocking(|| super::drained::stop(role)).await.unwrap();
    let backup = installation.path("backup");
    fs::create_dir(&backup).unwrap();
    let Some(disk) = SmallDisk::under(&backup, "size=4m") else { return eprintln!("{SKIPPED}") };
    let ballast = disk.leave(3);
    assert!(!copy(&installation.path("audit"), &backup), "it says that it failed");
    fs::remove_file(ballast).unwrap();
    fs::remove_dir_all(backup.join("audit")).unwrap();
    assert!(copy(&installation.path("audit"), &backup));
    let role = installation.start("audit");
    installation.check_kept(&kept).await;
    tokio::task::spawn_blocking(|| super::drained::stop(role)).await.unwrap();
    fs::remove_dir_all(installation.path("audit")).unwrap();
    assert!(copy(&backup.join("audit"), &installation.dir()));
    let _role = installation.start("audit");
    installation.check_kept(&kept).await;
}

#[test]
fn ops_05_there_is_no_backup_command() {
    let output = countersignd(Path::new("/"), &["backup", "--dir", "d"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("unrecognized subcommand"), "{}", said(&output));
}

#[test]
fn ops_05_a_role_that_finds_no_room_at_its_start_says_so_and_starts_when_there_is() {
    let installation = Installation::new();
    for role in ["audit", "broker"] {
        let Some(disk) = SmallDisk::under(&installation.path(role), "size=4m") else { return eprintln!("{SKIPPED}") };
        let ballast = disk.fill();
        let (status, said) = installation.refused(role);
        // Not 2: the supervisor tries again until there is room.
        assert_eq!(status, Some(1), "{role}: {said}");
        assert!(said.contains("takes no more files") && said.contains("make room"), "{role}: {said}");
        fs::remove_file(ballast).unwrap();
        drop(installation.start(role));
    }
}
