use std::path::Path;
use std::sync::Arc;

use checkpoint::LogVerifier;
use client::{CallError, ServiceClient};
use domain::Clock;
use identity::{IdentityError, ProviderSource};
use policy::Policies;
use serve::Authenticator;
use serve::certificates::{self, Watched};
use serve::tls::{Renewals, ServerConfig, Tls, TlsError, never_renewed, renew_when_told, server_config};
use statement::DeviceKey;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use wire::event::Append;
use zeroize::Zeroizing;

use crate::attest::Attestor;
use crate::broker::Broker;
use crate::clocks::Clocks;
use crate::config::{Config, ConfigError, read, read_secret};
use crate::fields::Fields;
use crate::floods::Floods;
use crate::policies::KnownPolicies;
use crate::pushes::Pushes;
use crate::reports::Reports;
use crate::saw::KnownLog;
use crate::seal::{SealError, SecretKey};
use crate::store::{self, Store, StoreError};
use crate::streams::Streams;
use crate::unwritten::Unwritten;
use crate::{expiry, routes};

/// Streams that may be open at one time: as many as there are connections for.
const STREAMS: usize = 448;
/// Streams of one person: an app and command lines on several computers.
const STREAMS_PER_PERSON: usize = 8;
/// A look at the audit service's clock is good for this long.
const CLOCKS_SEEN: std::time::Duration = std::time::Duration::from_secs(10);

/// Why the broker does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the TLS certificate: {0}")]
    Tls(#[from] TlsError),
    #[error("the audit service cannot be called: {0}")]
    Audit(#[from] CallError),
    #[error("the identity provider: {0}")]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    NoRoom(#[from] serve::room::NoRoom),
    #[error("{0}")]
    Database(String),
    #[error("{0} cannot be listened on: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OtherKey => {
                Self::Config(ConfigError::Wrong("totp_key is not the key that the database was sealed with"))
            }
            error => Self::Database(error.to_string()),
        }
    }
}

impl From<SealError> for Error {
    fn from(_: SealError) -> Self {
        Self::Config(ConfigError::Wrong("totp_key is not a file of 32 bytes"))
    }
}

/// Runs the broker until `shutdown` is ready.
///
/// # Errors
/// [`Error`] when something that it needs is missing or contradicts itself; it does not start half.
pub async fn run(
    config: Config,
    clock: Arc<dyn Clock>,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), Error> {
    run_renewing(config, clock, shutdown, never_renewed()).await
}

/// As [`run`], and reads certificate, key and CA again whenever it is told to.
///
/// # Errors
/// As [`run`].
pub async fn run_renewing(
    config: Config,
    clock: Arc<dyn Clock>,
    shutdown: impl Future<Output = ()> + Send,
    renewals: Renewals,
) -> Result<(), Error> {
    let listen = config.listen;
    let files = TlsFiles::read(&config)?;
    let (renewable, tls) = Tls::renewable(files.server()?);
    let audit = ServiceClient::new(&config.audit, &text(&files.ca)?, &text(&files.certificate)?, &text(&files.key)?)?;
    let (renewed, calls) = (config.clone(), audit.clone());
    let renew = move || {
        let files = TlsFiles::read(&renewed)?;
        let server = files.server()?;
        calls.renew(&text(&files.ca)?, &text(&files.certificate)?, &text(&files.key)?)?;
        renewable.renew(server);
        Ok::<(), Error>(())
    };
    serve::room::check(config.database.parent().unwrap_or(Path::new(".")))?;
    let watched = Watched::of_service(&config.certificate, &config.ca, config.provider_ca.as_ref());
    let watching = watch(watched, clock.clone(), audit.clone());
    let broker = Arc::new(assemble(config, clock, audit).await?);
    let listener = TcpListener::bind(listen).await.map_err(|e| Error::Listen(listen, e))?;
    let watching = tokio::spawn(watching);
    let renewing = tokio::spawn(renew_when_told(renewals, renew));
    let sweeping = tokio::spawn(expiry::run(broker.clone()));
    tracing::info!(%listen, "ready");
    let serving = serve::serve(listener, routes::router(broker), tls, shutdown);
    let served = tokio::select! {
        served = serving => served.map_err(|e| Error::Listen(listen, e)),
        what = store::disk_broke() => Err(Error::Database(what)),
    };
    sweeping.abort();
    watching.abort();
    renewing.abort();
    served
}

/// What the broker shows who it is with, and whom it believes, all PEM.
struct TlsFiles {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    ca: Vec<u8>,
}

impl TlsFiles {
    fn read(config: &Config) -> Result<Self, ConfigError> {
        let (certificate, key) = (read(&config.certificate)?, read_secret(&config.private_key)?);
        Ok(Self { certificate, key, ca: read(&config.ca)? })
    }

    fn server(&self) -> Result<Arc<ServerConfig>, TlsError> {
        server_config(&self.certificate, &self.key, Some(&self.ca))
    }
}

async fn watch(watched: Vec<Watched>, clock: Arc<dyn Clock>, audit: ServiceClient) {
    let tell = |event: Append| {
        let audit = audit.clone();
        async move { audit.append_once(&event).await }
    };
    certificates::watch(watched, clock, tell).await;
}

async fn assemble(config: Config, clock: Arc<dyn Clock>, audit: ServiceClient) -> Result<Broker, Error> {
    let key = DeviceKey::from_pkcs8(&read_secret(&config.attestation_key)?)
        .map_err(|_| ConfigError::Wrong("attestation_key is not a P-256 key in PKCS#8"))?;
    if key.public() != config.trust.attestation_key {
        return Err(ConfigError::Wrong("attestation_key is not the key that trust.attestation_key names").into());
    }
    let pinned = Policies::compiled_in(&config.trust)
        .map_err(|_| ConfigError::Wrong("trust.policy is not the digest of the compiled-in policy"))?;
    let log = LogVerifier::parse(&config.trust.log_key)
        .map_err(|_| ConfigError::Wrong("trust.log_key is not a verifier key"))?;
    let provider_ca = config.provider_ca.as_deref().map(read).transpose()?.map(|pem| text(&pem)).transpose()?;
    let http = identity::http_client(provider_ca.as_deref())?;
    let provider = Arc::new(ProviderSource::new(&config.trust.issuer, http, clock.clone()));
    let authenticator = Authenticator::new(config.trust.clone(), provider.clone(), &config.base_url, clock.clone())
        .remembering(&config.database.with_extension("proofs"))
        .map_err(|e| Error::Database(format!("used proofs: {e}")))?;
    let secret = read_secret(&config.totp_key)?;
    Ok(Broker {
        attestor: Attestor::new(key, &config.trust.gateway_id),
        trust: config.trust,
        organizations: config.organizations,
        known_policies: KnownPolicies::new(pinned),
        known_log: KnownLog::new(log),
        clock,
        store: Store::open(&config.database, Fields::new(&secret)?).await?,
        ledger: Arc::new(audit),
        authenticator: Arc::new(authenticator),
        provider,
        secrets: SecretKey::new(&secret)?,
        pushes: Pushes::new(),
        floods: Floods::default(),
        streams: Streams::new(STREAMS, STREAMS_PER_PERSON),
        reports: Reports::default(),
        unwritten: Unwritten::default(),
        hours: serve::Hours::default(),
        clocks: Clocks::new(CLOCKS_SEEN),
        turns: Mutex::new(()),
    })
}

fn text(pem: &[u8]) -> Result<String, ConfigError> {
    String::from_utf8(pem.to_vec()).map_err(|_| ConfigError::Wrong("a PEM file is not text"))
}
