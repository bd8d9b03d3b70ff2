//! Two administrators put a policy in force; nobody else does, and nothing opens under the one before it.

use domain::Role;
use policy::Policy;
use serve::Service;
use statement::{Adopt, Adoption, Revoke, Revoked, sha256};
use wire::event::{Append, EventKind, Receipt};
use wire::policies::LoggedPolicies;

use super::world::{Answer, Case, Human, NOW, World, by_hand, check_receipt, world};
use crate::error::{Error, StoreError};

/// The compiled-in policy with the next version, and Read for an hour.
pub(super) fn next() -> String {
    Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2").replace("<= 7200", "<= 3600")
}

pub(super) async fn sofia(w: &World) -> Human {
    let sofia = w.another("p-sofia", &[Role::Administrator]);
    w.enrol(&w.ben, &sofia).await;
    sofia
}

pub(super) fn adoption(w: &World, text: &str, who: [&Human; 2]) -> Adoption {
    let body = Adopt { comment: "As agreed on Monday.".into(), policy: sha256(text), previous: w.trust.policy.clone() };
    let statements: Vec<String> = who.iter().map(|w| w.state(body.clone(), NOW - 5, 24 * 3600, "")).collect();
    let mfa = who.iter().zip(&statements).map(|(h, s)| w.attest_at(h, Some(sha256(s)), NOW - 5)).collect();
    let enrols = vec![w.enrolment(&w.ben, who[1]).0];
    let pk_tokens = who.iter().map(|h| h.token.clone()).collect();
    Adoption { text: text.to_owned(), statements, mfa, enrols, pk_tokens }
}

async fn adopt(w: &World, adoption: &Adoption) -> Answer {
    w.post_as(Service::Broker, "/v1/policies", adoption).await
}

async fn listed(w: &World) -> LoggedPolicies {
    w.get_as(Service::Gateway, "/v1/policies").await.json()
}

fn under(w: &World, case: Case) -> Case {
    let mut case = case;
    case.asked.policy = w.trust.policy.clone();
    case
}

#[tokio::test]
async fn two_administrators_put_a_policy_in_force() {
    let mut w = world().await;
    let sofia = sofia(&w).await;
    let (text, before) = (next(), w.case().await);
    let good = adoption(&w, &text, [&w.ben, &sofia]);
    let receipt: Receipt = adopt(&w, &good).await.json();
    let event = check_receipt(&w.verifier(), &receipt);
    assert_eq!((event.kind, event.facts["policy"].as_str()), (EventKind::PolicyAdopted, sha256(&text).as_str()));
    assert_eq!((event.facts["version"].as_str(), event.facts["previous"].as_str()), ("2", w.trust.policy.as_str()));
    assert_eq!(event.statements, good.statements.iter().map(sha256).collect::<Vec<_>>());
    let personal = ["administrator-0", "administrator-1", "administrator-name-0", "administrator-name-1"];
    assert!(event.sealed.keys().eq(personal.iter()), "{:?}", event.sealed);

    assert_eq!(w.open(&before).await.problem(), (409, "other-policy".into()), "asked under the one before");
    w.trust.policy = sha256(&text);
    let after = w.case_for("delmar-foods", domain::Scope::Read, "").await;
    w.open(&under(&w, after)).await.json::<Receipt>();
    let list = listed(&w).await;
    assert_eq!(list.policies.len(), 1);
    assert_eq!(list.policies[0].adoption, good);
    check_receipt(&w.verifier(), &list.policies[0].receipt);

    let w = w.restart().await;
    assert_eq!(listed(&w).await.policies[0].adoption, good);
    assert_eq!(w.open(&before).await.problem(), (409, "other-policy".into()), "and after a restart");
    let other = w.case_for("fjord", domain::Scope::Read, "").await;
    w.open(&under(&w, other)).await.json::<Receipt>();
}

