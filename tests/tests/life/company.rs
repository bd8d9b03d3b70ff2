//! A company, its audit service, its two gateways, a hostile broker and the service behind.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::{get, post};
use axum::{Json, Router};
use client::ServiceClient;
use domain::{Clock as _, SystemClock, UnixSeconds};
use recording::IngestSecret;
use serde_json::json;
use statement::{DeviceKey, Lease, Payload, sign};
use tests::forge::{Company, Moments, Person, Provider, jti};
use tokio::runtime::Runtime;
use wire::broker::{LeaseRequest, Leases};

use super::serving::{Ca, Running, Skewed, write};

pub const GATEWAYS: usize = 2;
/// The audit service, as something that can be killed or skewed.
pub const AUDIT: usize = GATEWAYS;

pub struct World {
    pub runtime: Runtime,
    pub company: Company,
    pub ca: Ca,
    pub clocks: [Arc<Skewed>; GATEWAYS + 1],
    pub addresses: [SocketAddr; GATEWAYS + 1],
    pub broker: ServiceClient,
    /// Requests that reached the service behind.
    pub arrived: Arc<AtomicUsize>,
    configs: (audit::Config, Vec<gateway::Config>),
    services: [Running; GATEWAYS + 1],
    _beside: [Running; 3],
    _folder: tempfile::TempDir,
}

pub fn now() -> UnixSeconds {
    SystemClock.now()
}

impl World {
    pub fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (ca, folder) = (Ca::new(), private_folder());
        let address = || spare_ports::address().expect("a port");
        let (issuer_at, broker_at, service_at) = (address(), address(), address());
        let addresses = [address(), address(), address()];
        let (seed, attestation) = (seed(), DeviceKey::generate().expect("a key"));
        let company = company(issuer_at, &seed, attestation.0);
        let arrived = Arc::<AtomicUsize>::default();
        let beside = [
            issuer(issuer_at, &company.provider),
            ca.serve("broker", broker_at, hostile_broker(&company, &attestation.1)),
            ca.serve("payroll.test", service_at, service_behind(&arrived)),
        ];
        let configs = configs(folder.path(), &ca, &company, &seed, addresses, (broker_at, service_at));
        let clocks = [(); GATEWAYS + 1].map(|()| Arc::<Skewed>::default());
        let services = [AUDIT, 0, 1].map(|n| start(n, &configs, &clocks, addresses));
        let [audit, first, second] = services;
        let (certificate, key) = ca.certificate("broker");
        let broker = ServiceClient::new(&format!("https://{}", addresses[AUDIT]), &ca.pem, &certificate, &key);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Self {
            runtime: runtime.expect("a runtime"),
            company,
            ca,
            clocks,
            addresses,
            broker: broker.expect("a client"),
            arrived,
            configs,
            services: [first, second, audit],
            _beside: beside,
            _folder: folder,
        }
    }

    /// Kills one of them and starts it again over its files.
    pub fn kill(&mut self, which: usize) {
        self.services[which].kill();
        self.services[which] = start(which, &self.configs, &self.clocks, self.addresses);
    }
}

fn start(
    which: usize,
    (audit, gateways): &(audit::Config, Vec<gateway::Config>),
    clocks: &[Arc<Skewed>; GATEWAYS + 1],
    addresses: [SocketAddr; GATEWAYS + 1],
) -> Running {
    let clock = clocks[which].clone();
    if which == AUDIT {
        let config = audit.clone();
        return Running::start(addresses[which], move || async move {
            audit::run(config, clock, std::future::pending()).await.expect("the audit service runs");
        });
    }
    let config = gateways[which].clone();
    Running::start(addresses[which], move || async move {
        gateway::run(config, clock, std::future::pending()).await.expect("the gateway runs");
    })
}

