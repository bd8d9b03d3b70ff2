//! Steps that end a request. Between their Event and their effect a process can die, and an answer of the audit service can
//! get lost; what the log says of a request is true of it nevertheless, as soon as that is known.

use domain::Digest;

use crate::broker::Broker;
use crate::ledger::{LedgerError, Logged};
use crate::problems::Answer;
use crate::pushes::Signal;
use crate::store::{StoreError, Unfinished};

impl Broker {
    /// Ends a request, in a turn: the step is kept, its Event written, then it has its effect. When it is not known whether
    /// the Event was written, the step stays and [`Self::finish`] goes on with it.
    pub(crate) async fn end_request(&self, mut step: Unfinished) -> Answer<()> {
        step.append = self.with_what_signers_saw(step.append).await;
        self.store.begin_step(&step).await?;
        match Logged::write(&*self.ledger, &step.append).await {
            Ok(logged) => Ok(self.store.finish_step(&logged, &step).await?),
            Err(error @ (LedgerError::Unreachable(_) | LedgerError::Refused { .. })) => {
                self.store.forget_step(&step.request).await?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Finishes what was begun with this request, in a turn. Every other step of it comes after that.
    pub(crate) async fn finish(&self, request: &Digest) -> Answer<()> {
        let Some(step) = self.store.unfinished(request).await? else { return Ok(()) };
        let logged = Logged::write(&*self.ledger, &step.append).await?;
        match self.store.finish_step(&logged, &step).await {
            Ok(()) => tracing::info!(%request, "a step that was interrupted is finished"),
            Err(StoreError::Moved) => {
                tracing::error!(%request, "a step that was interrupted came too late");
                self.store.forget_step(request).await?;
            }
            Err(error) => return Err(error.into()),
        }
        if let Some(row) = self.store.request(request).await? {
            let (id, state) = (row.id, row.standing.state);
            self.pushes.send(Signal::Request { id, state, requester: row.person });
        }
        Ok(())
    }

    /// Finishes everything that was begun.
    pub(crate) async fn finish_all(&self) -> Answer<()> {
        for request in self.store.with_unfinished().await? {
            let _turn = self.own_turn().await?;
            self.finish(&request).await?;
        }
        Ok(())
    }
}
