use std::path::Path;

use checkpoint::LogSigner;
use serve::Service;
use wire::audit::{Acknowledged, Inclusion};
use wire::event::{Append, EventKind, Receipt};

use super::world::{World, bare, by_hand, frames, hash, world};
use crate::error::{Error, StoreError};

pub async fn ten() -> World {
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
        ("INSERT INTO leaf_statements VALUES ('x', 99)", "leaf 99"),
        ("UPDATE nodes SET idx = 7 WHERE level = 1 AND idx = 4", "nodes"),
        ("UPDATE owner_keys SET wrapped = zeroblob(length(wrapped))", "key"),
    ];
    for (sql, names) in cases {
        let what = refused_after(ten().await, sql).await;
        assert!(what.contains(names), "{sql}: {what}");
    }
}

/// Two Sessions, one of them sealed and reviewed.
pub async fn used() -> World {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    w.open(&w.case_for("delmar-foods", domain::Scope::Read, "").await).await.json::<Receipt>();
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
        ("DELETE FROM taken WHERE token LIKE 'audit/grant/%'", "Grant"),
        ("UPDATE taken SET idx = idx + 1 WHERE token LIKE 'audit/grant/%'", "Grant"),
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

/// The tree grows from what the service remembers: what is stored says less, never something else.
#[tokio::test]
async fn t22_a_bit_that_flips_under_a_running_service_is_in_no_head_and_in_no_proof_that_holds() {
    let flips = [
        "UPDATE leaves SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"n\":\"3\"', '\"n\":\"7\"') AS BLOB) WHERE idx = 4",
        "UPDATE leaves SET hash = (SELECT l.hash FROM leaves l WHERE l.idx = 5) WHERE idx = 4",
        "UPDATE leaves SET hash = (SELECT l.hash FROM leaves l WHERE l.idx = 5) WHERE idx = 10",
        "UPDATE nodes SET hash = (SELECT hash FROM leaves WHERE idx = 4) WHERE level = 1 AND idx = 4",
        "UPDATE nodes SET hash = (SELECT hash FROM leaves WHERE idx = 4) WHERE level = 3 AND idx = 0",
    ];
    for flip in flips {
        let w = ten().await;
        let said = async |index: u64, size: u64| -> Inclusion {
            w.get_as(Service::Broker, &format!("/v1/inclusion?index={index}&size={size}")).await.json()
        };
        let (mut leaves, mut size) = (Vec::new(), w.head().await.size);
        while (leaves.len() as u64) < size {
            leaves.push(said(leaves.len() as u64, size).await.leaf);
            // Whoever reads is written down.
            size = w.head().await.size;
        }
        by_hand(w.folder.path(), flip).await;
        for n in 10..17 {
            let receipt = w.append(&Append::new(EventKind::CallRefused).fact("n", n.to_string())).await;
            leaves.push(receipt.leaf);
        }
        let hashes: Vec<merkle::Hash> = leaves.iter().map(|leaf| merkle::leaf_hash(leaf.as_bytes())).collect();
        let head = w.head().await;
        assert_eq!((head.size, head.root), (leaves.len() as u64, merkle::root(&hashes)), "{flip}");
        let mut broken = 0;
        for (index, leaf) in (0..).zip(&leaves) {
            let shown = said(index, head.size).await;
            let path: Vec<_> = shown.path.iter().map(hash).collect();
            let shown_hash = merkle::leaf_hash(shown.leaf.as_bytes());
            match merkle::verify_inclusion(index, head.size, &shown_hash, &path, &head.root) {
                Ok(()) => assert_eq!(shown.leaf, *leaf, "{flip}"),
                Err(_) => broken += 1,
            }
        }
        assert!(broken > 0, "{flip}: nothing flipped");
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

    // The name stays, and the key is another one.
    let mut w = ten().await;
    let other = LogSigner::from_seed("countersign.test/log", &[8; 32]).expect("signer");
    w.config.trust.log_key = other.verifier_key();
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
