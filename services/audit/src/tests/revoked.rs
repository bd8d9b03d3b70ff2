//! What is revoked opens nothing, enrols nobody and reads nothing.

use domain::{PersonId, Role};
use serve::Service;
use statement::{Directory, Enrol, Enrolments, Revoke, Revoked, sha256, verify_factor_for, verify_kept_revoke};
use wire::audit::{LoggedRevocation, OwnRevocation};
use wire::event::{Append, EventKind, Receipt, Source};

use super::world::{Case, Human, NOW, World, by_hand, check_receipt, world};
use crate::error::{Error, StoreError};

fn revocation(by: &Human, what: Revoked) -> String {
    by.state(Revoke { reason: "The computer was stolen.".into(), revokes: what }, NOW, 300, "")
}

/// As the broker writes it down.
pub(super) fn revoked(w: &World, by: &Human, what: Revoked) -> Append {
    let append = Append::new(EventKind::Revoked);
    let append = match &what {
        Revoked::Grant(request) => append.fact("request", request.as_str()),
        Revoked::Device(device) => append.fact("revoked-device", device.as_str()),
        Revoked::Person(person) => append.personal("revoked-person", &person.0),
        Revoked::Sessions(sessions) => append.fact("sessions", Revoked::digest_of_sessions(sessions).as_str()),
    };
    let statement = revocation(by, what);
    let mfa = w.attest_at(by, Some(sha256(&statement)), NOW);
    append.statement(statement).statement(&by.token).statement(mfa)
}

fn device(of: &Human) -> Revoked {
    Revoked::Device(of.key.public().thumbprint())
}

fn person(of: &Human) -> Revoked {
    Revoked::Person(PersonId(of.person.into()))
}

async fn is_refused(w: &World, case: &Case) {
    assert_eq!(w.open(case).await.problem(), (403, "revoked".into()));
    let entry = w.newest(1).await.remove(0);
    assert_eq!((entry.kind, entry.source), (EventKind::SessionRefused, Source::Audit));
    assert_eq!(entry.facts["code"], "revoked");
}

#[tokio::test]
async fn a_grant_that_was_revoked_opens_nothing() {
    let w = world().await;
    let (case, other) = (w.case().await, w.case().await);
    w.append(&revoked(&w, &w.tomasz, Revoked::Grant(sha256(&case.bundle.request)))).await;
    is_refused(&w, &case).await;
    let w = w.restart().await;
    is_refused(&w, &case).await;
    w.open(&other).await.json::<Receipt>();
}

#[tokio::test]
async fn d_07_nothing_opens_that_a_revoked_device_or_person_signed() {
    for what in [
        |w: &World| device(&w.mara),
        |w: &World| device(&w.tomasz),
        |w: &World| person(&w.mara),
        |w: &World| person(&w.tomasz),
    ] {
        let w = world().await;
        let (case, before) = (w.case().await, w.case().await);
        w.open(&before).await.json::<Receipt>();
        let size = w.head().await.size;
        w.append(&revoked(&w, &w.ben, what(&w))).await;
        is_refused(&w, &case).await;
        assert_eq!(w.head().await.size, size + 2);
        // The receipt of what was open before is still to be had by whoever lost it.
        w.open(&before).await.json::<Receipt>();
    }
}

#[tokio::test]
async fn a_person_s_devices_count_again_once_they_are_enrolled_again_and_a_revoked_device_never() {
    for (what, opens) in [(person as fn(&Human) -> Revoked, true), (device, false)] {
        let w = world().await;
        w.append(&revoked(&w, &w.ben, what(&w.mara))).await;
        let case = w.case().await;
        is_refused(&w, &case).await;
        let again = Enrol { device: w.mara.key.public().thumbprint(), person: PersonId(w.mara.person.into()) };
        let again = w.ben.state(again, NOW, 3600, "");
        let attestation = w.attest_at(&w.ben, Some(sha256(&again)), NOW);
        w.append(&World::enrolled_by(&w.ben, &again, &attestation)).await;
        if opens {
            w.open(&case).await.json::<Receipt>();
        } else {
            is_refused(&w, &case).await;
        }
    }
}

