use policy::{Ask, Policy};
use serde_json::Value;
use statement::{Bundle, Opening, ProviderKeys, sha256, verify_open};
use wire::evidence::Content;
use wire::join::TrustFile;

use crate::Rejected;
use crate::rejected::require;

/// What the bundle proves, with the parts that later checks need.
pub(crate) struct Opened {
    pub(crate) bundle: Bundle,
    pub(crate) opening: Opening,
    pub(crate) provider: ProviderKeys,
    /// How many Approvals the policy asks for.
    pub(crate) approvals: u32,
}

impl Opened {
    pub(crate) fn seen(&self) -> impl Iterator<Item = &str> {
        self.opening.seen()
    }
}

/// Verifies the bundle as the gateway had to, under the pinned trust.
pub(crate) fn verify(content: &Content, trust: &TrustFile) -> Result<Opened, Rejected> {
    let provider = pinned_keys(&content.provider_keys, &trust.provider_keys)?;
    require(sha256(&content.policy) == trust.trust.policy, "policy", "not the pinned one")?;
    let bundle: Bundle =
        serde_json::from_str(&content.bundle_json).map_err(|_| Rejected::new("bundle", "not of the expected shape"))?;
    let opening = verify_open(&bundle, &trust.trust, &provider, &content.tls_client, content.opened_at)
        .map_err(|refusal| Rejected::new("bundle", refusal))?;
    let session = opening.open().digest().clone().into();
    require(content.session == session, "session", "its id is not the digest of the session-open statement")?;
    let approvals = allowed(&content.policy, &opening)?;
    Ok(Opened { bundle, opening, provider, approvals })
}

/// The content's keys, each of which the trust file holds, member for member.
fn pinned_keys(given: &str, pinned: &str) -> Result<ProviderKeys, Rejected> {
    let part = "provider keys";
    let read = |text: &str| -> Result<Vec<Value>, Rejected> {
        let set: Value = serde_json::from_str(text).map_err(|_| Rejected::new(part, "not a key set"))?;
        set.get("keys").and_then(Value::as_array).cloned().ok_or_else(|| Rejected::new(part, "not a key set"))
    };
    let (given_keys, pinned_keys) = (read(given)?, read(pinned)?);
    require(given_keys.iter().all(|k| pinned_keys.contains(k)), part, "not the pinned ones")?;
    ProviderKeys::from_jwks(given.as_bytes()).map_err(|e| Rejected::new(part, e))
}

/// What was opened is what the policy opens, and enough people countersigned.
fn allowed(text: &str, opening: &Opening) -> Result<u32, Rejected> {
    let policy = Policy::read(text).map_err(|e| Rejected::new("policy", e))?;
    let (request, terms) = (opening.request(), opening.terms());
    let ask = Ask {
        reason: request.statement.body().reason,
        scope: terms.scope,
        duration_seconds: terms.duration_seconds,
        requester_roles: &request.identity.roles,
    };
    let allowed = policy.evaluate(&ask).map_err(|refusal| Rejected::new("policy", refusal))?;
    let approvals = u32::try_from(opening.decisions().len()).unwrap_or(u32::MAX);
    require(approvals >= allowed.approvals, "policy", "fewer people countersigned than it asks for")?;
    Ok(allowed.approvals)
}
