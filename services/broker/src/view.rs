use domain::Digest;
use serve::ProblemResponse;
use wire::broker::{DecisionView, RequestView};

use crate::broker::Broker;
use crate::problems::{self, Answer};
use crate::pushes::Signal;
use crate::store::{DecisionRow, RequestRow};

impl Broker {
    /// A request as it stands, or the problem that there is none.
    pub(crate) async fn find(&self, id: &str) -> Answer<RequestRow> {
        let id: Digest = id.parse().map_err(|_| problems::no_such_request())?;
        self.store.request(&id).await?.ok_or_else(problems::no_such_request)
    }

    /// A request with everything that it takes to verify it.
    pub(crate) async fn view(&self, row: RequestRow) -> Answer<RequestView> {
        let decisions = self.store.decisions(&row.id).await?;
        let tokens = std::iter::once(row.token.clone()).chain(decisions.iter().map(|d| d.token.clone()));
        let signers = std::iter::once((row.person.clone(), row.device.clone()))
            .chain(decisions.iter().map(|d| (d.person.clone(), d.device.clone())));
        let dossier = self.dossier(tokens.collect::<Vec<_>>(), signers.collect::<Vec<_>>()).await?;
        Ok(RequestView {
            id: row.id,
            state: row.standing.state,
            request: row.compact,
            requester: row.person,
            requester_name: row.name,
            organization: row.body.organization,
            scope: row.body.scope,
            reason: row.body.reason,
            ticket: row.body.ticket,
            justification: row.body.justification,
            duration_seconds: row.body.duration_seconds,
            requested_at: row.requested_at,
            until: row.standing.until,
            decisions: decisions.into_iter().map(decision_view).collect(),
            session: row.standing.session,
            session_ends_at: row.standing.session_ends_at,
            ended_by: row.standing.ended_by,
            pk_tokens: dossier.tokens,
            enrols: dossier.enrols,
        })
    }

    /// The request after a step, told to everybody whom it concerns.
    pub(crate) async fn changed(&self, id: &Digest) -> Result<RequestView, ProblemResponse> {
        let row = self.find(id.as_str()).await?;
        let state = row.standing.state;
        self.pushes.send(Signal::Request { id: id.clone(), state, requester: row.person.clone() });
        self.view(row).await
    }
}

fn decision_view(row: DecisionRow) -> DecisionView {
    DecisionView {
        statement: row.compact,
        person: row.person,
        name: row.name,
        verdict: row.body.verdict,
        terms: row.body.terms,
        comment: row.body.comment,
        at: row.decided_at,
    }
}
