use std::time::Duration;

use client::{CallError, ServiceClient};
use futures_util::future::BoxFuture;
use wire::event::Append;

/// The audit service has this long to acknowledge an Event.
const PATIENCE: Duration = Duration::from_secs(6);

/// Where Events are written. One trait, so that tests can take the audit service away.
pub(crate) trait Ledger: Send + Sync + 'static {
    /// Writes one Event; when it returns, the Event is durable.
    fn append<'a>(&'a self, append: &'a Append) -> BoxFuture<'a, Result<(), LedgerError>>;
}

/// Why an Event was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LedgerError {
    #[error("an Event with this unique text stands in the log")]
    Taken,
    #[error("the audit service did not take the Event: {0}")]
    Unreachable(String),
}

/// That an Event was acknowledged. Whatever changes the store asks for one, so a change that is not in the log has
/// no spelling.
#[derive(Debug)]
pub(crate) struct Logged(());

impl Logged {
    /// Writes `append`. An Event that already stands there (its effect was lost in a crash) counts.
    pub(crate) async fn write(ledger: &dyn Ledger, append: &Append) -> Result<Self, LedgerError> {
        match ledger.append(append).await {
            Ok(()) => Ok(Self(())),
            Err(LedgerError::Taken) if append.unique.is_some() => Ok(Self(())),
            Err(error) => Err(error),
        }
    }
}

impl Ledger for ServiceClient {
    fn append<'a>(&'a self, append: &'a Append) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            match tokio::time::timeout(PATIENCE, Self::append(self, append)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(CallError::Refused(problem))) if problem.code == "already-taken" => Err(LedgerError::Taken),
                Ok(Err(error)) => Err(LedgerError::Unreachable(error.to_string())),
                Err(_) => Err(LedgerError::Unreachable("no answer in time".into())),
            }
        })
    }
}
