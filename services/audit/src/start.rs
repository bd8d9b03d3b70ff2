use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use checkpoint::{LogSigner, LogVerifier};
use domain::Clock;
use identity::ProviderSource;
use key_service::KeyService;
use policy::Policies;
use recording::IngestSecret;

use serve::Authenticator;
use serve::certificates::{self, Watched};
use serve::config::{read, read_secret, read_text};
use serve::tls::{Renewals, ServerConfig, Tls, never_renewed, renew_when_told};
use statement::Trust;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use wire::event::{Append, EventKind};
use zeroize::Zeroizing;

use crate::adopting::Adopting;
use crate::audit::Audit;
use crate::config::Config;
use crate::contacts::{self, Contacts};
use crate::error::{Error, StoreError};
use crate::examining;
use crate::issuer::{self, Issuer};
use crate::noted::Noted;
use crate::read_up_to::ReadUpTo;
use crate::retention;
use crate::roster::Roster;
use crate::routes;
use crate::segments::Unpacking;
use crate::sequencer::Head;
use crate::sequencer::{Sequencer, load_keys};
use crate::silence;
use crate::so_far::{self, SoFar};
use crate::store::{self, HeadFile, Objects, Reader, private};
use crate::tally::Tally;
use crate::vault::Vault;
use crate::watches::Watches;
use crate::witnesses::{self, Outside};
use crate::wrapping;

/// The clock may be this far behind the last leaf at the start, in milliseconds.
const BEHIND_MILLIS: i64 = 5_000;
const COUNTED_EVERY: Duration = Duration::from_secs(20);

/// Serves until `shutdown` is ready.
///
/// # Errors
/// [`Error`] when the configuration or the store cannot be used, or when a write failed: then the process must end.
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
    let (renewable, tls) = Tls::renewable(server_config(&config)?);
    let secrets = Secrets::read(&config, clock.clone())?;
    let provider_ca = config.provider_ca.as_deref().map(read_text).transpose()?;
    let http = identity::http_client(provider_ca.as_deref()).map_err(|e| Error::Misconfigured(e.to_string()))?;
    let provider = Arc::new(ProviderSource::new(&config.trust.issuer, http, clock.clone()));
    let rules = Arc::new(examining::rules(config.finding_rules.as_deref())?);
    let started = start(&config, secrets, provider, clock.clone()).await?;
    tokio::spawn(silence::watch(started.audit.clone()));
    tokio::spawn(so_far::watch(started.audit.clone(), rules.clone()));
    tokio::spawn(examining::watch(started.audit.clone(), rules));
    tokio::spawn(retention::watch(started.audit.clone()));
    let listener = TcpListener::bind(config.listen).await?;
    tracing::info!(address = %config.listen, "ready");
    let Started { router, mut writing, audit, lock } = started;
    let watched = Watched::of_service(&config.certificate, &config.ca, config.provider_ca.as_ref());
    let files = config.clone();
    let renew = move || server_config(&files).map(|tls| renewable.renew(tls));
    let renewing = tokio::spawn(renew_when_told(renewals, renew));
    let watching = tokio::spawn(certificates::watch(watched, clock, move |event| note_once(audit.clone(), event)));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async {
        tokio::select! {
            () = shutdown => {}
            _ = stopped => {}
        }
    };
    let serving = serve::serve(listener, router, tls, shutdown);
    let result = tokio::select! {
        served = serving => match served {
            // The router is gone and with it the last writer: what was taken is finished, then the file is closed.
            Ok(()) => outcome(writing.await),
            Err(error) => Err(error.into()),
        },
        written = &mut writing => outcome(written),
    };
    watching.abort();
    renewing.abort();
    drop((stop, lock));
    result
}

fn server_config(config: &Config) -> Result<Arc<ServerConfig>, Error> {
    let (certificate, key, ca) = (read(&config.certificate)?, read_secret(&config.private_key)?, read(&config.ca)?);
    serve::tls::server_config(&certificate, &key, Some(&ca)).map_err(|e| Error::Misconfigured(e.to_string()))
}

/// The service without its sockets.
pub(crate) struct Started {
    pub router: Router,
    /// Ends with the first write that failed.
    pub writing: JoinHandle<Result<(), StoreError>>,
    pub audit: Weak<Audit>,
    /// Held as long as the service runs: no second one writes the same log.
    pub lock: File,
}

/// What the key files hold.
pub(crate) struct Secrets {
    pub log_seed: Zeroizing<[u8; 32]>,
    pub ingest: IngestSecret,
    pub keys: KeyService,
}

impl Secrets {
    fn read(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let mut log_seed = Zeroizing::new([0; 32]);
        let bytes = read_secret(&config.log_seed)?;
        if bytes.len() != log_seed.len() {
            return Err(Error::Misconfigured(format!("{} does not hold 32 bytes", config.log_seed.display())));
        }
        log_seed.copy_from_slice(&bytes);
        let unusable = |path: &Path| Error::Misconfigured(format!("{} holds no key", path.display()));
        let ingest = read_secret(&config.ingest_secret)?;
        let ingest = std::str::from_utf8(&ingest).map_err(|_| unusable(&config.ingest_secret))?;
        let ingest = ingest.trim_end().parse().map_err(|_| unusable(&config.ingest_secret))?;
        let keys = wrapping::open(&config.key_service, clock)?;
        Ok(Self { log_seed, ingest, keys })
    }
}

