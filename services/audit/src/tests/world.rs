use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use checkpoint::{Checkpoint, LogSigner, LogVerifier};
use domain::{Digest, FixedClock, Role, Scope};
use identity::ProviderSource;
use key_service::KeyService;
use policy::Policy;
use recording::{IngestSecret, SecretKey};
use statement::{DeviceKey, Limits, Trust};
use wire::event::{Event, Receipt};
use zeroize::Zeroizing;

use crate::config::{Config, KeyServiceConfig, WitnessConfig};
use crate::error::Error;
use crate::start::{Secrets, Started, start};

mod calls;
mod case;
mod forgotten;
mod glass;
mod more;
mod people;
mod revealing;

pub use calls::Answer;
pub use case::{Case, frames};
pub use forgotten::away;
pub use glass::body;
pub use more::More;
pub use people::Human;
pub use revealing::{CANARY, MARK, OTHER_MARK, originals};

use people::human;

pub const NOW: i64 = 1_790_000_000;
const BASE: &str = "https://127.0.0.1:7443";
/// What is in the key file.
pub const STORAGE: [u8; 32] = [9; 32];
pub const SEED: [u8; 32] = [5; 32];

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
    enrolments: Mutex<BTreeMap<(Digest, Digest), (String, String)>>,
    pub mara: Human,
    pub tomasz: Human,
    pub ines: Human,
    pub ben: Human,
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

/// A folder as `init` makes them.
pub fn private_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(permissions).tempdir().expect("folder")
}

/// Nobody is enrolled but the first administrators.
pub async fn bare() -> World {
    bare_with(Vec::new()).await
}

/// The same with witnesses outside.
pub async fn bare_with(witnesses: Vec<WitnessConfig>) -> World {
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
        policy_claims: statement::PolicyClaims::default(),
        gateway_id: "gateway.test".into(),
        log_key: signer.verifier_key(),
        attestation_key: broker.public(),
        first_administrators: vec![ben.0.public().thumbprint(), sofia.0.public().thumbprint()],
        limits: Limits { max_duration_seconds: 4 * 3600, max_scope: Scope::ReadWrite },
        policy: Policy::compiled_in().digest().clone(),
        waits: statement::Waits::default(),
    };
    let folder = private_folder();
    let config = Config { witnesses, ..config(folder.path(), &trust) };
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
        enrolments: Mutex::default(),
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
        key_service: KeyServiceConfig::File { file: path("unused") },
        objects: path("objects"),
        trust: trust.clone(),
        finding_rules: None,
        witnesses: Vec::new(),
        contacts: Vec::new(),
    }
}

/// A key file that nobody has to write, or what the configuration names.
fn key_service(config: &Config, clock: &Arc<FixedClock>) -> Result<KeyService, Error> {
    match &config.key_service {
        KeyServiceConfig::File { .. } => Ok(KeyService::File(SecretKey::from_bytes(&STORAGE).expect("32 bytes"))),
        named => crate::wrapping::open(named, clock.clone()),
    }
}

async fn begin(config: &Config, clock: &Arc<FixedClock>, ingest: &IngestSecret) -> Result<Started, Error> {
    let secrets = Secrets {
        log_seed: Zeroizing::new(SEED),
        ingest: ingest.encoded().parse().expect("a key"),
        keys: key_service(config, clock)?,
    };
    let http = identity::http_client(None).expect("client");
    let provider = Arc::new(ProviderSource::new(&config.trust.issuer, http, clock.clone()));
    start(config, secrets, provider, clock.clone()).await
}

impl World {
    pub fn verifier(&self) -> LogVerifier {
        LogVerifier::parse(&self.trust.log_key).expect("the log's key")
    }

    pub async fn head(&self) -> Checkpoint {
        let note = String::from_utf8(self.get("/checkpoint").await.body).expect("text");
        self.verifier().open(&note).expect("a good checkpoint")
    }

    /// The newest Events, from the database itself.
    pub async fn newest(&self, count: usize) -> Vec<Event> {
        let audit = self.service.audit.upgrade().expect("it runs");
        let count = u32::try_from(count).expect("few");
        let rows = audit.reader.leaves_before(audit.writer.head().size, count).await.expect("leaves");
        rows.iter().map(|row| serde_json::from_str(&row.leaf).expect("an Event")).collect()
    }

    /// Stops the service and starts it again on the same files.
    pub async fn restart(mut self) -> Self {
        stop(std::mem::replace(&mut self.service, empty())).await;
        self.service = begin(&self.config, &self.clock, &self.ingest).await.expect("starts again");
        self
    }

    /// Stops the service and lets `meanwhile` at the files.
    pub async fn stop_for(&mut self, meanwhile: impl FnOnce(&Path)) {
        stop(std::mem::replace(&mut self.service, empty())).await;
        meanwhile(self.folder.path());
    }

    /// Tries to start on the files as they are now.
    pub async fn begin(&mut self) -> Result<(), Error> {
        self.service = begin(&self.config, &self.clock, &self.ingest).await?;
        Ok(())
    }

    /// A second service with other settings, of the same keys.
    pub async fn beside(&self, config: &Config) -> Result<Started, Error> {
        begin(config, &self.clock, &self.ingest).await
    }

    /// The writer is gone from one moment to the next, in the middle of whatever it did, and the service starts again.
    pub async fn crash(mut self) -> Self {
        let Started { router, writing, lock, .. } = std::mem::replace(&mut self.service, empty());
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

pub fn empty() -> Started {
    Started {
        router: axum::Router::new(),
        writing: tokio::spawn(async { Ok(()) }),
        audit: std::sync::Weak::new(),
        lock: tempfile::tempfile().expect("file"),
    }
}

pub async fn stop(service: Started) {
    let Started { router, writing, lock, .. } = service;
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
