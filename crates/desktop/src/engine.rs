mod approvals;
mod break_glass;
mod doors;
mod enrolled;
mod enrolment;
mod evidence;
mod factor;
mod foreseen;
mod forgetting;
mod new_key;
mod offers;
mod own_devices;
mod policies;
mod recovery;
mod refusals;
mod requests;
mod revealing;
mod revoking;
mod sessions;
mod sign_in;
mod state;
mod watch;
mod witnessing;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use client::{AuditClient, BrokerClient, Credentials};
use domain::{Clock, SessionId, UnixSeconds};
use keyring_core::CredentialStore;
use keys::{Keyring, KeyringError, Lock, ProfileKeys, Sealer};
use statement::{DeviceKey, Identity, Kind, MfaPurpose, Payload};
use tokio::sync::broadcast;
use wire::broker::Me;

use crate::fault::{fault, refusal};
use crate::joined::Joined;
use crate::profile::Profile;
use crate::view::{Link, LogVerdict, Notice, UiError};

pub use doors::Passage;
pub use evidence::verify_file;
pub(crate) use evidence::{prove_file, summary_path};
#[cfg(test)]
pub(crate) use sessions::asked_in_tests;
pub(crate) use sessions::{AskedInPeriod, LoggedAsk, NotAskable, Then};

/// What an engine is made for.
pub struct EngineConfig {
    /// The name of the profile: its own folder, its own entries in the keyring.
    pub profile: String,
    /// Where the folders of all profiles stand.
    pub data_dir: PathBuf,
    /// The keyring; `None` means this computer's own.
    pub keyring: Option<Arc<CredentialStore>>,
    pub clock: Arc<dyn Clock>,
}

/// Everything that the windows and the command line can do. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    config: EngineConfig,
    profile: Profile,
    notices: broadcast::Sender<Notice>,
    live: Mutex<Live>,
    /// Held while the keyring is opened: it may ask a person, and should ask once.
    opening: tokio::sync::Mutex<()>,
    /// Told when somebody else is signed in, or nobody: what was opened for the one before ends.
    people: tokio::sync::watch::Sender<()>,
    /// Held while refusals are told.
    telling: tokio::sync::Mutex<()>,
    /// Held while the log is cosigned.
    cosigning: tokio::sync::Mutex<()>,
    exporting: sessions::Exporting,
    /// Itself, for what goes on in the background.
    me: Weak<Self>,
}

/// What is known now; no lock on it is held over an await.
#[derive(Default)]
struct Live {
    keys: Option<Arc<Unlocked>>,
    joined: Option<Arc<Joined>>,
    person: Option<Arc<SignedIn>>,
    me: Option<Me>,
    /// The key that is out for good, once that was proven here.
    out: Option<new_key::OutForGood>,
    sign_in: Option<sign_in::Pending>,
    /// Why the last one came to nothing.
    sign_in_failed: Option<UiError>,
    /// By the request's id.
    doors: BTreeMap<String, doors::Open>,
    links: Links,
    clock_offset_ms: i64,
    waiting: String,
    offers: Option<offers::Offers>,
    compared: foreseen::Compared,
    refused: refusals::Refused,
    /// What was last shown of marks to open, and to whom.
    reveals: Option<revealing::KnownReveals>,
    /// Verdict and root that the windows were last told of.
    log_told: Option<(LogVerdict, String)>,
    /// Running Sessions that are watched here.
    watching: BTreeMap<SessionId, Arc<tokio::sync::Mutex<sessions::Watching>>>,
    /// What was shown of them, until their sealed Recordings are held to it.
    seen: BTreeMap<SessionId, Arc<sessions::Seen>>,
    /// The size that was last cosigned and handed in, and when.
    cosigned: Option<(u64, UnixSeconds)>,
}

struct Links {
    broker: Link,
    audit: Link,
    gateway: Link,
}

impl Default for Links {
    fn default() -> Self {
        Self { broker: Link::Unknown, audit: Link::Unknown, gateway: Link::Unknown }
    }
}

/// The keys of the profile, out of the keyring.
pub(crate) struct Unlocked {
    device: Arc<DeviceKey>,
    sealer: Sealer,
    witness: zeroize::Zeroizing<[u8; 32]>,
}

/// Who is signed in, after the PK token was verified here.
pub(crate) struct SignedIn {
    identity: Identity,
    credentials: Credentials,
    broker: BrokerClient,
    /// The broker's attestation of the sign-in's last code, and when that was.
    factor: Option<(String, UnixSeconds)>,
}

impl Engine {
    /// An engine for one profile. It touches neither the keyring nor the network yet.
    ///
    /// # Errors
    /// [`UiError`] when the profile's name is not one.
    pub fn new(config: EngineConfig) -> Result<Self, UiError> {
        keys::leave_no_core_file().map_err(|error| {
            tracing::error!(%error, "core files cannot be turned off");
            fault("core-file", "A crash would leave what is in memory in a file.", "Ask whoever keeps this computer.")
        })?;
        let profile = Profile::new(&config.data_dir, &config.profile)?;
        let (notices, _) = broadcast::channel(256);
        let inner = Arc::new_cyclic(|me| Inner {
            config,
            profile,
            notices,
            live: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            people: tokio::sync::watch::Sender::new(()),
            telling: tokio::sync::Mutex::default(),
            cosigning: tokio::sync::Mutex::default(),
            exporting: sessions::Exporting::default(),
            me: me.clone(),
        });
        // Another process of the profile may have left something to tell.
        inner.live().refused.maybe_kept = true;
        Ok(Self { inner })
    }

