//! Grants, Devices and persons that are revoked: in force at once, written down, and never given a lease again.

use std::sync::atomic::Ordering;

use domain::{Digest, PersonId};
use serde_json::{Value, json};
use statement::{DeviceKey, Revoke, Revoked, sha256};
use wire::event::EventKind;

use super::pushing::Stream;
use super::world::{Account, Answered, World, code};

fn revoke(what: Revoked) -> Revoke {
    Revoke { reason: "The computer was stolen.".into(), revokes: what }
}

fn device(of: &Account) -> Revoked {
    Revoked::Device(of.key.public().thumbprint())
}

fn person(of: &Account) -> Revoked {
    Revoked::Person(PersonId(of.person.clone()))
}

impl World {
    async fn revoke_grant(&self, by: &Account, id: &Digest) -> Answered {
        let statement = self.sign(by, revoke(Revoked::Grant(id.clone())), 60);
        self.post(by, "/v1/revocations", json!({"statement": statement, "mfa": null})).await
    }

    async fn revoke(&self, by: &Account, what: Revoked) -> Answered {
        let statement = self.sign(by, revoke(what), 60);
        let mfa = self.attestation(by, &statement).await;
        self.post(by, "/v1/revocations", json!({"statement": statement, "mfa": mfa})).await
    }

    /// An open Session of this request; gives what its lease is asked with.
    async fn open_session(&self, id: &Digest) -> Value {
        let session = sha256(format!("session of {id}"));
        let ends_at = self.broker.now() + 1800;
        let opened = json!({"kind": "opened", "request": id, "session": session, "ends_at": ends_at});
        assert_eq!(self.as_gateway("/v1/session-changes", opened).await.0, 204);
        json!({"sessions": [{"session": session, "request": id}]})
    }

    async fn leases(&self, asked: &Value) -> (usize, Value) {
        let (_, answer) = self.as_gateway("/v1/leases", asked.clone()).await;
        (answer["leases"].as_array().expect("leases").len(), answer["revoked"].clone())
    }
}

const DONE: Answered = (204, Value::Null);

#[tokio::test]
async fn a_revoked_grant_gets_no_lease_and_whoever_asked_hears_of_it() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let (id, other) = (w.ask(&mara).await, w.ask(&mara).await);
    for id in [&id, &other] {
        w.approve(&tomasz, id).await;
    }
    let (asked, asked_other) = (w.open_session(&id).await, w.open_session(&other).await);
    assert_eq!(w.leases(&asked).await, (1, json!([])));
    assert_eq!(w.revoke_grant(&tomasz, &id).await, DONE);
    assert_eq!(w.leases(&asked).await, (0, json!([id])));
    assert_eq!(w.leases(&asked_other).await, (1, json!([])));
    let entry = w.log.last();
    assert_eq!((entry.kind, &entry.facts["request"]), (EventKind::Revoked, &id.to_string()));
    assert_eq!(entry.organization.map(|o| o.to_string()).as_deref(), Some("kinloch-hotels"));
    assert!(entry.session.is_some() && entry.personal["person"] == "e-200");
    let session = asked["sessions"][0]["session"].clone();
    let ended = json!({"kind": "ended", "request": id, "session": session, "reason": "revoked"});
    assert_eq!(w.as_gateway("/v1/session-changes", ended).await.0, 204);
    let (_, view) = w.get(&mara, &format!("/v1/requests/{id}")).await;
    assert_eq!((&view["state"], &view["ended_by"]), (&json!("ended"), &json!("revoked")));
    assert_eq!(code(&w.revoke_grant(&tomasz, &id).await), (409, "already-decided"));
}

