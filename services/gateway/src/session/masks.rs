//! What masks the exchanges of a Session.

use std::sync::Arc;

use domain::OrgId;

use super::Session;
use crate::mask::{Mask, MaskingSecret, Originals};
use crate::sieve::Sieve;
use crate::targets::Target;

/// One for each target with rules; they share the Organization's key and what they remember.
pub(super) fn of(
    secret: &MaskingSecret,
    organization: &OrgId,
    targets: &[Arc<Target>],
    originals: Arc<Originals>,
) -> Vec<(String, Mask)> {
    let marks = Arc::new(secret.marks_of(organization).with(originals));
    let ruled = targets.iter().filter_map(|t| Some((t.name.clone(), t.mask.clone()?)));
    ruled.map(|(name, rules)| (name, Mask::new(rules, marks.clone()))).collect()
}

impl Session {
    /// What an exchange with this target goes through before it is recorded.
    #[must_use]
    pub fn sieve(&self, target: &Target, path: &str) -> Sieve {
        let mask = self.masks.iter().find(|(name, _)| *name == target.name).map(|(_, mask)| mask.clone());
        Sieve::new(mask, target.shares(path))
    }

    /// The path of a request that is for no target, or is not clear: through the sieves of all of them.
    #[must_use]
    pub fn sieved_target(&self, target: &str) -> String {
        let Some((first, rest)) = self.masks.split_first() else { return Sieve::default().target(target) };
        let kept = Sieve::new(Some(first.1.clone()), false).target(target);
        rest.iter().fold(kept, |kept, (_, mask)| mask.target(&kept))
    }
}
