use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use domain::{Clock, Digest, Organization, PersonId, ReasonCategory, Scope, SystemClock};
use policy::Policy;
use serde_json::json;
use statement::{
    Adopt, Adoption, Bundle, CicHeader, Decision, DeviceKey, Enrol, Extends, Kind, Lease, Mfa, MfaPurpose, Payload,
    PkToken, Request, SessionOpen, Terms, Trust, Unverified, Verdict, base64url, nonce_for, sha256, sign,
};

/// A fresh text of 16 bytes.
pub fn fresh() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    base64url(bytes)
}

pub struct Account {
    pub key: DeviceKey,
    pub token: String,
    pub person: String,
}

/// Where codes come from, as the broker attests. Bundles come from the loopback.
const CODES_FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 9, 8, 7));

/// Everybody who signs, and the keys that verify them.
pub struct People {
    pub attestation: DeviceKey,
    pub mara: Account,
    /// Mara at another computer, which nobody has enrolled yet.
    pub mara_2: Account,
    pub tomasz: Account,
    admin: Account,
    /// A first administrator whose sign-in is of today.
    pub ben: Account,
    pub trust: Trust,
    clock: Arc<dyn Clock>,
}

/// What is asked for.
#[derive(Clone)]
pub struct Wish {
    pub organization: &'static str,
    pub scope: Scope,
    pub seconds: i64,
    pub reason: ReasonCategory,
    pub seen: String,
    /// What the Organization is called in the request.
    pub name: Option<&'static str>,
    /// Signed under another policy than the pinned one.
    pub policy: Option<Digest>,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            organization: "kinloch-hotels",
            scope: Scope::Read,
            seconds: 1800,
            reason: ReasonCategory::CustomerReportedProblem,
            seen: String::new(),
            name: None,
            policy: None,
        }
    }
}

