use std::sync::Arc;

use serve::ProblemResponse;
use tokio::sync::{oneshot, watch};
use wire::event::Receipt;

use super::lanes::{Entrance, Lane, NotTaken};
use super::{Command, Done, NewEvent};
use crate::problem;
use crate::vault::Vault;

/// The last acknowledged head.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub size: u64,
    pub note: String,
}

/// Hands jobs to the writer.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(super) jobs: Entrance<Job>,
    pub(super) head: watch::Receiver<Head>,
    pub(super) vault: Arc<Vault>,
}

pub(super) struct Job {
    pub command: Command,
    pub answer: oneshot::Sender<Result<Done, ProblemResponse>>,
}

impl Writer {
    /// The last acknowledged head.
    pub fn head(&self) -> Head {
        self.head.borrow().clone()
    }

    /// Tells of each new head.
    pub fn heads(&self) -> watch::Receiver<Head> {
        self.head.clone()
    }

    /// The last acknowledged head that holds this entry. A committed entry is seen in the database a moment before it
    /// is acknowledged.
    pub async fn head_over(&self, index: u64) -> Result<Head, ProblemResponse> {
        let mut head = self.head.clone();
        let over = head.wait_for(|head| head.size > index).await.map_err(|_| problem::stopped())?;
        Ok(over.clone())
    }

    /// Does what the command says, durably.
    pub async fn perform(&self, command: Command) -> Result<Done, ProblemResponse> {
        if let Some(owner) = command.owner() {
            self.vault.prepare(&owner).await.map_err(|error| {
                tracing::error!(%error, "a new owner has no key");
                problem::no_key()
            })?;
        }
        let (answer, answered) = oneshot::channel();
        let lane = Lane::of(&command);
        self.jobs.send(lane, Job { command, answer }).await.map_err(|not_taken| match not_taken {
            NotTaken::Busy => problem::busy(),
            NotTaken::Stopped => problem::stopped(),
        })?;
        answered.await.map_err(|_| problem::stopped())?
    }

    /// Appends one Event.
    pub async fn append(&self, event: NewEvent) -> Result<Receipt, ProblemResponse> {
        self.perform(Command::Append(Box::new(event))).await?.receipt()
    }
}
