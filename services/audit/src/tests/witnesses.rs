pub mod devices;
mod lost;
mod saw;
mod stand_in;

use std::time::Duration;

use axum::http::Method;
use wire::audit::{WitnessTrouble, Witnesses};
use wire::event::EventKind;
use wire::evidence::{Content, Evidence};
use wire::join::{PinnedKeys, TrustFile};

use self::stand_in::{How, StandIn};
use super::log::refused;
use super::world::{World, bare, bare_with};

/// Until it holds; a second is long here.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..250 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}");
}

pub async fn note(w: &World) -> String {
    String::from_utf8(w.get("/checkpoint").await.body).expect("text")
}

async fn list(w: &World) -> Witnesses {
    w.get_person(&w.ines, "/v1/witnesses").await.json()
}

async fn with(witness: &StandIn) -> World {
    let w = bare_with(vec![witness.config()]).await;
    w.enrol_everybody().await;
    w
}

#[tokio::test]
async fn every_head_is_shown_to_a_witness_and_served_with_its_cosignature() {
    let witness = StandIn::start(1).await;
    let w = with(&witness).await;
    for n in 0..30 {
        w.append(&refused(n)).await;
    }
    until("it cosigns the last head", async || witness.verifier.cosigned(&note(&w).await).is_ok()).await;
    let head = w.head().await;
    let shown = list(&w).await.outside;
    assert_eq!((shown.len(), shown[0].trouble), (1, None));
    let last = shown[0].checkpoint.clone().expect("cosigned");
    assert_eq!(w.verifier().open(&last), Ok(head));
    assert!(witness.verifier.cosigned(&last).is_ok());
    assert_eq!(witness.most_at_once(), 1, "one call at a time");
    assert!(witness.calls() < 30, "heads that came meanwhile are passed over: {}", witness.calls());
    until("it cosigns the entry that she was shown it", async || witness.verifier.cosigned(&note(&w).await).is_ok())
        .await;
    let w = w.restart().await;
    assert!(witness.verifier.cosigned(&note(&w).await).is_ok(), "it is kept");
    w.append(&refused(99)).await;
    until("it goes on after a restart", async || witness.verifier.cosigned(&note(&w).await).is_ok()).await;
}

/// Asked for right after the Session opened: the witness has a moment to see all that the file rests on.
#[tokio::test]
async fn evidence_names_what_witnesses_saw_and_whoever_pins_them_counts_them() {
    let witness = StandIn::start(1).await;
    let w = with(&witness).await;
    let session = w.session().await.0;
    let file = w.person(&w.ines, Method::POST, &format!("/v1/sessions/{session}/evidence"), None).await;
    let evidence: Evidence = file.json();
    let content: Content = serde_json::from_str(&evidence.content).expect("content");
    let pinned = PinnedKeys { jwks: content.provider_keys, until: None };
    let trust = |witness: &StandIn| TrustFile {
        trust: w.trust.clone(),
        provider_keys: vec![pinned.clone()],
        witnesses: vec![witness.verifier.verifier_key()],
        quorum: 1,
    };
    let said = verify::verify(&file.body, &trust(&witness)).expect("the offline verifier accepts it").to_string();
    assert!(said.contains("everything that this file rests on is among them"), "{said}");
    let other = verify::verify(&file.body, &trust(&StandIn::start(2).await)).expect_err("nobody whom they know");
    assert_eq!(other.part, "witnesses", "{other}");
    let without = Evidence { heads: Vec::new(), ..evidence };
    let without = serde_json::to_vec(&without).expect("json");
    assert_eq!(verify::verify(&without, &trust(&witness)).expect_err("left out").part, "heads");
}

