use checkpoint::LogVerifier;
use domain::Digest;
use statement::{ProviderKeys, Trust, base64url_decode, sha256, verify_open};
use wire::event::{Event, EventKind, Receipt, Source};
use wire::gateway::{AssertionClaims, ServiceProof};
use wire::join::TrustFile;

use super::{Admission, Distrust};

/// What this service pins and takes from nobody else, the gateway included.
#[derive(Debug)]
pub struct Pinned {
    pub trust: Trust,
    provider: ProviderKeys,
    log: LogVerifier,
}

/// The gateway's proof of one Session, to be verified here.
#[derive(Debug)]
pub struct Proof(pub ServiceProof);

impl Pinned {
    /// # Errors
    /// A sentence saying which part of the trust file cannot be used.
    pub fn read(trust_file: &str) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        let TrustFile { trust, provider_keys } = serde_json::from_str(trust_file).context("it is not a trust file")?;
        let provider = ProviderKeys::from_jwks(provider_keys.as_bytes()).context("its provider keys are not a JWKS")?;
        let log = LogVerifier::parse(&trust.log_key).context("its log key is not a verifier key")?;
        Ok(Self { trust, provider, log })
    }
}

impl Proof {
    /// Verifies the bundle as of the moment it was opened, and that the log holds its opening; then compares what was
    /// granted with what the assertion says.
    ///
    /// # Errors
    /// [`Distrust`] naming the first check that failed.
    pub fn admit(&self, claims: &AssertionClaims, pinned: &Pinned) -> Result<Admission, Distrust> {
        let proof = &self.0;
        if sha256(&proof.bundle_json) != claims.bundle {
            return Err(Distrust::OtherProof);
        }
        let event = event_in_log(&proof.receipt, &pinned.log)?;
        let tls_client = tls_client_of(&event, claims, proof)?;
        let bundle = proof.bundle().map_err(|_| Distrust::Malformed)?;
        let opening = verify_open(&bundle, &pinned.trust, &pinned.provider, &tls_client, proof.opened_at)?;
        let terms = opening.terms();
        let granted = opening.organization().id == claims.organization
            && terms.scope == claims.scope
            && claims.session == opening.open().digest().clone().into();
        if !granted {
            return Err(Distrust::NotGranted);
        }
        Ok(Admission {
            session: claims.session.clone(),
            organization: claims.organization.clone(),
            scope: terms.scope,
            name: opening.request().identity.name.clone(),
            ends_at: proof.opened_at.saturating_add(terms.duration_seconds),
        })
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

/// The leaf names this Session, this bundle and this moment; it also holds the TLS client that the audit service was told.
fn tls_client_of(event: &Event, claims: &AssertionClaims, proof: &ServiceProof) -> Result<Digest, Distrust> {
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
    fact("tls-client").and_then(|text| text.parse().ok()).ok_or(Distrust::OtherReceipt)
}

fn hash(digest: &Digest) -> Result<merkle::Hash, Distrust> {
    base64url_decode(digest.as_str()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Distrust::Malformed)
}
