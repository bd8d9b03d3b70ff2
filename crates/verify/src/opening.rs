use policy::Policy;
use statement::{Bundle, Opening, sha256, verify_open};
use wire::evidence::Content;
use wire::join::TrustFile;

use crate::Rejected;
use crate::keys::Keys;
use crate::rejected::require;

/// What the bundle proves, with the parts that later checks need.
pub(crate) struct Opened {
    pub(crate) bundle: Bundle,
    pub(crate) opening: Opening,
    pub(crate) keys: Keys,
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
    let keys = Keys::pinned(content, trust)?;
    require(sha256(&content.policy) == trust.trust.policy, "policy", "not the pinned one")?;
    let bundle: Bundle =
        serde_json::from_str(&content.bundle_json).map_err(|_| Rejected::new("bundle", "not of the expected shape"))?;
    let opening = verify_open(&bundle, &trust.trust, keys.at_opening()?, &content.tls_client, content.opened_at)
        .map_err(|refusal| Rejected::new("bundle", refusal))?;
    let session = opening.open().digest().clone().into();
    require(content.session == session, "session", "its id is not the digest of the session-open statement")?;
    let approvals = allowed(&content.policy, &opening)?;
    Ok(Opened { bundle, opening, keys, approvals })
}

/// What was opened is what the policy opens, and enough people countersigned.
pub(crate) fn allowed(text: &str, opening: &Opening) -> Result<u32, Rejected> {
    let policy = Policy::read(text).map_err(|e| Rejected::new("policy", e))?;
    let allowed = policy.admit(opening).map_err(|refusal| Rejected::new("policy", refusal))?;
    Ok(allowed.approvals)
}
