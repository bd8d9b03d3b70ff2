//! People, keys and statements for tests: everything is really signed.

use std::sync::{Arc, Mutex};

use domain::{Digest, Organization, PersonId, ReasonCategory, Scope, UnixSeconds};
use policy::Policy;
use serde_json::json;
use statement::{
    CicHeader, Decision, DeviceKey, Enrol, Kind, KnownKeys, Limits, Payload, PkToken, ProviderKeys, Request, Terms,
    Trust, Verdict, base64url, nonce_for, sha256,
};
use wire::broker::{DecisionView, RequestState, RequestView};

pub(crate) const NOW: UnixSeconds = 1_795_000_000;
pub(crate) const ISSUER: &str = "https://idp.test";

pub(crate) struct World {
    pub(crate) trust: Trust,
    pub(crate) provider: KnownKeys,
    pub(crate) idp: DeviceKey,
    pub(crate) broker: DeviceKey,
    pub(crate) mara: Person,
    pub(crate) tomasz: Person,
    pub(crate) ben: Person,
    pub(crate) ines: Person,
}

pub(crate) struct Person {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) device: Arc<DeviceKey>,
    pub(crate) pk_token: String,
    /// The head of the log that they have verified, where a test names none; empty for none.
    pub(crate) saw: Mutex<String>,
}

impl Person {
    pub(crate) fn new(idp: &DeviceKey, issuer: &str, id: &str, name: &str, roles: &[&str]) -> Self {
        Self::with_key(idp, issuer, id, name, roles, Arc::new(DeviceKey::generate().unwrap().0))
    }

    pub(crate) fn with_key(
        idp: &DeviceKey,
        issuer: &str,
        id: &str,
        name: &str,
        roles: &[&str],
        device: Arc<DeviceKey>,
    ) -> Self {
        let cic = CicHeader::encoded(&device.public(), [3; 32]);
        let header = json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" });
        let claims = json!({
            "iss": issuer, "aud": "countersign-desktop", "sub": format!("account-{id}"), "nonce": nonce_for(&cic),
            "iat": NOW - 60, "exp": NOW + 300, "employee_id": id, "name": name, "countersign_roles": roles,
        });
        let input = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let id_token = format!("{input}.{}", base64url(idp.sign(input.as_bytes()).unwrap()));
        let pk_token = PkToken::make(&id_token, &cic, &device).unwrap();
        Self { id: PersonId(id.into()), name: name.into(), device, pk_token, saw: Mutex::default() }
    }

    pub(crate) fn thumbprint(&self) -> Digest {
        self.device.public().thumbprint()
    }

    pub(crate) fn sign<B: Kind>(&self, body: B, at: UnixSeconds, seen: &str) -> String {
        let saw = self.saw.lock().unwrap().clone();
        let payload = Payload {
            aud: "gateway.test".into(),
            body,
            exp: at + B::MAX_LIFE_SECONDS,
            iat: at,
            jti: base64url([1; 16]),
            seen: if seen.is_empty() { saw } else { seen.into() },
        };
        statement::sign(&self.device, &sha256(&self.pk_token), &payload).unwrap()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::at(ISSUER)
    }