/// Everybody has just signed in; the log's key is the audit service's.
fn company(issuer_at: SocketAddr, seed: &[u8; 32], attestation: DeviceKey) -> Company {
    let provider = Provider::new(&format!("http://{issuer_at}"), "countersign-desktop");
    let policy = policy::Policy::compiled_in();
    let mut company = Company::signing_in_at(provider, now(), policy.text());
    let signer = checkpoint::LogSigner::from_seed("countersign.test/log", seed).expect("a signer");
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

/// Everything happens a moment ago.
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

/// It leases whatever it is asked for, and it would attest anything: nothing rests on its honesty.
fn hostile_broker(company: &Company, key: &[u8]) -> Router {
    let key = Arc::new(DeviceKey::from_pkcs8(key).expect("a key"));
    let gateway_id = company.trust.gateway_id.clone();
    let leases = move |Json(asked): Json<LeaseRequest>| async move {
        let lease = |wanted: wire::broker::LeaseFor| {
            let (iat, body) = (now(), Lease { request: wanted.request, session: wanted.session });
            let payload =
                Payload { aud: gateway_id.clone(), body, exp: iat + 15, iat, jti: jti(), seen: String::new() };
            sign(&key, &key.public().thumbprint(), &payload).expect("signs")
        };
        Json(Leases { leases: asked.sessions.into_iter().map(lease).collect(), revoked: Vec::new(), now: now() })
    };
    let told = || async { axum::http::StatusCode::NO_CONTENT };
    Router::new().route("/v1/leases", post(leases)).route("/v1/session-changes", post(told))
}

fn service_behind(arrived: &Arc<AtomicUsize>) -> Router {
    let arrived = arrived.clone();
    Router::new().fallback(move || async move {
        arrived.fetch_add(1, Ordering::SeqCst);
        axum::Json(json!({"ok": true}))
    })
}

fn configs(
    folder: &std::path::Path,
    ca: &Ca,
    company: &Company,
    seed: &[u8; 32],
    addresses: [SocketAddr; GATEWAYS + 1],
    (broker_at, service_at): (SocketAddr, SocketAddr),
) -> (audit::Config, Vec<gateway::Config>) {
    let at = |name: &str| folder.join(name);
    let secret = IngestSecret::generate().expect("a key");
    for (name, bytes) in [
        ("ca.pem", ca.pem.as_bytes()),
        ("seed", seed),
        ("ingest", secret.encoded().as_bytes()),
        ("key", &[9; 32]),
        ("targets.toml", targets(service_at).as_bytes()),
    ] {
        write(&at(name), bytes);
    }
    for name in ["audit", "gateway"] {
        let (certificate, key) = ca.certificate(name);
        write(&at(&format!("{name}.pem")), certificate.as_bytes());
        write(&at(&format!("{name}.key")), key.as_bytes());
    }
    let audit_url = format!("https://{}", addresses[AUDIT]);
    let audit = audit::Config {
        listen: addresses[AUDIT],
        base_url: audit_url.clone(),
        certificate: at("audit.pem"),
        private_key: at("audit.key"),
        ca: at("ca.pem"),
        provider_ca: None,
        database: at("audit.sqlite"),
        log_seed: at("seed"),
        log_name: "countersign.test/log".into(),
        ingest_secret: at("ingest"),
        key_file: at("key"),
        objects: at("objects"),
        trust: company.trust.clone(),
        finding_rules: None,
        witnesses: Vec::new(),
        contacts: Vec::new(),
    };
    let gateway = |n: usize| {
        write(&at(&format!("assertion-{n}")), &DeviceKey::generate().expect("a key").1);
        gateway::Config {
            listen: addresses[n],
            base_url: format!("https://{}", addresses[n]),
            certificate: at("gateway.pem"),
            private_key: at("gateway.key"),
            ca: at("ca.pem"),
            provider_ca: None,
            audit: audit_url.clone(),
            broker: format!("https://{broker_at}"),
            ingest_key: secret.public().expect("public").to_string(),
            assertion_key: at(&format!("assertion-{n}")),
            masking_key: None,
            spool: at(&format!("spool-{n}")),
            targets: at("targets.toml"),
            host: vec![addresses[n].to_string()],
            trust: company.trust.clone(),
        }
    };
    (audit, (0..GATEWAYS).map(gateway).collect())
}

fn targets(service_at: SocketAddr) -> String {
    format!(
        r#"
[[targets]]
name = "payroll"
audience = "https://payroll.test"
organizations = ["kinloch-hotels"]
hosts = ["payroll.test"]
upstream = "https://{service_at}"
upstream_name = "payroll.test"
upstream_ca = "ca.pem"
allowed_addresses = ["127.0.0.1/32"]
start = "https://payroll.test/o/{{organization}}/"
organization_path = "/o/{{organization}}/"
rules = [
  {{ methods = ["GET"], path = "/", scope = "read" }},
  {{ methods = ["POST"], path = "/", scope = "read-write" }},
]

[[organizations]]
id = "kinloch-hotels"
name = "Kinloch Hotels"
"#
    )
}