#[tokio::test]
async fn d_07_a_revoked_device_or_person_reads_nothing_and_enrols_nobody() {
    for what in [device as fn(&Human) -> Revoked, person] {
        let w = world().await;
        assert_eq!(w.get_person(&w.ines, "/v1/events").await.status, 200);
        w.append(&revoked(&w, &w.ben, what(&w.ines))).await;
        assert_eq!(w.get_person(&w.ines, "/v1/events").await.problem(), (403, "revoked".into()));
        let another = w.another("p-new", &[Role::Reviewer]);
        let late = w.enrolled(&w.ben, &another);
        w.append(&revoked(&w, &w.ben, what(&w.ben))).await;
        let answer = w.post_as(Service::Broker, "/v1/events", &late).await;
        assert_eq!(answer.problem(), (403, "revoked".into()));
        // What a Device enrolled before it was revoked stays enrolled.
        w.open(&w.case().await).await.json::<Receipt>();
    }
}

#[tokio::test]
async fn a_revocation_is_written_down_as_its_statement_says_it() {
    let w = world().await;
    let good = revoked(&w, &w.ben, device(&w.mara));
    let mut named_otherwise = good.clone();
    named_otherwise.facts.insert("revoked-device".into(), sha256("another").to_string());
    let mut nameless = good.clone();
    nameless.facts.clear();
    let mut empty = good.clone();
    empty.statements.clear();
    let another_person = revoked(&w, &w.ben, person(&w.mara)).personal("revoked-person", "p-tomasz");
    let twice = good.clone().statement(revocation(&w.ben, device(&w.tomasz)));
    for bad in [named_otherwise, nameless, empty, another_person, twice] {
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &bad).await.problem(), (400, "bad-event".into()));
    }
    let mut taken = Append::new(EventKind::CallRefused);
    taken.unique = Some("revoke/x".into());
    for (service, append) in [(Service::Audit, &good), (Service::Broker, &taken)] {
        assert_eq!(w.post_as(service, "/v1/events", append).await.problem(), (403, "other-service".into()));
    }
    w.append(&good).await;
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &good).await.problem(), (409, "already-taken".into()));
    // The gateway says for itself what it heard.
    w.post_as(Service::Gateway, "/v1/events", &good).await.json::<Receipt>();
    w.restart().await;
}

#[tokio::test]
async fn whoever_takes_a_revocation_back_by_hand_is_noticed() {
    for change in [
        "DELETE FROM revoked",
        "UPDATE revoked SET subject = 'device:x'",
        "INSERT INTO revoked (subject, idx) VALUES ('device:x', 0)",
    ] {
        let w = world().await;
        w.append(&revoked(&w, &w.ben, device(&w.mara))).await;
        let Err(Error::Store(StoreError::Damaged(what))) =
            w.restart_after(async |folder| by_hand(folder, change).await).await
        else {
            panic!("{change}: it started");
        };
        assert!(what.contains("revocation"), "{what}");
    }
}

#[tokio::test]
async fn a_session_does_not_go_on_after_a_restart_of_the_gateway_once_it_is_revoked() {
    for what in ["grant", "device", "person"] {
        let w = world().await;
        let (session, _, case) = w.session().await;
        let resumed = Append::new(EventKind::SessionResumed).organization(&case.organization).session(&session);
        w.post_as(Service::Gateway, "/v1/events", &resumed).await.json::<Receipt>();
        let what = match what {
            "grant" => Revoked::Grant(sha256(&case.bundle.request)),
            "device" => device(&w.mara),
            _ => person(&w.mara),
        };
        w.append(&revoked(&w, &w.ben, what)).await;
        let answer = w.post_as(Service::Gateway, "/v1/events", &resumed).await;
        assert_eq!(answer.problem(), (403, "revoked".into()));
    }
}

