//! What signers saw: where something is given it is a condition, and where something is taken away it is told.

use checkpoint::LogSigner;
use domain::{Clock as _, PersonId, Role, Scope};
use serve::Service;
use statement::{Enrol, Revoked, Withdraw, sha256};
use wire::event::{Append, EventKind};

use super::super::policies::{adoption, next};
use super::super::resets::reset;
use super::super::reviews;
use super::super::revoked::revoked;
use super::super::world::{Answer, Human, NOW, SEED, World, away, body, world};
use super::note;

fn fork(size: u64) -> String {
    LogSigner::from_seed("countersign.test/log", &SEED).expect("signer").sign(size, &[9; 32])
}

/// Of a size that the log had, of its own, and of one that it has not.
async fn forks(w: &World) -> [String; 3] {
    let size = w.head().await.size;
    [fork(2), fork(size), fork(size + 50)]
}

fn show(people: &[&Human], note: &str) {
    for one in people {
        note.clone_into(&mut one.saw.lock().expect("nobody panicked"));
    }
}

fn other_log() -> (u16, String) {
    (409, "other-log".into())
}

async fn written(w: &World, append: &Append) -> Answer {
    w.post_as(Service::Broker, "/v1/events", append).await
}

/// What the newest entry of this kind says.
async fn said_of(w: &World, kind: EventKind) -> Option<String> {
    let event = w.newest(9).await.into_iter().find(|event| event.kind == kind).expect("written");
    event.facts.get("signer-saw").cloned()
}

#[tokio::test]
async fn l_02_nothing_is_asked_approved_or_reset_by_whoever_saw_another_log() {
    let w = world().await;
    for fork in forks(&w).await {
        let case = w.unlogged_case_for("kinloch-hotels", Scope::Read, &fork);
        show(&[&w.ben], &fork);
        for append in [case.asked_for(), case.approved(), reset(&w, &w.ben, &w.tomasz)] {
            assert_eq!(written(&w, &append).await.problem(), other_log(), "{:?}", append.kind);
        }
    }
    let own = note(&w).await;
    w.case_for("kinloch-hotels", Scope::Read, &own).await;
    show(&[&w.ben], &own);
    w.append(&reset(&w, &w.ben, &w.tomasz)).await;
    assert_eq!(said_of(&w, EventKind::SecondFactorReset).await, None);
}

#[tokio::test]
async fn l_02_what_administrators_sign_together_has_no_effect_when_one_saw_another_log() {
    let w = world().await;
    let sofia = w.sofia().await;
    let both = [&w.ben, &sofia];
    for fork in forks(&w).await {
        show(&[&sofia], &fork);
        let adopted = w.post_as(Service::Broker, "/v1/policies", &adoption(&w, &next(), both)).await;
        assert_eq!(adopted.problem(), other_log());
        assert_eq!(w.permit(&w.permission(&body(), both)).await.problem(), other_log());
        assert_eq!(w.forget(&w.forgetting(&away("kinloch-hotels"), both)).await.problem(), other_log());
    }
    show(&[&sofia], &note(&w).await);
    assert_eq!(w.permit(&w.permission(&body(), both)).await.status, 200);
    let adopted = w.post_as(Service::Broker, "/v1/policies", &adoption(&w, &next(), both)).await;
    assert_eq!(adopted.status, 200);
}

#[tokio::test]
async fn l_02_nobody_s_enrolment_by_whoever_saw_another_log_counts_for_what_administrators_sign() {
    let w = world().await;
    let sofia = w.sofia().await;
    let mut good = adoption(&w, &next(), [&w.ben, &sofia]);
    let enrol = Enrol { device: sofia.key.public().thumbprint(), person: PersonId(sofia.person.into()) };
    good.enrols = vec![w.ben.state(enrol, NOW - 40, 3600, &fork(2))];
    assert_eq!(w.post_as(Service::Broker, "/v1/policies", &good).await.problem(), other_log());
}

#[tokio::test]
async fn l_02_no_review_and_no_opened_mark_by_whoever_saw_another_log() {
    let w = world().await;
    let session = w.masked().await;
    let (reviewed, review) = reviews::sealed(&w).await;
    for fork in forks(&w).await {
        show(&[&w.ines], &fork);
        let wanted = w.reveal_by(&w.ines, &w.wanted(&w.ines, &session), None);
        assert_eq!(w.sign_reveal(&w.ines, &wanted).await.problem(), other_log());
        let statement = w.ines.state(review.clone(), NOW, 300, "");
        assert_eq!(reviews::send(&w, &w.ines, &reviewed, statement).await.problem(), other_log());
    }
    show(&[&w.ines], &note(&w).await);
    w.propose_reveal(&w.ines, &session).await;
    let statement = w.ines.state(review, NOW, 300, "");
    assert_eq!(reviews::send(&w, &w.ines, &reviewed, statement).await.status, 200);
}

#[tokio::test]
async fn l_02_what_is_taken_away_is_written_down_and_says_that_its_signer_saw_another_log() {
    let w = world().await;
    let [one, two, three] = forks(&w).await;
    let case = w.unlogged_case();
    let withdraw = |seen: &str| {
        let statement = w.mara.state(Withdraw { request: sha256(&case.bundle.request) }, NOW, 300, seen);
        case.over(EventKind::RequestWithdrawn).statement(statement)
    };
    w.append(&withdraw(&one)).await;
    assert_eq!(said_of(&w, EventKind::RequestWithdrawn).await.as_deref(), Some("another-log"));
    let denied = w.unlogged_case_for("kinloch-hotels", Scope::Read, &two);
    w.append(&denied.over(EventKind::Denied).statement(&denied.bundle.decisions[0])).await;
    assert_eq!(said_of(&w, EventKind::Denied).await.as_deref(), Some("another-log"));
    show(&[&w.tomasz], &three);
    w.append(&revoked(&w, &w.tomasz, Revoked::Grant(sha256(&case.bundle.request)))).await;
    assert_eq!(said_of(&w, EventKind::Revoked).await.as_deref(), Some("another-log"));
    let own = note(&w).await;
    w.append(&withdraw(&own)).await;
    assert_eq!(said_of(&w, EventKind::RequestWithdrawn).await, None);
}

#[tokio::test]
async fn l_02_nobody_is_enrolled_by_whoever_saw_another_log() {
    let w = world().await;
    let stranger = w.another("p-new", &[Role::Engineer]);
    let body = || Enrol { device: stranger.key.public().thumbprint(), person: PersonId("p-new".into()) };
    let append = |seen: &str| {
        let at = w.clock.now() - 20;
        let statement = w.ben.state(body(), at, 3600, seen);
        let attestation = w.attest_at(&w.ben, Some(sha256(&statement)), at);
        World::enrolled_by(&w.ben, &statement, &attestation)
    };
    let refused = w.post_as(Service::Broker, "/v1/events", &append(&fork(2))).await;
    assert_eq!(refused.problem(), other_log());
    w.append(&append(&note(&w).await)).await;
}