#[tokio::test]
async fn no_append_waits_for_a_witness() {
    let witness = StandIn::start(1).await;
    let w = with(&witness).await;
    witness.is(How::Silent);
    let appending = async {
        for n in 0..20 {
            w.append(&refused(n)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), appending).await.expect("nothing waits");
    assert_eq!(witness.most_at_once(), 1);
    assert!(witness.verifier.cosigned(&note(&w).await).is_err());
}

#[tokio::test]
async fn a_witness_that_comes_back_goes_on_from_what_it_saw() {
    let witness = StandIn::start(1).await;
    let w = with(&witness).await;
    for (how, trouble) in [
        (How::Says(500, String::new()), WitnessTrouble::Refused { status: 500 }),
        (How::Says(404, "unknown origin\n".into()), WitnessTrouble::Refused { status: 404 }),
        (How::Says(403, String::new()), WitnessTrouble::Refused { status: 403 }),
        (How::Says(200, "\u{2014} somebody AAAAAAAA\n".into()), WitnessTrouble::NoCosignature),
        (How::Says(200, "x".repeat(100_000)), WitnessTrouble::Refused { status: 200 }),
    ] {
        witness.is(how);
        w.append(&refused(0)).await;
        until("it says why not", async || list(&w).await.outside[0].trouble == Some(trouble)).await;
        assert!(witness.verifier.cosigned(&note(&w).await).is_err());
        witness.is(How::Honest);
        until("it goes on", async || witness.verifier.cosigned(&note(&w).await).is_ok()).await;
        assert_eq!(list(&w).await.outside[0].trouble, None);
    }
}

#[tokio::test]
async fn a_cosignature_by_another_key_is_not_shown() {
    let (witness, other) = (StandIn::start(1).await, StandIn::start(2).await);
    let mut config = witness.config();
    config.url = other.config().url;
    let w = bare_with(vec![config]).await;
    w.enrol_everybody().await;
    until("it is noticed", async || list(&w).await.outside[0].trouble == Some(WitnessTrouble::NoCosignature)).await;
    let note = note(&w).await;
    assert!(witness.verifier.cosigned(&note).is_err() && other.verifier.cosigned(&note).is_err());
}

/// T13: the second log of one key is not cosigned, and says aloud that somebody saw another.
#[tokio::test]
async fn l_10_a_witness_that_saw_another_log_of_this_key_is_heard() {
    let witness = StandIn::start(1).await;
    let other = with(&witness).await;
    until("the first log is cosigned", async || witness.verifier.cosigned(&note(&other).await).is_ok()).await;
    let first = note(&other).await;
    // While the witness says nothing the second one starts, and grows beyond the first.
    witness.is(How::Says(503, String::new()));
    let w = with(&witness).await;
    for n in 0..20 {
        w.append(&refused(n)).await;
    }
    witness.is(How::Honest);
    until("it is heard", async || list(&w).await.outside[0].trouble == Some(WitnessTrouble::NotConsistent)).await;
    // Behind it may stand that she was shown it.
    let told = async || w.newest(2).await.into_iter().find(|event| event.kind == EventKind::WitnessContradicts);
    until("it is written down", async || told().await.is_some()).await;
    let event = told().await.expect("it stands there");
    assert_eq!((event.facts["code"].as_str(), event.facts["witness"].as_str()), ("not-consistent", "witness.test/1"));
    let calls = witness.calls();
    until("it is asked again", async || witness.calls() >= calls + 2).await;
    let heard = w.newest(10).await.iter().filter(|event| event.kind == EventKind::WitnessContradicts).count();
    assert_eq!(heard, 1, "once, however often it is asked");
    assert!(witness.verifier.cosigned(&note(&w).await).is_err(), "a fork is not cosigned");
    // Whoever holds a head of each log holds the proof: both are signed with the pinned key, and no path leads on.
    let (one, two) = (other.verifier().open(&first).expect("signed"), w.head().await);
    let proof: wire::audit::Consistency =
        w.get(&format!("/v1/consistency?from={}&to={}", one.size, two.size)).await.json();
    let path: Vec<merkle::Hash> = proof.path.iter().map(super::world::hash).collect();
    assert!(merkle::verify_consistency(one.size, two.size, &path, &one.root, &two.root).is_err());
}

#[tokio::test]
async fn a_witness_is_configured_once_with_a_key_and_an_address_that_can_be_one() {
    let witness = StandIn::start(1).await;
    let good = witness.config();
    let mut w = bare().await;
    let mut bad = [good.clone(), good.clone(), good.clone()];
    bad[0].url = "http://witness.test".into();
    bad[1].key = w.trust.log_key.clone();
    bad[2].ca = Some("missing.pem".into());
    for witnesses in bad.into_iter().map(|one| vec![one]).chain([vec![good.clone(), good]]) {
        w.stop_for(|_| ()).await;
        w.config.witnesses = witnesses;
        assert!(w.begin().await.is_err(), "{:?}", w.config.witnesses);
        w.config.witnesses.clear();
        w.begin().await.expect("starts");
    }
}
