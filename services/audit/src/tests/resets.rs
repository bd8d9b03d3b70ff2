//! Resets of second factors, as the broker writes them down.

use domain::{PersonId, Role};
use serve::Service;
use statement::{ResetFactor, sha256};
use wire::event::{Append, EventKind, Receipt};

use super::world::{Human, NOW, World, world};

fn statement(by: &Human, whom: &Human, at: i64) -> String {
    let reset = ResetFactor { person: PersonId(whom.person.into()), reason: "The phone fell into the sea.".into() };
    by.state(reset, at, 300, "")
}

/// As the broker writes it down.
fn written(by: &Human, whom: &Human, statement: &str, mfa: &str) -> Append {
    Append::new(EventKind::SecondFactorReset)
        .fact("device", by.key.public().thumbprint().as_str())
        .fact("attestation", sha256(mfa).as_str())
        .personal("reset-person", whom.person)
        .statement(statement)
        .statement(mfa)
        .statement(&by.token)
}

pub(super) fn reset(w: &World, by: &Human, whom: &Human) -> Append {
    let statement = statement(by, whom, NOW);
    written(by, whom, &statement, &w.attest_at(by, Some(sha256(&statement)), NOW))
}

#[tokio::test]
async fn m_12_a_reset_is_written_down_once_and_as_its_statement_says_it() {
    let w = world().await;
    let good = reset(&w, &w.ben, &w.tomasz);
    let mut named_otherwise = good.clone().personal("reset-person", w.mara.person);
    let mut nameless = good.clone();
    nameless.personal.clear();
    let mut empty = good.clone();
    empty.statements.remove(0);
    let twice = good.clone().statement(statement(&w.ben, &w.mara, NOW));
    let mut unnamed_code = good.clone();
    unnamed_code.facts.remove("attestation");
    let another_s_token = good.clone().statement(&w.mara.token);
    named_otherwise.unique = Some("factor-reset/x".into());
    for bad in [named_otherwise, nameless, empty, twice, unnamed_code, another_s_token] {
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &bad).await.problem(), (400, "bad-event".into()));
    }
    let mut taken = Append::new(EventKind::CallRefused);
    taken.unique = Some("reset/x".into());
    for (service, append) in [(Service::Gateway, &good), (Service::Audit, &good), (Service::Broker, &taken)] {
        assert_eq!(w.post_as(service, "/v1/events", append).await.problem(), (403, "other-service".into()));
    }
    w.append(&good).await;
    let mut again = good.clone();
    again.unique = Some("factor-reset/another".into());
    for again in [good, again] {
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &again).await.problem(), (409, "already-taken".into()));
    }
    w.restart().await;
}

#[tokio::test]
async fn m_12_nobody_resets_who_may_not_sign_it() {
    let w = world().await;
    let stranger = w.another("p-stranger", &[Role::Administrator]);
    let mut forged = reset(&w, &w.ben, &w.mara);
    let signature = forged.statements[0].len() - 8;
    forged.statements[0].replace_range(signature.., "AAAAAAAA");
    let mut without_token = reset(&w, &w.ben, &w.mara);
    without_token.statements.remove(2);
    let fresh = statement(&w.ben, &w.mara, NOW);
    let with_code_of = |mfa: &str| written(&w.ben, &w.mara, &fresh, mfa);
    for (append, status, code) in [
        (reset(&w, &w.tomasz, &w.mara), 403, "missing-role"),
        (reset(&w, &w.ben, &w.ben), 403, "same-person"),
        (reset(&w, &stranger, &w.mara), 403, "not-enrolled"),
        (forged, 403, "bad-signature"),
        (without_token, 403, "unknown-signer"),
        (with_code_of(&w.attest_at(&w.ben, None, NOW)), 403, "no-second-factor"),
        (with_code_of(&w.attest_at(&w.ben, Some(sha256("another")), NOW)), 403, "no-second-factor"),
        (with_code_of(&w.attest_at(&w.tomasz, Some(sha256(&fresh)), NOW)), 403, "no-second-factor"),
        (with_code_of(&w.attest_at(&w.ben, Some(sha256(&fresh)), NOW - 301)), 403, "second-factor-too-old"),
    ] {
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &append).await.problem(), (status, code.into()));
    }
    // The revoked resets nobody.
    let revoke = statement::Revoke {
        reason: "The computer was stolen.".into(),
        revokes: statement::Revoked::Device(w.ben.key.public().thumbprint()),
    };
    let revoke = w.ben.state(revoke, NOW, 300, "");
    let revoked = Append::new(EventKind::Revoked)
        .fact("revoked-device", w.ben.key.public().thumbprint().as_str())
        .statement(&revoke)
        .statement(&w.ben.token);
    w.append(&revoked).await;
    let late = reset(&w, &w.ben, &w.mara);
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &late).await.problem(), (403, "revoked".into()));
}

#[tokio::test]
async fn m_12_an_old_reset_is_not_written_down() {
    let w = world().await;
    let old = reset(&w, &w.ben, &w.mara);
    w.clock.advance(300);
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &old).await.problem(), (409, "expired".into()));
}

#[tokio::test]
async fn m_12_a_reset_stands_where_it_is_checked_and_nowhere_else() {
    let w = world().await;
    let reset = statement(&w.ben, &w.mara, NOW);
    for kind in [EventKind::CallRefused, EventKind::SecondFactorReplaced] {
        let append = Append::new(kind).statement(&reset).statement(&w.ben.token);
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &append).await.problem(), (400, "bad-event".into()));
    }
    w.post_as(Service::Broker, "/v1/events", &self::reset(&w, &w.ben, &w.mara)).await.json::<Receipt>();
}
