//! What stands around an audit service and its gateways: the company's issuer, a broker that leases whatever it is asked for,
//! and the configurations of the services between them.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{Clock as _, Digest, SystemClock, UnixSeconds};
use recording::IngestSecret;
use serde_json::json;
use statement::{DeviceKey, Lease, Payload, sign};
use wire::broker::{LeaseRequest, Leases};

use crate::forge::{Company, Moments, Person, Provider, jti};
use crate::serving::{Ca, Running, write};

const LOG: &str = "countersign.test/log";

/// Where everything listens.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub issuer: SocketAddr,
    pub broker: SocketAddr,
    pub audit: SocketAddr,
    pub gateways: Vec<SocketAddr>,
}

/// A company whose people have just signed in at an issuer of its own, and the secrets of its services.
pub struct Site {
    pub company: Company,
    pub ca: Ca,
    pub addresses: Addresses,
    pub cut: Cut,
    seed: [u8; 32],
    attestation: Vec<u8>,
    folder: tempfile::TempDir,
}

/// Requests that the broker leases no more, and says so.
#[derive(Clone, Default)]
pub struct Cut(Arc<Mutex<BTreeSet<Digest>>>);

impl Cut {
    /// From now on.
    pub fn add(&self, requests: impl IntoIterator<Item = Digest>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(requests);
    }

    fn has(&self, request: &Digest) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(request)
    }
}

/// What the clock says.
#[must_use]
pub fn now() -> UnixSeconds {
    SystemClock.now()
}

/// Everything happens a moment ago.
#[must_use]
pub fn moments() -> Moments {
    let now = now();
    Moments {
        enrol: now - 30,
        adopt: now - 20,
        requester_signs_in: now - 60,
        approver_signs_in: now - 60,
        request: now - 2,
        decide: now - 1,
        requester_code: now - 3,
        open: now,
    }
}

impl Site {
    /// A company with so many gateways; nothing runs yet.
    #[must_use]
    pub fn new(gateways: usize) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let address = || spare_ports::address().expect("a port");
        let addresses = Addresses {
            issuer: address(),
            broker: address(),
            audit: address(),
            gateways: (0..gateways).map(|_| address()).collect(),
        };
        let (seed, attestation) = (seed(), DeviceKey::generate().expect("a key"));
        let company = company(addresses.issuer, &seed, attestation.0);
        Self {
            company,
            ca: Ca::default(),
            addresses,
            cut: Cut::default(),
            seed,
            attestation: attestation.1.to_vec(),
            folder: private_folder(),
        }
    }

    /// Where the services keep what is theirs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The issuer and the broker, running.
    #[must_use]
    pub fn beside(&self) -> [Running; 2] {
        let broker = lenient_broker(&self.company, &self.attestation, self.cut.clone());
        [issuer(self.addresses.issuer, &self.company.provider), self.ca.serve("broker", self.addresses.broker, broker)]
    }

    /// The configurations of the audit service and of each gateway, whose targets are these; their files are written.
    #[must_use]
    pub fn configs(&self, targets: &str) -> (audit::Config, Vec<gateway::Config>) {
        let secret = IngestSecret::generate().expect("a key");
        for (name, bytes) in [
            ("ca.pem", self.ca.pem.as_bytes()),
            ("seed", &self.seed),
            ("ingest", secret.encoded().as_bytes()),
            ("key", &[9; 32]),
            ("masking", &[8; 32]),
            ("targets.toml", targets.as_bytes()),
        ] {
            write(&self.at(name), bytes);
        }
        for name in ["audit", "gateway"] {
            let (certificate, key) = self.ca.certificate(name);
            write(&self.at(&format!("{name}.pem")), certificate.as_bytes());
            write(&self.at(&format!("{name}.key")), key.as_bytes());
        }
        let ingest = secret.public().expect("public").to_string();
        let gateways = (0..self.addresses.gateways.len()).map(|n| self.gateway(n, &ingest)).collect();
        (self.audit(), gateways)
    }

    fn audit(&self) -> audit::Config {
        audit::Config {
            listen: self.addresses.audit,
            base_url: format!("https://{}", self.addresses.audit),
            certificate: self.at("audit.pem"),
            private_key: self.at("audit.key"),
            ca: self.at("ca.pem"),
            provider_ca: None,
            database: self.at("audit.sqlite"),
            log_seed: self.at("seed"),
            log_name: LOG.into(),
            ingest_secret: self.at("ingest"),
            key_service: audit::KeyServiceConfig::File { file: self.at("key") },
            objects: self.at("objects"),
            trust: self.company.trust.clone(),
            finding_rules: None,
            witnesses: Vec::new(),
            contacts: Vec::new(),
        }
    }

    fn gateway(&self, n: usize, ingest_key: &str) -> gateway::Config {
        write(&self.at(&format!("assertion-{n}")), &DeviceKey::generate().expect("a key").1);
        let address = self.addresses.gateways[n];
        gateway::Config {
            listen: address,
            base_url: format!("https://{address}"),
            certificate: self.at("gateway.pem"),
            private_key: self.at("gateway.key"),
            ca: self.at("ca.pem"),
            provider_ca: None,
            audit: format!("https://{}", self.addresses.audit),
            broker: format!("https://{}", self.addresses.broker),
            ingest_key: ingest_key.to_owned(),
            assertion_key: self.at(&format!("assertion-{n}")),
            masking_key: Some(self.at("masking")),
            spool: self.at(&format!("spool-{n}")),
            targets: self.at("targets.toml"),
            host: vec![address.to_string()],
            trust: self.company.trust.clone(),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }
}

