//! Everything that stands between a bundle and a Session. Nobody is believed: signatures, persons, second factors and
//! times are verified here, the policy is evaluated here, what each signer saw of the log is compared here, and the
//! receipt of the consumed Grant is checked here.

mod extending;
mod granted;
mod issuer;
mod policies;
mod words;

use std::net::IpAddr;
use std::sync::Arc;

use checkpoint::Checkpoint;
use client::ServiceClient;
use domain::{Clock, Digest, Organization, UnixSeconds};
use identity::ProviderSource;
use policy::{InForce, Policies};
use statement::{Adoption, Bundle, KnownKeys, Opening, ProviderKeys, Refusal, Trust, verify_resume};

pub use granted::{Granted, Place};
pub use issuer::LoggedSets;
pub use policies::KnownPolicies;
pub use words::already_taken;
pub(crate) use words::not_reliable;
use words::{not_believed, refused};

use crate::log::AuditLog;
use crate::refused::Refused;
use crate::session::{Extended, Facts};
use crate::targets::{Target, Targets};

/// No bundle is longer than this, in bytes.
pub const MAX_BUNDLE: usize = 512 * 1024;

/// What an opening is checked with.
pub struct Gate {
    pub trust: Trust,
    pub policies: KnownPolicies,
    pub provider: ProviderSource,
    pub logged_sets: LoggedSets,
    pub log: Arc<AuditLog>,
    pub audit: ServiceClient,
    pub broker: ServiceClient,
    pub targets: Targets,
    pub clock: Arc<dyn Clock>,
}

/// A bundle that passed every check; the Grant is not consumed yet.
pub struct Verified {
    opening: Opening,
    policies: Policies,
    bundle_json: String,
    certificate: Digest,
    targets: Vec<Arc<Target>>,
    provider: KnownKeys,
    head: Checkpoint,
    now: UnixSeconds,
}

/// A bundle whose Grant is consumed, with the proof. Only [`Gate::consume`] and [`Gate::resume`] make one, and a
/// Session begins with nothing else.
pub struct Opened {
    facts: Facts,
    extensions: Vec<Extended>,
    targets: Vec<Arc<Target>>,
    certificate: Digest,
}

impl Opened {
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(crate) fn into_parts(self) -> (Facts, Vec<Extended>, Vec<Arc<Target>>, Digest) {
        (self.facts, self.extensions, self.targets, self.certificate)
    }
}

impl Verified {
    /// The request that names the Grant.
    #[must_use]
    pub fn request(&self) -> &Digest {
        self.opening.request().statement.digest()
    }

    /// The Device that opens.
    #[must_use]
    pub fn device(&self) -> &Digest {
        &self.opening.request().identity.device
    }

    #[must_use]
    pub fn certificate(&self) -> &Digest {
        &self.certificate
    }

    /// Whether the approvals could still open when a Session of this request began, as the log says.
    ///
    /// # Errors
    /// [`Refused`] when they had lapsed by then.
    pub fn check_fresh(&self, opened_at: UnixSeconds) -> Result<(), Refused> {
        self.opening.check_fresh(opened_at).map_err(|r| not_believed(&r))
    }

    /// Whether what was signed is signed under the policy in force.
    ///
    /// # Errors
    /// [`Refused`] when another one was adopted since.
    pub fn check_in_force(&self) -> Result<(), Refused> {
        check_in_force(&self.policies, &self.opening).map_err(|r| not_believed(&r))
    }

    /// What proves the policy that it was signed under.
    pub(crate) fn adoptions(&self) -> Vec<Adoption> {
        adoptions(&self.policies, &self.opening)
    }

    /// The `session-open` statement.
    #[must_use]
    pub fn statement(&self) -> &str {
        self.opening.open().compact()
    }

    /// The JWKS that it was verified with.
    #[must_use]
    pub fn provider(&self) -> &ProviderKeys {
        self.provider.current()
    }
}

