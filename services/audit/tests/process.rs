//! The audit service as a process over TLS: killed with `kill -9` in the middle of writing, started again.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::Config;
use checkpoint::{Checkpoint, LogSigner, LogVerifier};
use client::{LogClient, ServiceClient};
use domain::{Digest, Scope, SystemClock};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use recording::IngestSecret;
use statement::{DeviceKey, Limits, Trust, sha256};
use wire::audit::Inclusion;
use wire::event::{Append, EventKind, Receipt};

const NAME: &str = "countersign.test/log";
const CHILD: &str = "AUDIT_TEST_CONFIG";

/// Not a test by itself: the process that the others start and kill.
#[test]
fn the_process() {
    let Some(config) = std::env::var_os(CHILD) else { return };
    rustls::crypto::aws_lc_rs::default_provider().install_default().expect("first");
    let config = Config::read(Path::new(&config)).expect("a good file");
    let runtime = tokio::runtime::Runtime::new().expect("runtime");
    let result = runtime.block_on(audit::run(config, Arc::new(SystemClock), std::future::pending()));
    panic!("it ended: {result:?}");
}

struct Home {
    folder: tempfile::TempDir,
    port: u16,
    ca: String,
    broker: (String, String),
    verifier: LogVerifier,
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Home {
    fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let private = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700);
        let folder = tempfile::Builder::new().permissions(private).tempdir().expect("folder");
        let port = spare_ports::reserve(1).expect("port");
        let key = KeyPair::generate().expect("key");
        let mut params = CertificateParams::new(Vec::new()).expect("params");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, "the test's CA");
        let ca = params.self_signed(&key).expect("certificate").pem();
        let issuer = Issuer::new(params, key);
        let [own, broker] = ["audit", "broker"].map(|name| service(name, &issuer));
        let signer = LogSigner::from_seed(NAME, &[5; 32]).expect("signer");
        let home = Self { folder, port, ca, broker, verifier: signer.verifier() };
        home.secret("audit.pem", own.0.as_bytes());
        home.secret("audit.key", own.1.as_bytes());
        home.secret("ca.pem", home.ca.as_bytes());
        home.secret("log.seed", &[5; 32]);
        home.secret("storage.key", &[6; 32]);
        home.secret("ingest.key", IngestSecret::generate().expect("key").encoded().as_bytes());
        home.secret("audit.toml", toml::to_string(&home.config(&signer)).expect("toml").as_bytes());
        home
    }

    fn config(&self, signer: &LogSigner) -> Config {
        let trust = Trust {
            issuer: "http://127.0.0.1:1".into(),
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "countersign_roles".into(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway.test".into(),
            log_key: signer.verifier_key(),
            attestation_key: DeviceKey::generate().expect("key").0.public(),
            first_administrators: vec![sha256("one"), sha256("two")],
            limits: Limits { max_duration_seconds: 3600, max_scope: Scope::Read },
            policy: policy::Policy::compiled_in().digest().clone(),
            waits: statement::Waits::default(),
        };
        Config {
            listen: format!("127.0.0.1:{}", self.port).parse().expect("address"),
            base_url: self.base_url(),
            certificate: "audit.pem".into(),
            private_key: "audit.key".into(),
            ca: "ca.pem".into(),
            provider_ca: None,
            database: "audit.sqlite".into(),
            log_seed: "log.seed".into(),
            log_name: NAME.into(),
            ingest_secret: "ingest.key".into(),
            key_service: audit::KeyServiceConfig::File { file: "storage.key".into() },
            objects: "objects".into(),
            trust,
            finding_rules: None,
            witnesses: Vec::new(),
            contacts: Vec::new(),
        }
    }

    fn base_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn secret(&self, name: &str, bytes: &[u8]) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::write(self.path(name), bytes).expect("writes");
        std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(0o600)).expect("permissions");
    }

    fn spawn(&self) -> Running {
        let child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "the_process", "--nocapture"])
            .env(CHILD, self.path("audit.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        Running(child)
    }

    async fn start(&self) -> Running {
        let mut running = self.spawn();
        let log = self.log();
        let begun = Instant::now();
        while log.time().await.is_err() {
            assert_eq!(running.0.try_wait().expect("a child"), None, "it did not start");
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        running
    }

    fn log(&self) -> LogClient {
        LogClient::new(&self.base_url(), &self.ca).expect("client")
    }

    fn broker(&self) -> ServiceClient {
        ServiceClient::new(&self.base_url(), &self.ca, &self.broker.0, &self.broker.1).expect("client")
    }

    async fn head(&self) -> Checkpoint {
        self.verifier.open(&self.log().checkpoint().await.expect("a note")).expect("a good checkpoint")
    }
}

fn service(name: &str, issuer: &Issuer<'_, KeyPair>) -> (String, String) {
    let key = KeyPair::generate().expect("key");
    let mut params = CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()]).expect("params");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.signed_by(&key, issuer).expect("certificate").pem(), key.serialize_pem())
}

