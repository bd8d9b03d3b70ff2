//! What signers saw, in what the services write down.

use checkpoint::LogSigner;
use domain::{Clock as _, Scope};
use serve::Service;
use statement::{Enrol, sha256};
use wire::event::EventKind;

use super::super::world::{SEED, World, world};
use super::note;

fn fork(size: u64) -> String {
    LogSigner::from_seed("countersign.test/log", &SEED).expect("signer").sign(size, &[9; 32])
}

async fn said_of(w: &World, kind: EventKind) -> Option<String> {
    let event = w.newest(5).await.into_iter().find(|event| event.kind == kind).expect("written");
    event.facts.get("signer-saw").cloned()
}

#[tokio::test]
async fn l_02_an_entry_says_when_its_signer_was_shown_another_log() {
    let w = world().await;
    let own = note(&w).await;
    w.case_for("kinloch-hotels", Scope::Read, &own).await;
    assert_eq!(said_of(&w, EventKind::RequestSigned).await, None);
    let size = w.head().await.size;
    for fork in [fork(2), fork(size), fork(size + 50)] {
        w.case_for("kinloch-hotels", Scope::Read, &fork).await;
        assert_eq!(said_of(&w, EventKind::RequestSigned).await.as_deref(), Some("another-log"));
    }
}

#[tokio::test]
async fn l_02_nobody_is_enrolled_by_whoever_saw_another_log() {
    let w = world().await;
    let stranger = w.another("p-new", &[domain::Role::Engineer]);
    let body = || Enrol { device: stranger.key.public().thumbprint(), person: domain::PersonId("p-new".into()) };
    let append = |seen: &str| {
        let at = w.clock.now() - 20;
        let statement = w.ben.state(body(), at, 3600, seen);
        let attestation = w.attest_at(&w.ben, Some(sha256(&statement)), at);
        World::enrolled_by(&w.ben, &statement, &attestation)
    };
    let refused = w.post_as(Service::Broker, "/v1/events", &append(&fork(2))).await;
    assert_eq!(refused.problem(), (409, "other-log".into()));
    w.append(&append(&note(&w).await)).await;
}
