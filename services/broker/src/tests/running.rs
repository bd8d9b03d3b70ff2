//! The broker as it runs: from its configuration file, over TLS, with the audit service on the other side of mutual TLS.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::{Extension, Json, Router};
use client::{BrokerClient, CallError, Credentials, ServiceClient};
use domain::{Clock as _, Digest, SystemClock};
use policy::Policy;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::{Value, json};
use serve::{Peer, Service};
use statement::{DeviceKey, Limits, Trust, sha256};
use wire::broker::{LeaseRequest, Leases};
use wire::event::{Append, EventKind, Receipt};

use super::world::{account, issuer, organizations};
use crate::{Config, ConfigError, Error, run};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("ca"))
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn certify(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()]).expect("names");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("key");
        (params.signed_by(&key, &self.0).expect("certificate").pem(), key.serialize_pem())
    }
}

type Appends = Arc<Mutex<Vec<(Option<Service>, Append)>>>;

async fn append(
    State(appends): State<Appends>,
    Extension(peer): Extension<Peer>,
    Json(append): Json<Append>,
) -> Json<Receipt> {
    appends.lock().expect("appends").push((peer.service, append));
    Json(Receipt { index: 0, leaf: String::new(), inclusion: Vec::new(), checkpoint: String::new() })
}

/// An audit service that takes Events; dropping what it returns takes it away.
async fn audit(ca: &Authority, address: SocketAddr) -> (Appends, SocketAddr, tokio::task::JoinHandle<()>) {
    let (certificate, key) = ca.certify("audit");
    let tls =
        serve::tls::server_config(certificate.as_bytes(), key.as_bytes(), Some(ca.pem().as_bytes())).expect("tls");
    let appends = Appends::default();
    let router = Router::new().route("/v1/events", axum::routing::post(append)).with_state(appends.clone());
    let listener = tokio::net::TcpListener::bind(address).await.expect("port");
    let address = listener.local_addr().expect("address");
    let task = tokio::spawn(async move {
        serve::serve(listener, router, tls, std::future::pending()).await.expect("served");
    });
    (appends, address, task)
}

async fn free_port() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    listener.local_addr().expect("address")
}

fn secret(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, bytes).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("mode");
}

struct Installation {
    folder: tempfile::TempDir,
    ca: Authority,
    provider: DeviceKey,
    first: DeviceKey,
    trust: Trust,
    base: String,
    config: Value,
}

impl Installation {
    async fn new(audit: SocketAddr, ca: Authority) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let (provider, _) = DeviceKey::generate().expect("key");
        let (first, _) = DeviceKey::generate().expect("key");
        let (attestation, pkcs8) = DeviceKey::generate().expect("key");
        let trust = Trust {
            issuer: issuer(&provider).await.0,
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "countersign_roles".into(),
            gateway_id: "gateway.test".into(),
            log_key: "log".into(),
            attestation_key: attestation.public(),
            first_administrators: vec![first.public().thumbprint(), sha256("another")],
            limits: Limits { max_duration_seconds: 3600, max_scope: domain::Scope::Read },
            policy: Policy::compiled_in().digest().clone(),
        };
        let (certificate, key) = ca.certify("broker");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("ca.pem"), ca.pem()).expect("written");
        std::fs::write(at("broker.pem"), certificate).expect("written");
        secret(&at("broker.key"), key.as_bytes());
        secret(&at("attestation.key"), &pkcs8);
        secret(&at("totp.key"), &[5; 32]);
        let listen = free_port().await;
        let base = format!("https://{listen}");
        let config = json!({
            "listen": listen, "base_url": base, "certificate": "broker.pem", "private_key": "broker.key",
            "ca": "ca.pem", "trust": trust, "database": "broker.sqlite", "attestation_key": "attestation.key",
            "totp_key": "totp.key", "audit": format!("https://{audit}"), "organizations": organizations(),
        });
        Self { folder, ca, provider, first, trust, base, config }
    }

    fn read(&self, config: &Value) -> Result<Config, ConfigError> {
        let path = self.folder.path().join("broker.toml");
        std::fs::write(&path, toml::to_string(config).expect("toml")).expect("written");
        Config::read(&path)
    }

    fn service(&self, name: &str) -> ServiceClient {
        let (certificate, key) = self.ca.certify(name);
        ServiceClient::new(&self.base, &self.ca.pem(), &certificate, &key).expect("client")
    }

    async fn listening(&self) {
        let address = self.base.trim_start_matches("https://");
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

fn refused(error: &CallError) -> (Option<u16>, Option<&str>) {
    (error.status(), error.code())
}

#[tokio::test]
async fn it_runs_from_its_file_and_stops_when_asked() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca = Authority::new();
    let (appends, audit_address, audit_task) = audit(&ca, "127.0.0.1:0".parse().expect("address")).await;
    let installation = Installation::new(audit_address, ca).await;
    let config = installation.read(&installation.config).expect("config");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run(config, Arc::new(SystemClock), async {
        let _ = stopped.await;
    }));
    installation.listening().await;

    let key = Arc::new(DeviceKey::generate().expect("key").0);
    let again = DeviceKey::generate().expect("key").0;
    let now = SystemClock.now();
    let names = ("e-900", "ben");
    let first =
        account(&installation.provider, &installation.trust, installation.first, names, &["administrator"], now);
    let admin = Credentials::new(&first.token, Arc::new(first.key), Arc::new(SystemClock));
    let admin = BrokerClient::new(&installation.base, &installation.ca.0.pem(), admin).expect("client");
    let me = admin.me().await.expect("me");
    assert!(me.enrolled);
    let events: Vec<_> = appends.lock().expect("appends").iter().map(|(peer, a)| (*peer, a.kind)).collect();
    assert_eq!(events, [(Some(Service::Broker), EventKind::SignedIn)]);
    let start = admin.begin_second_factor().await.expect("second factor");
    assert!(start.uri.starts_with("otpauth://totp/Countersign:"), "{}", start.uri);

    let stolen = Credentials::new(&first.token, key, Arc::new(SystemClock));
    let stolen = BrokerClient::new(&installation.base, &installation.ca.0.pem(), stolen).expect("client");
    assert_eq!(refused(&stolen.me().await.expect_err("refused")), (Some(401), Some("other-call")));

    let (certificate, gateway_key) = installation.ca.certify("gateway");
    let gateway =
        ServiceClient::new(&installation.base, &installation.ca.pem(), &certificate, &gateway_key).expect("client");
    let nothing = LeaseRequest { sessions: Vec::new() };
    let leases: Leases = gateway.post_json("/v1/leases", &nothing).await.expect("leases");
    assert!(leases.leases.is_empty());

    audit_task.abort();
    let _ = audit_task.await;
    let stranger = account(&installation.provider, &installation.trust, again, ("e-100", "mara"), &["engineer"], now);
    let mara = Credentials::new(&stranger.token, Arc::new(stranger.key), Arc::new(SystemClock));
    let mara = BrokerClient::new(&installation.base, &installation.ca.0.pem(), mara).expect("client");
    assert_eq!(refused(&mara.me().await.expect_err("refused")), (Some(503), Some("audit-unreachable")));
    let (appends, _, _task) = audit(&installation.ca, audit_address).await;
    assert!(!mara.me().await.expect("me").enrolled);
    assert_eq!(appends.lock().expect("appends").len(), 1);

    stop.send(()).expect("running");
    tokio::time::timeout(std::time::Duration::from_secs(5), running)
        .await
        .expect("stops")
        .expect("joined")
        .expect("well");
}