#[tokio::test]
async fn sessions_that_somebody_ends_get_no_lease_and_each_other_goes_on() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let ines = w.admitted("e-300", &["reviewer"]).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let id = w.ask(&mara).await;
        w.approve(&tomasz, &id).await;
        open.push((id.clone(), w.open_session(&id).await));
    }
    let session = |at: usize| -> domain::SessionId { sha256(format!("session of {}", open[at].0)).into() };
    let mut named = vec![session(0), session(1)];
    named.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    let unknown = Revoked::Sessions(vec![sha256("nowhere").into()]);
    assert_eq!(code(&w.revoke(&ines, unknown).await), (409, "no-such-session"));
    let statement = w.sign(&ines, revoke(Revoked::Sessions(named.clone())), 60);
    let without = w.post(&ines, "/v1/revocations", json!({"statement": statement, "mfa": null})).await;
    assert_eq!(code(&without).0, 403, "{without:?}");
    for (_, asked) in &open {
        assert_eq!(w.leases(asked).await.0, 1);
    }
    assert_eq!(code(&w.revoke(&tomasz, Revoked::Sessions(named.clone())).await), (403, "missing-role"));
    assert_eq!(w.revoke(&ines, Revoked::Sessions(named.clone())).await, DONE);
    let entry = w.log.last();
    assert_eq!((entry.kind, entry.facts["named"].as_str()), (EventKind::Revoked, "2"));
    assert_eq!(entry.facts["sessions"], Revoked::digest_of_sessions(&named).to_string());
    let leased: Vec<usize> =
        [w.leases(&open[0].1).await.0, w.leases(&open[1].1).await.0, w.leases(&open[2].1).await.0].into();
    assert_eq!(leased, [0, 0, 1]);
    assert_eq!(w.revoke(&tomasz, Revoked::Sessions(vec![session(2)])).await, DONE);
    assert_eq!(w.leases(&open[2].1).await, (0, json!([open[2].0])));
}

#[tokio::test]
async fn a_grant_that_was_revoked_before_it_was_opened_is_over() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let ines = w.admitted("e-300", &["reviewer"]).await;
    let (waiting, approved) = (w.ask(&mara).await, w.ask(&mara).await);
    w.approve(&tomasz, &approved).await;
    for id in [&waiting, &approved] {
        assert_eq!(w.revoke_grant(&ines, id).await, DONE);
        let (_, view) = w.get(&mara, &format!("/v1/requests/{id}")).await;
        assert_eq!((&view["state"], &view["ended_by"]), (&json!("ended"), &json!("revoked")));
        assert_eq!(w.get(&mara, &format!("/v1/requests/{id}/materials")).await.0, 409);
        assert_eq!(w.leases(&json!({"sessions": [{"session": sha256("s"), "request": id}]})).await, (0, json!([id])));
    }
    // The gateway had opened it, and its word was on its way: the Session ends, and that is kept.
    let session = sha256("late");
    let opened = json!({"kind": "opened", "request": approved, "session": session, "ends_at": w.broker.now() + 9});
    assert_eq!(w.as_gateway("/v1/session-changes", opened).await.0, 409);
    let ended = json!({"kind": "ended", "request": approved, "session": session, "reason": "revoked"});
    assert_eq!(w.as_gateway("/v1/session-changes", ended).await.0, 204);
}

#[tokio::test]
async fn d_07_a_revoked_device_or_person_calls_nothing_and_what_they_signed_is_cut() {
    for what in [device as fn(&Account) -> Revoked, person] {
        for signer in ["requester", "approver"] {
            let w = World::new().await;
            let mara = w.admitted("e-100", &["engineer"]).await;
            let tomasz = w.admitted("e-200", &["approver"]).await;
            let (open, unopened) = (w.ask(&mara).await, w.ask(&mara).await);
            for id in [&open, &unopened] {
                w.approve(&tomasz, id).await;
            }
            let asked = w.open_session(&open).await;
            let (theirs, other) = if signer == "requester" { (&mara, &tomasz) } else { (&tomasz, &mara) };
            let mut stream = Stream::open(&w, theirs).await;
            assert_eq!(w.revoke(&w.ben, what(theirs)).await, DONE);
            assert!(stream.ended().await, "{signer}");
            assert_eq!(w.leases(&asked).await, (0, json!([open])));
            let (_, view) = w.get(other, &format!("/v1/requests/{unopened}")).await;
            assert_eq!(view["ended_by"], "revoked");
            for path in ["/v1/me", "/v1/requests?view=mine", "/v1/stream"] {
                assert_eq!(code(&w.get(theirs, path).await), (403, "revoked"), "{path}");
                assert_eq!(w.log.last().facts["code"], "revoked");
            }
            assert_eq!(w.get(other, "/v1/me").await.0, 200);
        }
    }
}

