use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use checkpoint::{Checkpoint, LogSigner, LogVerifier};
use domain::{Digest, FixedClock, Organization, ReasonCategory, Role, Scope, SessionId};
use identity::ProviderSource;
use policy::Policy;
use recording::{Captured, Frame, IngestSecret, SecretKey, seal_batch};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serve::{Peer, Service};
use statement::{
    Bundle, CicHeader, Decision, DeviceKey, DpopProof, Enrol, Kind, Limits, Mfa, MfaPurpose, Payload, PkToken,
    SessionOpen, Terms, Trust, Verdict, base64url, dpop_proof, nonce_for, sha256, sign,
};
use tower::ServiceExt as _;
use wire::audit::{EndRecording, OpenRecording};
use wire::event::{Append, Event, EventKind, Receipt};
use wire::problem::Problem;
use zeroize::Zeroizing;

use crate::config::Config;
use crate::error::Error;
use crate::start::{Secrets, Started, start};

pub const NOW: i64 = 1_790_000_000;
const BASE: &str = "https://127.0.0.1:7443";
const SEED: [u8; 32] = [5; 32];

/// Somebody with a Device and a sign-in.
pub struct Human {
    pub key: DeviceKey,
    pub pkcs8: Vec<u8>,
    pub person: &'static str,
    pub token: String,
    pub mfa: String,
}

/// The audit service without sockets, an issuer on loopback, and people.
pub struct World {
    pub folder: tempfile::TempDir,
    pub config: Config,
    pub clock: Arc<FixedClock>,
    pub trust: Trust,
    pub service: Started,
    pub ingest: IngestSecret,
    provider: DeviceKey,
    broker: DeviceKey,
    pub mara: Human,
    pub tomasz: Human,
    pub ines: Human,
    pub ben: Human,
}

/// An answer: status and body.
pub struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).expect("the shape")
    }

    pub fn problem(&self) -> (u16, String) {
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem");
        assert_eq!(problem.status, self.status.as_u16());
        assert!(!problem.title.is_empty() && !problem.detail.is_empty());
        (problem.status, problem.code)
    }
}

static COUNTER: AtomicU64 = AtomicU64::new(0);

fn unique() -> String {
    base64url(format!("{:016}", COUNTER.fetch_add(1, Ordering::SeqCst)))
}

