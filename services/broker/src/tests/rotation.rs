use std::sync::Arc;

use serde_json::json;
use statement::{DeviceKey, Directory, Enrolments, KnownKeys, PkToken, ProviderKeys};

use super::world::{World, fields};
use crate::store::Store;

fn another_set() -> Arc<ProviderKeys> {
    let mut jwk = serde_json::to_value(DeviceKey::generate().expect("key").0.public()).expect("jwk");
    jwk["kid"] = "p2".into();
    Arc::new(ProviderKeys::from_jwks(json!({ "keys": [jwk] }).to_string().as_bytes()).expect("a set"))
}

fn ends(known: &KnownKeys) -> Vec<(String, i64)> {
    known.past().iter().map(|p| (p.keys.digest().to_string(), p.until)).collect()
}

#[tokio::test]
async fn o_14_the_sets_of_before_are_kept_over_restarts() {
    let w = World::new().await;
    let (now, old, new) = (w.broker.now(), w.broker.keys().await.expect("keys"), another_set());
    assert_eq!(ends(&old), []);
    let old = old.current().clone();
    let reopened = async || Store::open(&w.folder.path().join("broker.sqlite"), fields()).await.expect("store");
    let ended = |set: &ProviderKeys, at| vec![(set.digest().to_string(), at)];
    let known = w.broker.store.known_keys(new.clone(), now + 50).await.expect("known");
    assert_eq!(ends(&known), ended(&old, now + 50));
    let known = reopened().await.known_keys(new.clone(), now + 900).await.expect("known");
    assert_eq!(ends(&known), ended(&old, now + 50), "when it was replaced, not when it was read");
    let known = reopened().await.known_keys(old, now + 950).await.expect("known");
    assert_eq!(ends(&known), ended(&new, now + 950), "a set that came back is no past one");
}

#[tokio::test]
async fn o_14_who_was_enrolled_stays_enrolled_after_a_rotation() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let (old, new) = (w.broker.keys().await.expect("keys"), another_set());
    let token = PkToken::read(&mara.token).expect("token");
    let who = token.verify(&w.trust, old.current(), w.broker.now()).expect("identity");
    let chain = w.broker.store.chain([(who.person.clone(), who.device.clone())]).await.expect("chain");
    let enrolled = |keys: KnownKeys| {
        let directory = Directory::new(&chain.tokens, &w.trust, keys).expect("tokens");
        Enrolments::derive(&chain.enrols, &directory, &w.trust, w.broker.now()).check_person(&who).is_ok()
    };
    assert!(!enrolled(new.clone().into()));
    let known = w.broker.store.known_keys(new, w.broker.now()).await.expect("known");
    assert!(enrolled((*known).clone()));
}
