use domain::{Digest, Scope};
use serde::{Deserialize, Serialize};

use crate::{EcJwk, Waits};

/// What a verifier pins in its own configuration and takes from nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The identity provider, exactly as it writes itself.
    pub issuer: String,
    /// The desktop's client at the provider: the only one whose ID tokens make PK tokens.
    pub client_id: String,
    /// The ID token claim that names a human being.
    pub person_claim: String,
    /// The ID token claim that lists roles.
    pub roles_claim: String,
    /// The ID token claims that the policy asks about besides; none, and no rule learns of any.
    #[serde(default)]
    pub policy_claims: PolicyClaims,
    /// The audience of every statement.
    pub gateway_id: String,
    /// The audit log's verifier key, in the signed-note text form `name+hash+key`.
    pub log_key: String,
    /// The broker's attestation key, for `mfa` and `lease`.
    pub attestation_key: EcJwk,
    /// Thumbprints of the Device keys of the first administrators: at least two.
    pub first_administrators: Vec<Digest>,
    pub limits: Limits,
    /// Digest of the policy in force. A configuration pins the first one of its installation; which others follow it is
    /// proven by [`crate::verify_adoption`].
    pub policy: Digest,
    /// What that policy says of waiting: nobody pins it beside the digest.
    #[serde(skip)]
    pub waits: Waits,
}

impl Trust {
    /// The same, with another policy in force.
    #[must_use]
    pub fn under(&self, policy: &Digest, waits: Waits) -> Self {
        Self { policy: policy.clone(), waits, ..self.clone() }
    }
}

/// Upper bounds that no policy and no approver can lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub max_duration_seconds: i64,
    pub max_scope: Scope,
}

/// Names of the ID token claims that a policy may ask about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyClaims {
    /// A list of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<String>,
    /// Who employs the person: a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employer: Option<String>,
    /// Where the person works: a text, a country's code by custom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}
