//! Revocations: brought here by whoever signed them, or heard from the broker with the leases.

use std::time::{Duration, Instant};

use domain::PersonId;
use serde_json::{Value, json};
use statement::{Bundle, Revoke, Revoked, sha256};
use tokio::io::AsyncReadExt as _;
use wire::event::EventKind;
use wire::gateway::Revocation;

use crate::bundle::{Account, Wish};
use crate::endings::spools;
use crate::person::{Answer, Person};
use crate::rig::Rig;
use crate::streams::socket;

pub(crate) struct Open {
    pub(crate) rig: Rig,
    pub(crate) person: Person,
    pub(crate) bundle: Bundle,
}

async fn open() -> Open {
    open_at(Rig::new().await).await
}

pub(crate) async fn open_at(rig: Rig) -> Open {
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    assert_eq!(person.open(&bundle).await.status, 200);
    Open { rig, person, bundle }
}

impl Open {
    fn grant(&self) -> Revoked {
        Revoked::Grant(sha256(&self.bundle.request))
    }

    fn statement(&self, by: &Account, revokes: Revoked) -> String {
        self.rig.people.statement(by, Revoke { reason: "The laptop was stolen.".into(), revokes }, 300, "")
    }

    pub(crate) fn revocation(&self, by: &Account, revokes: Revoked) -> Revocation {
        // Their own token, and what enrols them down to the first administrators.
        let mut pk_tokens = self.bundle.pk_tokens.clone();
        pk_tokens.push(by.token.clone());
        let statement = self.statement(by, revokes);
        let mfa = Some(self.rig.people.mfa(by, Some(&statement)));
        Revocation { statement, mfa, pk_tokens, enrols: self.bundle.enrols.clone() }
    }

    /// Whoever brings it has no certificate.
    pub(crate) async fn bring(&self, revocation: &Revocation) -> Answer {
        let body = serde_json::to_string(revocation).unwrap();
        self.rig.stranger().call("POST", "/v1/revocations", &body).await
    }

    pub(crate) async fn is_over(&self) -> bool {
        self.person.status().await["ended_by"] == "revoked"
    }
}

#[tokio::test]
async fn a_revoked_grant_loses_every_stream_within_a_second() {
    let open = open().await;
    let (mut stream, head) = socket(&open.person, "https://payroll.test").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let began = Instant::now();
    let answer = open.bring(&open.revocation(&open.rig.people.tomasz, open.grant())).await;
    assert_eq!((answer.status, answer.json()["ended"].as_array().map(Vec::len)), (200, Some(1)), "{}", answer.text());
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(open.is_over().await);
    let refused = open.person.get("/o/kinloch-hotels/data").await;
    assert_eq!((refused.status, refused.code()), (403, "session-over".into()));
    open.rig.until("told", |r| r.audit.kinds().contains(&EventKind::Revoked)).await;
    open.rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    let state = open.rig.audit.state.lock().unwrap();
    let revoked = state.events.iter().find(|e| e.kind == EventKind::Revoked).unwrap();
    assert_eq!(revoked.facts["request"], sha256(&open.bundle.request).to_string());
    assert_eq!((&revoked.facts["ended"], &revoked.personal["person"]), (&"1".to_owned(), &"e-2".to_owned()));
    assert_eq!(state.ended.values().next().unwrap().reason, "revoked");
}

#[tokio::test]
async fn d_07_a_session_ends_with_the_device_or_the_person_of_either_signer() {
    for signer in ["mara", "tomasz"] {
        for by_device in [true, false] {
            let open = open().await;
            let people = &open.rig.people;
            let who = if signer == "mara" { &people.mara } else { &people.tomasz };
            let what = if by_device {
                Revoked::Device(who.key.public().thumbprint())
            } else {
                Revoked::Person(PersonId(who.person.clone()))
            };
            assert_eq!(open.bring(&open.revocation(&people.ben, what)).await.status, 200);
            assert!(open.is_over().await, "{signer}");
        }
    }
    // Somebody else's changes nothing.
    let open = open().await;
    let people = &open.rig.people;
    let other = Revoked::Device(people.ben.key.public().thumbprint());
    let answer = open.bring(&open.revocation(&people.ben, other)).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"ended": []})));
    assert_eq!(open.person.get("/o/kinloch-hotels/data").await.status, 200);
}

