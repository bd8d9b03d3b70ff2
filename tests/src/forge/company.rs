use std::sync::Arc;

use domain::{Digest, Organization, PersonId, ReasonCategory, Scope, UnixSeconds};
use policy::Policies;
use statement::{
    Adopt, Adoption, Bundle, Decision, DeviceKey, Enrol, KnownKeys, Limits, Mfa, MfaPurpose, PastKeys, ProviderKeys,
    Request, SessionOpen, Terms, Trust, Verdict, sha256, sign,
};
use wire::join::{PinnedKeys, TrustFile};

use super::person::payload;
use super::{Account, Good, Log, Moments, Person, Provider, key};

const SMALL_POLICY: &str = r#"{ "name": "small", "version": 1, "time_zone": "UTC", "organizations": {} }
---
@id("all")
@sentence("Everything is for everybody.")
permit (principal, action, resource);
"#;

/// Everybody and everything that a Session takes.
pub struct Company {
    pub provider: Provider,
    /// What the provider published before.
    pub past: Vec<PastKeys>,
    /// The broker's attestation key.
    pub broker: DeviceKey,
    pub log: Log,
    pub policies: Policies,
    /// What led from the pinned policy to the one in force.
    pub adoptions: Vec<Adoption>,
    /// With the policy in force.
    pub trust: Trust,
    /// The first administrators.
    pub administrators: [Person; 2],
    pub engineer: Person,
    pub approver: Person,
    pub second_approver: Person,
    pub reviewer: Person,
    pub moments: Moments,
}

impl Company {
    /// A company whose Session opens at `open`; all its keys are fresh. The policy is the compiled-in one.
    #[must_use]
    pub fn new(open: UnixSeconds) -> Self {
        Self::with_policy(open, policy::Policy::compiled_in().text())
    }

    /// A company under another policy.
    #[must_use]
    pub fn with_policy(open: UnixSeconds, policy: &str) -> Self {
        Self::signing_in_at(Provider::new("https://id.countersign.test", "countersign-desktop"), open, policy)
    }

    /// A company whose pinned policy is read in no time, for whoever reads it again and again. It allows everything.
    #[must_use]
    pub fn with_a_small_policy(open: UnixSeconds) -> Self {
        Self::with_policy(open, SMALL_POLICY)
    }

