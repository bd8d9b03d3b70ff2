use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use checkpoint::{Checkpoint, LogSigner, LogVerifier};
use domain::{Digest, FixedClock, Role, Scope, SessionId};
use identity::ProviderSource;
use policy::Policy;
use recording::{Frame, IngestSecret, SecretKey, seal_batch};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serve::{Peer, Service};
use statement::{
    CicHeader, DeviceKey, DpopProof, Enrol, Kind, Limits, Mfa, MfaPurpose, Payload, PkToken, Trust, base64url,
    dpop_proof, nonce_for, sha256, sign,
};
use tower::ServiceExt as _;
use wire::event::{Append, Event, EventKind, Receipt};
use wire::problem::Problem;
use zeroize::Zeroizing;

use crate::config::Config;
use crate::error::Error;
use crate::start::{Secrets, Started, start};

mod case;

pub use case::{Case, frames};

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
        let mut request = Self::request(method.clone(), path, None)
            .header("authorization", format!("DPoP {}", who.token))
            .header("dpop", self.proof(who, &method, path));
        if let Some(mfa) = mfa {
            request = request.header(wire::MFA_HEADER, mfa);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        self.call(request.body(Body::from(body.unwrap_or_default())).expect("request")).await
    }

    /// A proof for one call now.
    pub fn proof(&self, who: &Human, method: &Method, path: &str) -> String {
        let proof = DpopProof {
            ath: who.kid(),
            htm: method.to_string(),
            htu: format!("{BASE}{}", path.split('?').next().unwrap_or_default()),
            iat: domain::Clock::now(&*self.clock),
            jti: unique(),
        };
        dpop_proof(&who.key, &proof).expect("proof")
    }

    /// A call with a proof that may have been used.
    pub async fn get_with_proof(&self, who: &Human, path: &str, proof: &str) -> Answer {
        let request = Self::request(Method::GET, path, None)
            .header("authorization", format!("DPoP {}", who.token))
            .header("dpop", proof)
            .header(wire::MFA_HEADER, &who.mfa);
        self.call(request.body(Body::empty()).expect("request")).await
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

    /// The writer is gone from one moment to the next, in the middle of whatever it did, and the service starts again.
    pub async fn crash(mut self) -> Self {
        let Started { router, writing, lock } = std::mem::replace(&mut self.service, empty());
        writing.abort();
        assert!(writing.await.is_err_and(|e| e.is_cancelled()), "it was still writing");
        drop((router, lock));
        self.service = begin(&self.config, &self.clock, &self.ingest).await.expect("starts after a crash");
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