#[tokio::test]
async fn whoever_may_not_revoke_ends_nothing() {
    let open = open().await;
    let people = &open.rig.people;
    let good = || open.revocation(&people.tomasz, open.grant());
    let device = Revoked::Device(people.mara.key.public().thumbprint());
    let stale = {
        let statement = good().statement;
        open.rig.clock.forward(301);
        statement
    };
    let cases: Vec<(&str, Value)> = vec![
        ("expired", json!(Revocation { statement: stale, ..good() })),
        ("missing-role", json!(open.revocation(&people.mara, open.grant()))),
        ("missing-role", json!(open.revocation(&people.tomasz, device))),
        ("not-enrolled", json!(Revocation { enrols: Vec::new(), ..good() })),
        ("unknown-signer", json!(Revocation { pk_tokens: Vec::new(), ..good() })),
        ("wrong-kind", json!(Revocation { statement: open.bundle.decisions[0].clone(), ..good() })),
        ("malformed", json!(Revocation { enrols: vec![open.bundle.enrols[0].clone(); 33], ..good() })),
        ("malformed", json!({"statement": good().statement})),
    ];
    for (code, body) in cases {
        let answer = open.rig.stranger().call("POST", "/v1/revocations", &body.to_string()).await;
        assert_eq!(answer.code(), code, "{}", answer.text());
    }
    let mut signed_by_another = good();
    signed_by_another.statement.replace_range(signed_by_another.statement.len() - 8.., "AAAAAAAA");
    assert_eq!(open.bring(&signed_by_another).await.code(), "bad-signature");
    let long = "x".repeat(64 * 1024 + 1);
    assert!(open.rig.stranger().call("POST", "/v1/revocations", &long).await.status >= 400);
    assert_eq!(open.person.status().await["open"], true);
    open.rig.until("each is told", |r| r.audit.codes(EventKind::CallRefused).len() >= 5).await;
    assert!(!open.rig.audit.kinds().contains(&EventKind::Revoked));
}