    /// What the engine tells without being asked.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.inner.notices.subscribe()
    }
}

impl Inner {
    fn live(&self) -> MutexGuard<'_, Live> {
        // A panic elsewhere leaves plain values behind, never half of one.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, notice: Notice) {
        // Nobody listening is fine: the command line does not.
        drop(self.notices.send(notice));
    }

    fn now(&self) -> UnixSeconds {
        self.config.clock.now()
    }

    /// The profile's keys. A locked keyring may ask the person first.
    async fn unlocked(&self) -> Result<Arc<Unlocked>, UiError> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(keys) = &self.live().keys {
            return Ok(keys.clone());
        }
        let keys = Arc::new(self.of_keyring(Keyring::keys).await?);
        self.live().keys = Some(keys.clone());
        Ok(keys)
    }

    /// What this gives of the profile's keyring, in one process at a time.
    async fn of_keyring(
        &self,
        asked: impl FnOnce(&Keyring, &str) -> Result<ProfileKeys, KeyringError> + Send + 'static,
    ) -> Result<Unlocked, UiError> {
        let (store, profile) = (self.config.keyring.clone(), self.config.profile.clone());
        let lock = self.profile.keys_lock();
        let opened = tokio::task::spawn_blocking(move || {
            let keyring = store.map_or_else(Keyring::of_this_computer, |store| Ok(Keyring::with_store(store)))?;
            let _one_process = Lock::wait(&lock)?;
            keyring.probe(&profile)?;
            Ok::<_, UiError>(asked(&keyring, &profile)?)
        });
        let keys = opened.await.map_err(|_| fault("keyring", "The keyring failed.", "Start Countersign again."))??;
        Ok(Unlocked { device: Arc::new(keys.device), sealer: keys.sealer, witness: keys.witness })
    }

    /// The installation that this profile has joined.
    fn joined(&self) -> Result<Arc<Joined>, UiError> {
        if let Some(joined) = &self.live().joined {
            return Ok(joined.clone());
        }
        let file = self.profile.join()?.ok_or_else(|| {
            fault(
                "not-joined",
                "This computer has not joined an installation.",
                "Open the join file that your administrator gave you.",
            )
        })?;
        let joined = Arc::new(Joined::new(file, &self.profile, &self.config.clock)?);
        self.live().joined = Some(joined.clone());
        Ok(joined)
    }

    /// Whoever is signed in, with a PK token that is still good.
    async fn person(&self) -> Result<Arc<SignedIn>, UiError> {
        let kept = self.live().person.clone();
        let person = match kept {
            Some(person) => person,
            None => self.restore_sign_in().await?,
        };
        if self.now() >= person.identity.signed_in_at + SIGN_IN_LASTS {
            return Err(signed_out("Your sign-in is older than 8 hours."));
        }
        Ok(person)
    }

    /// The audit service for the signed-in person, after the log was held to what this computer has seen.
    async fn audit(&self) -> Result<(Arc<Joined>, AuditClient), UiError> {
        let joined = self.joined()?;
        self.check_log(&joined).await?;
        self.audit_as_known().await
    }

    /// The same without looking at the log again: for what is asked each second, and rests on no entry.
    async fn audit_as_known(&self) -> Result<(Arc<Joined>, AuditClient), UiError> {
        let (joined, person) = (self.joined()?, self.person().await?);
        let Some((attestation, _)) = &person.factor else {
            return Err(fault(
                "code-needed",
                "The code for this sign-in is missing.",
                "Enter the code that your authenticator shows.",
            ));
        };
        let audit = AuditClient::new(&joined.log.client, person.credentials.clone(), attestation.clone());
        Ok((joined, audit))
    }

    /// Signs a statement of this kind with the Device key. Everything that the receiver would refuse about its texts
    /// is refused here first.
    fn sign<B: Kind>(&self, joined: &Joined, person: &SignedIn, body: B, life: i64) -> Result<String, UiError> {
        body.check().map_err(refusal("this statement"))?;
        let mut random = [0; 16];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| no_randomness())?;
        let iat = self.now();
        let payload = Payload {
            aud: joined.file.trust.gateway_id.clone(),
            body,
            exp: iat + life.min(B::MAX_LIFE_SECONDS),
            iat,
            jti: statement::base64url(random),
            seen: joined.log.seen()?,
        };
        statement::sign(&person.credentials.device, &person.identity.kid, &payload).map_err(|_| no_randomness())
    }

    /// Checks an attestation that the broker gave for this person, and for this statement or a sign-in.
    fn checked_factor(
        joined: &Joined,
        person: &SignedIn,
        attestation: &str,
        about: Option<&domain::Digest>,
    ) -> Result<UnixSeconds, UiError> {
        let factor =
            statement::verify_mfa(attestation, &joined.file.trust).map_err(refusal("the broker's attestation"))?;
        let body = factor.body();
        let purpose = if about.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
        if body.subject != person.identity.kid || body.statement.as_ref() != about || body.purpose != purpose {
            return Err(fault(
                "other-attestation",
                "The broker attested something else than was asked.",
                "Tell security; nothing was signed.",
            ));
        }
        Ok(factor.payload().iat)
    }
}

/// A PK token is good this long after its ID token was issued, in seconds; `statement` refuses it afterwards.
const SIGN_IN_LASTS: i64 = 8 * 3600;

fn signed_out(why: &str) -> UiError {
    fault("signed-out", why, "Sign in again.")
}

fn no_randomness() -> UiError {
    fault("no-randomness", "This computer's system gives no randomness.", "Restart this computer.")
}

#[cfg(test)]
mod tests;
