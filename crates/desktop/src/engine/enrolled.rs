//! Whether this computer is enrolled, as it sees for itself: by the chain that the broker shows, and by the log that those saw who
//! signed it.

use std::time::Duration;

use statement::{Directory, Enrolments};
use tokio::time::timeout;
use wire::broker::Me;
use wire::event::ANOTHER_LOG;

use super::{Inner, SignedIn};
use crate::joined::Joined;
use crate::view::Link;

/// What enrolments of one's own rest on is held to the log within this time, or later.
pub(super) const COMPARED_WITHIN: Duration = Duration::from_secs(2);

impl Inner {
    /// Whether the chain of enrolments, derived here, does not reach this Device. Without the keys that it takes nothing
    /// can be said, and whoever was told to wait for an administrator would wait for nothing; what is signed and opened
    /// is verified there all the same.
    pub(super) async fn is_refused(&self, joined: &Joined, person: &SignedIn, me: &Me) -> bool {
        let trust = &joined.file.trust;
        let provider = match joined.keys_for(&me.enrol_tokens).await {
            Ok(provider) => provider,
            Err(error) => {
                tracing::info!(code = error.code, "the enrolment cannot be checked now");
                return false;
            }
        };
        let Ok(directory) = Directory::new(&me.enrol_tokens, trust, &provider) else { return true };
        Enrolments::derive(&me.enrols, &directory, trust, self.now()).check(&person.identity).is_err()
            || self.is_enrolled_under_another_log(joined, &me.enrols).await
    }

    /// Whether whoever enrolled this Device named a head that this log never signed: nobody opens by that. A head that it signed
    /// and that is not of it breaks the log here for good, which says more than a wait for an administrator. Nobody waits long for
    /// a comparison: it is made again once the audit service answers.
    async fn is_enrolled_under_another_log(&self, joined: &Joined, enrols: &[String]) -> bool {
        let is_away = self.live().links.audit == Link::Unreachable;
        if is_away || joined.log.seen().is_err() {
            return false;
        }
        let Ok(held) = timeout(COMPARED_WITHIN, joined.log.signers_agree(enrols, &[])).await else { return false };
        let Err(error) = &held else { return false };
        self.report_error(error, None, None);
        self.tell_of_the_log(joined);
        let said = joined.log.said_of(held, (enrols, &[]), &[]);
        joined.log.seen().is_ok() && said.is_ok_and(|said| said == Some(ANOTHER_LOG))
    }
}
