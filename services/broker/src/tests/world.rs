use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use domain::{Clock, ReasonCategory, Scope};
use domain::{Digest, FixedClock, Organization, PersonId, Role};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use identity::ProviderSource;
use policy::Policy;
use serde_json::{Value, json};
use serve::{Authenticator, Peer, Service};
use statement::{
    CicHeader, Decision, DeviceKey, DpopProof, Enrol, Kind, Limits, Payload, PkToken, Request, Terms, Trust, Verdict,
    Withdraw, base64url, dpop_proof, nonce_for, sha256, sign,
};
use wire::event::{Append, EventKind};

use crate::attest::{Attestor, random};
use crate::broker::Broker;
use crate::floods::Floods;
use crate::ledger::{Ledger, LedgerError};
use crate::pushes::Pushes;
use crate::seal::SecretKey;
use crate::store::Store;

pub(crate) const NOW: i64 = 1_790_000_000;
const BASE: &str = "https://127.0.0.1:7441";

/// An audit service in memory, which can be taken away.
#[derive(Default)]
pub(crate) struct Log {
    events: Mutex<Vec<Append>>,
    pub(crate) away: AtomicBool,
}

impl Ledger for Log {
    fn append<'a>(&'a self, append: &'a Append) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if self.away.load(Ordering::SeqCst) {
                return Err(LedgerError::Unreachable("taken away".into()));
            }
            let mut events = self.events.lock().expect("log");
            if append.unique.is_some() && events.iter().any(|e| e.unique == append.unique) {
                return Err(LedgerError::Taken);
            }
            events.push(append.clone());
            Ok(())
        })
    }
}

impl Log {
    pub(crate) fn kinds(&self) -> Vec<EventKind> {
        self.events.lock().expect("log").iter().map(|e| e.kind).collect()
    }

    pub(crate) fn last(&self) -> Append {
        self.events.lock().expect("log").last().expect("an event").clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.events.lock().expect("log").len()
    }
}

/// One account of one human being at one computer.
pub(crate) struct Account {
    pub(crate) person: String,
    subject: String,
    roles: Vec<&'static str>,
    pub(crate) key: DeviceKey,
    pub(crate) token: String,
    pub(crate) seed: Option<String>,
}

pub(crate) struct World {
    pub(crate) broker: Arc<Broker>,
    router: Router,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) log: Arc<Log>,
    pub(crate) trust: Trust,
    pub(crate) folder: tempfile::TempDir,
    provider: DeviceKey,
    source: Arc<ProviderSource>,
    attestation_pkcs8: Vec<u8>,
    published: tokio::task::JoinHandle<()>,
    pub(crate) ben: Account,
    calls: AtomicU64,
}

/// An answer: status and body.
pub(crate) type Answered = (u16, Value);

pub(crate) fn code(answer: &Answered) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

/// An issuer on loopback, as a provider publishes itself.
pub(crate) async fn issuer(provider: &DeviceKey) -> (String, tokio::task::JoinHandle<()>) {
    let mut jwk = serde_json::to_value(provider.public()).expect("jwk");
    jwk["kid"] = "p1".into();
    jwk["alg"] = "ES256".into();
    let jwks = json!({ "keys": [jwk] });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let base = format!("http://{}", listener.local_addr().expect("address"));
    let discovery = json!({"issuer": base, "jwks_uri": format!("{base}/jwks")}).to_string();
    let router = Router::new()
        .route("/.well-known/openid-configuration", axum::routing::get(move || async move { discovery }))
        .route("/jwks", axum::routing::get(move || async move { jwks.to_string() }));
    let served = tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    });
    (base, served)
}

pub(crate) fn organizations() -> Vec<Organization> {
    [("kinloch-hotels", "Kinloch Hotels"), ("delmar-foods", "Delmar Foods")]
        .map(|(id, name)| Organization { id: id.parse().expect("id"), name: name.into() })
        .to_vec()
}