#[tokio::test]
async fn a_session_that_was_ended_by_name_does_not_go_on_and_the_others_do() {
    let w = world().await;
    let opened = [w.session().await, w.session().await, w.session().await];
    let mut named: Vec<domain::SessionId> = opened[..2].iter().map(|(session, ..)| session.clone()).collect();
    named.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    let good = revoked(&w, &w.ines, Revoked::Sessions(named.clone()));
    let mut other = good.clone();
    other.facts.insert("sessions".into(), Revoked::digest_of_sessions(&named[..1]).to_string());
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &other).await.problem(), (400, "bad-event".into()));
    let mut without_code = good.clone();
    without_code.statements.truncate(2);
    let refused = w.post_as(Service::Broker, "/v1/events", &without_code).await.problem();
    assert_eq!(refused, (403, "no-second-factor".into()));
    let by_tomasz = revoked(&w, &w.tomasz, Revoked::Sessions(named));
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &by_tomasz).await.problem(), (403, "missing-role".into()));
    w.append(&good).await;
    let w = w.restart().await;
    for (place, (session, _, case)) in opened.iter().enumerate() {
        let resumed = Append::new(EventKind::SessionResumed).organization(&case.organization).session(session);
        let answer = w.post_as(Service::Gateway, "/v1/events", &resumed).await;
        if place < 2 {
            assert_eq!(answer.problem(), (403, "revoked".into()));
        } else {
            answer.json::<Receipt>();
        }
    }
    let error = w.restart_after(async |folder| {
        by_hand(folder, "DELETE FROM revoked WHERE subject = (SELECT MIN(subject) FROM revoked)").await
    });
    assert!(matches!(error.await, Err(Error::Store(StoreError::Damaged(what))) if what.contains("revocation")));
}

#[tokio::test]
async fn nobody_is_kept_out_by_a_revocation_that_nobody_could_sign() {
    let w = world().await;
    let stranger = w.another("p-stranger", &[Role::Administrator]);
    let grant = || Revoked::Grant(sha256("a request"));
    let mut forged = revoked(&w, &w.ben, device(&w.mara));
    let signature = forged.statements[0].len() - 8;
    forged.statements[0].replace_range(signature.., "AAAAAAAA");
    let mut without_token = revoked(&w, &w.ben, device(&w.mara));
    without_token.statements.remove(1);
    let mut without_code = revoked(&w, &w.ben, person(&w.mara));
    without_code.statements.truncate(2);
    for (append, code) in [
        (revoked(&w, &w.tomasz, device(&w.mara)), "missing-role"),
        (revoked(&w, &w.mara, grant()), "missing-role"),
        (revoked(&w, &stranger, device(&w.mara)), "not-enrolled"),
        (forged, "bad-signature"),
        (without_token, "unknown-signer"),
        (without_code, "no-second-factor"),
    ] {
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &append).await.problem(), (403, code.into()));
    }
    w.append(&revoked(&w, &w.ben, device(&w.ines))).await;
    let by_the_revoked = revoked(&w, &w.ines, grant());
    assert_eq!(w.post_as(Service::Gateway, "/v1/events", &by_the_revoked).await.problem(), (403, "revoked".into()));
    w.open(&w.case().await).await.json::<Receipt>();
}

#[tokio::test]
async fn what_was_acted_on_in_time_is_written_down_however_late_and_by_both_who_heard_it() {
    let w = world().await;
    for append in [revoked(&w, &w.tomasz, Revoked::Grant(sha256("a request"))), revoked(&w, &w.ben, device(&w.ben))] {
        w.clock.advance(3600);
        w.append(&append).await;
        w.post_as(Service::Gateway, "/v1/events", &append).await.json::<Receipt>();
    }
}

#[tokio::test]
async fn o_14_an_enrolment_or_a_revocation_stands_where_it_is_checked_and_nowhere_else() {
    let w = world().await;
    let another = w.another("p-new", &[Role::Reviewer]);
    let (enrol, _) = w.enrolment(&w.ben, &another);
    let revoke = revocation(&w.ben, device(&w.mara));
    for text in [&enrol, &revoke] {
        let append = Append::new(EventKind::CallRefused).statement(text).statement(&w.ben.token);
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &append).await.problem(), (400, "bad-event".into()));
    }
    assert_eq!(w.get_person(&another, "/v1/events").await.problem(), (403, "not-enrolled".into()));
    w.open(&w.case().await).await.json::<Receipt>();
}

