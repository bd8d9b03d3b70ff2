use domain::{Clock as _, Digest, PersonId, ReasonCategory, Scope};
use serde_json::{Value, json};
use statement::{
    Decision, DeviceKey, Enrol, Kind, Payload, Request, Terms, Verdict, Withdraw, base64url, sha256, sign,
};

use super::calls::Answered;
use super::people::{Account, account};
use super::{World, organizations};
use crate::attest::random;

impl World {
    /// Somebody who has signed in, on a new computer, and has not called yet.
    pub(crate) fn stranger(&self, person: &str, subject: &str, roles: &[&'static str]) -> Account {
        let (key, _) = DeviceKey::generate().expect("key");
        account(&self.provider, &self.trust, key, (person, subject), roles, self.clock.now())
    }

    /// The same person at the same computer after a new sign-in, with these roles.
    pub(crate) fn sign_in_again(&self, who: &Account, key: DeviceKey, roles: &[&'static str]) -> Account {
        let names = (who.person.as_str(), who.subject.as_str());
        let mut again = account(&self.provider, &self.trust, key, names, roles, self.clock.now());
        again.seed = who.seed.clone();
        again
    }

    /// Somebody on another account with a key that they have.
    pub(crate) fn on_key(&self, person: &str, subject: &str, roles: &[&'static str], key: DeviceKey) -> Account {
        account(&self.provider, &self.trust, key, (person, subject), roles, self.clock.now())
    }

    /// Somebody enrolled, with a second factor, whose sign-in has passed it.
    pub(crate) async fn admitted(&self, person: &str, roles: &[&'static str]) -> Account {
        let mut who = self.stranger(person, person, roles);
        self.enrol(&who).await;
        self.pass_factor(&mut who).await;
        who
    }

    pub(crate) async fn enrol(&self, who: &Account) {
        assert_eq!(self.get(who, "/v1/me").await.0, 200);
        let statement = self.enrol_statement(&self.ben, who);
        assert_eq!(self.send_enrolment(&self.ben, &statement).await, (204, Value::Null));
    }

    /// Enrols as a desktop does: takes a code for exactly this statement, sends both.
    pub(crate) async fn send_enrolment(&self, by: &Account, statement: &str) -> Answered {
        let mfa = self.attestation(by, statement).await;
        self.post(by, "/v1/enrolments", json!({"statement": statement, "mfa": mfa})).await
    }

    pub(crate) fn enrol_statement(&self, by: &Account, whom: &Account) -> String {
        let person = PersonId(whom.person.to_ascii_lowercase());
        self.sign(by, Enrol { device: whom.key.public().thumbprint(), person }, 600)
    }

    /// Enrols a second factor and confirms it, which passes the sign-in.
    pub(crate) async fn pass_factor(&self, who: &mut Account) {
        let (status, start) = self.post(who, "/v1/second-factor", Value::Null).await;
        assert_eq!(status, 200, "{start}");
        who.seed = start["secret"].as_str().map(str::to_owned);
        let body = json!({"code": self.next_code(who), "purpose": "sign-in", "statement": null});
        let answer = self.post(who, "/v1/second-factor/confirm", body).await;
        assert_eq!(answer.0, 200, "{answer:?}");
        who.recovery = serde_json::from_value(answer.1["recovery_codes"].clone()).expect("recovery codes");
    }

    /// The same person at the same computer, after another sign-in at the provider.
    pub(crate) fn sign_in_anew(&self, who: &mut Account) {
        let key = std::mem::replace(&mut who.key, DeviceKey::generate().expect("key").0);
        let again = self.on_key(&who.person, &who.subject, &who.roles, key);
        who.key = again.key;
        who.token = again.token;
    }

    /// A code that was not used before: time goes on one step.
    pub(crate) fn next_code(&self, who: &Account) -> String {
        self.clock.advance(30);
        self.code_now(who)
    }

    pub(crate) fn code_now(&self, who: &Account) -> String {
        let seed = who.seed.as_deref().expect("a seed");
        let secret = totp_rs::Secret::try_from_base32(seed).expect("base32");
        let now = u64::try_from(self.clock.now()).expect("time");
        crate::factor::totp(secret.as_bytes(), "").expect("totp").generate(now).to_string()
    }

    pub(crate) async fn attestation(&self, who: &Account, statement: &str) -> String {
        let body = json!({"code": self.next_code(who), "purpose": "statement", "statement": sha256(statement)});
        let (status, answer) = self.post(who, "/v1/codes", body).await;
        assert_eq!(status, 200, "{answer}");
        answer["attestation"].as_str().expect("attestation").to_owned()
    }

    pub(crate) fn payload<B>(&self, body: B, life: i64) -> Payload<B> {
        let now = self.clock.now();
        Payload {
            aud: "gateway.test".into(),
            body,
            exp: now + life,
            iat: now,
            jti: base64url(random::<16>()),
            seen: self.log.seen(),
        }
    }

    pub(crate) fn sign<B: Kind>(&self, who: &Account, body: B, life: i64) -> String {
        self.sign_payload(who, &self.payload(body, life))
    }

    pub(crate) fn sign_payload<B: Kind>(&self, who: &Account, payload: &Payload<B>) -> String {
        sign(&who.key, &sha256(&who.token), payload).expect("signed")
    }

    pub(crate) fn request(&self) -> Request {
        Request {
            duration_seconds: 1800,
            break_glass: None,
            extends: None,
            justification: "Booking totals differ from the invoices of March.".into(),
            organization: organizations()[0].clone(),
            policy: self.trust.policy.clone(),
            reason: ReasonCategory::CustomerReportedProblem,
            scope: Scope::Read,
            ticket: "SUP-4821".into(),
        }
    }

    pub(crate) fn decision(&self, request: &Digest, verdict: Verdict) -> Decision {
        Decision {
            comment: String::new(),
            policy: self.trust.policy.clone(),
            request: request.clone(),
            terms: Terms { duration_seconds: 1800, scope: Scope::Read },
            verdict,
        }
    }

    /// Signs and sends a request; its id.
    pub(crate) async fn ask(&self, who: &Account) -> Digest {
        let statement = self.sign(who, self.request(), 3600);
        let (status, view) = self.post(who, "/v1/requests", json!({ "statement": statement })).await;
        assert_eq!(status, 200, "{view}");
        assert_eq!(view["state"], "waiting");
        sha256(statement)
    }

    pub(crate) async fn send_request(&self, who: &Account, body: Request) -> Answered {
        let statement = self.sign(who, body, 3600);
        self.post(who, "/v1/requests", json!({ "statement": statement })).await
    }

    /// Approves as a desktop does: signs, takes a code for exactly that, sends both.
    pub(crate) async fn approve(&self, who: &Account, id: &Digest) -> Answered {
        let statement = self.sign(who, self.decision(id, Verdict::Approve), 600);
        let mfa = self.attestation(who, &statement).await;
        self.decide(who, id, json!({"statement": statement, "mfa": mfa})).await
    }

    pub(crate) async fn deny(&self, who: &Account, id: &Digest) -> Answered {
        let statement = self.sign(who, self.decision(id, Verdict::Deny), 600);
        self.decide(who, id, json!({"statement": statement, "mfa": null})).await
    }

    pub(crate) async fn decide(&self, who: &Account, id: &Digest, body: Value) -> Answered {
        self.post(who, &format!("/v1/requests/{id}/decisions"), body).await
    }

    pub(crate) async fn withdraw(&self, who: &Account, id: &Digest) -> Answered {
        let statement = self.sign(who, Withdraw { request: id.clone() }, 60);
        self.post(who, &format!("/v1/requests/{id}/withdraw"), json!({ "statement": statement })).await
    }

    pub(crate) async fn state(&self, who: &Account, id: &Digest) -> String {
        let (_, view) = self.get(who, &format!("/v1/requests/{id}")).await;
        view["state"].as_str().unwrap_or_default().to_owned()
    }
}