    /// A company whose people sign in at this provider.
    #[must_use]
    pub fn signing_in_at(provider: Provider, open: UnixSeconds, policy: &str) -> Self {
        let moments = Moments::before(open);
        let sign_in = |person: &str, name: &str, roles: &[&str], at| {
            Person::sign_in(&provider, Account::new(person, name, roles), at)
        };
        let administrators = [
            sign_in("e-0001", "Ben Okafor", &["administrator"], moments.enrol - 60),
            sign_in("e-0002", "Sofia Marchetti", &["administrator"], moments.enrol - 60),
        ];
        let engineer = sign_in("e-1001", "Mara Lindqvist", &["engineer"], moments.requester_signs_in);
        let approver = sign_in("e-1002", "Tomasz Wieczorek", &["approver"], moments.approver_signs_in);
        let second_approver = sign_in("e-1003", "Adaeze Obi", &["approver"], moments.approver_signs_in);
        let reviewer = sign_in("e-1004", "Ines Carvalho", &["reviewer"], moments.approver_signs_in);
        let (broker, log) = (key(), Log::new("countersign.test/log"));
        let trust = Trust {
            issuer: provider.issuer.clone(),
            client_id: provider.client_id.clone(),
            person_claim: "employee_id".to_owned(),
            roles_claim: "countersign_roles".to_owned(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway.countersign.test".to_owned(),
            log_key: log.verifier_key(),
            attestation_key: broker.public(),
            first_administrators: administrators.iter().map(Person::thumbprint).collect(),
            limits: Limits { max_duration_seconds: 8 * 3600, max_scope: Scope::ReadWrite },
            policy: sha256(policy),
            waits: statement::Waits::default(),
        };
        let policies = Policies::pinned(&trust, policy).expect("a policy");
        Self {
            provider,
            past: Vec::new(),
            broker,
            log,
            policies,
            adoptions: Vec::new(),
            trust,
            administrators,
            engineer,
            approver,
            second_approver,
            reviewer,
            moments,
        }
    }

    /// The provider's keys, parsed.
    #[must_use]
    pub fn provider_keys(&self) -> ProviderKeys {
        ProviderKeys::from_jwks(self.provider.jwks().as_bytes()).expect("a JWKS")
    }

    /// The provider's keys as everybody knows them who was there all the time.
    #[must_use]
    pub fn known_keys(&self) -> KnownKeys {
        KnownKeys::new(Arc::new(self.provider_keys()), self.past.clone())
    }

    /// The provider changes its key a day before the Session; everybody but the administrators signs in again.
    pub fn rotate(&mut self) {
        let until = self.moments.open - 24 * 3600;
        self.past.push(PastKeys { keys: Arc::new(self.provider_keys()), until });
        self.provider.rotate();
        for person in [&mut self.engineer, &mut self.approver, &mut self.second_approver, &mut self.reviewer] {
            let (account, device) = (person.account.clone(), person.device.clone());
            *person = Person::sign_in_on(&self.provider, account, device, person.signed_in_at);
        }
    }

    /// Puts this text in the place of the policy in force, as both first administrators sign.
    pub fn adopt(&mut self, text: &str) {
        self.put_in_force(self.adoption(text));
    }

    /// The same, as the first of them signs and somebody whom they enrolled.
    pub fn adopt_with_a_third(&mut self, text: &str) {
        let first = &self.administrators[0];
        let third = Account::new("e-0003", "Noor Haddad", &["administrator"]);
        let third = Person::sign_in(&self.provider, third, first.signed_in_at);
        let enrol = self.enrol(first, &third.id(), &third.thumbprint());
        let adoption = Adoption { enrols: vec![enrol], ..self.adoption_by(text, &[first, &third]) };
        self.put_in_force(adoption);
    }

    fn put_in_force(&mut self, adoption: Adoption) {
        self.policies = self.policies.follow(&adoption, self.known_keys(), self.moments.open).expect("it follows");
        self.take_over();
        self.adoptions.push(adoption);
    }

    /// What is in force is what everything is verified with from now on.
    fn take_over(&mut self) {
        let in_force = self.policies.current();
        self.trust = self.trust.under(in_force.policy.digest(), in_force.trust.waits);
    }

    /// The same at this moment, in the middle of whatever is open.
    pub fn adopt_at(&mut self, text: &str, at: UnixSeconds) {
        let again = |p: &Person| Person::sign_in_on(&self.provider, p.account.clone(), p.device.clone(), at - 300);
        let [first, second] = self.administrators.each_ref().map(again);
        let before = std::mem::replace(&mut self.moments.adopt, at);
        let adoption = self.adoption_by(text, &[&first, &second]);
        self.moments.adopt = before;
        self.policies = self.policies.follow(&adoption, self.known_keys(), at + 1).expect("it follows");
        self.take_over();
        self.adoptions.push(adoption);
    }

    /// What both first administrators sign to put this text in force.
    #[must_use]
    pub fn adoption(&self, text: &str) -> Adoption {
        let [first, second] = &self.administrators;
        self.adoption_by(text, &[first, second])
    }

    /// What these people sign to put this text in force.
    #[must_use]
    pub fn adoption_by(&self, text: &str, who: &[&Person]) -> Adoption {
        let body = Adopt {
            comment: "Shorter, as agreed on Monday.".to_owned(),
            policy: sha256(text),
            previous: self.trust.policy.clone(),
        };
        let at = self.moments.adopt;
        let statements: Vec<String> = who.iter().map(|w| w.sign(&self.trust.gateway_id, body.clone(), at)).collect();
        let mfa = who.iter().zip(&statements).map(|(w, s)| self.mfa(w, Some(s), at)).collect();
        let pk_tokens = who.iter().map(|w| w.token.clone()).collect();
        Adoption { text: text.to_owned(), statements, mfa, enrols: Vec::new(), pk_tokens }
    }

    /// The policy in force with its next version, and Read for at most this long.
    #[must_use]
    pub fn stricter_policy(&self, seconds: u32) -> String {
        let in_force = &self.policies.current().policy;
        let version = in_force.heading().version;
        let (now, next) = (format!("\"version\": {version}"), format!("\"version\": {}", version + 1));
        in_force.text().replace(&now, &next).replace("<= 7200", &format!("<= {seconds}"))
    }

    /// What somebody pins to verify this company's evidence.
    #[must_use]
    pub fn trust_file(&self) -> TrustFile {
        let text = |keys: &ProviderKeys| String::from_utf8(keys.raw().to_vec()).expect("text");
        let past = self.past.iter().map(|p| PinnedKeys { jwks: text(&p.keys), until: Some(p.until) });
        let current = PinnedKeys { jwks: self.provider.jwks(), until: None };
        let pinned = self.policies.all().first().expect("the pinned policy");
        let pinned = self.trust.under(pinned.policy.digest(), pinned.trust.waits);
        TrustFile { trust: pinned, provider_keys: past.chain([current]).collect(), witnesses: Vec::new(), quorum: 0 }
    }

    /// What is asked for in the ordinary story.
    #[must_use]
    pub fn ask(&self) -> Request {
        Request {
            duration_seconds: 1800,
            break_glass: None,
            extends: None,
            justification: "The customer reports a wrong total on last month's payslips.".to_owned(),
            organization: Organization {
                id: "kinloch-hotels".parse().expect("an id"),
                name: "Kinloch Hotels".to_owned(),
            },
            policy: self.trust.policy.clone(),
            reason: ReasonCategory::CustomerReportedProblem,
            scope: Scope::Read,
            ticket: "SUP-4711".to_owned(),
        }
    }

    /// `who` asks.
    #[must_use]
    pub fn request(&self, who: &Person, ask: Request) -> String {
        who.sign(&self.trust.gateway_id, ask, self.moments.request)
    }

    /// `who` approves a request on these terms.
    #[must_use]
    pub fn approve(&self, who: &Person, request: &str, terms: Terms) -> String {
        self.decide(who, request, terms, Verdict::Approve)
    }

    /// `who` decides about a request.
    #[must_use]
    pub fn decide(&self, who: &Person, request: &str, terms: Terms, verdict: Verdict) -> String {
        let body = Decision {
            comment: "As agreed in the ticket.".to_owned(),
            policy: self.trust.policy.clone(),
            request: sha256(request),
            terms,
            verdict,
        };
        who.sign(&self.trust.gateway_id, body, self.moments.decide)
    }

    /// `who` opens over the TLS certificate with this digest.
    #[must_use]
    pub fn open(&self, who: &Person, request: &str, decisions: &[String], tls_client: &Digest) -> String {
        let body = SessionOpen {
            decisions: decisions.iter().map(sha256).collect(),
            request: sha256(request),
            tls_client: tls_client.clone(),
        };
        who.sign(&self.trust.gateway_id, body, self.moments.open)
    }

    /// An administrator says that a Device is a person's.
    #[must_use]
    pub fn enrol(&self, administrator: &Person, person: &PersonId, device: &Digest) -> String {
        let body = Enrol { device: device.clone(), person: person.clone() };
        administrator.sign(&self.trust.gateway_id, body, self.moments.enrol)
    }

    /// The broker attests `who`'s second factor, for one statement or for the sign-in.
    #[must_use]
    pub fn mfa(&self, who: &Person, statement: Option<&str>, at: UnixSeconds) -> String {
        let body = Mfa {
            method: "totp".to_owned(),
            purpose: if statement.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn },
            statement: statement.map(sha256),
            subject: who.kid(),
            address: who.address,
        };
        let payload = payload(&self.trust.gateway_id, body, at);
        sign(&self.broker, &self.broker.public().thumbprint(), &payload).expect("signs")
    }

