//! What the signers of statements had seen of the log, held to it when an entry about them is written. Where something is given it
//! is a condition; where something is only taken away it is told, so that a log which was shown to somebody otherwise comes to
//! light in the log itself.

use serve::ProblemResponse;
use statement::seen_in;
use wire::event::{ANOTHER_LOG, Append, EventKind, SIGNER_SAW};

use crate::audit::Audit;
use crate::problem;

impl Audit {
    /// Holds what the signers of these statements saw to the log, and what those saw who enrolled them. Whoever names nothing saw
    /// nothing.
    pub(crate) async fn check_what_signers_saw(
        &self,
        enrols: &[String],
        statements: &[String],
    ) -> Result<(), ProblemResponse> {
        let notes: Vec<String> = statements.iter().chain(enrols).filter_map(|text| seen_in(text)).collect();
        for note in notes {
            self.check_seen(&note).await?;
        }
        Ok(())
    }

    /// The entry as it is written when one of its signers was shown another log: not at all where it gives something, and marked
    /// where it only takes something away. A revocation or a withdrawal must not wait for anybody's log.
    pub(crate) async fn with_what_signers_saw(&self, append: Append) -> Result<Append, ProblemResponse> {
        match self.check_what_signers_saw(&[], &append.statements).await {
            Err(refusal) if refusal.code() != problem::other_log().code() || gives(append.kind) => Err(refusal),
            Err(_) => {
                tracing::error!(kind = ?append.kind, "somebody who signed was shown another log");
                Ok(append.fact(SIGNER_SAW, ANOTHER_LOG))
            }
            Ok(()) => Ok(append),
        }
    }
}

/// Whether somebody has more for it than before, or may have.
fn gives(kind: EventKind) -> bool {
    use EventKind as K;
    matches!(
        kind,
        K::RequestSigned
            | K::Approved
            | K::Enrolled
            | K::SecondFactorReset
            | K::PolicyProposed
            | K::BreakGlassProposed
            | K::ForgettingProposed
            | K::SessionResumed
    )
}
