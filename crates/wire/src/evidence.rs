//! An Evidence file: JSON, one line, exactly as `serde_json` writes [`Evidence`]; any other spelling
//! of the same content is refused.

use std::collections::BTreeSet;

use domain::{Digest, SessionId, UnixSeconds};
use recording::Manifest;
use serde::{Deserialize, Serialize};
use statement::{Adoption, Bundle, Forgetting, seen_in, sha256};

use crate::audit::Sealed;
use crate::event::Receipt;

/// The file: its content as one JSON string, the heads that it rests on, and the receipt of the `evidence-made` Event whose
/// facts `content` and `heads` name both. So the log itself answers for every byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// [`SESSION_FORMAT`], [`PERIOD_FORMAT`] or [`FORGOTTEN_FORMAT`].
    pub format: String,
    /// [`Content`] in JSON, [`PeriodContent`] or [`ForgottenContent`]. Fact `content` is its SHA-256, and fact `entries` the number
    /// of the `events` in it.
    pub content: String,
    /// Each head under which an entry of the content is proven, each that a signer in it had verified and each that witnesses
    /// cosigned, once, the largest first; at most [`MOST_HEADS`].
    /// Fact `heads` is their [`heads_digest`].
    pub heads: Vec<ShownHead>,
    pub made: Receipt,
}

/// A head of the log before the file was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShownHead {
    /// The log's signed note, with the witnesses' lines behind it where they cosigned it.
    pub checkpoint: String,
    /// RFC 9162 consistency path from it to the head of the receipt. It is made after the entry that names the notes, and
    /// has to lead from one signed root to the other.
    pub consistency: Vec<Digest>,
}

/// What an Evidence file is about.
pub trait About: Serialize {
    /// What its file begins with.
    const FORMAT: &'static str;

    /// How many entries of the log tell of it.
    fn entries(&self) -> usize;

    /// What its signers had verified of the log: each Checkpoint that a statement in it names.
    fn seen(&self) -> BTreeSet<String>;
}

/// Heads in one file.
pub const MOST_HEADS: usize = 16_384;

impl About for Content {
    const FORMAT: &'static str = SESSION_FORMAT;

    fn entries(&self) -> usize {
        self.events.len()
    }

    fn seen(&self) -> BTreeSet<String> {
        let bundles = std::iter::once(&self.bundle_json).chain(self.extensions.iter().map(|more| &more.bundle_json));
        let bundles: Vec<Bundle> = bundles.filter_map(|json| serde_json::from_str(json).ok()).collect();
        let signed = bundles.iter().flat_map(|bundle| {
            let in_advance = bundle.break_glass.iter().flat_map(|permission| &permission.statements);
            let opening = [&bundle.request, &bundle.open].into_iter().chain(&bundle.decisions);
            opening.chain(&bundle.enrols).chain(in_advance)
        });
        let adopted = self.policies.iter().flat_map(|p| p.adoption.statements.iter().chain(&p.adoption.enrols));
        let reviewed = self.reviews.iter().chain(&self.reviewer_enrols);
        signed.chain(adopted).chain(reviewed).filter_map(|statement| seen_in(statement)).collect()
    }
}

impl About for PeriodContent {
    const FORMAT: &'static str = PERIOD_FORMAT;

    fn entries(&self) -> usize {
        self.sessions.iter().map(About::entries).sum()
    }

    fn seen(&self) -> BTreeSet<String> {
        self.sessions.iter().flat_map(About::seen).collect()
    }
}

impl About for ForgottenContent {
    const FORMAT: &'static str = FORGOTTEN_FORMAT;

    fn entries(&self) -> usize {
        self.events.len()
    }

    fn seen(&self) -> BTreeSet<String> {
        let signed = self.forgetting.statements.iter().chain(&self.forgetting.enrols);
        signed.filter_map(|statement| seen_in(statement)).collect()
    }
}

/// One Session.
pub const SESSION_FORMAT: &str = "countersign-evidence/3";
/// An Organization and a period.
pub const PERIOD_FORMAT: &str = "countersign-evidence-period/2";
/// A Session of an Organization that was forgotten.
pub const FORGOTTEN_FORMAT: &str = "countersign-evidence-forgotten/2";