fn hash(digest: &Digest) -> merkle::Hash {
    statement::base64url_decode(digest.as_str()).expect("base64url").try_into().expect("32 bytes")
}

#[tokio::test]
async fn it_serves_over_mutual_tls_and_only_services_write() {
    let home = Home::new();
    let _running = home.start().await;
    assert_eq!(home.head().await.size, 1);
    let receipt = home.broker().append(&Append::new(EventKind::CallRefused).fact("code", "x")).await.expect("appended");
    let head = home.verifier.open(&receipt.checkpoint).expect("signed");
    let path: Vec<_> = receipt.inclusion.iter().map(hash).collect();
    merkle::verify_inclusion(1, head.size, &merkle::leaf_hash(receipt.leaf.as_bytes()), &path, &head.root).expect("in");
    let (stranger_ca, stranger_key) = {
        let key = KeyPair::generate().expect("key");
        let mut params = CertificateParams::new(Vec::new()).expect("params");
        params.distinguished_name.push(DnType::CommonName, "broker");
        (params.self_signed(&key).expect("certificate").pem(), key.serialize_pem())
    };
    let stranger = ServiceClient::new(&home.base_url(), &home.ca, &stranger_ca, &stranger_key).expect("client");
    assert!(stranger.append(&Append::new(EventKind::CallRefused)).await.is_err());
    assert_eq!(home.head().await.size, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_in_the_middle_of_writing_loses_nothing_that_was_acknowledged() {
    let home = Home::new();
    let mut acknowledged: Vec<Receipt> = Vec::new();
    let mut last = None;
    for round in 0..8_u64 {
        let mut running = home.start().await;
        if let Some(before) = last.take() {
            check_since(&home, &before).await;
        }
        for receipt in acknowledged.iter().rev().take(25) {
            check_kept(&home, receipt).await;
        }
        let writers: Vec<_> = (0..4).map(|n| tokio::spawn(write_until_it_dies(home.broker(), round * 4 + n))).collect();
        tokio::time::sleep(Duration::from_millis(60 + 37 * round)).await;
        last = Some(home.head().await);
        running.0.kill().expect("kills");
        running.0.wait().expect("ends");
        for writer in writers {
            acknowledged.extend(writer.await.expect("no panic"));
        }
    }
    let _running = home.start().await;
    assert!(acknowledged.len() > 20, "only {}", acknowledged.len());
    for receipt in &acknowledged {
        check_kept(&home, receipt).await;
    }
}

async fn write_until_it_dies(broker: ServiceClient, writer: u64) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for n in 0.. {
        let append = Append::new(EventKind::CallRefused).fact("n", format!("{writer}-{n}")).personal("p", "x");
        match broker.append(&append).await {
            Ok(receipt) => receipts.push(receipt),
            Err(_) => break,
        }
    }
    receipts
}

async fn check_kept(home: &Home, receipt: &Receipt) {
    let head = home.head().await;
    let path = format!("/v1/inclusion?index={}&size={}", receipt.index, head.size);
    let proof: Inclusion = home.broker().get_json(&path).await.expect("still there");
    assert_eq!(proof.leaf, receipt.leaf);
    let path: Vec<_> = proof.path.iter().map(hash).collect();
    let leaf = merkle::leaf_hash(proof.leaf.as_bytes());
    merkle::verify_inclusion(receipt.index, head.size, &leaf, &path, &head.root).expect("in the log");
}

async fn check_since(home: &Home, before: &Checkpoint) {
    let now = home.head().await;
    let proof = home.log().consistency(before.size, now.size).await.expect("a proof");
    let path: Vec<_> = proof.path.iter().map(hash).collect();
    merkle::verify_consistency(before.size, now.size, &path, &before.root, &now.root).expect("consistent");
}

#[tokio::test]
async fn ops_09_a_key_file_that_others_can_read_or_an_unknown_setting_keeps_it_from_starting() {
    use std::os::unix::fs::PermissionsExt as _;
    let refused = |change: &dyn Fn(&Home)| {
        let home = Home::new();
        change(&home);
        let mut running = home.spawn();
        let begun = Instant::now();
        while running.0.try_wait().expect("a child").is_none() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it runs");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    for name in ["log.seed", "storage.key", "ingest.key", "audit.key"] {
        refused(&|home| {
            std::fs::set_permissions(home.path(name), std::fs::Permissions::from_mode(0o644)).expect("permissions");
        });
    }
    refused(&|home| home.secret("storage.key", &[6; 31]));
    refused(&|home| home.secret("log.seed", &[7; 32]));
    refused(&|home| {
        let text = std::fs::read_to_string(home.path("audit.toml")).expect("reads");
        home.secret("audit.toml", format!("verify = false\n{text}").as_bytes());
    });
}
