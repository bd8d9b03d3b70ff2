//! What must stand in the log before a Session opens or is extended: the request, each decision or the break-glass permission, and each enrolment, as the broker wrote
//! them down, and nothing that ended the request or revoked what it rests on.

use domain::Digest;
use statement::{Bundle, Opening, sha256};

use super::{Holder, Sequencer, Stop};
use crate::problem;

const STANDS: &str = "SELECT EXISTS (SELECT 1 FROM leaf_statements s JOIN leaves l ON l.idx = s.idx \
     WHERE s.digest = ? AND l.kind = ?)";
/// Answered by the index of the same words.
pub(crate) const IS_OVER: &str = "SELECT EXISTS (SELECT 1 FROM leaves \
     WHERE kind IN ('denied', 'request-withdrawn', 'request-expired') \
     AND json_extract(CAST(leaf AS TEXT), '$.facts.request') = ?)";

/// Statements of a bundle by their digests.
pub(crate) struct Signed {
    pub request: Digest,
    pub decisions: Vec<Digest>,
    pub enrols: Vec<Digest>,
    /// The break-glass permission and its administrators' statements.
    pub in_advance: Option<(Digest, Vec<Digest>)>,
    /// Who asked and who countersigned.
    pub signers: Vec<Holder>,
}

impl Signed {
    pub(crate) fn of(opening: &Opening, bundle: &Bundle) -> Self {
        let (request, decisions) = (opening.request(), opening.decisions());
        let in_advance = opening.break_glass().map(|permitted| {
            let statements = permitted.signers().iter().map(|s| s.statement.digest().clone());
            (permitted.id().clone(), statements.collect())
        });
        Self {
            request: request.statement.digest().clone(),
            decisions: decisions.iter().map(|d| d.statement.digest().clone()).collect(),
            enrols: bundle.enrols.iter().map(sha256).collect(),
            in_advance,
            signers: opening.countersigners().chain([&request.identity]).map(Holder::of).collect(),
        }
    }
}

impl Sequencer {
    /// Inside the transaction that opens or extends: whatever ends the request comes before this or after it.
    pub(super) async fn check_standing(&mut self, signed: &Signed) -> Result<(), Stop> {
        let Signed { request, decisions, enrols, in_advance, signers } = signed;
        self.must_stand(request, "request-signed", "The request").await?;
        for decision in decisions {
            self.must_stand(decision, "approved", "An approval").await?;
        }
        if let Some((permission, statements)) = in_advance {
            for statement in statements {
                self.must_stand(statement, "break-glass-filed", "A break-glass permission").await?;
            }
            // Revoked as a Grant is, by its digest.
            self.check_grant(permission).await?;
        }
        for enrol in enrols {
            self.must_stand(enrol, "enrolled", "An enrolment").await?;
        }
        let (over,): (bool,) = sqlx::query_as(IS_OVER).bind(request.as_str()).fetch_one(&mut self.connection).await?;
        if over {
            return Err(Stop::Refused(problem::request_over()));
        }
        self.check_grant(request).await?;
        self.check_holders(signers).await
    }

    pub(super) async fn must_stand(&mut self, statement: &Digest, kind: &str, what: &str) -> Result<(), Stop> {
        let (stands,): (bool,) =
            sqlx::query_as(STANDS).bind(statement.as_str()).bind(kind).fetch_one(&mut self.connection).await?;
        if stands { Ok(()) } else { Err(Stop::Refused(problem::not_in_the_log(what))) }
    }
}
