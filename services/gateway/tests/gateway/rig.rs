use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, Once};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{Clock, SystemClock};
use gateway::Config;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use statement::{DeviceKey, Lease};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use wire::broker::{LeaseRequest, Leases, SessionChange};

use crate::audit::Audit;
use crate::bundle::{People, Wish};
use crate::person::Person;
use crate::service::Service;

/// Everything around one gateway.
pub struct Rig {
    pub folder: tempfile::TempDir,
    pub audit: Arc<Audit>,
    pub broker: Arc<Broker>,
    pub service: Arc<Service>,
    pub people: Arc<People>,
    pub ca_pem: String,
    ca: Arc<Ca>,
    pub address: String,
    /// What the issuer answers; at first both sets together.
    pub published: Arc<Mutex<String>>,
    /// The key set of the administrator's token, and that of everybody else's.
    pub sets: [String; 2],
    pub clock: Arc<Shifted>,
    stop: Option<oneshot::Sender<()>>,
    running: Option<tokio::task::JoinHandle<Result<(), gateway::Error>>>,
}

/// The broker, as the gateway sees it.
pub struct Broker {
    people: Arc<People>,
    pub leases: AtomicBool,
    /// So many seconds its clock is ahead of everybody's.
    pub ahead: AtomicI64,
    /// Requests that it says are revoked.
    pub revoked: Mutex<Vec<domain::Digest>>,
    pub changes: Mutex<Vec<SessionChange>>,
}

/// The computer's clock, and so many milliseconds more.
#[derive(Default)]
pub struct Shifted(AtomicI64);

impl Shifted {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Shifted {
    fn now_millis(&self) -> i64 {
        SystemClock.now_millis() + self.0.load(Ordering::SeqCst)
    }
}

struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

pub fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let _ = tracing_subscriber::fmt().with_test_writer().try_init();
    });
}

impl Rig {
    pub async fn new() -> Self {
        begin();
        let (ca, folder) = (Arc::new(Ca::new()), tempfile::tempdir().unwrap());
        let (audit, service) = (Audit::new(), Arc::new(Service::default()));
        let (provider, _) = DeviceKey::generate().unwrap();
        let (old, published) = (DeviceKey::generate().unwrap().0, Arc::new(Mutex::new(String::new())));
        let sets = [key_set(&[("p0", &old)]), key_set(&[("p1", &provider)])];
        *published.lock().unwrap() = key_set(&[("p0", &old), ("p1", &provider)]);
        let issuer = issuer(published.clone()).await;
        let clock = Arc::<Shifted>::default();
        audit.clock.set(clock.clone()).ok().unwrap();
        let people = Arc::new(People::new(&provider, &old, &issuer, audit.signer.verifier_key(), clock.clone()));
        audit.state.lock().unwrap().requester = people.mara.key.public().thumbprint();
        let broker = Arc::new(Broker {
            people: people.clone(),
            leases: AtomicBool::new(true),
            ahead: AtomicI64::new(0),
            revoked: Mutex::default(),
            changes: Mutex::default(),
        });
        let audit_at = serve(&ca, "audit", audit.router()).await;
        let broker_at = serve(&ca, "broker", broker.router()).await;
        let service_at = serve(&ca, "payroll.test", service.router()).await;
        let address = spare_ports::address().unwrap().to_string();
        let file = |name: &str, bytes: &[u8]| write(&folder.path().join(name), bytes);
        let (certificate, key) = ca.certificate("gateway");
        file("ca.pem", ca.pem.as_bytes());
        file("gateway.pem", certificate.as_bytes());
        file("gateway.key", key.as_bytes());
        file("assertion.key", &DeviceKey::generate().unwrap().1);
        file("targets.toml", targets(&service_at).as_bytes());
        let config = json!({
            "listen": address, "base_url": format!("https://{address}"), "certificate": "gateway.pem", "private_key": "gateway.key",
            "ca": "ca.pem", "audit": format!("https://{audit_at}"), "broker": format!("https://{broker_at}"),
            "ingest_key": audit.secret.public().unwrap().to_string(), "assertion_key": "assertion.key", "spool": "spool",
            "targets": "targets.toml", "host": [address], "trust": people.trust,
        });
        file("gateway.toml", toml::to_string(&config).unwrap().as_bytes());
        let mut rig = Self {
            folder,
            audit,
            broker,
            service,
            people,
            published,
            sets,
            ca_pem: ca.pem.clone(),
            ca,
            address,
            clock,
            stop: None,
            running: None,
        };
        rig.start().await;
        rig
    }

    /// Starts the gateway over the same folder.
    pub async fn start(&mut self) {
        let config = Config::read(self.folder.path().join("gateway.toml")).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let run = gateway::run(config, self.clock.clone(), async move {
            let _ = stopped.await;
        });
        self.running = Some(tokio::spawn(run));
        self.stop = Some(stop);
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(&self.address).await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the gateway does not listen");
    }

    /// The files of the gateway as they are now, for another run that takes up where a crash would have left this one.
    pub async fn crashed_copy(&self) -> Self {
        let (folder, address) = (tempfile::tempdir().unwrap(), spare_ports::address().unwrap().to_string());
        let copied =
            std::process::Command::new("cp").arg("-a").arg(self.folder.path().join(".")).arg(folder.path()).status();
        assert!(copied.unwrap().success());
        let config = folder.path().join("gateway.toml");
        let text = std::fs::read_to_string(&config).unwrap().replace(&self.address, &address);
        write(&config, text.as_bytes());
        Self {
            folder,
            audit: self.audit.clone(),
            broker: self.broker.clone(),
            service: self.service.clone(),
            people: self.people.clone(),
            published: self.published.clone(),
            sets: self.sets.clone(),
            ca_pem: self.ca_pem.clone(),
            ca: self.ca.clone(),
            address,
            clock: self.clock.clone(),
            stop: None,
            running: None,
        }
    }