impl World {
    /// An installation with one administrator who is admitted.
    pub(crate) async fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (provider, _) = DeviceKey::generate().expect("key");
        let (attestation, attestation_pkcs8) = DeviceKey::generate().expect("key");
        let (ben_key, _) = DeviceKey::generate().expect("key");
        let (sofia_key, _) = DeviceKey::generate().expect("key");
        let (issuer, published) = issuer(&provider).await;
        let trust = Trust {
            issuer: issuer.clone(),
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "countersign_roles".into(),
            gateway_id: "gateway.test".into(),
            log_key: String::new(),
            attestation_key: attestation.public(),
            first_administrators: vec![ben_key.public().thumbprint(), sofia_key.public().thumbprint()],
            limits: Limits { max_duration_seconds: 4 * 3600, max_scope: Scope::Administer },
            policy: Policy::compiled_in().digest().clone(),
        };
        let clock = Arc::new(FixedClock::at(NOW));
        let http = identity::http_client(None).expect("client");
        let source = Arc::new(ProviderSource::new(issuer, http, clock.clone()));
        let (log, folder) = (Arc::new(Log::default()), tempfile::tempdir().expect("folder"));
        let broker = assemble(&trust, &clock, &log, &source, &attestation_pkcs8, folder.path()).await;
        let router = crate::routes::router(broker.clone());
        let ben = account(&provider, &trust, ben_key, ("e-900", "ben"), &["administrator"], NOW);
        let calls = AtomicU64::new(0);
        let mut world = Self {
            broker,
            router,
            clock,
            log,
            trust,
            folder,
            provider,
            source,
            attestation_pkcs8,
            published,
            ben,
            calls,
        };
        let nobody = world.stranger("nobody", "nobody", &[]);
        let mut ben = std::mem::replace(&mut world.ben, nobody);
        world.pass_factor(&mut ben).await;
        world.ben = ben;
        world
    }

    /// The broker killed and started again over the same database.
    pub(crate) async fn restart(&mut self) {
        self.clock.advance(1);
        let (clock, log) = (&self.clock, &self.log);
        let broker = assemble(&self.trust, clock, log, &self.source, &self.attestation_pkcs8, self.folder.path()).await;
        self.router = crate::routes::router(broker.clone());
        self.broker = broker;
    }

    /// The identity provider taken away.
    pub(crate) fn issuer_away(&self) {
        self.published.abort();
    }

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
        let answer = self.post(&self.ben, "/v1/enrolments", json!({ "statement": statement })).await;
        assert_eq!(answer, (204, Value::Null));
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
            seen: String::new(),
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

    pub(crate) async fn get(&self, who: &Account, path: &str) -> Answered {
        self.call(who, "GET", path, None).await
    }

    pub(crate) async fn post(&self, who: &Account, path: &str, body: Value) -> Answered {
        self.call(who, "POST", path, Some(body)).await
    }

    async fn call(&self, who: &Account, method: &str, path: &str, body: Option<Value>) -> Answered {
        let request = self.prepared(who, method, path, body);
        read(self.send(request).await).await
    }

    /// The request with its proof; each has its own.
    pub(crate) fn prepared(
        &self,
        who: &Account,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> hyper::Request<Body> {
        let n = self.calls.fetch_add(1, Ordering::SeqCst);
        let bare = path.split('?').next().unwrap_or_default();
        let claims = DpopProof {
            ath: sha256(&who.token),
            htm: method.into(),
            htu: format!("{BASE}{bare}"),
            iat: self.clock.now(),
            jti: format!("call-{n:016}"),
        };
        let proof = dpop_proof(&who.key, &claims).expect("proof");
        hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("DPoP {}", who.token))
            .header("dpop", proof)
            .header("content-type", "application/json")
            .body(body.map_or(Body::empty(), |b| Body::from(b.to_string())))
            .expect("request")
    }

    pub(crate) async fn send(&self, request: hyper::Request<Body>) -> axum::response::Response {
        TowerToHyperService::new(self.router.clone()).call(request).await.expect("infallible")
    }

    /// A call over mutual TLS, as `serve` hands it on.
    pub(crate) async fn as_service(&self, service: Option<Service>, path: &str, body: Value) -> Answered {
        let address = "127.0.0.1:50000".parse().expect("address");
        let request = hyper::Request::post(path)
            .header("content-type", "application/json")
            .extension(Peer { service, address })
            .body(Body::from(body.to_string()))
            .expect("request");
        read(self.send(request).await).await
    }

    pub(crate) async fn as_gateway(&self, path: &str, body: Value) -> Answered {
        self.as_service(Some(Service::Gateway), path, body).await
    }
}

async fn read(answer: axum::response::Response) -> Answered {
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.expect("body").to_bytes();
    let value = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("json") };
    (status, value)
}

async fn assemble(
    trust: &Trust,
    clock: &Arc<FixedClock>,
    log: &Arc<Log>,
    source: &Arc<ProviderSource>,
    attestation: &[u8],
    folder: &std::path::Path,
) -> Arc<Broker> {
    let key = DeviceKey::from_pkcs8(attestation).expect("key");
    Arc::new(Broker {
        attestor: Attestor::new(key, &trust.gateway_id),
        trust: trust.clone(),
        organizations: organizations(),
        policy: Policy::compiled_in(),
        clock: clock.clone(),
        store: Store::open(&folder.join("broker.sqlite")).await.expect("store"),
        ledger: log.clone(),
        authenticator: Arc::new(Authenticator::new(trust.clone(), source.clone(), BASE, clock.clone())),
        provider: source.clone(),
        secrets: SecretKey::new(&[7; 32]).expect("key"),
        pushes: Pushes::new(),
        floods: Floods::default(),
        streams: Arc::new(tokio::sync::Semaphore::new(4)),
        turns: tokio::sync::Mutex::new(()),
    })
}

pub(crate) fn account(
    provider: &DeviceKey,
    trust: &Trust,
    key: DeviceKey,
    (person, subject): (&str, &str),
    roles: &[&'static str],
    iat: i64,
) -> Account {
    let cic = CicHeader::encoded(&key.public(), random::<32>());
    let claims = json!({
        "iss": trust.issuer, "aud": trust.client_id, "sub": subject, "nonce": nonce_for(&cic), "iat": iat,
        "exp": iat + 600, "name": format!("Name of {subject}"), "employee_id": person, "countersign_roles": roles,
    });
    let header = base64url(r#"{"alg":"ES256","kid":"p1","typ":"JWT"}"#);
    let input = format!("{header}.{}", base64url(claims.to_string()));
    let id_token = format!("{input}.{}", base64url(provider.sign(input.as_bytes()).expect("sign")));
    let token = PkToken::make(&id_token, &cic, &key).expect("pk token");
    Account { person: person.into(), subject: subject.into(), roles: roles.to_vec(), key, token, seed: None }
}

/// The roles as the broker reads them.
pub(crate) fn roles_of(who: &Account) -> Vec<Role> {
    who.roles.iter().map(|r| serde_json::from_value(json!(r)).expect("role")).collect()
}
