use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use domain::{FixedClock, Organization, Scope};
use identity::ProviderSource;
use policy::Policy;
use serve::Authenticator;
use statement::{DeviceKey, Limits, Trust};

pub(crate) use self::calls::{Answered, code, read};
pub(crate) use self::log::Log;
pub(crate) use self::people::{Account, account, account_with, issuer, roles_of};
use crate::attest::Attestor;
use crate::broker::Broker;
use crate::clocks::Clocks;
use crate::fields::Fields;
use crate::floods::Floods;
use crate::policies::KnownPolicies;
use crate::pushes::Pushes;
use crate::reports::Reports;
use crate::seal::SecretKey;
use crate::store::Store;
use crate::streams::Streams;

mod calls;
mod log;
mod people;
mod steps;

pub(crate) const NOW: i64 = 1_790_000_000;
pub(crate) const BASE: &str = "https://127.0.0.1:7441";

pub(crate) struct World {
    pub(crate) broker: Arc<Broker>,
    router: Router,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) log: Arc<Log>,
    pub(crate) trust: Trust,
    pub(crate) policy: Policy,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) provider: DeviceKey,
    source: Arc<ProviderSource>,
    attestation_pkcs8: Vec<u8>,
    published: tokio::task::JoinHandle<()>,
    pub(crate) ben: Account,
    calls: AtomicU64,
    under_way: calls::UnderWay,
}

pub(crate) fn organizations() -> Vec<Organization> {
    [("kinloch-hotels", "Kinloch Hotels"), ("delmar-foods", "Delmar Foods")]
        .map(|(id, name)| Organization { id: id.parse().expect("id"), name: name.into() })
        .to_vec()
}

/// The keys that the database of a [`World`] is sealed with.
pub(crate) fn fields() -> Fields {
    Fields::new(&[7; 32]).expect("key")
}

impl World {
    /// What was called for before is called for anew.
    pub(crate) fn next_hour(&self) {
        self.clock.advance(3600 - self.broker.now().rem_euclid(3600));
    }

    /// An installation with one administrator who is admitted.
    pub(crate) async fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (provider, _) = DeviceKey::generate().expect("key");
        let (attestation, attestation_pkcs8) = DeviceKey::generate().expect("key");
        let (ben_key, _) = DeviceKey::generate().expect("key");
        let (sofia_key, _) = DeviceKey::generate().expect("key");
        let (issuer, published) = issuer(&provider).await;
        let trust = Trust {
            issuer: issuer.clone(),
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "countersign_roles".into(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway.test".into(),
            log_key: Log::signer().verifier_key(),
            attestation_key: attestation.public(),
            first_administrators: vec![ben_key.public().thumbprint(), sofia_key.public().thumbprint()],
            limits: Limits { max_duration_seconds: 4 * 3600, max_scope: Scope::Administer },
            policy: Policy::compiled_in().digest().clone(),
            waits: statement::Waits::default(),
        };
        let clock = Arc::new(FixedClock::at(NOW));
        let http = identity::http_client(None).expect("client");
        let source = Arc::new(ProviderSource::new(issuer, http, clock.clone()));
        let (log, folder) = (Log::beside(&clock), tempfile::tempdir().expect("folder"));
        let policy = Policy::compiled_in();
        let broker = assemble(&trust, &policy, &clock, &log, &source, &attestation_pkcs8, folder.path()).await;
        let router = crate::routes::router(broker.clone());
        let ben = account(&provider, &trust, ben_key, ("e-900", "ben"), &["administrator"], NOW);
        let calls = AtomicU64::new(0);
        let mut world = Self {
            broker,
            router,
            clock,
            log,
            trust,
            policy,
            folder,
            provider,
            source,
            attestation_pkcs8,
            published,
            ben,
            calls,
            under_way: calls::UnderWay::default(),
        };
        let nobody = world.stranger("nobody", "nobody", &[]);
        let mut ben = std::mem::replace(&mut world.ben, nobody);
        world.pass_factor(&mut ben).await;
        world.ben = ben;
        world
    }

    /// The broker killed and started again over the same database.
    pub(crate) async fn restart(&mut self) {
        self.clock.advance(1);
        let (clock, log, key) = (&self.clock, &self.log, &self.attestation_pkcs8);
        let broker = assemble(&self.trust, &self.policy, clock, log, &self.source, key, self.folder.path()).await;
        self.router = crate::routes::router(broker.clone());
        self.broker = broker;
    }

    /// The identity provider taken away.
    pub(crate) fn issuer_away(&self) {
        self.published.abort();
    }
}

async fn assemble(
    trust: &Trust,
    policy: &Policy,
    clock: &Arc<FixedClock>,
    log: &Arc<Log>,
    source: &Arc<ProviderSource>,
    attestation: &[u8],
    folder: &std::path::Path,
) -> Arc<Broker> {
    let key = DeviceKey::from_pkcs8(attestation).expect("key");
    Arc::new(Broker {
        attestor: Attestor::new(key, &trust.gateway_id),
        trust: trust.clone(),
        organizations: organizations(),
        known_policies: KnownPolicies::new(policy::Policies::pinned(trust, policy.text()).expect("the pinned policy")),
        known_log: crate::saw::KnownLog::new(Log::signer().verifier()),
        clock: clock.clone(),
        store: Store::open(&folder.join("broker.sqlite"), fields()).await.expect("store"),
        ledger: log.clone(),
        authenticator: Arc::new(Authenticator::new(trust.clone(), source.clone(), BASE, clock.clone())),
        provider: source.clone(),
        secrets: SecretKey::new(&[7; 32]).expect("key"),
        pushes: Pushes::new(),
        floods: Floods::default(),
        streams: Streams::new(4, 4),
        reports: Reports::default(),
        unwritten: crate::unwritten::Unwritten::default(),
        hours: serve::Hours::default(),
        clocks: Clocks::new(Duration::ZERO),
        turns: tokio::sync::Mutex::new(()),
    })
}