#[tokio::test]
async fn certificates_decide_who_is_the_gateway() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca = Authority::new();
    let (_, audit_address, _task) = audit(&ca, "127.0.0.1:0".parse().expect("address")).await;
    let installation = Installation::new(audit_address, ca).await;
    let config = installation.read(&installation.config).expect("config");
    tokio::spawn(run(config, Arc::new(SystemClock), std::future::pending()));
    installation.listening().await;
    let nothing = LeaseRequest { sessions: Vec::new() };
    for name in ["audit", "broker", "mara"] {
        let answer: Result<Leases, _> = installation.service(name).post_json("/v1/leases", &nothing).await;
        assert_eq!(refused(&answer.expect_err("refused")), (Some(403), Some("gateway-only")), "{name}");
    }
    let (certificate, key) = Authority::new().certify("gateway");
    let foreign = ServiceClient::new(&installation.base, &installation.ca.pem(), &certificate, &key).expect("client");
    let answer: Result<Leases, _> = foreign.post_json("/v1/leases", &nothing).await;
    assert!(answer.expect_err("refused").is_unreachable(), "another CA's gateway does not get past the handshake");
    let (certificate, key) = installation.ca.certify("gateway");
    let misled = ServiceClient::new(&installation.base, &Authority::new().pem(), &certificate, &key).expect("client");
    let answer: Result<Leases, _> = misled.post_json("/v1/leases", &nothing).await;
    assert!(answer.expect_err("refused").is_unreachable(), "and a broker of another CA is not believed");
}

#[tokio::test]
async fn configurations_that_it_does_not_start_with() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let installation = Installation::new("127.0.0.1:9".parse().expect("address"), Authority::new()).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut config = installation.config.clone();
        change(&mut config);
        installation.read(&config).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(with(&|_| ()), Ok(()));
    let other: Digest = sha256("another policy");
    for (change, says) in [
        ((|c| c["unknown"] = json!(1)) as fn(&mut Value), "unknown"),
        (|c| c["base_url"] = json!("http://127.0.0.1:7441"), "base_url"),
        (|c| c["trust"]["first_administrators"] = json!([sha256("one")]), "fewer than two"),
        (|c| c["organizations"][1] = c["organizations"][0].clone(), "stands twice"),
        (|c| c["organizations"][0]["id"] = json!("*"), "Organization id"),
    ] {
        let error = with(&change).expect_err(says);
        assert!(error.contains(says), "{error}");
    }
    assert!(with(&|c| c["trust"]["policy"] = json!(other)).expect_err("other policy").contains("policy"));

    let config = installation.read(&installation.config).expect("config");
    std::fs::set_permissions(&config.totp_key, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("mode");
    let ended = run(config.clone(), Arc::new(SystemClock), std::future::pending()).await;
    assert!(matches!(ended, Err(Error::Config(ConfigError::ReadableByOthers(_)))), "{ended:?}");
    secret(&config.totp_key, &[5; 31]);
    let ended = run(config.clone(), Arc::new(SystemClock), std::future::pending()).await;
    assert!(matches!(ended, Err(Error::Config(ConfigError::Wrong(_)))), "{ended:?}");
    secret(&config.totp_key, &[5; 32]);
    secret(&config.attestation_key, &DeviceKey::generate().expect("key").1);
    let ended = run(config, Arc::new(SystemClock), std::future::pending()).await;
    assert!(matches!(ended, Err(Error::Config(ConfigError::Wrong(w))) if w.contains("attestation_key")));
}
