use std::sync::Arc;

use checkpoint::{LogVerifier, Relation};
use domain::{Digest, UnixSeconds};
use policy::Policies;
use statement::{
    KnownKeys, OpenSession, PastKeys, ProviderKeys, Request, Trust, Unverified, base64url_decode, sha256, verify_open,
};
use wire::audit::Consistency;
use wire::break_glass::is_counted;
use wire::event::{Event, EventKind, Receipt, Source};
use wire::extension::{ExtensionFacts, verify_logged};
use wire::gateway::{AssertionClaims, ServiceProof};
use wire::join::TrustFile;

use super::{Admission, Distrust};

/// What this service pins and takes from nobody else, the gateway included.
#[derive(Debug)]
pub struct Pinned {
    pub trust: Trust,
    /// The issuer's key sets that the trust file holds, and when each was replaced, as far as it knows.
    sets: Vec<(Arc<ProviderKeys>, Option<UnixSeconds>)>,
    log: LogVerifier,
    /// The pinned one, until the gateway shows that two administrators adopted another.
    policies: Policies,
}

/// The gateway's proof of one Session, to be verified here.
#[derive(Debug)]
pub struct Proof(pub ServiceProof);

impl Pinned {
    /// # Errors
    /// A sentence saying which part of the trust file cannot be used.
    pub fn read(trust_file: &str) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        let TrustFile { trust, provider_keys, .. } =
            serde_json::from_str(trust_file).context("it is not a trust file")?;
        let mut sets = Vec::new();
        for one in provider_keys {
            let keys = ProviderKeys::from_jwks(one.jwks.as_bytes()).context("its provider keys are not a JWKS")?;
            sets.push((Arc::new(keys), one.until));
        }
        let log = LogVerifier::parse(&trust.log_key).context("its log key is not a verifier key")?;
        let policies =
            Policies::compiled_in(&trust).context("it pins another policy than the one that is compiled in")?;
        Ok(Self { trust, sets, log, policies })
    }

    /// The issuer's keys: what it publishes now, and what the trust file pins of before, for the signers of enrolments.
    /// A pinned set of which the file does not know the end ended when the Session opened, at the latest.
    pub fn known(&self, current: Arc<ProviderKeys>, opened_at: UnixSeconds) -> KnownKeys {
        let past = |(keys, until): &(Arc<ProviderKeys>, Option<UnixSeconds>)| PastKeys {
            keys: keys.clone(),
            until: until.unwrap_or(opened_at),
        };
        KnownKeys::new(current, self.sets.iter().map(past))
    }
}

impl Proof {
    /// Verifies the bundle as of the moment it was opened, and that the log holds its opening; then compares what was
    /// granted with what the assertion says.
    ///
    /// # Errors
    /// [`Distrust`] naming the first check that failed.
    pub fn admit(&self, claims: &AssertionClaims, pinned: &Pinned, issuer: KnownKeys) -> Result<Admission, Distrust> {
        let proof = &self.0;
        if sha256(&proof.bundle_json) != claims.bundle {
            return Err(Distrust::OtherProof);
        }
        let event = event_in_log(&proof.receipt, &pinned.log)?;
        self.check_one_log(&pinned.log)?;
        let Facts { tls_client, ends_at } = facts_of(&event, claims, proof)?;
        let bundle = proof.bundle().map_err(|_| Distrust::Malformed)?;
        let request = Unverified::<Request>::read(&bundle.request)?;
        let named = &request.unverified_body().policy;
        let policies = self.until(&pinned.policies, named, &issuer, proof.opened_at)?;
        let in_force = policies.current();
        let opening = verify_open(&bundle, &in_force.trust, &issuer, &tls_client, proof.opened_at)?;
        in_force.policy.admit(&opening)?;
        if !is_counted(&event, &opening) {
            return Err(Distrust::OtherReceipt);
        }
        let terms = opening.terms();
        let granted = opening.organization().id == claims.organization
            && terms.scope == claims.scope
            && claims.session == opening.open().digest().clone().into();
        if !granted {
            return Err(Distrust::NotGranted);
        }
        let ends_at = ends_at.min(proof.opened_at.saturating_add(terms.duration_seconds));
        let ends_at = self.extended(OpenSession::of(&opening, proof.opened_at, ends_at), &policies, pinned, &issuer)?;
        Ok(Admission {
            session: claims.session.clone(),
            organization: claims.organization.clone(),
            scope: terms.scope,
            name: opening.request().identity.name.clone(),
            ends_at,
        })
    }