#[tokio::test]
async fn d_07_a_made_up_enrolment_brings_no_revoked_person_back() {
    let w = world().await;
    w.append(&revoked(&w, &w.ben, person(&w.mara))).await;
    let case = w.case().await;
    is_refused(&w, &case).await;
    let again = Enrol { device: w.mara.key.public().thumbprint(), person: PersonId(w.mara.person.into()) };
    // By somebody who is no administrator, and by nobody at all.
    let by_tomasz = w.tomasz.state(again.clone(), NOW, 3600, "");
    let mut by_nobody = w.ben.state(again, NOW, 3600, "");
    by_nobody.replace_range(by_nobody.len() - 8.., "AAAAAAAA");
    for (by, enrol, code) in [(&w.tomasz, by_tomasz, "missing-role"), (&w.ben, by_nobody, "bad-signature")] {
        let mfa = w.attest_at(by, Some(sha256(&enrol)), NOW);
        let append = World::enrolled_by(by, &enrol, &mfa);
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &append).await.problem(), (403, code.into()));
    }
    is_refused(&w, &case).await;
}

async fn told(w: &World, who: &Human) -> Option<LoggedRevocation> {
    w.get_person(who, "/v1/me/revocation").await.json::<OwnRevocation>().logged
}

/// Everything that its holder needs to see for themselves that this Device is out: from the entry down to the first administrators.
async fn holds(w: &World, logged: &LoggedRevocation, what: &Revoked) {
    let event = check_receipt(&w.verifier(), &logged.receipt);
    assert_eq!((event.kind, event.statements.contains(&sha256(&logged.statement))), (EventKind::Revoked, true));
    let keys = w.service.audit.upgrade().expect("runs").known_keys(None).await.expect("keys");
    let directory = Directory::of_stored(&logged.pk_tokens, &w.trust, &keys);
    let enrolments = Enrolments::derive(&logged.enrols, &directory, &w.trust, NOW);
    let signer = verify_kept_revoke(&logged.statement, &directory, &enrolments, &w.trust, NOW).expect("it holds");
    assert_eq!(signer.statement.body().revokes, *what);
    let mfa = logged.mfa.as_deref().expect("a code");
    verify_factor_for(signer.statement.digest(), &signer.identity.kid, mfa, &w.trust).expect("of exactly this");
}

#[tokio::test]
async fn a_revoked_device_is_told_by_which_entry_and_nobody_else_is() {
    let w = world().await;
    let second = w.another(w.mara.person, &[Role::Engineer]);
    w.enrol(&w.ben, &second).await;
    assert_eq!(told(&w, &w.mara).await, None);
    let append = revoked(&w, &second, device(&w.mara));
    w.append(&append).await;
    w.post_as(Service::Gateway, "/v1/events", &append).await.json::<Receipt>();
    let w = w.restart().await;
    let logged = told(&w, &w.mara).await.expect("it is out");
    assert_eq!(logged.statement, append.statements[0]);
    holds(&w, &logged, &device(&w.mara)).await;
    assert_eq!(told(&w, &second).await, None, "not of another Device of theirs");
    assert_eq!(told(&w, &w.tomasz).await, None);
    assert_eq!(told(&w, &w.another("p-stranger", &[Role::Engineer])).await, None);
    // It is all that a revoked Device is told.
    assert_eq!(w.get_person(&w.mara, "/v1/sessions").await.problem(), (403, "revoked".into()));
    let (nobody, _) = w.get_as(Service::Broker, "/v1/me/revocation").await.problem();
    assert_eq!(nobody, 401);
}

#[tokio::test]
async fn whoever_is_enrolled_again_after_their_person_was_revoked_is_told_nothing_more() {
    let w = world().await;
    w.append(&revoked(&w, &w.ben, person(&w.mara))).await;
    let logged = told(&w, &w.mara).await.expect("it is out");
    holds(&w, &logged, &person(&w.mara)).await;
    assert!(!logged.enrols.is_empty(), "when this Device was enrolled");
    let again = Enrol { device: w.mara.key.public().thumbprint(), person: PersonId(w.mara.person.into()) };
    let again = w.ben.state(again, NOW, 3600, "");
    let attestation = w.attest_at(&w.ben, Some(sha256(&again)), NOW);
    w.append(&World::enrolled_by(&w.ben, &again, &attestation)).await;
    assert_eq!(told(&w, &w.mara).await, None);
}
