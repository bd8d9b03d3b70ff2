use std::path::Path;

use serve::Service;
use wire::audit::{Acknowledged, Frames};
use wire::event::{Append, EventKind, Receipt};

use super::store::ten;
use super::world::{World, by_hand, frames, world};
use crate::error::StoreError;

#[tokio::test]
async fn the_triggers_refuse_changes_by_hand() {
    use sqlx::ConnectOptions as _;
    let w = ten().await;
    let file = w.folder.path().join("audit.sqlite");
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new().filename(file).connect().await.expect("opens");
    for sql in [
        "UPDATE leaves SET at = 0",
        "DELETE FROM leaves",
        "UPDATE heads SET note = ''",
        "DELETE FROM heads",
        "DELETE FROM nodes",
        "UPDATE personal SET sealed = x''",
    ] {
        let error = sqlx::query(sql).execute(&mut connection).await.expect_err(sql);
        assert!(
            error.to_string().contains("append-only") || error.to_string().contains("never changed"),
            "{sql}: {error}"
        );
    }
}

#[tokio::test]
async fn a_second_service_does_not_start_beside_the_first() {
    let w = ten().await;
    let lock = std::fs::File::create(w.folder.path().join("objects/lock")).expect("opens");
    assert!(lock.try_lock().is_err());
}

#[tokio::test]
async fn l_12_forgetting_takes_the_fields_and_leaves_the_log_whole() {
    let w = ten().await;
    by_hand(w.folder.path(), "DELETE FROM personal").await;
    let w = w.restart().await;
    w.enrol_everybody().await;
    let page: wire::audit::Events = w.get_person(&w.ines, "/v1/events").await.json();
    let forgotten = page.events.iter().find(|e| e.index == 4).expect("still there");
    assert!(forgotten.personal.is_empty() && forgotten.event.sealed.contains_key("p"));
}

#[tokio::test]
async fn a_write_that_fails_is_not_acknowledged_and_ends_the_service() {
    let w = ten().await;
    // A table that is gone stands for a disk that fails: the statement errors in the middle of the transaction.
    by_hand(w.folder.path(), "DROP TABLE nodes").await;
    let answer = w.post_as(Service::Broker, "/v1/events", &Append::new(EventKind::CallRefused)).await;
    assert_eq!(answer.problem(), (503, "storage-failed".into()));
    let World { service, folder, .. } = w;
    let ended = service.writing.await.expect("no panic");
    assert!(matches!(ended, Err(StoreError::Database(_))));
    let leaves = count(folder.path(), "SELECT COUNT(*) FROM leaves").await;
    assert_eq!(leaves, 11, "nothing of the failed transaction stayed");
}

#[tokio::test]
async fn r_01_r_02_a_segment_that_was_swapped_cut_or_taken_away_is_not_shown() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    for n in 0..2 {
        w.batch(&session, n, &frames(n * 20, 5)).await.json::<Acknowledged>();
    }
    w.end(&session, 2).await.json::<Receipt>();
    let folder = w.folder.path().join("objects/segments");
    let files: Vec<_> = std::fs::read_dir(&folder).expect("folder").map(|f| f.expect("file").path()).collect();
    assert_eq!(files.len(), 2);
    let path = format!("/v1/sessions/{session}/frames?stream=exchanges");
    w.get_person(&w.ines, &path).await.json::<Frames>();
    let (one, two) = (std::fs::read(&files[0]).expect("reads"), std::fs::read(&files[1]).expect("reads"));
    let refused = async |what: &str| {
        assert_eq!(w.get_person(&w.ines, &path).await.problem(), (503, "store-unreadable".into()), "{what}");
    };
    std::fs::write(&files[0], &two).expect("writes");
    refused("swapped").await;
    std::fs::write(&files[0], &one[..one.len() - 1]).expect("writes");
    refused("cut").await;
    let mut flipped = one.clone();
    flipped[60] ^= 4;
    std::fs::write(&files[0], flipped).expect("writes");
    refused("flipped").await;
    std::fs::remove_file(&files[0]).expect("removes");
    refused("gone").await;
    std::fs::write(&files[0], &one).expect("writes");
    w.get_person(&w.ines, &path).await.json::<Frames>();
}