    /// The second administrator, who has nothing to do with the bundle, enrolled the reviewer.
    #[must_use]
    pub fn enrol_reviewer(&self) -> String {
        let [_, second] = &self.administrators;
        self.enrol(second, &self.reviewer.id(), &self.reviewer.thumbprint())
    }

    /// The bundle of the ordinary story: one request, one approval, everything right.
    #[must_use]
    pub fn good(&self) -> Good {
        self.good_with(self.ask(), &[&self.approver])
    }

    /// The bundle in which these approvers granted exactly what was asked.
    #[must_use]
    pub fn good_with(&self, ask: Request, approvers: &[&Person]) -> Good {
        let (moments, tls_client) = (self.moments, sha256("the DER of the Session's certificate"));
        let terms = Terms { duration_seconds: ask.duration_seconds, scope: ask.scope };
        let request = self.request(&self.engineer, ask);
        let decisions: Vec<String> = approvers.iter().map(|a| self.approve(a, &request, terms)).collect();
        let mut mfa = vec![self.mfa(&self.engineer, None, moments.requester_code)];
        mfa.extend(approvers.iter().zip(&decisions).map(|(a, d)| self.mfa(a, Some(d), moments.decide)));
        let [first, _] = &self.administrators;
        let signers = || std::iter::once(&self.engineer).chain(approvers.iter().copied());
        let bundle = Bundle {
            pk_tokens: std::iter::once(first).chain(signers()).map(|p| p.token.clone()).collect(),
            enrols: signers().map(|p| self.enrol(first, &p.id(), &p.thumbprint())).collect(),
            open: self.open(&self.engineer, &request, &decisions, &tls_client),
            request,
            decisions,
            mfa,
            break_glass: None,
        };
        Good { bundle, tls_client, opened_at: moments.open + 1 }
    }
}