#[tokio::test]
async fn a_23_nobody_else_puts_one_in_force() {
    let w = world().await;
    let sofia = sofia(&w).await;
    let good = adoption(&w, &next(), [&w.ben, &sofia]);
    let size = w.head().await.size;
    for (service, status) in [(Service::Gateway, 403), (Service::Audit, 403)] {
        assert_eq!(w.post_as(service, "/v1/policies", &good).await.problem().0, status);
    }
    let refused: [(fn(&mut Adoption), u16, &str); 6] = [
        (|a| drop((a.statements.pop(), a.mfa.pop(), a.pk_tokens.pop(), a.enrols.pop())), 409, "too-few-administrators"),
        (|a| a.statements.swap(0, 1), 403, "no-second-factor"),
        (|a| a.mfa.clear(), 403, "no-second-factor"),
        (|a| a.enrols.clear(), 403, "not-enrolled"),
        (|a| a.text.push('\n'), 409, "other-policy"),
        (|a| a.pk_tokens.clear(), 403, "unknown-signer"),
    ];
    for (change, status, code) in refused {
        let mut altered = good.clone();
        change(&mut altered);
        assert_eq!(adopt(&w, &altered).await.problem(), (status, code.to_owned()));
    }
    let skipped = next().replace("\"version\": 2", "\"version\": 3");
    let skipped = adoption(&w, &skipped, [&w.ben, &sofia]);
    assert_eq!(adopt(&w, &skipped).await.problem(), (409, "not-a-successor".into()));
    let of_engineers = adoption(&w, &next(), [&w.ben, &w.mara]);
    assert_eq!(adopt(&w, &of_engineers).await.problem(), (403, "missing-role".into()));
    let entries = w.newest(usize::try_from(w.head().await.size - size).expect("few")).await;
    assert!(listed(&w).await.policies.is_empty());
    assert!(entries.iter().all(|e| e.kind == EventKind::CallRefused), "{entries:?}");
    assert_eq!(entries.len(), 10, "and each stands in the log");
}

#[tokio::test]
async fn a_policy_is_adopted_once_and_while_its_signatures_are_fresh() {
    let w = world().await;
    let sofia = sofia(&w).await;
    let good = adoption(&w, &next(), [&w.ben, &sofia]);
    w.clock.advance(24 * 3600);
    assert_eq!(adopt(&w, &good).await.problem(), (409, "expired".into()));
    let w = world().await;
    let sofia = self::sofia(&w).await;
    let good = adoption(&w, &next(), [&w.ben, &sofia]);
    let other = adoption(&w, &next().replace("<= 3600", "<= 1800"), [&w.ben, &sofia]);
    let answers = futures_util::future::join_all([&good, &other, &good].map(|one| adopt(&w, one))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    for answer in answers.iter().filter(|a| a.status != 200) {
        assert_eq!(answer.problem(), (409, "other-policy".into()));
    }
    assert_eq!(listed(&w).await.policies.len(), 1);
}

#[tokio::test]
async fn d_07_a_revoked_administrator_adopts_nothing() {
    let w = world().await;
    let sofia = sofia(&w).await;
    let good = adoption(&w, &next(), [&w.ben, &sofia]);
    let what = Revoked::Device(sofia.key.public().thumbprint());
    let revoke = w.ben.state(Revoke { reason: "The computer was stolen.".into(), revokes: what.clone() }, NOW, 300, "");
    let mfa = w.attest_at(&w.ben, Some(sha256(&revoke)), NOW);
    let device = sofia.key.public().thumbprint();
    let append = Append::new(EventKind::Revoked).fact("revoked-device", device.as_str());
    w.append(&append.statement(revoke).statement(&w.ben.token).statement(mfa)).await;
    assert_eq!(adopt(&w, &good).await.problem(), (403, "revoked".into()));
    assert!(listed(&w).await.policies.is_empty());
}

#[tokio::test]
async fn no_service_writes_the_entry_by_itself() {
    let w = world().await;
    for service in [Service::Broker, Service::Gateway] {
        let event = Append::new(EventKind::PolicyAdopted).fact("policy", "x").fact("version", "2");
        assert_eq!(w.post_as(service, "/v1/events", &event).await.problem().0, 403);
        let mut event = Append::new(EventKind::CallRefused);
        event.unique = Some("policy/2".into());
        assert_eq!(w.post_as(service, "/v1/events", &event).await.problem().0, 403, "nor takes its place");
    }
}

#[tokio::test]
async fn a_row_that_is_not_what_the_log_says_stops_the_start() {
    for (sql, why) in [
        ("DELETE FROM policies", "there are not as many policies as the log says"),
        ("UPDATE policies SET digest = 'x'", "is not what the log says"),
        ("UPDATE policies SET version = 3", "is not what the log says"),
    ] {
        let w = world().await;
        let sofia = sofia(&w).await;
        adopt(&w, &adoption(&w, &next(), [&w.ben, &sofia])).await.json::<Receipt>();
        let started = w.restart_after(async |folder| by_hand(folder, sql).await).await;
        let Err(Error::Store(StoreError::Damaged(said))) = started else { panic!("{sql}: {started:?}") };
        assert!(said.contains(why), "{said}");
    }
}
