//! What the files of the broker say to whoever has them and no key.

use statement::{Verdict, base64url};

use super::world::{World, code, fields};
use crate::fields::Fields;
use crate::store::{Store, StoreError, unseal_all};

const CANARIES: [&str; 6] =
    ["canary-person", "canary-subject", "CANARY-TICKET", "canary-justification", "canary-comment", "canary-approver"];

/// The text, and what its base64url has of it wherever it begins.
fn spellings(text: &str) -> Vec<Vec<u8>> {
    let within = [0, 1, 2].map(|before: usize| {
        let encoded = base64url(format!("{}{text}", "x".repeat(before)));
        let start = (before * 8).div_ceil(6);
        encoded.as_bytes()[start..encoded.len() - 2].to_vec()
    });
    within.into_iter().chain([text.as_bytes().to_vec()]).collect()
}

/// The canaries that stand in any file of the broker's folder.
fn found(w: &World) -> Vec<&'static str> {
    let files = std::fs::read_dir(w.folder.path()).expect("folder").map(|file| file.expect("file").path());
    let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file).expect("read")).collect();
    let stands = |text: &&str| spellings(text).iter().any(|s| bytes.windows(s.len()).any(|window| window == s));
    CANARIES.into_iter().filter(stands).collect()
}

/// Everything that a person can leave behind.
async fn lived() -> World {
    let w = World::new().await;
    let mut mara = w.stranger("canary-person", "canary-subject", &["engineer"]);
    w.enrol(&mara).await;
    w.pass_factor(&mut mara).await;
    let tomasz = w.admitted("canary-approver", &["approver"]).await;
    let mut request = w.request();
    request.ticket = "CANARY-TICKET".into();
    request.justification = "The canary-justification of this request.".into();
    for verdict in [Verdict::Approve, Verdict::Deny] {
        let statement = w.sign(&mara, request.clone(), 3600);
        let id = statement::sha256(&statement);
        let sent = serde_json::json!({ "statement": statement });
        assert_eq!(w.post(&mara, "/v1/requests", sent).await.0, 200);
        let mut decision = w.decision(&id, verdict);
        decision.comment = "A canary-comment.".into();
        let statement = w.sign(&tomasz, decision, 600);
        let mfa = w.attestation(&tomasz, &statement).await;
        let decided = w.decide(&tomasz, &id, serde_json::json!({"statement": statement, "mfa": mfa})).await;
        assert_eq!(decided.0, 200, "{decided:?}");
    }
    w.get(&w.stranger("canary-person", "canary-subject", &["engineer"]), "/v1/me").await;
    w
}

#[tokio::test]
async fn l_01_no_personal_field_stands_in_the_files() {
    let w = lived().await;
    assert_eq!(found(&w), [""; 0]);
}

#[tokio::test]
async fn l_01_rows_of_earlier_versions_are_sealed_at_the_start() {
    let mut w = lived().await;
    let path = w.folder.path().join("broker.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("pool");
    unseal_all(&pool, &fields()).await;
    pool.close().await;
    assert_eq!(found(&w), CANARIES, "as an earlier version had left them");
    w.broker.store.close().await;
    w.restart().await;
    assert_eq!(found(&w), [""; 0]);
    let mara = w.broker.store.requests_of(&domain::PersonId("canary-person".into())).await.expect("rows");
    assert_eq!(mara.len(), 2);
    assert_eq!(mara[0].body.ticket, "CANARY-TICKET");
    assert_eq!(code(&w.get(&w.ben, "/v1/organizations").await).0, 200);
}

#[tokio::test]
async fn a_database_opens_with_its_own_key_only() {
    let w = World::new().await;
    let other = Fields::new(&[8; 32]).expect("key");
    let opened = Store::open(&w.folder.path().join("broker.sqlite"), other).await;
    assert!(matches!(opened, Err(StoreError::OtherKey)), "{opened:?}");
}
