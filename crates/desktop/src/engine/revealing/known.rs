//! What was last shown of marks to open, for whoever looks elsewhere. Asking for it would be an entry of the log; the
//! windows ask whenever the log has grown, and what they were shown is as good.

use domain::Digest;

use crate::engine::{Engine, Inner, SignedIn};
use crate::view::{Notice, RevealView};

/// A list as it was verified here for one sign-in.
pub(in crate::engine) struct KnownReveals {
    kid: Digest,
    list: Vec<RevealView>,
}

impl Engine {
    /// What [`Engine::reveals`] last answered whoever is signed in; nothing before it was asked. Nobody is asked here.
    #[must_use]
    pub fn known_reveals(&self) -> Vec<RevealView> {
        let live = self.inner.live();
        let (Some(known), Some(person)) = (&live.reveals, &live.person) else { return Vec::new() };
        if known.kid == person.identity.kid { known.list.clone() } else { Vec::new() }
    }
}

impl Inner {
    /// Tells when it is another list than before.
    pub(super) fn remember_reveals(&self, person: &SignedIn, list: &[RevealView]) {
        let known = KnownReveals { kid: person.identity.kid.clone(), list: list.to_vec() };
        let before = self.live().reveals.replace(known);
        if before.is_none_or(|before| before.kid != person.identity.kid || before.list != list) {
            self.tell(Notice::Reveals);
        }
    }
}