    /// What every signer had seen, and whatever a receipt leads to, is the beginning of one log.
    fn check_one_log(&self, log: &LogVerifier) -> Result<(), Distrust> {
        let ServiceProof { log: shown, .. } = &self.0;
        let newest = log.open(&shown.head).map_err(|_| Distrust::AnotherLog)?;
        for note in self.0.heads().map_err(|_| Distrust::Malformed)? {
            let head = log.open(&note).map_err(|_| Distrust::AnotherLog)?;
            let path = shown.paths.iter().find(|path| (path.from, path.to) == (head.size, newest.size));
            let path = path.map_or(Some(Vec::new()), Consistency::hashes).ok_or(Distrust::Malformed)?;
            if Relation::of(&head, &newest, &path) != Relation::Continues {
                return Err(Distrust::AnotherLog);
            }
        }
        Ok(())
    }

    /// The end with everything that extended the Session, each held to its own signatures and to the log.
    fn extended(
        &self,
        mut of: OpenSession,
        policies: &Policies,
        pinned: &Pinned,
        issuer: &KnownKeys,
    ) -> Result<UnixSeconds, Distrust> {
        let mut policies = policies.clone();
        for extension in &self.0.extensions {
            let event = event_in_log(&extension.receipt, &pinned.log)?;
            let facts = ExtensionFacts::read(&event)?;
            policies = self.until(&policies, &facts.policy, issuer, facts.extended_at)?;
            let in_force = policies.current();
            let extended = verify_logged(&event, &extension.bundle_json, &of, &in_force.trust, issuer)?;
            in_force.policy.admit(extended.opening())?;
            of.ends_at = extended.ends_at();
        }
        Ok(of.ends_at)
    }

    /// The chain as far as what was signed under this policy at this moment.
    fn until(
        &self,
        chain: &Policies,
        named: &Digest,
        issuer: &KnownKeys,
        at: UnixSeconds,
    ) -> Result<Policies, Distrust> {
        let mut rest = self.0.policies.iter().skip(chain.all().len().saturating_sub(1));
        chain.until(named, &mut rest, issuer, at).map_err(|why| Distrust::NotInForce(why.to_string()))
    }
}

fn event_in_log(receipt: &Receipt, log: &LogVerifier) -> Result<Event, Distrust> {
    let checkpoint = log.open(&receipt.checkpoint).map_err(|_| Distrust::NotInTheLog)?;
    let path: Vec<merkle::Hash> = receipt.inclusion.iter().map(hash).collect::<Result<_, _>>()?;
    let leaf = merkle::leaf_hash(receipt.leaf.as_bytes());
    merkle::verify_inclusion(receipt.index, checkpoint.size, &leaf, &path, &checkpoint.root)
        .map_err(|_| Distrust::NotInTheLog)?;
    serde_json::from_str(&receipt.leaf).map_err(|_| Distrust::Malformed)
}

/// What only the leaf says: the TLS client that the audit service was told, and the end that it was told.
struct Facts {
    tls_client: Digest,
    ends_at: UnixSeconds,
}

/// The leaf names this Session, this bundle and this moment.
fn facts_of(event: &Event, claims: &AssertionClaims, proof: &ServiceProof) -> Result<Facts, Distrust> {
    let fact = |name: &str| event.facts.get(name).map(String::as_str);
    let matches = event.kind == EventKind::SessionOpened
        && event.source == Source::Audit
        && event.session.as_ref() == Some(&claims.session)
        && event.organization.as_ref() == Some(&claims.organization)
        && fact("bundle") == Some(claims.bundle.as_str())
        && fact("opened-at") == Some(proof.opened_at.to_string().as_str());
    if !matches {
        return Err(Distrust::OtherReceipt);
    }
    let tls_client = fact("tls-client").and_then(|text| text.parse().ok()).ok_or(Distrust::OtherReceipt)?;
    let ends_at = fact("ends-at").and_then(|text| text.parse().ok()).ok_or(Distrust::OtherReceipt)?;
    Ok(Facts { tls_client, ends_at })
}

fn hash(digest: &Digest) -> Result<merkle::Hash, Distrust> {
    base64url_decode(digest.as_str()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Distrust::Malformed)
}
