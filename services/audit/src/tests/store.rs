use std::path::Path;

use serve::Service;
use wire::audit::{Acknowledged, Frames};
use wire::event::{Append, EventKind, Receipt};

use super::world::{World, bare, by_hand, frames, world};
use crate::error::{Error, StoreError};

async fn ten() -> World {
    let w = bare().await;
    for n in 0..10 {
        w.append(&Append::new(EventKind::CallRefused).fact("n", n.to_string()).personal("p", "v")).await;
    }
    w
}

async fn refused_after(w: World, sql: &'static str) -> String {
    match w.restart_after(async |folder: &Path| by_hand(folder, sql).await).await {
        Err(Error::Store(StoreError::Damaged(what))) => what,
        Err(other) => panic!("{sql}: {other}"),
        Ok(()) => panic!("{sql}: it started"),
    }
}

#[tokio::test]
async fn t12_a_row_of_the_log_changed_by_hand_is_found_at_the_start_and_named() {
    let cases = [
        (
            "UPDATE leaves SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"n\":\"3\"', '\"n\":\"9\"') AS BLOB) WHERE idx = 4",
            "leaf 4",
        ),
        ("UPDATE leaves SET hash = zeroblob(32) WHERE idx = 4", "leaf 4"),
        ("UPDATE leaves SET at = at + 1 WHERE idx = 4", "leaf 4"),
        ("UPDATE leaves SET kind = 'approved' WHERE idx = 4", "leaf 4"),
        ("UPDATE leaves SET organization = 'kinloch-hotels' WHERE idx = 4", "leaf 4"),
        ("UPDATE leaves SET session = 'x' WHERE idx = 4", "leaf 4"),
        ("DELETE FROM leaves WHERE idx = 4", "leaf 4 is missing"),
        ("DELETE FROM leaves WHERE idx = 10", "rolled back"),
        ("UPDATE heads SET root = zeroblob(32) WHERE size = 5", "size 5"),
        ("UPDATE heads SET note = replace(note, 'log', 'lag') WHERE size = 5", "size 5"),
        ("UPDATE heads SET size = 99 WHERE size = 5", "size 99"),
        ("DELETE FROM heads WHERE size = 11", "no head"),
        ("UPDATE nodes SET hash = zeroblob(32) WHERE level = 2 AND idx = 1", "node 2/1"),
        ("DELETE FROM nodes WHERE level = 1 AND idx = 0", "nodes"),
        ("INSERT INTO nodes VALUES (9, 9, zeroblob(32))", "nodes"),
        ("INSERT INTO leaf_statements VALUES ('x', 3)", "leaf 3"),
        ("UPDATE owner_keys SET wrapped = zeroblob(length(wrapped))", "key"),
    ];
    for (sql, names) in cases {
        let what = refused_after(ten().await, sql).await;
        assert!(what.contains(names), "{sql}: {what}");
    }
}

/// Two Sessions, one of them sealed and reviewed.
async fn used() -> World {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    w.open(&w.case_for("delmar-foods", domain::Scope::Read, "")).await.json::<Receipt>();
    let detail: wire::audit::SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let review = statement::Review {
        manifest: detail.manifest.expect("sealed").digest().expect("digest"),
        note: String::new(),
        session: session.clone(),
        verdict: statement::ReviewVerdict::Flagged,
    };
    let statement = w.ines.state(review, super::world::NOW, 300, "");
    let body = serde_json::to_vec(&wire::broker::SignedStatement { statement }).expect("json");
    let path = format!("/v1/sessions/{session}/reviews");
    w.person(&w.ines, axum::http::Method::POST, &path, Some(body)).await.json::<Receipt>();
    w
}

#[tokio::test]
async fn t12_a_row_beside_the_log_changed_by_hand_is_found_at_the_start_and_named() {
    let cases = [
        ("DELETE FROM taken WHERE token LIKE 'grant/%' AND idx < 6", "Grant"),
        ("UPDATE taken SET idx = idx + 1 WHERE token LIKE 'grant/%'", "Grant"),
        ("UPDATE sessions SET scope = 'administer' WHERE organization = 'delmar-foods'", "Session"),
        ("UPDATE sessions SET organization = 'cobalt-health' WHERE organization = 'delmar-foods'", "Session"),
        ("UPDATE sessions SET ends_at = ends_at + 1", "Session"),
        ("UPDATE sessions SET opened_at = opened_at + 1", "Session"),
        ("UPDATE sessions SET request = opened_idx", "Session"),
        ("UPDATE sessions SET opened_idx = opened_idx + 100", "Session"),
        ("UPDATE seals SET reason = 'other'", "sealed Recording"),
        ("UPDATE seals SET manifest = replace(manifest, '\"frames\":5', '\"frames\":4')", "sealed Recording"),
        ("DELETE FROM seals", "sealed Recordings"),
        ("UPDATE segments SET entry = replace(entry, '\"first_frame\":0', '\"first_frame\":1')", "sealed Recording"),
        ("DELETE FROM segments", "sealed Recording"),
        ("UPDATE progress SET writes = 0", "sealed Recording"),
        ("UPDATE progress SET refused = 9", "sealed Recording"),
        ("UPDATE progress SET exchanges = 9", "sealed Recording"),
        ("UPDATE progress SET activity = 'vvvv'", "sealed Recording"),
        ("UPDATE reviews SET verdict = 'nothing-to-report'", "review"),
        ("UPDATE reviews SET digest = token", "review"),
        ("DELETE FROM reviews", "reviews"),
        ("DELETE FROM statements WHERE typ = 'countersign.review+jws'", "gone"),
        ("DELETE FROM leaf_statements WHERE idx = 3", "statements of leaf"),
    ];
    for (sql, names) in cases {
        let what = refused_after(used().await, sql).await;
        assert!(what.contains(names), "{sql}: {what}");
    }
    used().await.restart().await;
}

