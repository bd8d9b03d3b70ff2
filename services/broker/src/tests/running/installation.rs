use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::{Extension, Json, Router};
use client::ServiceClient;
use domain::{Clock as _, SystemClock};
use policy::Policy;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::{Value, json};
use serve::{Peer, Service};
use statement::{DeviceKey, Limits, Trust, sha256};
use wire::event::{Append, Receipt};

use super::super::world::{issuer, organizations};
use crate::{Config, ConfigError};

pub(super) struct Authority(pub(super) CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("ca"))
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(super) fn certify(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()]).expect("names");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("key");
        (params.signed_by(&key, &self.0).expect("certificate").pem(), key.serialize_pem())
    }
}

pub(super) type Appends = Arc<Mutex<Vec<(Option<Service>, Append)>>>;

async fn append(
    State(appends): State<Appends>,
    Extension(peer): Extension<Peer>,
    Json(append): Json<Append>,
) -> Json<Receipt> {
    appends.lock().expect("appends").push((peer.service, append));
    Json(Receipt { index: 0, leaf: String::new(), inclusion: Vec::new(), checkpoint: String::new() })
}

/// An audit service that takes Events; dropping what it returns takes it away.
pub(super) async fn audit(ca: &Authority, address: SocketAddr) -> (Appends, SocketAddr, tokio::task::JoinHandle<()>) {
    let (certificate, key) = ca.certify("audit");
    let tls =
        serve::tls::server_config(certificate.as_bytes(), key.as_bytes(), Some(ca.pem().as_bytes())).expect("tls");
    let appends = Appends::default();
    let time = || async { Json(json!({"now": SystemClock.now_millis()})) };
    let router = Router::new()
        .route("/v1/events", axum::routing::post(append))
        .route("/v1/time", axum::routing::get(time))
        .with_state(appends.clone());
    let listener = tokio::net::TcpListener::bind(address).await.expect("port");
    let address = listener.local_addr().expect("address");
    let task = tokio::spawn(async move {
        serve::serve(listener, router, tls, std::future::pending()).await.expect("served");
    });
    (appends, address, task)
}

pub(super) fn secret(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, bytes).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("mode");
}

pub(super) struct Installation {
    pub(super) folder: tempfile::TempDir,
    pub(super) ca: Authority,
    pub(super) provider: DeviceKey,
    pub(super) first: DeviceKey,
    pub(super) trust: Trust,
    pub(super) base: String,
    pub(super) config: Value,
}

impl Installation {
    pub(super) async fn new(audit: SocketAddr, ca: Authority) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let (provider, _) = DeviceKey::generate().expect("key");
        let (first, _) = DeviceKey::generate().expect("key");
        let (attestation, pkcs8) = DeviceKey::generate().expect("key");
        let trust = Trust {
            issuer: issuer(&provider).await.0,
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "countersign_roles".into(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway.test".into(),
            log_key: super::super::world::Log::signer().verifier_key(),
            attestation_key: attestation.public(),
            first_administrators: vec![first.public().thumbprint(), sha256("another")],
            limits: Limits { max_duration_seconds: 3600, max_scope: domain::Scope::Read },
            policy: Policy::compiled_in().digest().clone(),
            waits: statement::Waits::default(),
        };
        let (certificate, key) = ca.certify("broker");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("ca.pem"), ca.pem()).expect("written");
        std::fs::write(at("broker.pem"), certificate).expect("written");
        secret(&at("broker.key"), key.as_bytes());
        secret(&at("attestation.key"), &pkcs8);
        secret(&at("totp.key"), &[5; 32]);
        let listen = spare_ports::address().expect("port");
        let base = format!("https://{listen}");
        let config = json!({
            "listen": listen, "base_url": base, "certificate": "broker.pem", "private_key": "broker.key",
            "ca": "ca.pem", "trust": trust, "database": "broker.sqlite", "attestation_key": "attestation.key",
            "totp_key": "totp.key", "audit": format!("https://{audit}"), "organizations": organizations(),
        });
        Self { folder, ca, provider, first, trust, base, config }
    }

    pub(super) fn read(&self, config: &Value) -> Result<Config, ConfigError> {
        let path = self.folder.path().join("broker.toml");
        std::fs::write(&path, toml::to_string(config).expect("toml")).expect("written");
        Config::read(&path)
    }

    pub(super) fn service(&self, name: &str) -> ServiceClient {
        let (certificate, key) = self.ca.certify(name);
        ServiceClient::new(&self.base, &self.ca.pem(), &certificate, &key).expect("client")
    }

    pub(super) async fn listening(&self) {
        let address = self.base.trim_start_matches("https://");
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}
