use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Clock as _, Digest, Role};
use statement::{
    CicHeader, DeviceKey, Enrol, Kind, Mfa, MfaPurpose, Payload, PkToken, Trust, Unverified, base64url, nonce_for,
    sha256, sign,
};
use wire::event::{Append, EventKind};

use super::{NOW, World};

/// Somebody with a Device and a sign-in.
pub struct Human {
    pub key: DeviceKey,
    pub pkcs8: Vec<u8>,
    pub person: &'static str,
    pub token: String,
    pub mfa: String,
    /// The head of the log that they have verified, where a test names none; empty for none.
    pub saw: Mutex<String>,
}

static COUNTER: AtomicU64 = AtomicU64::new(0);

pub fn unique() -> String {
    base64url(format!("{:016}", COUNTER.fetch_add(1, Ordering::SeqCst)))
}

pub fn human(
    provider: &DeviceKey,
    broker: &DeviceKey,
    trust: &Trust,
    (key, pkcs8): (DeviceKey, Vec<u8>),
    person: &'static str,
    role: Role,
) -> Human {
    let token = pk_token(provider, trust, &key, person, &[role], NOW);
    let mfa = attest(broker, trust, &token, None, NOW - 30);
    Human { key, pkcs8, person, token, mfa, saw: Mutex::default() }
}

pub fn pk_token(
    provider: &DeviceKey,
    trust: &Trust,
    device: &DeviceKey,
    person: &str,
    roles: &[Role],
    now: i64,
) -> String {
    let cic = CicHeader::encoded(&device.public(), [7; 32]);
    let header = base64url(r#"{"alg":"ES256","kid":"p1","typ":"JWT"}"#);
    let claims = serde_json::json!({
        "iss": trust.issuer, "aud": trust.client_id, "sub": person, "nonce": nonce_for(&cic), "iat": now - 60,
        "exp": now + 600, "name": format!("Name of {person}"), "employee_id": person, "countersign_roles": roles,
    });
    let input = format!("{header}.{}", base64url(claims.to_string()));
    let id_token = format!("{input}.{}", base64url(provider.sign(input.as_bytes()).expect("sign")));
    PkToken::make(&id_token, &cic, device).expect("pk token")
}

fn attest(broker: &DeviceKey, trust: &Trust, token: &str, statement: Option<Digest>, iat: i64) -> String {
    let purpose = if statement.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
    let body = Mfa { method: "totp".into(), purpose, statement, subject: sha256(token), address: None };
    let payload =
        Payload { aud: trust.gateway_id.clone(), body, exp: iat + 3600, iat, jti: unique(), seen: String::new() };
    sign(broker, &broker.public().thumbprint(), &payload).expect("sign")
}

impl Human {
    pub fn kid(&self) -> Digest {
        sha256(&self.token)
    }

    pub fn state<B: Kind>(&self, body: B, iat: i64, life: i64, seen: &str) -> String {
        let saw = self.saw.lock().expect("nobody panicked").clone();
        let seen = if seen.is_empty() { saw } else { seen.to_owned() };
        let payload = Payload { aud: "gateway.test".into(), body, exp: iat + life, iat, jti: unique(), seen };
        sign(&self.key, &self.kid(), &payload).expect("sign")
    }
}

impl World {
    /// Somebody else at the same provider.
    pub fn another(&self, person: &'static str, roles: &[Role]) -> Human {
        self.signed_in(DeviceKey::generate().expect("key"), person, roles, NOW)
    }

    /// Somebody who signs in by the clock.
    pub fn another_now(&self, person: &'static str, roles: &[Role]) -> Human {
        self.signed_in(DeviceKey::generate().expect("key"), person, roles, self.clock.now())
    }

    /// Somebody known, on the same Device, who signs in again by the clock.
    pub fn again_now(&self, who: &Human, roles: &[Role]) -> Human {
        let key = DeviceKey::from_pkcs8(&who.pkcs8).expect("key");
        self.signed_in((key, who.pkcs8.clone()), who.person, roles, self.clock.now())
    }

    /// Somebody else on the Device of another.
    pub fn on_the_device_of(&self, who: &Human, person: &'static str, roles: &[Role]) -> Human {
        let key = DeviceKey::from_pkcs8(&who.pkcs8).expect("key");
        self.signed_in((key, who.pkcs8.clone()), person, roles, self.clock.now())
    }

    fn signed_in(&self, device: (DeviceKey, Vec<u8>), person: &'static str, roles: &[Role], now: i64) -> Human {
        let (key, pkcs8) = device;
        let token = pk_token(&self.provider, &self.trust, &key, person, roles, now);
        let mfa = attest(&self.broker, &self.trust, &token, None, now - 30);
        Human { key, pkcs8, person, token, mfa, saw: Mutex::default() }
    }

    pub fn attest_at(&self, who: &Human, statement: Option<Digest>, iat: i64) -> String {
        attest(&self.broker, &self.trust, &who.token, statement, iat)
    }

    pub async fn enrol_everybody(&self) {
        for who in [&self.mara, &self.tomasz, &self.ines] {
            self.enrol(&self.ben, who).await;
        }
    }

    pub async fn enrol(&self, administrator: &Human, who: &Human) {
        self.append(&self.enrolled(administrator, who)).await;
    }

    /// One statement for each pair, with the attestation of its code, signed when it is first asked for.
    pub fn enrolment(&self, administrator: &Human, who: &Human) -> (String, String) {
        let mut signed = self.enrolments.lock().expect("nobody panicked");
        let pair = signed.entry((administrator.kid(), who.kid())).or_insert_with(|| {
            let body = Enrol { device: who.key.public().thumbprint(), person: domain::PersonId(who.person.into()) };
            let at = self.clock.now() - 50;
            let statement = administrator.state(body, at, 3600, "");
            let attestation = self.attest_at(administrator, Some(sha256(&statement)), at);
            (statement, attestation)
        });
        pair.clone()
    }

    /// What the broker writes down of it.
    pub fn enrolled(&self, administrator: &Human, who: &Human) -> Append {
        let (statement, attestation) = self.enrolment(administrator, who);
        Self::enrolled_by(administrator, &statement, &attestation)
    }

    /// What the broker writes down of an enrolment that this administrator signed, with this attestation.
    pub fn enrolled_by(administrator: &Human, statement: &str, attestation: &str) -> Append {
        let enrol = Unverified::<Enrol>::read(statement).expect("an enrolment");
        Append::new(EventKind::Enrolled)
            .fact("attestation", sha256(attestation).as_str())
            .fact("device", enrol.unverified_body().device.as_str())
            .statement(statement)
            .statement(attestation)
            .statement(&administrator.token)
    }
}
