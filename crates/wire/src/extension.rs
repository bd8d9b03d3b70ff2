//! What the log says of an extension, and how it is held to what was signed: gateway, a service that believes none of
//! us, desktop and verifier all ask the same.

use domain::{Digest, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{Bundle, Extension, KnownKeys, OpenSession, Refusal, Trust, sha256, verify_extension};

use crate::event::{Event, EventKind, Receipt, Source};

/// An extension that counts: what was signed, and the proof that the log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedExtension {
    /// The bundle's exact JSON bytes; `session-extended` names their SHA-256 in its fact `bundle`.
    pub bundle_json: String,
    /// Of `session-extended`.
    pub receipt: Receipt,
}

/// Why an extension does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotExtended {
    #[error("the entry is about something else than this extension")]
    OtherEntry,
    #[error("the bundle cannot be read")]
    Unreadable,
    #[error("the signatures do not extend it: {0}")]
    Refused(#[from] Refusal),
}

/// What only the leaf says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionFacts {
    /// SHA-256 of the bundle's JSON bytes.
    pub bundle: Digest,
    /// SHA-256 of the TLS client certificate that handed it over.
    pub tls_client: Digest,
    /// SHA-256 of the JWKS that the audit service verified it with.
    pub provider_keys: Digest,
    pub policy: Digest,
    pub extended_at: UnixSeconds,
    /// The Session's end from then on.
    pub ends_at: UnixSeconds,
}

impl ExtensionFacts {
    /// From the audit service's own entry.
    ///
    /// # Errors
    /// [`NotExtended::OtherEntry`].
    pub fn read(event: &Event) -> Result<Self, NotExtended> {
        let fact = |name: &str| event.facts.get(name).ok_or(NotExtended::OtherEntry);
        let digest = |name: &str| fact(name)?.parse::<Digest>().map_err(|_| NotExtended::OtherEntry);
        let time = |name: &str| fact(name)?.parse::<UnixSeconds>().map_err(|_| NotExtended::OtherEntry);
        if event.kind != EventKind::SessionExtended || event.source != Source::Audit {
            return Err(NotExtended::OtherEntry);
        }
        Ok(Self {
            bundle: digest("bundle")?,
            tls_client: digest("tls-client")?,
            provider_keys: digest("provider-keys")?,
            policy: digest("policy")?,
            extended_at: time("extended-at")?,
            ends_at: time("ends-at")?,
        })
    }
}

/// Verifies an extension of the Session `of` as of the moment at which the log says that it was extended. That `event`
/// stands in the log, and whether the policy admits what was signed, the caller asks.
///
/// # Errors
/// [`NotExtended`] naming the first check that failed.
pub fn verify_logged(
    event: &Event,
    bundle_json: &str,
    of: &OpenSession,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
) -> Result<Extension, NotExtended> {
    let facts = ExtensionFacts::read(event)?;
    let about = event.session.as_ref() == Some(&of.session)
        && event.organization.as_ref() == Some(&of.organization.id)
        && facts.bundle == sha256(bundle_json)
        && facts.policy == trust.policy;
    if !about {
        return Err(NotExtended::OtherEntry);
    }
    let bundle: Bundle = serde_json::from_str(bundle_json).map_err(|_| NotExtended::Unreadable)?;
    let extension = verify_extension(&bundle, of, trust, provider, &facts.tls_client, facts.extended_at)?;
    let signed = extension.opening();
    let statements = std::iter::once(signed.request().statement.digest())
        .chain(signed.decisions().iter().map(|d| d.statement.digest()))
        .chain([signed.open().digest()]);
    if !event.statements.iter().eq(statements) || facts.ends_at != extension.ends_at() {
        return Err(NotExtended::OtherEntry);
    }
    Ok(extension)
}
