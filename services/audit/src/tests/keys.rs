use domain::PersonId;
use statement::{Enrol, sha256};
use wire::audit::ProviderKeySets;
use wire::event::{Event, EventKind, Source};

use super::world::{World, bare, check_receipt, world};

#[tokio::test]
async fn the_sets_of_the_issuer_are_given_to_anybody_with_their_proof() {
    let w = world().await;
    let given: ProviderKeySets = w.get("/v1/provider-keys").await.json();
    let [set] = &given.sets[..] else { panic!("one set") };
    let event: Event = check_receipt(&w.verifier(), &set.receipt);
    assert_eq!((event.kind, event.source), (EventKind::ProviderKeysSeen, Source::Audit));
    assert_eq!(event.facts["provider-keys"], sha256(&set.jwks).to_string());
    assert_eq!(identity::logged_keys([(set.receipt.index, event, set.jwks.as_str())]).expect("sound").len(), 1);
    let index = set.receipt.index;

    let w = w.restart().await;
    let again: ProviderKeySets = w.get("/v1/provider-keys").await.json();
    assert_eq!(again.sets.iter().map(|s| s.receipt.index).collect::<Vec<_>>(), [index], "seen before, written once");
}

#[tokio::test]
async fn a_token_that_signed_nothing_is_not_kept_beside_an_enrolment() {
    let w = bare().await;
    let enrol = Enrol { device: sha256("a Device"), person: PersonId("p-x".into()) };
    let enrol = w.ben.state(enrol, super::world::NOW, 300, "");
    let code = w.attest_at(&w.ben, Some(sha256(&enrol)), super::world::NOW);
    let append = World::enrolled_by(&w.ben, &enrol, &code).statement(&w.mara.token);
    let answer = w.post_as(serve::Service::Broker, "/v1/events", &append).await;
    assert_eq!(answer.problem().0, 400);
    let append = World::enrolled_by(&w.ben, &enrol, &code);
    assert_eq!(w.post_as(serve::Service::Broker, "/v1/events", &append).await.status, 200);
}