async fn issuer(jwks: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let base = format!("http://{}", listener.local_addr().expect("address"));
    let discovery = serde_json::json!({"issuer": base, "jwks_uri": format!("{base}/jwks")}).to_string();
    let router = axum::Router::new()
        .route("/.well-known/openid-configuration", axum::routing::get(move || async move { discovery }))
        .route("/jwks", axum::routing::get(move || async move { jwks }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

pub async fn world() -> World {
    let world = bare().await;
    world.enrol_everybody().await;
    world
}

/// Nobody is enrolled but the first administrators.
pub async fn bare() -> World {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let key = || DeviceKey::generate().expect("key");
    let (provider, broker) = (key().0, key().0);
    let mut jwk = serde_json::to_value(provider.public()).expect("jwk");
    jwk["kid"] = "p1".into();
    jwk["alg"] = "ES256".into();
    let issuer = issuer(serde_json::json!({ "keys": [jwk] }).to_string()).await;
    let (ben, sofia) = (key(), key());
    let signer = LogSigner::from_seed("countersign.test/log", &SEED).expect("signer");
    let trust = Trust {
        issuer,
        client_id: "countersign-desktop".into(),
        person_claim: "employee_id".into(),
        roles_claim: "countersign_roles".into(),
        gateway_id: "gateway.test".into(),
        log_key: signer.verifier_key(),
        attestation_key: broker.public(),
        first_administrators: vec![ben.0.public().thumbprint(), sofia.0.public().thumbprint()],
        limits: Limits { max_duration_seconds: 4 * 3600, max_scope: Scope::ReadWrite },
        policy: Policy::compiled_in().digest().clone(),
    };
    let folder = tempfile::tempdir().expect("folder");
    let config = config(folder.path(), &trust);
    let clock = Arc::new(FixedClock::at(NOW));
    let ingest = IngestSecret::generate().expect("key");
    let service = begin(&config, &clock, &ingest).await.expect("starts");
    let human = |key, person, role| human(&provider, &broker, &trust, key, person, role);
    World {
        mara: human(key(), "p-mara", Role::Engineer),
        tomasz: human(key(), "p-tomasz", Role::Approver),
        ines: human(key(), "p-ines", Role::Reviewer),
        ben: human(ben, "p-ben", Role::Administrator),
        folder,
        config,
        clock,
        trust: trust.clone(),
        service,
        ingest,
        provider,
        broker,
    }
}

fn config(folder: &Path, trust: &Trust) -> Config {
    let path = |name: &str| folder.join(name);
    Config {
        listen: "127.0.0.1:0".parse().expect("address"),
        base_url: BASE.into(),
        certificate: path("unused"),
        private_key: path("unused"),
        ca: path("unused"),
        provider_ca: None,
        database: path("audit.sqlite"),
        log_seed: path("unused"),
        log_name: "countersign.test/log".into(),
        ingest_secret: path("unused"),
        key_file: path("unused"),
        objects: path("objects"),
        trust: trust.clone(),
    }
}

async fn begin(config: &Config, clock: &Arc<FixedClock>, ingest: &IngestSecret) -> Result<Started, Error> {
    let secrets = Secrets {
        log_seed: Zeroizing::new(SEED),
        ingest: ingest.encoded().parse().expect("a key"),
        key: SecretKey::from_bytes(&[9; 32]).expect("32 bytes"),
    };
    let http = identity::http_client(None).expect("client");
    let provider = Arc::new(ProviderSource::new(&config.trust.issuer, http, clock.clone()));
    start(config, secrets, provider, clock.clone()).await
}

fn human(
    provider: &DeviceKey,
    broker: &DeviceKey,
    trust: &Trust,
    (key, pkcs8): (DeviceKey, Vec<u8>),
    person: &'static str,
    role: Role,
) -> Human {
    let token = pk_token(provider, trust, &key, person, &[role]);
    let mfa = attest(broker, trust, &token, None, NOW - 30);
    Human { key, pkcs8, person, token, mfa }
}

pub fn pk_token(provider: &DeviceKey, trust: &Trust, device: &DeviceKey, person: &str, roles: &[Role]) -> String {
    let cic = CicHeader::encoded(&device.public(), [7; 32]);
    let header = base64url(r#"{"alg":"ES256","kid":"p1","typ":"JWT"}"#);
    let claims = serde_json::json!({
        "iss": trust.issuer, "aud": trust.client_id, "sub": person, "nonce": nonce_for(&cic), "iat": NOW - 60,
        "exp": NOW + 600, "name": format!("Name of {person}"), "employee_id": person, "countersign_roles": roles,
    });
    let input = format!("{header}.{}", base64url(claims.to_string()));
    let id_token = format!("{input}.{}", base64url(provider.sign(input.as_bytes()).expect("sign")));
    PkToken::make(&id_token, &cic, device).expect("pk token")
}

fn attest(broker: &DeviceKey, trust: &Trust, token: &str, statement: Option<Digest>, iat: i64) -> String {
    let purpose = if statement.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
    let body = Mfa { method: "totp".into(), purpose, statement, subject: sha256(token) };
    let payload =
        Payload { aud: trust.gateway_id.clone(), body, exp: iat + 3600, iat, jti: unique(), seen: String::new() };
    sign(broker, &broker.public().thumbprint(), &payload).expect("sign")
}

impl Human {
    pub fn kid(&self) -> Digest {
        sha256(&self.token)
    }

    pub fn state<B: Kind>(&self, body: B, iat: i64, life: i64, seen: &str) -> String {
        let payload =
            Payload { aud: "gateway.test".into(), body, exp: iat + life, iat, jti: unique(), seen: seen.into() };
        sign(&self.key, &self.kid(), &payload).expect("sign")
    }
}

impl World {
    pub fn verifier(&self) -> LogVerifier {
        LogVerifier::parse(&self.trust.log_key).expect("the log's key")
    }

    /// Somebody else at the same provider.
    pub fn another(&self, person: &'static str, roles: &[Role]) -> Human {
        let (key, pkcs8) = DeviceKey::generate().expect("key");
        let token = pk_token(&self.provider, &self.trust, &key, person, roles);
        let mfa = attest(&self.broker, &self.trust, &token, None, NOW - 30);
        Human { key, pkcs8, person, token, mfa }
    }

    pub fn attest_at(&self, who: &Human, statement: Option<Digest>, iat: i64) -> String {
        attest(&self.broker, &self.trust, &who.token, statement, iat)
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let answer = self.service.router.clone().oneshot(request).await.expect("infallible");
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("body").to_vec();
        Answer { status, body }
    }

    fn request(method: Method, path: &str, service: Option<Service>) -> axum::http::request::Builder {
        let peer = Peer { service, address: "127.0.0.1:1".parse().expect("address") };
        Request::builder().method(method).uri(path).extension(peer)
    }

    /// A call of nobody in particular.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Self::request(Method::GET, path, None).body(Body::empty()).expect("request")).await
    }

    pub async fn post_as<T: Serialize>(&self, service: Service, path: &str, body: &T) -> Answer {
        let json = serde_json::to_vec(body).expect("json");
        let request = Self::request(Method::POST, path, Some(service)).header("content-type", "application/json");
        self.call(request.body(Body::from(json)).expect("request")).await
    }

    pub async fn get_as(&self, service: Service, path: &str) -> Answer {
        self.call(Self::request(Method::GET, path, Some(service)).body(Body::empty()).expect("request")).await
    }

    pub async fn put_batch(&self, session: &SessionId, number: u64, sealed: Vec<u8>) -> Answer {
        let path = format!("/v1/recordings/{session}/batches/{number}");
        self.call(Self::request(Method::POST, &path, Some(Service::Gateway)).body(Body::from(sealed)).expect("request"))
            .await
    }

    pub async fn batch(&self, session: &SessionId, number: u64, frames: &[Frame]) -> Answer {
        self.put_batch(session, number, self.sealed_batch(session, number, frames)).await
    }

    pub fn sealed_batch(&self, session: &SessionId, number: u64, frames: &[Frame]) -> Vec<u8> {
        seal_batch(&self.ingest.public().expect("public"), session, number, frames).expect("seals")
    }

    /// A call of a person with everything that it takes.
    pub async fn person(&self, who: &Human, method: Method, path: &str, body: Option<Vec<u8>>) -> Answer {
        self.person_with(who, Some(&who.mfa), method, path, body).await
    }

    pub async fn person_with(
        &self,
        who: &Human,
        mfa: Option<&str>,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Answer {
        let proof = DpopProof {
            ath: who.kid(),
            htm: method.to_string(),
            htu: format!("{BASE}{}", path.split('?').next().unwrap_or_default()),
            iat: domain::Clock::now(&*self.clock),
            jti: unique(),
        };
        let mut request = Self::request(method, path, None)
            .header("authorization", format!("DPoP {}", who.token))
            .header("dpop", dpop_proof(&who.key, &proof).expect("proof"));
        if let Some(mfa) = mfa {
            request = request.header(wire::MFA_HEADER, mfa);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        self.call(request.body(Body::from(body.unwrap_or_default())).expect("request")).await
    }

    pub async fn get_person(&self, who: &Human, path: &str) -> Answer {
        self.person(who, Method::GET, path, None).await
    }

    pub async fn append(&self, append: &Append) -> Receipt {
        self.post_as(Service::Broker, "/v1/events", append).await.json()
    }

    pub async fn enrol_everybody(&self) {
        for who in [&self.mara, &self.tomasz, &self.ines] {
            self.enrol(&self.ben, who).await;
        }
    }

    pub async fn enrol(&self, administrator: &Human, who: &Human) {
        self.append(&self.enrolled(administrator, who)).await;
    }

    pub fn enrolment(&self, administrator: &Human, who: &Human) -> String {
        let body = Enrol { device: who.key.public().thumbprint(), person: domain::PersonId(who.person.into()) };
        administrator.state(body, NOW - 50, 3600, "")
    }

    fn enrolled(&self, administrator: &Human, who: &Human) -> Append {
        Append::new(EventKind::Enrolled).statement(self.enrolment(administrator, who)).statement(&administrator.token)
    }

    pub async fn head(&self) -> Checkpoint {
        let note = String::from_utf8(self.get("/checkpoint").await.body).expect("text");
        self.verifier().open(&note).expect("a good checkpoint")
    }

    /// The newest Events, from the database itself.
    pub async fn newest(&self, count: usize) -> Vec<Event> {
        let page: wire::audit::Events = self.get_person(&self.ines, &format!("/v1/events?limit={count}")).await.json();
        page.events.into_iter().map(|e| e.event).collect()
    }

    /// Stops the service and starts it again on the same files.
    pub async fn restart(mut self) -> Self {
        stop(std::mem::replace(&mut self.service, empty())).await;
        self.service = begin(&self.config, &self.clock, &self.ingest).await.expect("starts again");
        self
    }

    /// Stops the service, lets `meanwhile` at the files, and tries to start again.
    pub async fn restart_after(mut self, meanwhile: impl AsyncFnOnce(&Path)) -> Result<(), Error> {
        stop(std::mem::replace(&mut self.service, empty())).await;
        meanwhile(self.folder.path()).await;
        begin(&self.config, &self.clock, &self.ingest).await.map(|_| ())
    }
}

fn empty() -> Started {
    Started {
        router: axum::Router::new(),
        writing: tokio::spawn(async { Ok(()) }),
        lock: tempfile::tempfile().expect("file"),
    }
}

pub async fn stop(service: Started) {
    let Started { router, writing, lock } = service;
    drop(router);
    // Spawned folding may hold the last writer for a moment.
    let ended = tokio::time::timeout(std::time::Duration::from_secs(10), writing).await;
    ended.expect("ends").expect("no panic").expect("no failure");
    drop(lock);
}

/// Everything that opens a Session.
pub struct Case {
    pub bundle: Bundle,
    pub asked: OpenRecording,
}

impl World {
    pub fn case(&self) -> Case {
        self.case_for("kinloch-hotels", Scope::Read, "")
    }

    pub fn case_for(&self, organization: &str, scope: Scope, seen: &str) -> Case {
        let organization = Organization { id: organization.parse().expect("id"), name: "Kinloch Hotels".into() };
        let request = statement::Request {
            duration_seconds: 1800,
            justification: "The night audit shows the wrong balance.".into(),
            organization,
            policy: self.trust.policy.clone(),
            reason: ReasonCategory::CustomerReportedProblem,
            scope,
            ticket: "SUP-4711".into(),
        };
        let request = self.mara.state(request, NOW - 20, 3600, seen);
        let terms = Terms { duration_seconds: 1800, scope };
        let decision = Decision {
            comment: String::new(),
            policy: self.trust.policy.clone(),
            request: sha256(&request),
            terms,
            verdict: Verdict::Approve,
        };
        let decision = self.tomasz.state(decision, NOW - 10, 3600, seen);
        let tls_client = sha256("certificate");
        let open = SessionOpen {
            decisions: vec![sha256(&decision)],
            request: sha256(&request),
            tls_client: tls_client.clone(),
        };
        let open = self.mara.state(open, NOW, 60, seen);
        let bundle = Bundle {
            pk_tokens: vec![self.mara.token.clone(), self.tomasz.token.clone(), self.ben.token.clone()],
            enrols: vec![self.enrolment(&self.ben, &self.mara), self.enrolment(&self.ben, &self.tomasz)],
            mfa: vec![self.mara.mfa.clone(), self.attest_at(&self.tomasz, Some(sha256(&decision)), NOW - 9)],
            request,
            decisions: vec![decision],
            open,
        };
        let asked = OpenRecording {
            bundle_json: serde_json::to_string(&bundle).expect("json"),
            tls_client,
            opened_at: NOW,
            ends_at: NOW + 1800,
            target: "payroll".into(),
            policy: self.trust.policy.clone(),
        };
        Case { bundle, asked }
    }

    pub async fn open(&self, case: &Case) -> Answer {
        self.post_as(Service::Gateway, "/v1/recordings", &case.asked).await
    }

    /// An open Session with nothing in it yet.
    pub async fn session(&self) -> (SessionId, Receipt, Case) {
        let case = self.case();
        let receipt: Receipt = self.open(&case).await.json();
        (sha256(&case.bundle.open).into(), receipt, case)
    }

    pub async fn end(&self, session: &SessionId, batches: u64) -> Answer {
        let end = EndRecording { reason: "person".into(), ended_at: NOW + 60, batches };
        self.post_as(Service::Gateway, &format!("/v1/recordings/{session}/end"), &end).await
    }
}

/// Frames `from..from + count`: requests, each third a write, each fifth a page event.
pub fn frames(from: u64, count: u64) -> Vec<Frame> {
    (from..from + count)
        .map(|seq| Frame { seq, at: NOW * 1000 + i64::try_from(seq).expect("small"), content: content(seq) })
        .collect()
}

fn content(seq: u64) -> Captured {
    if seq % 5 == 4 {
        return Captured::Page {
            page: "p".into(),
            events: vec![serde_json::json!({"type": 3, "data": {"source": 5}})],
        };
    }
    Captured::Request {
        exchange: seq,
        method: "GET".into(),
        path: format!("/o/kinloch-hotels/{seq}"),
        headers: vec![],
        body: None,
        body_bytes: 0,
        body_digest: None,
        write: seq % 3 == 0,
    }
}

/// Holds a receipt to the log's key.
pub fn check_receipt(verifier: &LogVerifier, receipt: &Receipt) -> Event {
    let head = verifier.open(&receipt.checkpoint).expect("a good checkpoint");
    let path: Vec<merkle::Hash> = receipt.inclusion.iter().map(hash).collect();
    let leaf = merkle::leaf_hash(receipt.leaf.as_bytes());
    merkle::verify_inclusion(receipt.index, head.size, &leaf, &path, &head.root).expect("in the log");
    let event: Event = serde_json::from_str(&receipt.leaf).expect("an Event");
    assert_eq!(serde_json::to_string(&event).expect("json"), receipt.leaf, "canonical");
    event
}

pub fn hash(digest: &Digest) -> merkle::Hash {
    statement::base64url_decode(digest.as_str()).expect("base64url").try_into().expect("32 bytes")
}

/// A connection of somebody who changes the database by hand, with every trigger taken out first.
pub async fn by_hand(folder: &Path, sql: &'static str) {
    use sqlx::{ConnectOptions as _, Connection as _};
    let mut connection =
        sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("audit.sqlite")).connect().await.expect("opens");
    let triggers: Vec<(String,)> = sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .fetch_all(&mut connection)
        .await
        .expect("reads");
    for (name,) in triggers {
        let drop = sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}"));
        sqlx::query(drop).execute(&mut connection).await.expect("drops");
    }
    sqlx::query(sql).execute(&mut connection).await.expect("changes");
    connection.close().await.expect("closes");
}