#[tokio::test]
async fn a_revoked_person_comes_back_with_a_device_that_is_enrolled_anew_and_the_old_one_stays_out() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    assert_eq!(w.revoke(&w.ben, person(&mara)).await, DONE);
    w.clock.advance(1);
    let key = DeviceKey::generate().expect("key").0;
    let again = w.sign_in_again(&mara, key, &["engineer"]);
    w.enrol(&again).await;
    assert_eq!(w.get(&again, "/v1/me").await.1["enrolled"], true);
    assert_eq!(code(&w.get(&mara, "/v1/me").await), (403, "revoked"));
    let (_, devices) = w.get(&w.ben, "/v1/devices").await;
    let of_mara: Vec<bool> = devices
        .as_array()
        .expect("devices")
        .iter()
        .filter(|d| d["person"] == "e-100")
        .map(|d| d["revoked"].as_bool().expect("a flag"))
        .collect();
    assert_eq!(of_mara, [false, true], "{devices}");
}

#[tokio::test]
async fn a_first_administrator_s_device_can_be_revoked_too() {
    for what in [device as fn(&Account) -> Revoked, person] {
        let w = World::new().await;
        let second = w.admitted("e-901", &["administrator"]).await;
        assert_eq!(w.revoke(&second, what(&w.ben)).await, DONE);
        assert_eq!(code(&w.get(&w.ben, "/v1/me").await), (403, "revoked"));
    }
}

#[tokio::test]
async fn who_may_revoke_what() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver", "reviewer"]).await;
    let id = w.ask(&mara).await;
    assert_eq!(code(&w.revoke_grant(&mara, &id).await), (403, "missing-role"));
    for what in [device(&mara), person(&mara)] {
        assert_eq!(code(&w.revoke(&tomasz, what).await), (403, "missing-role"));
        assert_eq!(w.log.last().facts["code"], "missing-role");
    }
    let mine = w.sign(&tomasz, revoke(Revoked::Grant(id.clone())), 60);
    let body = json!({"statement": mine, "mfa": null});
    assert_eq!(code(&w.post(&w.ben, "/v1/revocations", body).await).0, 403, "somebody else's signature");
    let unknown = Revoked::Grant(sha256("no request"));
    let unknown = w.sign(&tomasz, revoke(unknown), 60);
    assert_eq!(w.post(&tomasz, "/v1/revocations", json!({"statement": unknown, "mfa": null})).await.0, 404);
    // One's own computer: whoever gives it back need ask nobody.
    assert_eq!(w.revoke(&mara, device(&mara)).await, DONE);
    assert_eq!(code(&w.get(&mara, "/v1/me").await), (403, "revoked"));
}

#[tokio::test]
async fn m_07_a_device_or_person_is_revoked_with_a_code_for_exactly_that() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let statement = w.sign(&w.ben, revoke(device(&mara)), 60);
    let other = w.sign(&w.ben, revoke(person(&mara)), 60);
    let of_another = w.attestation(&w.ben, &other).await;
    for mfa in [Value::Null, json!(of_another)] {
        let body = json!({"statement": statement, "mfa": mfa});
        assert_eq!(code(&w.post(&w.ben, "/v1/revocations", body).await), (403, "no-second-factor"));
    }
    assert_eq!(w.get(&mara, "/v1/me").await.0, 200);
}

#[tokio::test]
async fn a_revocation_is_in_force_while_the_log_is_away_and_is_written_down_after_a_restart() {
    let mut w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    w.approve(&tomasz, &id).await;
    let asked = w.open_session(&id).await;
    w.log.away.store(true, Ordering::SeqCst);
    assert_eq!(w.revoke_grant(&tomasz, &id).await, DONE);
    assert_eq!(w.leases(&asked).await, (0, json!([id])));
    w.restart().await;
    assert_eq!(w.leases(&asked).await, (0, json!([id])));
    let revoked = |w: &World| w.log.kinds().iter().filter(|kind| **kind == EventKind::Revoked).count();
    assert_eq!(revoked(&w), 0);
    w.log.away.store(false, Ordering::SeqCst);
    for _ in 0..2 {
        w.broker.go_on_revoking().await.expect("written");
        assert_eq!(revoked(&w), 1);
    }
    // An entry whose acknowledgement was lost is not written twice.
    let other = w.ask(&mara).await;
    w.log.mute.store(true, Ordering::SeqCst);
    assert_eq!(w.revoke_grant(&tomasz, &other).await, DONE);
    w.log.mute.store(false, Ordering::SeqCst);
    w.broker.go_on_revoking().await.expect("written");
    assert_eq!(revoked(&w), 2);
}
