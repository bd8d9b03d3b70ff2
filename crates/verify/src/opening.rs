use policy::{InForce, Policies};
use statement::{Bundle, Opening, Request, Trust, Unverified, verify_open};
use wire::evidence::Content;
use wire::join::TrustFile;

use crate::Rejected;
use crate::keys::Keys;
use crate::policies;
use crate::rejected::require;

/// What the bundle proves, with the parts that later checks need.
pub(crate) struct Opened {
    pub(crate) bundle: Bundle,
    pub(crate) opening: Opening,
    pub(crate) keys: Keys,
    /// From the pinned policy to the one that it was opened under.
    pub(crate) policies: Policies,
    /// How many Approvals the policy asks for.
    pub(crate) approvals: u32,
}

impl Opened {
    /// The pinned trust, with the policy that was in force at the opening.
    pub(crate) fn trust(&self) -> &Trust {
        &self.policies.current().trust
    }

    pub(crate) fn seen(&self) -> impl Iterator<Item = &str> {
        self.opening.seen()
    }
}

/// Verifies the bundle as the gateway had to, under the pinned trust.
pub(crate) fn verify(content: &Content, trust: &TrustFile) -> Result<Opened, Rejected> {
    let keys = Keys::pinned(content, trust)?;
    let bundle: Bundle =
        serde_json::from_str(&content.bundle_json).map_err(|_| Rejected::new("bundle", "not of the expected shape"))?;
    let request = Unverified::<Request>::read(&bundle.request).map_err(|refusal| Rejected::new("bundle", refusal))?;
    let named = &request.unverified_body().policy;
    let known = keys.at_opening()?;
    let pinned = policies::pinned(content, &trust.trust)?;
    let policies = policies::until(content, &pinned, named, &known, content.opened_at)?;
    let in_force = policies.current();
    require(in_force.policy.digest() == named, "policy", "none leads to the one that the request names")?;
    let opening = verify_open(&bundle, &in_force.trust, known, &content.tls_client, content.opened_at)
        .map_err(|refusal| Rejected::new("bundle", refusal))?;
    let session = opening.open().digest().clone().into();
    require(content.session == session, "session", "its id is not the digest of the session-open statement")?;
    let approvals = allowed(in_force, &opening)?;
    Ok(Opened { bundle, opening, keys, approvals, policies })
}

/// What was opened or extended is what the policy admits, and enough people countersigned.
pub(crate) fn allowed(in_force: &InForce, opening: &Opening) -> Result<u32, Rejected> {
    let allowed = in_force.policy.admit(opening).map_err(|refusal| Rejected::new("policy", refusal))?;
    Ok(allowed.approvals)
}