#[tokio::test]
async fn l_01_nothing_personal_lies_in_the_clear() {
    let w = world().await;
    let canary = "canary-7f3a91";
    w.append(&Append::new(EventKind::CallRefused).personal("person", canary)).await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    let World { service, folder, .. } = w;
    super::world::stop(service).await;
    let mut files = vec![folder.path().to_path_buf()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).expect("folder").map(|f| f.expect("file").path()));
            continue;
        }
        let bytes = std::fs::read(&path).expect("reads");
        for secret in [canary, "p-mara", "SUP-4711", "night audit", "/o/kinloch-hotels/"] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
    }
}

async fn count(folder: &Path, sql: &'static str) -> i64 {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("audit.sqlite"));
    let mut connection = options.connect().await.expect("opens");
    sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut connection).await.expect("reads").0
}

#[tokio::test]
async fn a_full_disk_is_said_and_survived() {
    use crate::sequencer::{NewEvent, Sequencer, load_keys};
    use crate::store::{HeadFile, check, open_writer};
    let folder = tempfile::tempdir().expect("folder");
    let signer = checkpoint::LogSigner::from_seed("countersign.test/log", &[5; 32]).expect("signer");
    let mut head_file = HeadFile::in_folder(folder.path());
    let mut connection = open_writer(&folder.path().join("audit.sqlite")).await.expect("opens");
    let log = check(&mut connection, &signer.verifier(), &mut head_file).await.expect("empty");
    let key = recording::SecretKey::from_bytes(&[9; 32]).expect("32 bytes");
    let vault = std::sync::Arc::new(crate::vault::Vault::new(key_service::KeyService::File(key)));
    load_keys(&mut connection, &vault).await.expect("a key");
    let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count").fetch_one(&mut connection).await.expect("reads");
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 12));
    sqlx::query(limit).execute(&mut connection).await.expect("limits");
    let clock = std::sync::Arc::new(domain::FixedClock::at(super::world::NOW));
    let (sequencer, writer) = Sequencer::new(connection, log, signer, vault, clock, head_file);
    let writing = tokio::spawn(sequencer.run());
    let event = |size: usize| {
        let append = Append::new(EventKind::CallRefused).personal("p", "x".repeat(size));
        NewEvent { source: wire::event::Source::Broker, append, signer: None }
    };
    let mut written = 0;
    let refused = loop {
        match writer.append(event(8000)).await {
            Ok(_) => written += 1,
            Err(problem) => break problem,
        }
        assert!(written < 100);
    };
    assert_eq!((refused.0.status, refused.code()), (503, "disk-full"));
    assert!(written > 0);
    assert_eq!(writer.head().size, written, "the head is the last acknowledged one");
    writer.append(event(1)).await.expect("what fits is written");
    assert_eq!(writer.head().size, written + 1);
    drop(writer);
    writing.await.expect("no panic").expect("it went on");
}

#[tokio::test]
async fn a_segment_or_a_head_that_cannot_be_put_on_the_disk_ends_the_service() {
    let segments = async |w: &World| {
        let folder = w.folder.path().join("objects/segments");
        std::fs::remove_dir_all(&folder).expect("removes");
        std::fs::write(&folder, "a file where the folder was").expect("writes");
    };
    let head = async |w: &World| {
        let copy = w.folder.path().join("objects/checkpoint");
        std::fs::remove_file(&copy).expect("removes");
        std::fs::create_dir(&copy).expect("a folder where the file was");
    };
    for segment in [true, false] {
        let w = world().await;
        let (session, _, _) = w.session().await;
        w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
        if segment {
            segments(&w).await
        } else {
            head(&w).await
        }
        assert_eq!(w.end(&session, 1).await.problem(), (503, "storage-failed".into()));
        let World { service, .. } = w;
        let ended = service.writing.await.expect("no panic").expect_err("it ended");
        assert!(
            matches!((segment, &ended), (true, StoreError::Objects(_)) | (false, StoreError::Damaged(_))),
            "{ended}"
        );
    }
}
