//! The gateway's own API, on its own host name over TLS. `POST /v1/sessions` and `/v1/session*` need the TLS client
//! certificate whose digest the `session-open` statement names; any other `Host` on such a connection is
//! traffic for the Organization's service.
//!
//! | call | body → answer |
//! |---|---|
//! | `GET /v1/health` | → [`Health`] |
//! | `GET /v1/jwks` | → [`AssertionKeys`] |
//! | `POST /v1/sessions` | [`statement::Bundle`] → [`OpenedSession`] |
//! | `GET /v1/session` | → [`SessionStatus`] |
//! | `POST /v1/session/extensions` | [`statement::Bundle`] → [`SessionStatus`] |
//! | `POST /v1/session/end` | → [`SessionStatus`] |
//! | `POST /v1/revocations` | [`Revocation`] → [`RevocationHeard`]; anybody may bring one, its signatures say who did |
//! | `GET /v1/proof` | `Authorization: Bearer <assertion>` → [`ServiceProof`] for the service |

use std::collections::BTreeSet;

use domain::{OrgId, Organization, Scope, SessionId, UnixMillis, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{Adoption, Bundle, EcJwk, seen_in};

use crate::audit::Consistency;
use crate::event::Receipt;
use crate::extension::LoggedExtension;

/// Whether a Session could be opened now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    pub ready: bool,
    /// What is missing, in words; empty when ready.
    pub missing: Vec<String>,
    pub now: UnixMillis,
}

/// The keys that assertions verify with (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssertionKeys {
    pub keys: Vec<AssertionKey>,
}

/// One of them, by the id that stands in an assertion's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssertionKey {
    #[serde(flatten)]
    pub key: EcJwk,
    pub kid: String,
    /// `ES256`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub used_for: String,
}

/// A Session that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenedSession {
    pub session: SessionId,
    pub organization: Organization,
    pub scope: Scope,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    /// Host names that the door lets through, each answering on port 443 inside the tunnel.
    pub hosts: Vec<String>,
    /// Where the session window begins, for example `https://payroll.test/o/kinloch-hotels/`.
    pub start: String,
    pub receipt: Receipt,
}

/// A `revoke` statement with what it takes to verify it, as `GET /v1/me` gave it to its signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    pub statement: String,
    /// The attestation of its code, for a Device or a person. Without it what is open ends, and nothing lasting is written.
    pub mfa: Option<String>,
    pub pk_tokens: Vec<String>,
    pub enrols: Vec<String>,
}

/// What came of it here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RevocationHeard {
    /// Sessions that were open and are over.
    pub ended: Vec<SessionId>,
}

/// How a Session is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionStatus {
    pub session: SessionId,
    pub open: bool,
    /// Why it ended, as in [`crate::broker::SessionChange`].
    pub ended_by: Option<String>,
    pub now: UnixMillis,
    pub ends_at: UnixSeconds,
    /// Age of the oldest record that the audit service has not acknowledged, in milliseconds.
    pub recording_lag: u32,
    /// No byte passes until the recording catches up.
    pub paused: bool,
    /// Who watches, by their sign-in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watchers: Vec<String>,
    /// Who ended it, when somebody did whose signature the gateway verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_for: Option<EndedFor>,
}

/// Who ended somebody's Session, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndedFor {
    pub name: String,
    pub reason: String,
}

/// The assertion's claims: a JWT, ES256, `typ: countersign-assertion+jwt`, one minute long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssertionClaims {
    /// The gateway's id.
    pub iss: String,
    /// The service's audience, from `targets.toml`.
    pub aud: String,
    pub sub: String,
    pub name: String,
    pub iat: UnixSeconds,
    pub exp: UnixSeconds,
    pub jti: String,
    pub organization: OrgId,
    pub scope: Scope,
    pub session: SessionId,
    /// SHA-256 of the bundle's JSON bytes.
    pub bundle: domain::Digest,
}

/// With this the service verifies for itself what the gateway says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceProof {
    /// The bundle's exact JSON bytes.
    pub bundle_json: String,
    pub receipt: Receipt,
    /// When the gateway verified it.
    pub opened_at: UnixSeconds,
    /// What extended the Session since, in the log's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<LoggedExtension>,
    /// Each policy that was adopted since the pinned one, as far as the newest that it was opened or extended under.
    pub policies: Vec<Adoption>,
    /// What holds every head in it to one log.
    pub log: LogShown,
}

/// The log as the gateway knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogShown {
    /// Its last head that the gateway verified, as a signed note.
    pub head: String,
    /// The path to it from each head of a smaller size that stands in the proof.
    pub paths: Vec<Consistency>,
}

impl ServiceProof {
    /// The bundle.
    ///
    /// # Errors
    /// When the JSON is not a bundle.
    pub fn bundle(&self) -> serde_json::Result<Bundle> {
        serde_json::from_str(&self.bundle_json)
    }

    /// Every head of the log that stands in it, as signed notes: what each signer had seen, and what each receipt leads to.
    ///
    /// # Errors
    /// When the JSON of a bundle is not one.
    pub fn heads(&self) -> serde_json::Result<BTreeSet<String>> {
        let extensions = self.extensions.iter().map(|e| serde_json::from_str::<Bundle>(&e.bundle_json));
        let mut signed = Vec::new();
        for bundle in std::iter::once(self.bundle()).chain(extensions) {
            let Bundle { enrols, request, decisions, open, break_glass, .. } = bundle?;
            let in_advance = break_glass.into_iter().flat_map(|signed| signed.statements);
            signed.extend([request, open].into_iter().chain(enrols).chain(decisions).chain(in_advance));
        }
        let adopted = self.policies.iter().flat_map(|one| one.statements.iter().chain(&one.enrols));
        let seen = signed.iter().chain(adopted).filter_map(|text| seen_in(text));
        let receipts = self.extensions.iter().map(|e| &e.receipt).chain([&self.receipt]);
        Ok(seen.chain(receipts.map(|receipt| receipt.checkpoint.clone())).collect())
    }
}
