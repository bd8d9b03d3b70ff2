//! The gateway: the only way into an Organization. It verifies every signature of an opening itself, consumes the
//! Grant at the audit service, and carries HTTP/1.1 between the person's door and the service under the recording
//! rule: no record, no byte.
//!
//! What it is not: it approves nothing and stores no recording (it seals what it captures to the audit service's key
//! and cannot read it again). It believes neither the broker nor the bundle's bearer, and has no switch to go on
//! without recording. It speaks no HTTP/2.

mod api;
mod assertion;
pub mod authorise;
pub mod body;
mod config;
pub mod connection;
mod disk;
mod events;
mod exchange;
mod floods;
mod forwarded;
pub mod head;
mod json_fields;
mod life;
mod log;
pub mod multipart;
mod opening;
mod page;
pub mod path;
pub mod redact;
mod refusals;
pub mod refused;
mod revoking;
mod serve;
mod session;
mod sessions;
mod shares;
mod socket;
mod tape;
pub mod targets;
mod tls;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use ::serve::certificates::{self, Watched};
use checkpoint::LogVerifier;
use client::ServiceClient;
use domain::Clock;
use identity::ProviderSource;
use policy::Policy;
use statement::DeviceKey;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub use api::calls;
pub use config::Config;
use config::{read_secret, read_text};
pub use session::Permit;

use crate::assertion::Asserter;
use crate::events::Events;
use crate::exchange::Carrier;
use crate::life::Life;
use crate::log::AuditLog;
use crate::opening::Gate;
use crate::sessions::Sessions;
use crate::targets::Targets;
use crate::upstream::Upstreams;

/// How long a stopping gateway waits for the recordings of its Sessions.
const STOPPING: Duration = Duration::from_secs(5);

/// Events that still wait then get at least so long.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Why the gateway does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("configuration: {0}")]
    Config(String),
    #[error(transparent)]
    NoRoom(#[from] ::serve::room::NoRoom),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Client(#[from] client::CallError),
}

/// Runs the gateway until `shutdown` is ready.
///
/// # Errors
/// [`Error`] when it cannot start.
pub async fn run(config: Config, clock: Arc<dyn Clock>, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    let certificate = read_text(&config.certificate)?;
    let key = String::from_utf8(read_secret(&config.private_key)?.to_vec())
        .map_err(|_| Error::Config("the private key is not PEM".into()))?;
    let tls = TlsAcceptor::from(tls::server_config(&certificate, &key)?);
    let carrier = Arc::new(carrier(&config, &certificate, &key, clock)?);
    ::serve::room::check(&config.spool)?;
    disk::remove_probe(&config.spool)?;
    carrier.life.recover()?;
    let listener = TcpListener::bind(config.listen).await?;
    let watching = tokio::spawn(watch_certificates(&config, &carrier));
    let leases = tokio::spawn(carrier.life.clone().keep_leases());
    let accepting = tokio::spawn(serve::accept(listener, tls, carrier.clone(), config.host.clone().into()));
    tracing::info!(listen = %config.listen, "ready");
    shutdown.await;
    accepting.abort();
    leases.abort();
    watching.abort();
    stop(&carrier).await;
    Ok(())
}

fn watch_certificates(config: &Config, carrier: &Carrier) -> impl Future<Output = ()> + Send + 'static {
    let watched = Watched::of_service(&config.certificate, &config.ca, config.provider_ca.as_ref());
    let (clock, audit) = (carrier.life.clock.clone(), carrier.life.gate.audit.clone());
    certificates::watch(watched, clock, move |event| {
        let audit = audit.clone();
        async move { audit.append_once(&event).await }
    })
}

fn carrier(config: &Config, certificate: &str, key: &str, clock: Arc<dyn Clock>) -> Result<Carrier, Error> {
    let ca = read_text(&config.ca)?;
    let audit = ServiceClient::new(&config.audit, &ca, certificate, key)?;
    let broker = ServiceClient::new(&config.broker, &ca, certificate, key)?;
    let targets = Targets::read(&config.targets)?;
    let upstreams = Upstreams::read(&targets.targets)?;
    let verifier = LogVerifier::parse(&config.trust.log_key).map_err(|e| Error::Config(e.to_string()))?;
    let ingest = config.ingest_key.parse().map_err(|e: recording::IngestKeyError| Error::Config(e.to_string()))?;
    let assertion =
        DeviceKey::from_pkcs8(&read_secret(&config.assertion_key)?).map_err(|e| Error::Config(e.to_string()))?;
    let asserter = Asserter::new(assertion, config.trust.gateway_id.clone());
    std::fs::create_dir_all(&config.spool)?;
    let log = AuditLog::new(audit.clone(), verifier, config.spool.join("checkpoint"))
        .map_err(|e| Error::Config(e.to_string()))?;
    let gate = Gate {
        trust: config.trust.clone(),
        policy: Policy::compiled_in(),
        provider: provider(config, clock.clone())?,
        logged_sets: opening::LoggedSets::read(config.spool.join("provider-keys.json"))?,
        log,
        audit: audit.clone(),
        broker,
        targets,
        clock: clock.clone(),
    };
    let life = Life {
        gate,
        sessions: Sessions::default(),
        events: Events::start(audit),
        ingest,
        spool: config.spool.clone(),
        clock,
        turns: life::Turns::default(),
        heard: revoking::Heard::default(),
        resuming: std::sync::Mutex::default(),
    };
    Ok(Carrier { life: Arc::new(life), upstreams, asserter, health: api::KeptHealth::default() })
}

fn provider(config: &Config, clock: Arc<dyn Clock>) -> Result<ProviderSource, Error> {
    let ca = config.provider_ca.as_deref().map(read_text).transpose()?;
    let http = identity::http_client(ca.as_deref()).map_err(|e| Error::Config(e.to_string()))?;
    Ok(ProviderSource::new(config.trust.issuer.clone(), http, clock))
}

/// Ends every Session and gives the recordings a moment to be sealed; what is not done goes on at the next start.
async fn stop(carrier: &Carrier) {
    let open = carrier.life.sessions.open();
    for session in &open {
        session.end("gateway-stopped");
    }
    let until = tokio::time::Instant::now() + STOPPING;
    while tokio::time::Instant::now() < until && open.iter().any(|s| carrier.life.is_unsealed(s)) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    carrier.life.events.drain(until.saturating_duration_since(tokio::time::Instant::now()).max(LAST_WORDS)).await;
}
