//! More time in an open Session: asked for, countersigned, told, and leased.

use domain::{Digest, Scope};
use serde_json::{Value, json};
use statement::{DeviceKey, Extends, Request, Terms, Verdict, sha256};
use wire::event::EventKind;

use super::world::{Account, Answered, World, code};

struct Inside {
    w: World,
    mara: Account,
    tomasz: Account,
    id: Digest,
    session: Digest,
    opened_at: i64,
}

impl Inside {
    async fn new() -> Self {
        let w = World::new().await;
        let mara = w.admitted("e-100", &["engineer"]).await;
        let tomasz = w.admitted("e-200", &["approver"]).await;
        let id = w.ask(&mara).await;
        w.approve(&tomasz, &id).await;
        let (session, opened_at) = (sha256("session"), w.broker.now());
        let opened = json!({"kind": "opened", "request": id, "session": session, "ends_at": opened_at + 1800});
        assert_eq!(w.as_gateway("/v1/session-changes", opened).await.0, 204);
        Self { w, mara, tomasz, id, session, opened_at }
    }

    fn more(&self, seconds: i64) -> Request {
        let extends = Extends {
            ends_at: self.opened_at + 1800,
            opened_at: self.opened_at,
            request: self.id.clone(),
            session: self.session.clone().into(),
        };
        Request { duration_seconds: seconds, extends: Some(extends), ..self.w.request() }
    }

    async fn approve(&self, id: &Digest, terms: Terms) -> Answered {
        let decision = statement::Decision { terms, ..self.w.decision(id, Verdict::Approve) };
        let statement = self.w.sign(&self.tomasz, decision, 600);
        let mfa = self.w.attestation(&self.tomasz, &statement).await;
        self.w.decide(&self.tomasz, id, json!({"statement": statement, "mfa": mfa})).await
    }

    /// Asked for and countersigned.
    async fn granted(&self, seconds: i64) -> Digest {
        let statement = self.w.sign(&self.mara, self.more(seconds), 1200);
        let (status, view) = self.w.post(&self.mara, "/v1/requests", json!({ "statement": statement })).await;
        assert_eq!(status, 200, "{view}");
        let id = sha256(statement);
        let answer = self.approve(&id, Terms { duration_seconds: seconds, scope: Scope::Read }).await;
        assert_eq!((answer.0, &answer.1["state"]), (200, &json!("approved")));
        id
    }

    async fn tell(&self, extension: &Digest, ends_at: i64) -> Answered {
        let told = json!({
            "kind": "extended", "request": self.id, "session": self.session, "extension": extension, "ends_at": ends_at,
        });
        self.w.as_gateway("/v1/session-changes", told).await
    }

    async fn leases(&self) -> (usize, Value) {
        let asked = json!({"sessions": [{"session": self.session, "request": self.id}]});
        let (_, answer) = self.w.as_gateway("/v1/leases", asked).await;
        (answer["leases"].as_array().expect("leases").len(), answer["revoked"].clone())
    }

    async fn ends_at(&self) -> Value {
        self.w.get(&self.mara, &format!("/v1/requests/{}", self.id)).await.1["session_ends_at"].clone()
    }
}

#[tokio::test]
async fn a_countersigned_extension_is_leased_until_its_end() {
    let inside = Inside::new().await;
    let id = inside.granted(2700).await;
    let (_, materials) = inside.w.get(&inside.mara, &format!("/v1/requests/{id}/materials")).await;
    assert!(materials["request"].is_string(), "the bundle is made as any other: {materials}");
    assert_eq!(inside.ends_at().await, json!(inside.opened_at + 1800), "an Approval alone moves nothing");
    for _ in 0..2 {
        assert_eq!(inside.tell(&id, inside.opened_at + 2700).await.0, 204, "told twice");
    }
    assert_eq!(inside.ends_at().await, json!(inside.opened_at + 2700));
    let (_, view) = inside.w.get(&inside.mara, &format!("/v1/requests/{id}")).await;
    assert_eq!((&view["state"], &view["ended_by"]), (&json!("ended"), &json!("extended")));
    inside.w.clock.advance(inside.opened_at + 2699 - inside.w.broker.now());
    assert_eq!(inside.leases().await.0, 1);
    inside.w.clock.advance(1);
    assert_eq!(inside.leases().await.0, 0);
}

#[tokio::test]
async fn overlapping_extensions_never_shorten_each_other() {
    let inside = Inside::new().await;
    let (long, short) = (inside.granted(3600).await, inside.granted(2700).await);
    assert_eq!(inside.tell(&long, inside.opened_at + 3600).await.0, 204);
    assert_eq!(inside.tell(&short, inside.opened_at + 3600).await.0, 204);
    assert_eq!(inside.ends_at().await, json!(inside.opened_at + 3600));
}

#[tokio::test]
async fn a_12_the_gateway_is_not_believed_beyond_what_was_signed() {
    let inside = Inside::new().await;
    let id = inside.granted(2700).await;
    assert_eq!(inside.tell(&id, inside.opened_at + 7200).await.0, 204);
    assert_eq!(inside.ends_at().await, json!(inside.opened_at + 2700));
    let other = inside.w.ask(&inside.mara).await;
    inside.w.approve(&inside.tomasz, &other).await;
    assert_eq!(code(&inside.tell(&other, inside.opened_at + 3600).await), (409, "other-session"), "it extends nothing");
    let statement = inside.w.sign(&inside.mara, inside.more(3600), 1200);
    inside.w.post(&inside.mara, "/v1/requests", json!({ "statement": statement })).await;
    assert_eq!(code(&inside.tell(&sha256(&statement), inside.opened_at + 3600).await), (409, "no-approval"));
    assert_eq!(inside.ends_at().await, json!(inside.opened_at + 2700));
}

