//! A log that went back, or that two write.

use std::path::Path;

use super::super::log::refused;
use super::super::store::ten;
use super::super::world::{World, by_hand, check_receipt, stop};
use super::stand_in::{How, StandIn};
use super::{list, note, until, with};
use crate::error::Error;

fn copy(from: &Path, to: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::create_dir_all(to).expect("folder");
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o700)).expect("permissions");
    for entry in std::fs::read_dir(from).expect("reads") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}

fn put_back(backup: &Path, folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("reads") {
        let path = entry.expect("entry").path();
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.expect("removes");
    }
    copy(backup, folder);
}

async fn cosigned(w: &World, witness: &StandIn) {
    until("the last head is cosigned", async || witness.verifier.cosigned(&note(w).await).is_ok()).await;
}

/// T23: database, objects and the head beside them are all of the backup; only somebody outside remembers more.
#[tokio::test]
async fn l_03_a_restored_backup_does_not_start_where_a_witness_saw_more() {
    let witness = StandIn::start(1).await;
    let mut w = with(&witness).await;
    cosigned(&w, &witness).await;
    let backup = tempfile::tempdir().expect("folder");
    w.stop_for(|folder| copy(folder, backup.path())).await;
    w.begin().await.expect("goes on");
    let old = w.head().await.size;
    for n in 0..100 {
        w.append(&refused(n)).await;
    }
    cosigned(&w, &witness).await;
    let new = w.head().await.size;
    w.stop_for(|folder| put_back(backup.path(), folder)).await;
    let error = w.begin().await.expect_err("it started on an older log").to_string();
    assert!(error.contains(&format!("witness.test/1 ahead: {new} > {old}")), "{error}");
    assert_eq!(witness.size(), new, "and the witness saw nothing else");
    // Without the witness nothing here could know; taking it out is a decision that somebody makes.
    w.config.witnesses.clear();
    w.begin().await.expect("starts");
    assert_eq!(w.head().await.size, old);
}

#[tokio::test]
async fn l_03_a_log_that_was_begun_anew_does_not_start_where_a_witness_saw_it() {
    let witness = StandIn::start(1).await;
    let mut w = with(&witness).await;
    cosigned(&w, &witness).await;
    let nothing = tempfile::tempdir().expect("folder");
    w.stop_for(|folder| put_back(nothing.path(), folder)).await;
    let error = w.begin().await.expect_err("it began anew").to_string();
    assert!(error.contains("ahead") && error.contains("> 0"), "{error}");
}

/// The lock is in the objects' folder: two services with a folder each could come to one database.
#[tokio::test]
async fn l_02_of_two_sequencers_on_one_store_one_ends_and_no_size_has_two_heads() {
    let w = ten().await;
    assert!(
        matches!(w.beside(&w.config).await, Err(Error::Misconfigured(why)) if why.contains("another audit service"))
    );
    let mut config = w.config.clone();
    config.objects = w.folder.path().join("other-objects");
    copy(&w.config.objects, &config.objects);
    std::fs::remove_file(config.objects.join("lock")).expect("removes");
    let second = w.beside(&config).await.expect("nothing tells it yet");
    let first = w.append(&refused(0)).await;
    check_receipt(&w.verifier(), &first);
    let audit = second.audit.upgrade().expect("runs");
    let event = wire::event::Append::new(wire::event::EventKind::EvidenceMade);
    let answer = audit.note(event).await.expect_err("the second one wrote");
    assert_eq!(answer.code(), "storage-failed", "nothing is acknowledged");
    drop((audit, second.router));
    assert!(second.writing.await.expect("no panic").is_err(), "and the second one ends");
    let next = w.append(&refused(1)).await;
    assert_eq!(next.index, first.index + 1);
    check_receipt(&w.verifier(), &next);
    w.restart().await;
}

#[tokio::test]
async fn a_flipped_bit_in_what_is_kept_of_a_witness_is_not_shown() {
    let witness = StandIn::start(1).await;
    let mut w = with(&witness).await;
    for sql in [
        "UPDATE cosignatures SET note = replace(note, 'witness.test/1 ', 'witness.test/1 A')",
        "UPDATE cosignatures SET note = replace(note, 'log ', 'log A')",
        "UPDATE cosignatures SET verifier_key = replace(verifier_key, '/1+', '/2+')",
        "UPDATE cosignatures SET note = substr(note, 1, length(note) - 20) \
         || CASE substr(note, -20, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(note, -19)",
    ] {
        w.append(&refused(0)).await;
        cosigned(&w, &witness).await;
        // Nothing is asked again meanwhile.
        witness.is(How::Says(503, String::new()));
        let folder = w.folder.path().to_owned();
        stop(std::mem::replace(&mut w.service, super::super::world::empty())).await;
        by_hand(&folder, sql).await;
        w.begin().await.expect("no part of the log");
        let shown = list(&w).await.outside.remove(0).checkpoint;
        assert_eq!(shown, None, "{sql}");
        assert!(witness.verifier.cosigned(&note(&w).await).is_err(), "{sql}");
        witness.is(How::Honest);
    }
}
