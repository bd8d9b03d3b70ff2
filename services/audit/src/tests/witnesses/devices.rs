use axum::http::{Method, StatusCode};
use checkpoint::WitnessSigner;
use domain::Clock as _;
use statement::{KnownKeys, WitnessKey, device_witness};
use wire::audit::{NewCosignature, Witnesses};

use super::super::log::refused;
use super::super::world::{Answer, Human, World, world};
use super::{list, note};

pub fn witness(w: &World, who: &Human, seed: u8) -> WitnessSigner {
    let name = device_witness(&w.trust, &who.key.public().thumbprint());
    WitnessSigner::from_seed(&name, &[seed; 32]).expect("a name")
}

pub fn brought(w: &World, who: &Human, key: &WitnessSigner, note: &str, at: i64) -> NewCosignature {
    let (head, own) = w.verifier().open_cosigned(note).expect("signed");
    let line = key.cosign(&head, u64::try_from(at).expect("positive")).line;
    let body = WitnessKey { key: key.verifier().verifier_key() };
    NewCosignature { checkpoint: own + &line, statement: who.state(body, w.clock.now(), 3600, note) }
}

async fn bring(w: &World, who: &Human, brought: &NewCosignature) -> Answer {
    w.person(who, Method::POST, "/v1/cosignatures", Some(serde_json::to_vec(brought).expect("json"))).await
}

#[tokio::test]
async fn a_desktop_s_cosignature_is_shown_with_why_it_is_that_device_s() {
    let w = world().await;
    let key = witness(&w, &w.ines, 1);
    // That she was shown who cosigned is an entry, once an hour.
    bring(&w, &w.ines, &brought(&w, &w.ines, &key, &note(&w).await, w.clock.now())).await.json::<Witnesses>();
    let seen = note(&w).await;
    let answer: Witnesses = bring(&w, &w.ines, &brought(&w, &w.ines, &key, &seen, w.clock.now())).await.json();
    let shown = note(&w).await;
    assert_eq!(w.verifier().open(&shown), w.verifier().open(&seen), "no entry says so: the head is the same");
    assert!(key.verifier().cosigned(&shown).is_ok());
    let device = &answer.devices[0];
    assert!(key.verifier().cosigned(&device.checkpoint).is_ok());
    // Anybody who pins the issuer and the first administrators can hold it to them.
    let keys: wire::audit::ProviderKeySets = w.get("/v1/provider-keys").await.json();
    let keys = statement::ProviderKeys::from_jwks(keys.sets[0].jwks.as_bytes()).expect("keys");
    let known = KnownKeys::from(&keys);
    let tokens: Vec<String> = answer.tokens.iter().chain([&device.token]).cloned().collect();
    let directory = statement::Directory::of_stored(&tokens, &w.trust, &known);
    let enrolments = statement::Enrolments::derive(&answer.enrols, &directory, &w.trust, w.clock.now());
    let now = w.clock.now();
    let signer = statement::verify_witness_key(&device.statement, &directory, &enrolments, &w.trust, now);
    let signer = signer.expect("an enrolled Device said so");
    assert_eq!(signer.identity.person.0, w.ines.person);
    assert_eq!(signer.statement.body().key, key.verifier().verifier_key());
    let w = w.restart().await;
    assert_eq!(list(&w).await.devices.len(), 1, "it is kept");
}

#[tokio::test]
async fn the_last_one_of_each_device_is_kept() {
    let w = world().await;
    let (ines, mara) = (witness(&w, &w.ines, 1), witness(&w, &w.mara, 2));
    let old = note(&w).await;
    bring(&w, &w.mara, &brought(&w, &w.mara, &mara, &old, w.clock.now())).await.json::<Witnesses>();
    w.append(&refused(0)).await;
    let new = note(&w).await;
    bring(&w, &w.ines, &brought(&w, &w.ines, &ines, &new, w.clock.now())).await.json::<Witnesses>();
    bring(&w, &w.ines, &brought(&w, &w.ines, &ines, &old, w.clock.now())).await.json::<Witnesses>();
    let sizes: Vec<u64> =
        list(&w).await.devices.iter().map(|d| w.verifier().open(&d.checkpoint).expect("signed").size).collect();
    let size = |note: &str| w.verifier().open(note).expect("signed").size;
    assert_eq!(sizes, [size(&new), size(&old)], "an older head comes late and changes nothing");
}

#[tokio::test]
async fn what_is_no_cosignature_of_this_device_is_refused() {
    let w = world().await;
    let (now, seen) = (w.clock.now(), note(&w).await);
    let key = witness(&w, &w.ines, 1);
    let good = brought(&w, &w.ines, &key, &seen, now);
    let with = |change: fn(&mut NewCosignature)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad
    };
    let others = brought(&w, &w.mara, &witness(&w, &w.mara, 2), &seen, now);
    let unbound = brought(&w, &w.ines, &witness(&w, &w.ines, 7), &seen, now);
    let fork = checkpoint::LogSigner::from_seed("countersign.test/log", &super::super::world::SEED).expect("signer");
    let fork = fork.sign(w.head().await.size, &[9; 32]);
    let statement = w.ines.state(WitnessKey { key: key.verifier().verifier_key() }, now, 3600, &fork);
    let saw_another_log = NewCosignature { statement, ..good.clone() };
    let cases = [
        (saw_another_log, 409, "other-log"),
        (others, 403, "unknown-signer"),
        (brought(&w, &w.ines, &witness(&w, &w.mara, 1), &seen, now), 403, "other-witness"),
        (NewCosignature { statement: unbound.statement, ..good.clone() }, 409, "not-a-cosignature"),
        (brought(&w, &w.ines, &key, &seen, now - 3600), 409, "not-a-cosignature"),
        (brought(&w, &w.ines, &key, &seen, now + 3600), 409, "not-a-cosignature"),
        (brought(&w, &w.ines, &key, &fork, now), 409, "other-log"),
        (with(|b| b.checkpoint.push_str("x\n")), 409, "other-log"),
        (with(|b| b.checkpoint = b.checkpoint.replace("device/", "device/A")), 409, "not-a-cosignature"),
        (with(|b| b.statement.push('A')), 403, "bad-signature"),
    ];
    for (bad, status, code) in cases {
        assert_eq!(bring(&w, &w.ines, &bad).await.problem(), (status, code.to_owned()));
    }
    w.clock.advance(9 * 3600);
    let late = w.again_now(&w.ines, &[domain::Role::Reviewer]);
    assert_eq!(bring(&w, &late, &good).await.problem().1, "unknown-signer", "of an earlier sign-in");
    assert!(list_of(&w, &late).await.devices.is_empty());
    let stranger = w.another_now("p-nobody", &[domain::Role::Engineer]);
    let own = brought(&w, &stranger, &witness(&w, &stranger, 3), &note(&w).await, w.clock.now());
    assert_eq!(bring(&w, &stranger, &own).await.status, StatusCode::FORBIDDEN, "not enrolled");
}

async fn list_of(w: &World, who: &Human) -> Witnesses {
    w.get_person(who, "/v1/witnesses").await.json()
}
