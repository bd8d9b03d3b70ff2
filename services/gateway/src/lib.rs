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
pub mod mask;
pub mod multipart;
mod opening;
mod page;
pub mod path;
pub mod redact;
mod refusals;
pub mod refused;
mod renewing;
mod revoking;
mod serve;
mod session;
mod sessions;
mod shares;
mod sieve;
mod socket;
mod tape;
pub mod targets;
mod tls;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use ::serve::certificates::{self, Watched};
use ::serve::tls::{Renewals, Tls, never_renewed, renew_when_told};
use checkpoint::LogVerifier;
use client::ServiceClient;
use domain::Clock;
use identity::ProviderSource;
use policy::Policies;
use tokio::net::TcpListener;

pub use api::calls;
pub use config::Config;
use config::read_text;
pub use session::Permit;

/// The environment in which glibc gives back more of the memory that pages took: by default it keeps it for each of the threads that
/// once had it. Other C libraries pass it over.
pub const MEMORY: [(&str, &str); 2] = [("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "1048576")];

use crate::assertion::Asserter;
use crate::events::Events;
use crate::exchange::Carrier;
use crate::life::Life;
use crate::log::AuditLog;
use crate::mask::MaskingSecret;
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
    run_renewing(config, clock, shutdown, never_renewed()).await
}

/// As [`run`], and reads certificate, key, CA and the key that signs assertions again whenever it is told to. Sessions go on.
///
/// # Errors
/// As [`run`].
pub async fn run_renewing(
    config: Config,
    clock: Arc<dyn Clock>,
    shutdown: impl Future<Output = ()>,
    renewals: Renewals,
) -> Result<(), Error> {
    let keys = renewing::Keys::read(&config)?;
    let (renewable, tls) = Tls::renewable(keys.server()?);
    let carrier = Arc::new(carrier(&config, keys, clock)?);
    ::serve::room::check(&config.spool)?;
    disk::remove_probe(&config.spool)?;
    carrier.life.recover()?;
    let listener = TcpListener::bind(config.listen).await?;
    let watching = tokio::spawn(watch_certificates(&config, &carrier));
    let renew = renewing::renew(config.clone(), carrier.clone(), renewable);
    let renewing = tokio::spawn(renew_when_told(renewals, renew));
    let leases = tokio::spawn(carrier.life.clone().keep_leases());
    let hearing = tokio::spawn(carrier.life.clone().hear_of_watchers());
    let accepting = tokio::spawn(serve::accept(listener, tls, carrier.clone(), config.host.clone().into()));
    tracing::info!(listen = %config.listen, "ready");
    shutdown.await;
    accepting.abort();
    leases.abort();
    hearing.abort();
    watching.abort();
    renewing.abort();
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

fn carrier(config: &Config, keys: renewing::Keys, clock: Arc<dyn Clock>) -> Result<Carrier, Error> {
    let audit = ServiceClient::new(&config.audit, &keys.ca, &keys.certificate, &keys.key)?;
    let broker = ServiceClient::new(&config.broker, &keys.ca, &keys.certificate, &keys.key)?;
    let targets = Targets::read(&config.targets)?;
    let upstreams = Upstreams::read(&targets.targets)?;
    let masking = masking(config, &targets)?;
    let verifier = LogVerifier::parse(&config.trust.log_key).map_err(|e| Error::Config(e.to_string()))?;
    let ingest = config.ingest_key.parse().map_err(|e: recording::IngestKeyError| Error::Config(e.to_string()))?;
    let asserter = Asserter::new(keys.assertion, config.trust.gateway_id.clone());
    std::fs::create_dir_all(&config.spool)?;
    let log = AuditLog::new(audit.clone(), verifier, config.spool.join("checkpoint"))
        .map(Arc::new)
        .map_err(|e| Error::Config(e.to_string()))?;
    let policies = Policies::compiled_in(&config.trust).map_err(|e| Error::Config(format!("trust.policy: {e}")))?;
    let events = Events::start(audit.clone(), log.clone());
    let gate = Gate {
        trust: config.trust.clone(),
        policies: opening::KnownPolicies::new(policies),
        provider: provider(config, clock.clone())?,
        logged_sets: opening::LoggedSets::read(config.spool.join("provider-keys.json"))?,
        log,
        audit,
        broker,
        targets,
        clock: clock.clone(),
    };
    let life = Life {
        gate,
        sessions: Sessions::default(),
        events,
        ingest,
        spool: config.spool.clone(),
        clock,
        turns: life::Turns::default(),
        heard: revoking::Heard::default(),
        resuming: std::sync::Mutex::default(),
        masking,
    };
    Ok(Carrier { life: Arc::new(life), upstreams, asserter, health: api::KeptHealth::default() })
}

/// Rules without a key to mark with would mask nothing.
fn masking(config: &Config, targets: &Targets) -> Result<Option<MaskingSecret>, Error> {
    let secret = config.masking_key.as_deref().map(MaskingSecret::read).transpose()?;
    match targets.targets.iter().find(|target| target.mask.is_some()) {
        Some(target) if secret.is_none() => {
            Err(Error::Config(format!("target {} has rules for masking, and there is no masking_key", target.name)))
        }
        _ => Ok(secret),
    }
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
