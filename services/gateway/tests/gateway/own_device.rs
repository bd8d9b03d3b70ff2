//! A Device that its owner takes out from another one, past the broker.

use statement::{Revoked, sha256};
use wire::event::EventKind;
use wire::gateway::Revocation;

use crate::bundle::Account;
use crate::revoking::{Open, open_at};
use crate::rig::Rig;

/// A Session that Mara opened at one computer, and the enrolment of her other one, which came before or after that of the first.
async fn open(before: bool) -> (Open, String) {
    let rig = Rig::new().await;
    let enrol = |rig: &Rig| rig.people.enrols(&rig.people.mara_2, "e-1");
    let first = enrol(&rig);
    rig.clock.forward(1);
    let open = open_at(rig).await;
    open.rig.clock.forward(1);
    let enrol = if before { first } else { enrol(&open.rig) };
    (open, enrol)
}

fn device(of: &Account) -> Revoked {
    Revoked::Device(of.key.public().thumbprint())
}

fn with(mut revocation: Revocation, enrol: &str) -> Revocation {
    revocation.enrols.push(enrol.to_owned());
    revocation
}

#[tokio::test]
async fn a_device_that_its_owner_takes_out_loses_what_is_open_and_that_is_written_down() {
    let (open, enrol) = open(true).await;
    let people = &open.rig.people;
    let answer = open.bring(&with(open.revocation(&people.mara_2, device(&people.mara)), &enrol)).await;
    assert_eq!((answer.status, answer.json()["ended"].as_array().map(Vec::len)), (200, Some(1)), "{}", answer.text());
    assert!(open.is_over().await);
    open.rig.until("told", |r| r.audit.kinds().contains(&EventKind::Revoked)).await;
    let state = open.rig.audit.state.lock().unwrap();
    let revoked = state.events.iter().find(|e| e.kind == EventKind::Revoked).unwrap();
    assert_eq!(revoked.facts["revoked-device"], people.mara.key.public().thumbprint().to_string());
    assert_eq!(revoked.facts["device"], people.mara_2.key.public().thumbprint().to_string());
}

/// A stolen Device that is out already can still reach a gateway, which keeps no list; but it is given no code.
#[tokio::test]
async fn m_07_without_a_code_nobody_takes_a_device_of_their_own_out() {
    let (open, enrol) = open(true).await;
    let people = &open.rig.people;
    for mfa in [None, Some(people.mfa(&people.mara_2, None)), Some(people.mfa(&people.mara_2, Some("another")))] {
        let revocation = open.revocation(&people.mara_2, device(&people.mara));
        let answer = open.bring(&with(Revocation { mfa, ..revocation }, &enrol)).await;
        assert_eq!((answer.status, answer.code()), (403, "no-second-factor".into()));
    }
    assert_eq!(open.person.get("/o/kinloch-hotels/data").await.status, 200);
}

#[tokio::test]
async fn d_07_a_new_device_nobodys_or_anothers_takes_nothing_out() {
    let (open, late) = open(false).await;
    let people = &open.rig.people;
    let own = || open.revocation(&people.mara_2, device(&people.mara));
    let theirs = || open.revocation(&people.mara, device(&people.tomasz));
    let for_another = people.enrols(&people.tomasz, "e-4444");
    let cases = [
        ("device-too-new", with(own(), &late)),
        ("not-enrolled", own()),
        ("missing-role", theirs()),
        ("missing-role", with(theirs(), &for_another)),
        ("missing-role", open.revocation(&people.mara, Revoked::Device(sha256("no Device")))),
        // Hers, but nobody says so here.
        ("missing-role", open.revocation(&people.mara, device(&people.mara_2))),
    ];
    for (code, revocation) in cases {
        assert_eq!(open.bring(&revocation).await.code(), code);
    }
    assert_eq!(open.person.get("/o/kinloch-hotels/data").await.status, 200);
}