#[tokio::test]
async fn a_12_more_time_is_asked_for_in_ones_own_open_session() {
    let inside = Inside::new().await;
    let w = &inside.w;
    let changed = |change: fn(&mut Request)| {
        let mut request = inside.more(2700);
        change(&mut request);
        request
    };
    for request in [
        changed(|r| r.extends.as_mut().expect("one").session = sha256("another").into()),
        changed(|r| r.extends.as_mut().expect("one").request = sha256("another")),
        changed(|r| r.extends.as_mut().expect("one").ends_at += 60),
        changed(|r| r.organization = super::world::organizations()[1].clone()),
    ] {
        assert_eq!(code(&w.send_request(&inside.mara, request).await), (409, "no-open-session"));
        assert_eq!(w.log.last().kind, EventKind::RequestRefused);
    }
    let pavel = w.admitted("e-300", &["engineer"]).await;
    assert_eq!(code(&w.send_request(&pavel, inside.more(2700)).await), (409, "no-open-session"));
    let (key, _) = DeviceKey::generate().expect("key");
    let mut elsewhere = w.sign_in_again(&inside.mara, key, &["engineer"]);
    w.enrol(&elsewhere).await;
    let body = json!({"code": w.next_code(&elsewhere), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&elsewhere, "/v1/codes", body).await.0, 200);
    assert_eq!(code(&w.send_request(&elsewhere, inside.more(2700)).await), (409, "no-open-session"));
    elsewhere.seed = None;
    let ended = json!({"kind": "ended", "request": inside.id, "session": inside.session, "reason": "expired"});
    let waiting = w.send_request(&inside.mara, inside.more(2700)).await;
    assert_eq!(waiting.0, 200, "{waiting:?}");
    assert_eq!(w.as_gateway("/v1/session-changes", ended).await.0, 204);
    assert_eq!(code(&w.send_request(&inside.mara, inside.more(2700)).await), (409, "no-open-session"));
}

#[tokio::test]
async fn a_12_a_chain_asks_the_policy_with_the_whole_time() {
    let inside = Inside::new().await;
    let answer = inside.w.send_request(&inside.mara, inside.more(7201)).await;
    assert_eq!(answer.0, 403, "{answer:?}");
    assert_eq!(inside.w.send_request(&inside.mara, inside.more(7200)).await.0, 200);
}

#[tokio::test]
async fn an_approver_grants_less_time_but_no_other_scope() {
    let inside = Inside::new().await;
    let statement = inside.w.sign(&inside.mara, inside.more(3600), 1200);
    inside.w.post(&inside.mara, "/v1/requests", json!({ "statement": statement })).await;
    let id = sha256(statement);
    let terms = |duration_seconds, scope| Terms { duration_seconds, scope };
    assert_eq!(code(&inside.approve(&id, terms(3600, Scope::Diagnostics)).await), (403, "other-scope"));
    assert_eq!(code(&inside.approve(&id, terms(1800, Scope::Read)).await), (409, "adds-no-time"));
    assert_eq!(inside.approve(&id, terms(2400, Scope::Read)).await.0, 200);
    assert_eq!(inside.tell(&id, inside.opened_at + 3600).await.0, 204);
    assert_eq!(inside.ends_at().await, json!(inside.opened_at + 2400));
}

#[tokio::test]
async fn a_session_whose_extension_was_countersigned_by_somebody_revoked_gets_no_lease() {
    let inside = Inside::new().await;
    let adaeze = inside.w.admitted("e-400", &["approver"]).await;
    let statement = inside.w.sign(&inside.mara, inside.more(2700), 1200);
    inside.w.post(&inside.mara, "/v1/requests", json!({ "statement": statement })).await;
    let id = sha256(statement);
    let decision = statement::Decision {
        terms: Terms { duration_seconds: 2700, scope: Scope::Read },
        ..inside.w.decision(&id, Verdict::Approve)
    };
    let statement = inside.w.sign(&adaeze, decision, 600);
    let mfa = inside.w.attestation(&adaeze, &statement).await;
    assert_eq!(inside.w.decide(&adaeze, &id, json!({"statement": statement, "mfa": mfa})).await.0, 200);
    assert_eq!(inside.tell(&id, inside.opened_at + 2700).await.0, 204);
    assert_eq!(inside.leases().await, (1, json!([])));
    let revokes = statement::Revoked::Device(adaeze.key.public().thumbprint());
    let revoke = statement::Revoke { reason: "The computer was stolen.".into(), revokes };
    let statement = inside.w.sign(&adaeze, revoke, 60);
    let mfa = inside.w.attestation(&adaeze, &statement).await;
    assert_eq!(inside.w.post(&adaeze, "/v1/revocations", json!({"statement": statement, "mfa": mfa})).await.0, 204);
    assert_eq!(inside.leases().await, (0, json!([inside.id])));
}