#[tokio::test]
async fn one_that_is_brought_again_is_written_down_once() {
    let open = open().await;
    let revocation = open.revocation(&open.rig.people.tomasz, open.grant());
    assert_eq!(open.bring(&revocation).await.json()["ended"].as_array().map(Vec::len), Some(1));
    for _ in 0..3 {
        assert_eq!(open.bring(&revocation).await.json(), json!({"ended": []}));
    }
    open.rig.until("told", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    assert_eq!(open.rig.audit.kinds().iter().filter(|k| **k == EventKind::Revoked).count(), 1);
}

#[tokio::test]
async fn what_the_broker_says_is_revoked_ends_with_the_next_leases() {
    let open = open().await;
    *open.rig.broker.revoked.lock().unwrap() = vec![sha256("another request")];
    tokio::time::sleep(Duration::from_millis(5500)).await;
    assert_eq!(open.person.status().await["open"], true);
    *open.rig.broker.revoked.lock().unwrap() = vec![sha256(&open.bundle.request)];
    let began = Instant::now();
    while !open.is_over().await {
        assert!(began.elapsed() < Duration::from_secs(7), "it is still open");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn m_07_without_a_code_a_device_loses_what_is_open_and_nothing_lasting_is_written() {
    let open = open().await;
    let people = &open.rig.people;
    let device = || Revoked::Device(people.mara.key.public().thumbprint());
    for mfa in [None, Some(people.mfa(&people.ben, None)), Some(people.mfa(&people.ben, Some("another statement")))] {
        let revocation = Revocation { mfa, ..open.revocation(&people.ben, device()) };
        assert_eq!(open.bring(&revocation).await.status, 200);
    }
    assert!(open.is_over().await);
    open.rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    assert!(!open.rig.audit.kinds().contains(&EventKind::Revoked));
}

#[tokio::test]
async fn what_opens_while_it_is_revoked_ends_where_it_begins() {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    let open = Open { rig, person, bundle };
    let answer = open.bring(&open.revocation(&open.rig.people.tomasz, open.grant())).await;
    assert_eq!(answer.json(), json!({"ended": []}));
    assert_ne!(open.person.open(&open.bundle).await.status, 200);
    assert!(open.is_over().await);
}

#[tokio::test]
async fn a_session_that_somebody_ended_says_who_and_why_inside_and_in_the_log() {
    let open = open().await;
    let tomasz = &open.rig.people.tomasz;
    let named = Revoked::Sessions(vec![sha256(&open.bundle.open).into()]);
    let revocation = open.revocation(tomasz, named);
    let began = Instant::now();
    let answer = open.bring(&revocation).await;
    assert_eq!((answer.status, answer.json()["ended"].as_array().map(Vec::len)), (200, Some(1)), "{}", answer.text());
    let status = open.person.status().await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(status["ended_by"], "revoked");
    assert_eq!(status["ended_for"]["reason"], "The laptop was stolen.");
    assert!(status["ended_for"]["name"].as_str().is_some_and(|name| !name.is_empty()));
    open.rig.until("written down", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    open.rig.until("filed", |r| r.audit.kinds().contains(&EventKind::Revoked)).await;
    let state = open.rig.audit.state.lock().unwrap();
    let of = |kind| state.events.iter().find(|e| e.kind == kind).unwrap();
    let (ended, revoked) = (of(EventKind::SessionEnded), of(EventKind::Revoked));
    assert_eq!(ended.facts["revocation"], sha256(&revocation.statement).to_string());
    assert_eq!(
        (&ended.personal["person"], &ended.personal["why"]),
        (&"e-2".to_owned(), &"The laptop was stolen.".to_owned())
    );
    assert_eq!(revoked.facts["named"], "1");
    let ids: [domain::SessionId; 1] = [sha256(&open.bundle.open).into()];
    assert_eq!(revoked.facts["sessions"], Revoked::digest_of_sessions(&ids).to_string());
}

#[tokio::test]
async fn a_session_that_is_not_named_goes_on_and_nobody_ends_one_without_the_role() {
    let open = open().await;
    let people = &open.rig.people;
    let own = || vec![sha256(&open.bundle.open).into()];
    let other = Revoked::Sessions(vec![sha256("another session").into()]);
    assert_eq!(open.bring(&open.revocation(&people.tomasz, other)).await.json(), json!({"ended": []}));
    let mut two: Vec<domain::SessionId> = vec![sha256(&open.bundle.open).into(), sha256("another session").into()];
    two.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    for (by, named, code) in [
        (&people.mara, own(), "missing-role"),
        // Several at once are for reviewers.
        (&people.tomasz, two.clone(), "missing-role"),
        (&people.ben, two.clone(), "missing-role"),
    ] {
        assert_eq!(open.bring(&open.revocation(by, Revoked::Sessions(named))).await.code(), code);
    }
    two.reverse();
    for named in [vec![], two, [own(), own()].concat()] {
        assert_eq!(open.bring(&open.revocation(&people.tomasz, Revoked::Sessions(named))).await.code(), "bad-text");
    }
    assert_eq!(open.person.get("/o/kinloch-hotels/data").await.status, 200);
}

#[tokio::test]
async fn m_07_without_a_code_a_named_session_ends_and_nothing_lasting_is_written() {
    let open = open().await;
    let people = &open.rig.people;
    let named = Revoked::Sessions(vec![sha256(&open.bundle.open).into()]);
    let revocation =
        Revocation { mfa: Some(people.mfa(&people.tomasz, None)), ..open.revocation(&people.tomasz, named) };
    assert_eq!(open.bring(&revocation).await.status, 200);
    assert!(open.is_over().await);
    open.rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    assert!(!open.rig.audit.kinds().contains(&EventKind::Revoked));
}

#[tokio::test]
async fn what_a_revocation_ended_is_said_once_no_crash_can_undo_it() {
    let open = open().await;
    open.rig.audit.state.lock().unwrap().refuse_ends = 1_000;
    let spool = spools(&open.rig).remove(0);
    let in_the_way = spool.join("ended.json.new");
    std::fs::create_dir(&in_the_way).unwrap();
    let revocation = open.revocation(&open.rig.people.tomasz, open.grant());
    let freed = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_ne!(open.person.get("/o/kinloch-hotels/data").await.status, 200, "it is over before that");
        std::fs::remove_dir(&in_the_way).unwrap();
    };
    let (answer, ()) = tokio::join!(open.bring(&revocation), freed);
    assert_eq!((answer.status, answer.json()["ended"].as_array().map(Vec::len)), (200, Some(1)));
    assert!(spool.join("ended.json").exists());
}
