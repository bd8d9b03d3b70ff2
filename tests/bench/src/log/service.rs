//! The audit service as a process of its own behind its own listener, and the certificates for it and for whoever appends.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use audit::Config;
use checkpoint::{LogSigner, LogVerifier};
use client::{LogClient, ServiceClient};
use domain::Scope;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use recording::IngestSecret;
use statement::{DeviceKey, Limits, Trust, sha256};
use tempfile::TempDir;

use crate::role::{Process, Role};

const NAME: &str = "countersign.test/bench";
const SEED: [u8; 32] = [5; 32];

/// Ends the service when it is dropped.
pub struct Service {
    address: String,
    ca: String,
    broker: (String, String),
    _process: Process,
    _folder: TempDir,
}

impl Service {
    pub async fn start() -> anyhow::Result<Self> {
        let folder = super::private_folder()?;
        let address = format!("https://127.0.0.1:{}", spare_ports::reserve(1)?);
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, "the bench's CA");
        let ca = params.self_signed(&key)?.pem();
        let issuer = Issuer::new(params, key);
        let (own, broker) = (certificate("audit", &issuer)?, certificate("broker", &issuer)?);
        let ingest = IngestSecret::generate()?.encoded();
        let config = toml::to_string(&config(&address)?)?;
        for (name, bytes) in [
            ("audit.pem", own.0.as_bytes()),
            ("audit.key", own.1.as_bytes()),
            ("ca.pem", ca.as_bytes()),
            ("log.seed", &SEED),
            ("storage.key", &[6; 32]),
            ("ingest.key", ingest.as_bytes()),
            ("audit.toml", config.as_bytes()),
        ] {
            secret(&folder.path().join(name), bytes)?;
        }
        let process = Process::start(Role::Audit, &folder.path().join("audit.toml"))?;
        let service = Self { address, ca, broker, _process: process, _folder: folder };
        for _ in 0..200 {
            if service.log()?.time().await.is_ok() {
                return Ok(service);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the audit service does not answer")
    }

    /// What anybody may ask.
    pub fn log(&self) -> anyhow::Result<LogClient> {
        Ok(LogClient::new(&self.address, &self.ca)?)
    }

    /// A client as the broker has one, with connections of its own.
    pub fn broker(&self) -> anyhow::Result<ServiceClient> {
        Ok(ServiceClient::new(&self.address, &self.ca, &self.broker.0, &self.broker.1)?)
    }

    pub fn verifier(&self) -> anyhow::Result<LogVerifier> {
        Ok(LogSigner::from_seed(NAME, &SEED)?.verifier())
    }
}

fn config(address: &str) -> anyhow::Result<Config> {
    let trust = Trust {
        issuer: "http://127.0.0.1:1".into(),
        client_id: "countersign-desktop".into(),
        person_claim: "employee_id".into(),
        roles_claim: "countersign_roles".into(),
        policy_claims: statement::PolicyClaims::default(),
        gateway_id: "gateway.test".into(),
        log_key: LogSigner::from_seed(NAME, &SEED)?.verifier_key(),
        attestation_key: DeviceKey::generate()?.0.public(),
        first_administrators: vec![sha256("one"), sha256("two")],
        limits: Limits { max_duration_seconds: 3600, max_scope: Scope::Read },
        policy: policy::Policy::compiled_in().digest().clone(),
        waits: statement::Waits::default(),
    };
    Ok(Config {
        listen: address.trim_start_matches("https://").parse()?,
        base_url: address.to_owned(),
        certificate: "audit.pem".into(),
        private_key: "audit.key".into(),
        ca: "ca.pem".into(),
        provider_ca: None,
        database: "audit.sqlite".into(),
        log_seed: "log.seed".into(),
        log_name: NAME.into(),
        ingest_secret: "ingest.key".into(),
        key_service: audit::KeyServiceConfig::File { file: "storage.key".into() },
        objects: PathBuf::from("objects"),
        trust,
        finding_rules: None,
        witnesses: Vec::new(),
        contacts: Vec::new(),
    })
}

fn certificate(name: &str, issuer: &Issuer<'_, KeyPair>) -> anyhow::Result<(String, String)> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()])?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    Ok((params.signed_by(&key, issuer)?.pem(), key.serialize_pem()))
}

fn secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}