#[tokio::test]
async fn t12_sealed_rows_changed_under_a_running_service_are_not_shown() {
    let cases = [
        "UPDATE personal SET sealed = zeroblob(length(sealed))",
        "UPDATE personal SET idx = idx + 1000",
        "UPDATE statements SET sealed = (SELECT s.sealed FROM statements s WHERE s.digest <> statements.digest LIMIT 1)",
        "UPDATE sessions SET detail = zeroblob(length(detail))",
        "UPDATE seals SET manifest = replace(manifest, '\"frames\":5', '\"frames\":4')",
        "UPDATE provider_keys SET jwks = zeroblob(length(jwks))",
    ];
    for sql in cases {
        let w = used().await;
        let sessions: wire::audit::Sessions = w.get_person(&w.ines, "/v1/sessions").await.json();
        let session = &sessions.sessions[1].session;
        by_hand(w.folder.path(), sql).await;
        let made = w.person(&w.ines, axum::http::Method::POST, &format!("/v1/sessions/{session}/evidence"), None).await;
        let unreadable = made.status == 503;
        let lacks = sql.contains("idx + 1000") && made.status == 200;
        assert!(unreadable || lacks, "{sql}: {}", made.status);
    }
}

#[tokio::test]
async fn l_03_the_copy_of_the_head_is_missed_when_it_is_gone() {
    let gone = async |folder: &Path| std::fs::remove_file(folder.join("objects/checkpoint")).expect("removes");
    let result = ten().await.restart_after(gone).await;
    assert!(matches!(result, Err(Error::Store(StoreError::Damaged(what))) if what.contains("copy of the head")));
}

#[tokio::test]
async fn l_11_a_key_that_is_not_pinned_signs_nothing() {
    let mut w = ten().await;
    w.config.log_name = "countersign.test/other".into();
    let result = w.restart_after(async |_: &Path| {}).await;
    assert!(matches!(result, Err(Error::Misconfigured(what)) if what.contains("log_key")));
}

#[tokio::test]
async fn l_03_a_database_that_was_rolled_back_does_not_start() {
    let sql = "DELETE FROM heads WHERE size > 9";
    let w = ten().await;
    let result = w
        .restart_after(async |folder: &Path| {
            by_hand(folder, sql).await;
            by_hand(folder, "DELETE FROM leaves WHERE idx >= 9").await;
            by_hand(folder, "DELETE FROM nodes WHERE level = 1 AND idx >= 4").await;
            by_hand(folder, "DELETE FROM personal WHERE idx >= 9").await;
        })
        .await;
    let Err(Error::Store(StoreError::Damaged(what))) = result else { panic!("it started on an older log") };
    assert!(what.contains("rolled back"), "{what}");
}

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
    let head_file = HeadFile::in_folder(folder.path());
    let mut connection = open_writer(&folder.path().join("audit.sqlite")).await.expect("opens");
    let log = check(&mut connection, &signer.verifier(), &head_file).await.expect("empty");
    let key = recording::SecretKey::from_bytes(&[9; 32]).expect("32 bytes");
    let vault = std::sync::Arc::new(crate::vault::Vault::new(key));
    load_keys(&mut connection, &vault).await.expect("a key");
    let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count").fetch_one(&mut connection).await.expect("reads");
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 12));
    sqlx::query(limit).execute(&mut connection).await.expect("limits");
    let clock = std::sync::Arc::new(domain::FixedClock::at(super::world::NOW));
    let (sequencer, writer) = Sequencer::new(connection, log, signer, vault, clock, head_file);
    let writing = tokio::spawn(sequencer.run());
    let event = |size: usize| {
        let append = Append::new(EventKind::CallRefused).personal("p", "x".repeat(size));
        NewEvent { source: wire::event::Source::Broker, append }
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
