//! A policy that two administrators adopted, one of whom was shown another log: it is not in force here, and breaks the log.

use statement::{Adopt, Adoption, Enrol};
use wire::policies::LoggedPolicy;

use super::kept::{factor, signer};
use super::revealing::grown;
use super::*;

/// A second administrator, and Ben's word that it is her.
pub(super) fn sofia(world: &World) -> (Person, String) {
    let sofia = Person::new(&world.idp, &world.trust.issuer, "e-sofia", "Sofia Marchetti", &["administrator"]);
    let enrol = world.ben.sign(Enrol { device: sofia.thumbprint(), person: sofia.id.clone() }, NOW - 50, "");
    (sofia, enrol)
}

/// Signed by Ben and by Sofia, whom he enrolled, who had seen this; Ben is signed in.
async fn adopted_by_one_who_saw(seen: impl FnOnce(&Kept) -> String) -> Kept {
    let kept = kept().await;
    let seen = seen(&kept);
    let world = &kept.world;
    let (sofia, enrol) = sofia(world);
    let text = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2");
    let previous = world.trust.policy.clone();
    let adopt = || Adopt { comment: "As agreed on Monday.".into(), policy: sha256(&text), previous: previous.clone() };
    let statements = vec![world.ben.sign(adopt(), NOW - 20, ""), sofia.sign(adopt(), NOW - 10, &seen)];
    let mfa =
        [&world.ben, &sofia].iter().zip(&statements).map(|(who, s)| factor(world, who, Some(sha256(s)))).collect();
    let pk_tokens = vec![world.ben.pk_token.clone(), sofia.pk_token.clone()];
    let event = Event {
        v: 1,
        at: NOW * 1000,
        kind: EventKind::PolicyAdopted,
        source: Source::Broker,
        organization: None,
        session: None,
        statements: statements.iter().map(sha256).collect(),
        facts: [("policy", sha256(&text).to_string()), ("version", "2".into())].map(|(n, v)| (n.to_owned(), v)).into(),
        sealed: BTreeMap::new(),
    };
    let adoption = Adoption { text, statements, mfa, enrols: vec![enrol], pk_tokens };
    {
        let mut stored = kept.stored();
        let before = stored.entries.iter().map(|receipt| receipt.leaf.clone());
        let leaves: Vec<String> = before.chain([serde_json::to_string(&event).unwrap()]).collect();
        let receipt = grown(&mut stored, &leaves).pop().unwrap();
        let adopted = vec![LoggedPolicy { adoption, receipt }];
        stored.others.insert("/v1/policies".into(), serde_json::json!({ "adopted": adopted, "proposed": [] }));
        stored.others.insert("/v1/time".into(), serde_json::json!({ "now": (NOW + 60) * 1000 }));
    }
    let person = kept.signed_in(&kept.world.ben);
    kept.engine.inner.live().person = Some(Arc::new(person));
    kept
}

#[tokio::test]
async fn l_02_no_policy_is_in_force_here_that_one_adopted_who_was_shown_another_log() {
    for size in [1, 2, 3, 52] {
        let kept = adopted_by_one_who_saw(|_| signer().sign(size, &[9; 32])).await;
        assert_eq!(kept.engine.policies().await.unwrap_err().code, "log-broken", "{size}");
        assert_eq!(kept.joined.policies().all().len(), 1, "{size}: the pinned one is in force");
        assert_eq!(kept.engine.check_log().await.unwrap_err().code, "log-broken", "for good");
    }
    let made_up = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().sign(1, &[9; 32]);
    let kept = adopted_by_one_who_saw(|_| made_up).await;
    assert_eq!(kept.engine.policies().await.unwrap_err().code, "log-broken", "a head that the log never signed");
    assert_eq!(kept.joined.policies().all().len(), 1);
    let kept = adopted_by_one_who_saw(|kept| kept.stored().note.clone()).await;
    assert_eq!(kept.engine.policies().await.unwrap().adopted.len(), 2, "an older head is its beginning");
}