    /// Replaces a text in a file of the gateway, which is then to be started again.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        write(&path, text.replace(from, to).as_bytes());
    }

    /// The target's service is at this address from the next start on.
    pub fn moved_to(&self, address: &str) {
        let text = std::fs::read_to_string(self.folder.path().join("targets.toml")).unwrap();
        let line = text.lines().find(|line| line.starts_with("upstream = ")).unwrap();
        self.edit("targets.toml", line, &format!("upstream = \"https://{address}\""));
    }

    /// The service once more, with a certificate that was good until some years ago.
    pub async fn service_with_an_old_certificate(&self) -> String {
        serve_as(self.ca.certificate_until("payroll.test", Some(2020)), self.service.router()).await
    }

    /// Stops it in order.
    pub async fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
        self.running.take().unwrap().await.unwrap().unwrap();
    }

    /// Somebody with a certificate of their own.
    pub fn person(&self) -> Person {
        Person::new(&self.ca_pem, &self.address)
    }

    /// Somebody who shows no certificate.
    pub fn stranger(&self) -> Person {
        Person::without_certificate(&self.ca_pem, &self.address)
    }

    /// Somebody with the certificate of one of our own services.
    pub fn as_service(&self, name: &str) -> Person {
        let (certificate, key) = self.ca.certificate(name);
        Person::with(&self.ca_pem, &self.address, &certificate, &key)
    }

    /// Somebody whose Session is open.
    pub async fn inside(&self, wish: Wish) -> Person {
        let person = self.person();
        let bundle = self.people.bundle(&wish, &person.certificate);
        let answer = person.open(&bundle).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        person
    }

    /// When the Session of this bundle was opened; now, if it was not.
    pub fn opened_at(&self, bundle: &statement::Bundle) -> i64 {
        let state = self.audit.state.lock().unwrap();
        let taken = state.grants.get(&statement::sha256(&bundle.request));
        taken.map_or_else(|| self.clock.now(), |taken| taken.recording.opened_at)
    }

    /// Waits until this holds, for at most ten seconds.
    pub async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..500 {
            if holds(self) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("never: {what}");
    }
}

impl Broker {
    fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/v1/leases", post(leases))
            .route("/v1/session-changes", post(changes))
            .with_state(self.clone())
    }
}

async fn leases(State(broker): State<Arc<Broker>>, Json(asked): Json<LeaseRequest>) -> Json<Leases> {
    let leases = if broker.leases.load(Ordering::SeqCst) { asked.sessions } else { Vec::new() };
    let ahead = broker.ahead.load(Ordering::SeqCst);
    let lease =
        |l: wire::broker::LeaseFor| broker.people.lease(Lease { request: l.request, session: l.session }, ahead);
    let leases = leases.into_iter().map(lease).collect();
    let revoked = broker.revoked.lock().unwrap().clone();
    Json(Leases { leases, revoked, now: 0 })
}

async fn changes(State(broker): State<Arc<Broker>>, Json(change): Json<SessionChange>) -> axum::http::StatusCode {
    broker.changes.lock().unwrap().push(change);
    axum::http::StatusCode::NO_CONTENT
}

impl Ca {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test CA");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn certificate(&self, name: &str) -> (String, String) {
        self.certificate_until(name, None)
    }

    fn certificate_until(&self, name: &str, until: Option<i32>) -> (String, String) {
        let names = vec![name.to_owned(), "localhost".into(), "127.0.0.1".into()];
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(until) = until {
            params.not_after = rcgen::date_time_ymd(until, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

async fn serve(ca: &Ca, name: &str, router: Router) -> String {
    serve_as(ca.certificate(name), router).await
}

async fn serve_as((certificate, key): (String, String), router: Router) -> String {
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, router) = (acceptor.clone(), router.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let _ = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
                    .with_upgrades()
                    .await;
            });
        }
    });
    address
}

fn key_set(keys: &[(&str, &DeviceKey)]) -> String {
    let jwk = |(kid, key): &(&str, &DeviceKey)| {
        let mut jwk = serde_json::to_value(key.public()).unwrap();
        jwk["kid"] = (*kid).into();
        jwk["alg"] = "ES256".into();
        jwk
    };
    json!({ "keys": keys.iter().map(jwk).collect::<Vec<_>>() }).to_string()
}

async fn issuer(published: Arc<Mutex<String>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let discovery = json!({"issuer": base, "jwks_uri": format!("{base}/jwks")}).to_string();
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(move || async move { discovery }))
        .route("/jwks", get(move || async move { published.lock().unwrap().clone() }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

fn targets(service: &str) -> String {
    format!(
        r#"
[[targets]]
name = "payroll"
audience = "https://payroll.test"
organizations = ["kinloch-hotels", "delmar-foods"]
hosts = ["payroll.test"]
upstream = "https://{service}"
upstream_name = "payroll.test"
upstream_ca = "ca.pem"
allowed_addresses = ["127.0.0.1/32"]
start = "https://payroll.test/o/{{organization}}/"
organization_path = "/o/{{organization}}/"
organization_headers = ["x-organization"]
organization_query = ["organization", "org"]
organization_json = ["organization"]
shared_paths = ["/assets/"]
rules = [
  {{ methods = ["GET"], path = "/", scope = "read" }},
  {{ methods = ["*", "SOCKET"], path = "/", scope = "read-write" }},
]

[[organizations]]
id = "kinloch-hotels"
name = "Kinloch Hotels"

[[organizations]]
id = "delmar-foods"
name = "Delmar Foods"
"#
    )
}

fn write(path: &std::path::Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
