//! What signers saw, and what is said of it.

use wire::event::{ANOTHER_LOG, NOT_COMPARED, Receipt};

use super::LogKeeper;
use crate::view::UiError;

impl LogKeeper {
    /// As [`Self::agrees`], of what the signers of these statements saw, and those who enrolled them. Whoever names nothing saw nothing.
    pub(crate) async fn signers_agree(&self, enrols: &[String], statements: &[String]) -> Result<(), UiError> {
        for note in seen_by(enrols, statements) {
            self.agrees(&note).await?;
        }
        Ok(())
    }

    /// What an entry would say of something that was held to the log here: nothing, that somebody was shown another log, or that it
    /// is not known. One of a list is shown so, and the others as they are.
    ///
    /// # Errors
    /// Whatever else is wrong with it.
    pub(crate) fn said_of(
        &self,
        held: Result<(), UiError>,
        (enrols, statements): (&[String], &[String]),
        receipts: &[&Receipt],
    ) -> Result<Option<&'static str>, UiError> {
        let error = match held {
            Ok(()) => return Ok(None),
            Err(error) if matches!(error.code.as_str(), "log-broken" | "audit-unreachable") => error,
            Err(error) => return Err(error),
        };
        let mut notes = seen_by(enrols, statements).chain(receipts.iter().map(|receipt| receipt.checkpoint.clone()));
        let is_another = error.code == "log-broken" && notes.any(|note| self.is_another(&note));
        Ok(Some(if is_another { ANOTHER_LOG } else { NOT_COMPARED }))
    }

    /// Whether this note is of another log: its key did not sign it, or it is what broke the log here.
    fn is_another(&self, note: &str) -> bool {
        let broke = || self.read().ok().and_then(|memory| memory.broken).is_some_and(|broken| broken.shown == note);
        self.verifier.open(note).is_err() || broke()
    }
}

fn seen_by<'a>(enrols: &'a [String], statements: &'a [String]) -> impl Iterator<Item = String> + 'a {
    statements.iter().chain(enrols).filter_map(|text| statement::seen_in(text))
}