/// SHA-256 of the notes of a file's heads as a JSON list, in the file's order.
#[must_use]
pub fn heads_digest<'a>(notes: impl IntoIterator<Item = &'a str>) -> Digest {
    sha256(serde_json::Value::from_iter(notes).to_string())
}

/// The content of a file about an Organization and a period. Its `evidence-made` Event names the Organization and no Session;
/// its facts `from`, `to` and `sessions` say what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodContent {
    pub organization: domain::OrgId,
    /// Sessions that opened at or after this.
    pub from: UnixSeconds,
    /// And before this.
    pub to: UnixSeconds,
    /// By the index of their opening.
    pub sessions: Vec<Content>,
}

/// What the log has left of a Session whose Organization was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgottenContent {
    pub session: SessionId,
    /// The entries about it; by index. Their personal fields are gone.
    pub events: Vec<ProvenEvent>,
    /// What two administrators signed.
    pub forgetting: Forgetting,
    /// The `organization-forgotten` Event.
    pub forgotten: ProvenEvent,
    /// One for each `enrol` statement in the forgetting, by index.
    pub enrolled: Vec<ProvenEnrolment>,
}

/// What is proven about one Session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Content {
    pub session: SessionId,
    /// The bundle's exact JSON bytes; `session-opened` names their SHA-256 in its fact `bundle`.
    pub bundle_json: String,
    /// SHA-256 of the TLS client certificate's DER; fact `tls-client` of `session-opened`.
    pub tls_client: Digest,
    /// When the gateway opened; fact `opened-at` of `session-opened`.
    pub opened_at: UnixSeconds,
    /// The JWKS that the ID tokens verify with; fact `provider-keys` of `session-opened` is its SHA-256.
    pub provider_keys: String,
    /// Other JWKS of the issuer: of before, for the signers of enrolments; of later, for reviewers. None without a rotation.
    pub more_keys: Vec<String>,
    /// The text of the policy that everybody pins.
    pub policy: String,
    /// What extended the Session, in the log's order; their entries are among the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<SignedExtension>,
    /// Each policy that two administrators adopted since, as far as the newest whose digest is in the request and in every
    /// decision of what opened the Session or extended it; none when that is the pinned one.
    pub policies: Vec<ProvenPolicy>,
    /// `request-signed`, `approved`…, `session-opened`, `session-extended`, refusals, `recording-sealed`, `session-ended`, reviews; by index.
    pub events: Vec<ProvenEvent>,
    /// Fact `manifest` of `recording-sealed` is its SHA-256.
    pub manifest: Option<Manifest>,
    /// Reviews, compact.
    pub reviews: Vec<String>,
    /// PK tokens of the reviewers, and of whoever signed the statements in `reviewer_enrols`.
    pub reviewer_tokens: Vec<String>,
    /// The chain of `enrol` statements from first administrators down to the reviewers' Devices.
    pub reviewer_enrols: Vec<String>,
    /// One for each `enrol` statement in the bundle and in `reviewer_enrols`, by index.
    pub enrolled: Vec<ProvenEnrolment>,
}

/// What was signed for more time in a Session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedExtension {
    /// The bundle's exact JSON bytes; `session-extended` names their SHA-256 in its fact `bundle`.
    pub bundle_json: String,
    /// The JWKS that its ID tokens verify with; fact `provider-keys` of `session-extended` is its SHA-256.
    pub provider_keys: String,
}

/// That two administrators put a policy in the place of the one before, and that this stood in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProvenPolicy {
    pub adoption: Adoption,
    /// The `policy-adopted` Event.
    pub entry: ProvenEvent,
    /// One for each `enrol` statement in the adoption, by index.
    pub enrolled: Vec<ProvenEnrolment>,
}

/// That an `enrol` statement stood in the log, and that its signer gave a code for exactly it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProvenEnrolment {
    /// The `enrolled` Event.
    pub entry: ProvenEvent,
    /// The broker's `mfa` statement; the Event's fact `attestation` is its SHA-256.
    pub attestation: String,
}

/// An Event with its proof and its personal fields opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProvenEvent {
    pub receipt: Receipt,
    pub personal: std::collections::BTreeMap<String, Sealed>,
}