impl People {
    pub fn new(provider: &DeviceKey, old: &DeviceKey, issuer: &str, log_key: String, clock: Arc<dyn Clock>) -> Self {
        let (attestation, _) = DeviceKey::generate().unwrap();
        let keys: Vec<DeviceKey> = (0..4).map(|_| DeviceKey::generate().unwrap().0).collect();
        let mut trust = Trust {
            issuer: issuer.to_owned(),
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "countersign_roles".into(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway.test".into(),
            log_key,
            attestation_key: attestation.public(),
            first_administrators: vec![],
            limits: statement::Limits { max_duration_seconds: 4 * 3600, max_scope: Scope::Administer },
            policy: Policy::compiled_in().digest().clone(),
            waits: statement::Waits::default(),
        };
        trust.first_administrators = vec![keys[2].public().thumbprint(), keys[3].public().thumbprint()];
        let mut keys = keys;
        let ben = keys.pop().unwrap();
        let mut keys = keys.into_iter();
        let mut account = |person: &str, role: &str| {
            let signed_by = if role == "administrator" { ("p0", old) } else { ("p1", provider) };
            account(signed_by, &trust, keys.next().unwrap(), person, role)
        };
        let (mara, tomasz) = (account("e-1", "engineer"), account("e-2", "approver"));
        let admin = account("e-9", "administrator");
        let ben = self::account(("p1", provider), &trust, ben, "e-8", "administrator");
        let another = DeviceKey::generate().unwrap().0;
        let mara_2 = self::account(("p1", provider), &trust, another, "e-1", "engineer");
        Self { attestation, mara, mara_2, tomasz, admin, ben, trust, clock }
    }

    pub fn administrator(&self) -> &Account {
        &self.admin
    }

    pub fn statement<B: Kind>(&self, who: &Account, body: B, life: i64, seen: &str) -> String {
        sign(&who.key, &sha256(&who.token), &self.payload(body, life, seen)).unwrap()
    }

    fn payload<B>(&self, body: B, life: i64, seen: &str) -> Payload<B> {
        let now = self.clock.now();
        Payload {
            aud: self.trust.gateway_id.clone(),
            body,
            exp: now + life,
            iat: now,
            jti: fresh(),
            seen: seen.to_owned(),
        }
    }

    pub fn mfa(&self, who: &Account, statement: Option<&str>) -> String {
        let purpose = if statement.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
        let body = Mfa {
            method: "totp".into(),
            purpose,
            statement: statement.map(sha256),
            subject: sha256(&who.token),
            address: Some(CODES_FROM),
        };
        self.attested(body, 3600)
    }

    pub fn attested<B: Kind>(&self, body: B, life: i64) -> String {
        sign(&self.attestation, &self.attestation.public().thumbprint(), &self.payload(body, life, "")).unwrap()
    }

    /// As the broker issues one, whose clock is so many seconds ahead of everybody's.
    pub fn lease(&self, body: Lease, ahead: i64) -> String {
        let mut payload = self.payload(body, Lease::MAX_LIFE_SECONDS, "");
        (payload.iat, payload.exp) = (payload.iat + ahead, payload.exp + ahead);
        sign(&self.attestation, &self.attestation.public().thumbprint(), &payload).unwrap()
    }

    /// A bundle for this wish that opens from this certificate.
    pub fn bundle(&self, wish: &Wish, certificate: &Digest) -> Bundle {
        let name = wish.name.unwrap_or_else(|| name_of(wish.organization)).to_owned();
        let organization = Organization { id: wish.organization.parse().unwrap(), name };
        let policy = wish.policy.clone().unwrap_or_else(|| self.trust.policy.clone());
        let request = Request {
            duration_seconds: wish.seconds,
            break_glass: None,
            extends: None,
            justification: "Booking totals differ from the invoices of March.".into(),
            organization,
            policy,
            reason: wish.reason,
            scope: wish.scope,
            ticket: "SUP-4821".into(),
        };
        self.countersigned(request, &wish.seen, certificate)
    }

    /// A bundle that extends the Session of this one to the `change`d request; by default to an hour in all.
    pub fn more(&self, of: &Bundle, certificate: &Digest, change: impl FnOnce(&mut Request)) -> Bundle {
        self.more_by_ones_who_saw("", of, certificate, change)
    }

    /// The same by people who had seen this of the log.
    pub fn more_by_ones_who_saw(
        &self,
        seen: &str,
        of: &Bundle,
        certificate: &Digest,
        change: impl FnOnce(&mut Request),
    ) -> Bundle {
        let first = Unverified::<Request>::read(&of.request).unwrap();
        let opened_at = Unverified::<SessionOpen>::read(&of.open).unwrap().issued_at();
        let mut request = first.unverified_body().clone();
        request.extends = Some(Extends {
            ends_at: opened_at + request.duration_seconds,
            opened_at,
            request: sha256(&of.request),
            session: sha256(&of.open).into(),
        });
        request.duration_seconds = 3600;
        change(&mut request);
        self.countersigned(request, seen, certificate)
    }

    fn countersigned(&self, request: Request, seen: &str, certificate: &Digest) -> Bundle {
        let decision = Decision {
            comment: String::new(),
            policy: request.policy.clone(),
            request: sha256(""),
            terms: Terms { duration_seconds: request.duration_seconds, scope: request.scope },
            verdict: Verdict::Approve,
        };
        let request = self.statement(&self.mara, request, 3600, seen);
        let decision = Decision { request: sha256(&request), ..decision };
        let decision = self.statement(&self.tomasz, decision, 600, seen);
        let enrol = |who: &Account| self.enrols(who, &who.person);
        let mut bundle = Bundle {
            pk_tokens: [&self.mara, &self.tomasz, &self.admin].map(|a| a.token.clone()).to_vec(),
            enrols: [&self.mara, &self.tomasz].map(enrol).to_vec(),
            mfa: vec![self.mfa(&self.mara, None), self.mfa(&self.tomasz, Some(&decision))],
            request,
            decisions: vec![decision],
            open: String::new(),
            break_glass: None,
        };
        bundle.open = self.open(&bundle, certificate);
        bundle
    }

    /// An administrator says now that this Device is this person's.
    pub fn enrols(&self, who: &Account, person: &str) -> String {
        let body = Enrol { device: who.key.public().thumbprint(), person: PersonId(person.to_owned()) };
        self.statement(&self.admin, body, 600, "")
    }

    /// What these administrators sign to put this text in the place of that policy.
    pub fn adoption(&self, text: &str, previous: &Digest, who: &[&Account]) -> Adoption {
        let body = Adopt { comment: "As agreed on Monday.".into(), policy: sha256(text), previous: previous.clone() };
        let statements: Vec<String> = who.iter().map(|w| self.statement(w, body.clone(), 3600, "")).collect();
        let mfa = who.iter().zip(&statements).map(|(w, s)| self.mfa(w, Some(s))).collect();
        let pk_tokens = who.iter().map(|w| w.token.clone()).collect();
        Adoption { text: text.to_owned(), statements, mfa, enrols: Vec::new(), pk_tokens }
    }

    /// A `session-open` statement for this bundle.
    pub fn open(&self, bundle: &Bundle, certificate: &Digest) -> String {
        let in_advance = bundle.break_glass.iter().flat_map(|permission| &permission.statements);
        let open = SessionOpen {
            decisions: bundle.decisions.iter().chain(in_advance).map(sha256).collect(),
            request: sha256(&bundle.request),
            tls_client: certificate.clone(),
        };
        self.statement(&self.mara, open, 60, "")
    }
}

fn name_of(organization: &str) -> &'static str {
    if organization == "kinloch-hotels" { "Kinloch Hotels" } else { "Delmar Foods" }
}

fn account((kid, provider): (&str, &DeviceKey), trust: &Trust, key: DeviceKey, person: &str, role: &str) -> Account {
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random).unwrap();
    let cic = CicHeader::encoded(&key.public(), random);
    let now = SystemClock.now();
    let claims = json!({
        "iss": trust.issuer, "aud": trust.client_id, "sub": person, "nonce": nonce_for(&cic), "iat": now, "exp": now + 600,
        "name": format!("Name of {person}"), "employee_id": person, "countersign_roles": [role],
    });
    let header = base64url(json!({"alg": "ES256", "kid": kid, "typ": "JWT"}).to_string());
    let input = format!("{header}.{}", base64url(claims.to_string()));
    let id_token = format!("{input}.{}", base64url(provider.sign(input.as_bytes()).unwrap()));
    let token = PkToken::make(&id_token, &cic, &key).unwrap();
    Account { key, token, person: person.to_owned() }
}