    pub(crate) fn at(issuer: &str) -> Self {
        let idp = DeviceKey::generate().unwrap().0;
        let broker = DeviceKey::generate().unwrap().0;
        let mara = Person::new(&idp, issuer, "e-mara", "Mara Lindqvist", &["engineer"]);
        let tomasz = Person::new(&idp, issuer, "e-tomasz", "Tomasz Wieczorek", &["approver", "engineer"]);
        let ines = Person::new(&idp, issuer, "e-ines", "Ines Carvalho", &["reviewer"]);
        let ben = Person::new(&idp, issuer, "e-ben", "Ben Okafor", &["administrator"]);
        let provider = KnownKeys::from(&ProviderKeys::from_jwks(jwks(&idp).as_bytes()).unwrap());
        let trust = Trust {
            issuer: issuer.into(),
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "countersign_roles".into(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway.test".into(),
            log_key: String::new(),
            attestation_key: broker.public(),
            first_administrators: vec![ben.thumbprint(), sha256("a second one")],
            limits: Limits { max_duration_seconds: 4 * 3600, max_scope: Scope::Administer },
            policy: Policy::compiled_in().digest().clone(),
            waits: statement::Waits::default(),
        };
        Self { trust, provider, idp, broker, mara, tomasz, ben, ines }
    }

    pub(crate) fn enrols(&self) -> Vec<String> {
        let enrol = |p: &Person| self.ben.sign(Enrol { device: p.thumbprint(), person: p.id.clone() }, NOW - 50, "");
        vec![enrol(&self.mara), enrol(&self.tomasz)]
    }

    pub(crate) fn request_body() -> Request {
        Request {
            duration_seconds: 1800,
            break_glass: None,
            extends: None,
            justification: "The customer cannot see last month's payslips.".into(),
            organization: Organization { id: "kinloch-hotels".parse().unwrap(), name: "Kinloch Hotels".into() },
            policy: Policy::compiled_in().digest().clone(),
            reason: ReasonCategory::CustomerReportedProblem,
            scope: Scope::Read,
            ticket: "SUP-4411".into(),
        }
    }

    /// What an honest broker shows about a request that `who` signed.
    pub(crate) fn shown(&self, who: &Person, seen: &str) -> RequestView {
        self.shown_with(who, Self::request_body(), seen)
    }

    /// The same about another request.
    pub(crate) fn shown_with(&self, who: &Person, body: Request, seen: &str) -> RequestView {
        let request = who.sign(body.clone(), NOW - 20, seen);
        RequestView {
            id: sha256(&request),
            state: RequestState::Waiting,
            request,
            requester: who.id.clone(),
            requester_name: who.name.clone(),
            organization: body.organization,
            scope: body.scope,
            reason: body.reason,
            ticket: body.ticket,
            justification: body.justification,
            duration_seconds: body.duration_seconds,
            requested_at: NOW - 20,
            until: NOW + 4 * 3600 - 20,
            decisions: Vec::new(),
            session: None,
            session_ends_at: None,
            ended_by: None,
            pk_tokens: vec![self.mara.pk_token.clone(), self.tomasz.pk_token.clone(), self.ben.pk_token.clone()],
            enrols: self.enrols(),
        }
    }

    /// What an honest broker shows about a request that came from `who`.
    pub(crate) fn shown_as_sent(&self, who: &Person, sent: &[u8]) -> RequestView {
        let sent: wire::broker::SignedStatement = serde_json::from_slice(sent).unwrap();
        let body = statement::Unverified::<Request>::read(&sent.statement).unwrap().unverified_body().clone();
        let shown = self.shown_with(who, body, "");
        RequestView { id: sha256(&sent.statement), request: sent.statement, ..shown }
    }

    /// The same after `who` decided.
    pub(crate) fn decided(&self, mut shown: RequestView, who: &Person, verdict: Verdict) -> RequestView {
        let terms = Terms { duration_seconds: shown.duration_seconds, scope: shown.scope };
        let policy = self.trust.policy.clone();
        let body = Decision { comment: "Seen.".into(), policy, request: shown.id.clone(), terms, verdict };
        shown.decisions.push(DecisionView {
            statement: who.sign(body, NOW - 10, ""),
            person: who.id.clone(),
            name: who.name.clone(),
            verdict,
            terms,
            comment: "Seen.".into(),
            at: NOW - 10,
        });
        shown.state = if verdict == Verdict::Approve { RequestState::Approved } else { RequestState::Denied };
        shown
    }
}

/// The key set that the provider publishes.
pub(crate) fn jwks(idp: &DeviceKey) -> String {
    let mut jwk = serde_json::to_value(idp.public()).unwrap();
    jwk["kid"] = json!("k1");
    json!({ "keys": [jwk] }).to_string()
}