/// Everybody has just signed in; the log's key is the audit service's.
fn company(issuer_at: SocketAddr, seed: &[u8; 32], attestation: DeviceKey) -> Company {
    let provider = Provider::new(&format!("http://{issuer_at}"), "countersign-desktop");
    let policy = policy::Policy::compiled_in();
    let mut company = Company::signing_in_at(provider, now(), policy.text());
    let signer = checkpoint::LogSigner::from_seed(LOG, seed).expect("a signer");
    company.trust.log_key = signer.verifier_key();
    company.trust.attestation_key = attestation.public();
    company.broker = attestation;
    company.moments = moments();
    for person in &mut company.administrators {
        let (account, device) = (person.account.clone(), person.device.clone());
        *person = Person::sign_in_on(&company.provider, account, device, now() - 60);
    }
    company
}

fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed).expect("randomness");
    seed
}

fn private_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(permissions).tempdir().expect("a folder")
}

fn issuer(at: SocketAddr, provider: &Provider) -> Running {
    let (jwks, base) = (provider.jwks(), format!("http://{at}"));
    let discovery = json!({"issuer": base, "jwks_uri": format!("{base}/jwks")}).to_string();
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(move || async move { discovery }))
        .route("/jwks", get(move || async move { jwks }));
    Running::start(at, move || async move {
        let listener = tokio::net::TcpListener::bind(at).await.expect("the port");
        axum::serve(listener, router).await.expect("serves");
    })
}

/// It leases whatever it is asked for but what is cut, and it would attest anything: nothing rests on its honesty.
fn lenient_broker(company: &Company, key: &[u8], cut: Cut) -> Router {
    let key = Arc::new(DeviceKey::from_pkcs8(key).expect("a key"));
    let gateway_id = company.trust.gateway_id.clone();
    let leases = move |Json(asked): Json<LeaseRequest>| async move {
        let lease = |wanted: wire::broker::LeaseFor| {
            let (iat, body) = (now(), Lease { request: wanted.request, session: wanted.session });
            let payload =
                Payload { aud: gateway_id.clone(), body, exp: iat + 15, iat, jti: jti(), seen: String::new() };
            sign(&key, &key.public().thumbprint(), &payload).expect("signs")
        };
        let (revoked, live): (Vec<_>, Vec<_>) = asked.sessions.into_iter().partition(|asked| cut.has(&asked.request));
        let revoked = revoked.into_iter().map(|asked| asked.request).collect();
        Json(Leases { leases: live.into_iter().map(lease).collect(), revoked, now: now() })
    };
    let told = || async { axum::http::StatusCode::NO_CONTENT };
    Router::new().route("/v1/leases", post(leases)).route("/v1/session-changes", post(told))
}