impl Gate {
    /// Verifies a bundle that came over a connection with this certificate, from this address.
    ///
    /// # Errors
    /// [`Refused`] naming the first check that failed.
    pub async fn verify(&self, bundle_json: &[u8], certificate: Digest, from: IpAddr) -> Result<Verified, Refused> {
        let (bundle_json, bundle) = read(bundle_json)?;
        let (policies, in_force) = self.policies_for(&bundle).await?;
        let provider = self.provider_keys(&bundle.pk_tokens).await?;
        let now = self.clock.now();
        // Whether the approvals are fresh is asked when it is known what for: `consume` or `resume`.
        let opening =
            verify_resume(&bundle, &in_force.trust, &provider, &certificate, now).map_err(|r| not_believed(&r))?;
        ask_policy(&in_force, &opening, Some(from))?;
        let targets: Vec<Arc<Target>> = self.targets.of(&opening.organization().id).cloned().map(Arc::new).collect();
        if targets.is_empty() {
            return Err(refused(
                404,
                "unknown-organization",
                "This gateway knows no such Organization.",
                "Ask an administrator to add it to the gateway's targets.",
            ));
        }
        self.check_name(opening.organization())?;
        let head = self.check_log(&opening).await?;
        Ok(Verified { opening, policies, bundle_json, certificate, targets, provider, head, now })
    }

    /// Our clock is the audit service's, and its log the one that everybody saw who signed.
    async fn check_log(&self, opening: &Opening) -> Result<Checkpoint, Refused> {
        self.log.check_clock(&*self.clock).await.map_err(|e| not_reliable(&e))?;
        let head = self.log.head().await.map_err(|e| not_reliable(&e))?;
        self.check_seen(opening, &head).await?;
        Ok(head)
    }

    async fn check_seen(&self, opening: &Opening, head: &Checkpoint) -> Result<(), Refused> {
        for note in opening.seen() {
            self.log.saw_the_same(note, head).await.map_err(|e| not_reliable(&e))?;
        }
        Ok(())
    }

    /// The name that everybody signed for is the one that this gateway knows the id by.
    fn check_name(&self, signed: &Organization) -> Result<(), Refused> {
        let known = self.targets.organization(&signed.id);
        if known.is_some_and(|known| known.name == signed.name) {
            return Ok(());
        }
        let title = known.map_or_else(
            || format!("This gateway has no name for the Organization {}.", signed.id),
            |known| format!("What was signed for as {} is {} here.", signed.name, known.name),
        );
        Err(refused(
            403,
            "other-organization-name",
            &title,
            "Nothing was opened. Tell your administrators, then ask again.",
        ))
    }
}

fn check_in_force(policies: &Policies, opening: &Opening) -> Result<(), Refusal> {
    let asked = &opening.request().statement.body().policy;
    let in_force = policies.current().policy.digest() == asked;
    if in_force { Ok(()) } else { Err(Refusal::OtherPolicy) }
}

fn adoptions(policies: &Policies, opening: &Opening) -> Vec<Adoption> {
    policies.adoptions_until(&opening.request().statement.body().policy).cloned().collect()
}

/// `from`: where the connection that brings it comes from.
fn ask_policy(in_force: &InForce, opening: &Opening, from: Option<IpAddr>) -> Result<(), Refused> {
    let policy = &in_force.policy;
    let admitted = from.map_or_else(|| policy.admit(opening), |from| policy.admit_from(opening, from));
    admitted.map(|_| ()).map_err(|r| refused(403, r.code, &r.sentence, "Ask again within what the policy allows."))
}

/// The bundle's exact text, and what it says.
fn read(bundle_json: &[u8]) -> Result<(String, Bundle), Refused> {
    let malformed =
        || refused(400, "malformed", "The opening could not be read.", "Update Countersign and open again.");
    if bundle_json.len() > MAX_BUNDLE {
        return Err(malformed());
    }
    let bundle_json = String::from_utf8(bundle_json.to_vec()).map_err(|_| malformed())?;
    let bundle = serde_json::from_str(&bundle_json).map_err(|_| malformed())?;
    Ok((bundle_json, bundle))
}