/// Opens the store, computes everything again, and makes the service.
pub(crate) async fn start(
    config: &Config,
    secrets: Secrets,
    provider: Arc<ProviderSource>,
    clock: Arc<dyn Clock>,
) -> Result<Started, Error> {
    let signer = LogSigner::from_seed(&config.log_name, &secrets.log_seed)
        .map_err(|e| Error::Misconfigured(format!("log_name: {e}")))?;
    check_trust(&config.trust, &signer)?;
    let pinned =
        Policies::compiled_in(&config.trust).map_err(|e| Error::Misconfigured(format!("trust.policy: {e}")))?;
    let beside_database = config.database.parent().unwrap_or(Path::new("."));
    for folder in [beside_database, &config.objects] {
        private::folder(folder).map_err(StoreError::Objects)?;
        serve::room::check(folder)?;
    }
    let lock = lock(&config.objects)?;
    let mut head_file = HeadFile::in_folder(&config.objects);
    let mut connection = store::open_writer(&config.database).await?;
    serve::room::keep(beside_database).map_err(|error| StoreError::from(sqlx::Error::Io(error)))?;
    let log = store::check(&mut connection, &signer.verifier(), &mut head_file).await?;
    if clock.now_millis() < log.last_at.saturating_sub(BEHIND_MILLIS) {
        return Err(Error::Misconfigured("the clock is behind the last entry of the log".into()));
    }
    let witnesses = Outside::all(&config.witnesses)?;
    witnesses::check_not_behind(&witnesses, &last_head(&log, &signer)).await?;
    let contacts = Contacts::all(&config.contacts)?;
    let vault = Arc::new(Vault::new(secrets.keys));
    load_keys(&mut connection, &vault).await?;
    store::make_marks(&mut connection, &vault).await?;
    let empty = log.frontier.size() == 0;
    let reader =
        Reader::new(store::open_readers(&config.database).await?, vault.clone(), Objects::in_folder(&config.objects)?);
    let verifier = signer.verifier();
    let log_key = signer.verifier_key();
    let (sequencer, writer) = Sequencer::new(connection, log, signer, vault, clock.clone(), head_file);
    let writing = tokio::spawn(sequencer.run());
    let authenticator = Authenticator::new(config.trust.clone(), provider.clone(), &config.base_url, clock.clone())
        .remembering(&config.database.with_extension("proofs"))
        .map_err(|e| Error::Misconfigured(format!("the file of used proofs: {e}")))?;
    let audit = Arc::new(Audit {
        trust: config.trust.clone(),
        adopting: Adopting::new(pinned),
        reader,
        writer,
        started_at: clock.now(),
        clock,
        provider,
        authenticator,
        ingest: Arc::new(secrets.ingest),
        verifier,
        roster: Roster::default(),
        issuer: Issuer::default(),
        folding: tokio::sync::Mutex::new(()),
        unpacking: Unpacking::default(),
        tally: Tally::default(),
        read_up_to: ReadUpTo::default(),
        watches: Watches::begin(Instant::now()),
        so_far: SoFar::default(),
        noted: Noted::default(),
        hours: serve::Hours::default(),
        witnesses,
        contacts,
    });
    if empty {
        let event = Append::new(EventKind::LogStarted).fact("log-key", log_key);
        audit.note(event).await.map_err(|p| StoreError::Damaged(p.0.title.clone()))?;
    }
    audit.sweep().await;
    tokio::spawn(count_refusals(Arc::downgrade(&audit)));
    tokio::spawn(issuer::watch(Arc::downgrade(&audit)));
    tokio::spawn(contacts::watch(Arc::downgrade(&audit)));
    for witness in &audit.witnesses {
        tokio::spawn(witnesses::feed(Arc::downgrade(&audit), witness.clone()));
    }
    Ok(Started { audit: Arc::downgrade(&audit), router: routes::router(audit), writing, lock })
}

/// Refusals without an entry are counted in the log even when no other follows; ends with the service.
async fn count_refusals(audit: Weak<Audit>) {
    loop {
        tokio::time::sleep(COUNTED_EVERY).await;
        let Some(audit) = audit.upgrade() else { return };
        audit.note_repeated().await;
    }
}

/// Writes an Event of its own down once: whether it need not be tried again.
async fn note_once(audit: Weak<Audit>, event: Append) -> bool {
    let Some(audit) = audit.upgrade() else { return false };
    match audit.note(event).await {
        Ok(_) => true,
        Err(problem) => (400..500).contains(&problem.0.status),
    }
}

/// Of an empty log, the head of nothing: whoever saw more of it than that says so.
fn last_head(log: &store::Log, signer: &LogSigner) -> Head {
    let size = log.frontier.size();
    let note = if size == 0 { signer.sign(0, &log.frontier.root()) } else { log.note.clone() };
    Head { size, note }
}

fn check_trust(trust: &Trust, signer: &LogSigner) -> Result<(), Error> {
    let pinned = LogVerifier::parse(&trust.log_key).map_err(|e| Error::Misconfigured(format!("trust.log_key: {e}")))?;
    if pinned != signer.verifier() {
        return Err(Error::Misconfigured("trust.log_key is not the key of log_seed and log_name".into()));
    }
    Ok(())
}

pub(crate) fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let file = private::create(&path).map_err(StoreError::Objects)?;
    file.try_lock().map_err(|_| Error::Misconfigured(format!("another audit service holds {}", path.display())))?;
    Ok(file)
}

fn outcome(written: Result<Result<(), StoreError>, tokio::task::JoinError>) -> Result<(), Error> {
    match written {
        Ok(result) => result.map_err(Error::from),
        Err(_) => Err(StoreError::Stopped.into()),
    }
}
