use std::time::Duration;

use client::{CallError, ServiceClient};
use domain::UnixMillis;
use futures_util::future::BoxFuture;
use statement::{Adoption, BreakGlassPermission, Forgetting};
use tokio::time::error::Elapsed;
use wire::audit::{Consistency, Time};
use wire::break_glass::LoggedPermissions;
use wire::event::{Append, Receipt};
use wire::forgetting::LoggedForgettings;
use wire::policies::LoggedPolicies;

/// The audit service has this long to acknowledge an Event.
const PATIENCE: Duration = Duration::from_secs(6);

/// Where Events are written. One trait, so that tests can take the audit service away.
pub(crate) trait Ledger: Send + Sync + 'static {
    /// Writes one Event; when it returns, the Event is durable.
    fn append<'a>(&'a self, append: &'a Append) -> BoxFuture<'a, Result<(), LedgerError>>;

    /// What the clock over there says.
    fn time(&self) -> BoxFuture<'_, Result<UnixMillis, LedgerError>>;

    /// The signed note of the log's head.
    fn checkpoint(&self) -> BoxFuture<'_, Result<String, LedgerError>>;

    /// The path between two of its heads.
    fn consistency(&self, from: u64, to: u64) -> BoxFuture<'_, Result<Consistency, LedgerError>>;

    /// The policies that were adopted so far.
    fn policies(&self) -> BoxFuture<'_, Result<LoggedPolicies, LedgerError>>;

    /// What administrators signed in advance and has not ended.
    fn permissions(&self) -> BoxFuture<'_, Result<LoggedPermissions, LedgerError>>;

    /// Files what two administrators signed in advance.
    fn permit<'a>(&'a self, permission: &'a BreakGlassPermission) -> BoxFuture<'a, Result<(), LedgerError>>;

    /// The Organizations that were forgotten.
    fn forgettings(&self) -> BoxFuture<'_, Result<LoggedForgettings, LedgerError>>;

    /// Has an Organization forgotten, as two administrators signed.
    fn forget<'a>(&'a self, forgetting: &'a Forgetting) -> BoxFuture<'a, Result<(), LedgerError>>;

    /// Puts a policy in force that two administrators adopted.
    fn adopt<'a>(&'a self, adoption: &'a Adoption) -> BoxFuture<'a, Result<(), LedgerError>>;
}

/// Why an Event was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LedgerError {
    #[error("an Event with this unique text stands in the log")]
    Taken,
    #[error("the audit service did not take the Event: {0}")]
    Unreachable(String),
    #[error("the audit service refused the Event: {why}")]
    Refused { code: String, why: String },
    /// No answer came: it may stand in the log.
    #[error("the audit service did not say whether it took the Event: {0}")]
    Unknown(String),
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
        Box::pin(async move { written(tokio::time::timeout(PATIENCE, Self::append(self, append)).await) })
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<String, LedgerError>> {
        Box::pin(async move { read(tokio::time::timeout(PATIENCE, self.get_text("/checkpoint")).await) })
    }

    fn consistency(&self, from: u64, to: u64) -> BoxFuture<'_, Result<Consistency, LedgerError>> {
        Box::pin(async move {
            let path = format!("/v1/consistency?from={from}&to={to}");
            read(tokio::time::timeout(PATIENCE, self.get_json(&path)).await)
        })
    }

    fn policies(&self) -> BoxFuture<'_, Result<LoggedPolicies, LedgerError>> {
        Box::pin(async move { read(tokio::time::timeout(PATIENCE, self.get_json("/v1/policies")).await) })
    }

    fn permissions(&self) -> BoxFuture<'_, Result<LoggedPermissions, LedgerError>> {
        Box::pin(async move { read(tokio::time::timeout(PATIENCE, self.get_json("/v1/break-glass")).await) })
    }

    fn permit<'a>(&'a self, permission: &'a BreakGlassPermission) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            let writing = self.post_json::<_, Receipt>("/v1/break-glass", permission);
            written(tokio::time::timeout(PATIENCE, writing).await)
        })
    }

    fn forgettings(&self) -> BoxFuture<'_, Result<LoggedForgettings, LedgerError>> {
        Box::pin(async move { read(tokio::time::timeout(PATIENCE, self.get_json("/v1/forgettings")).await) })
    }

    fn forget<'a>(&'a self, forgetting: &'a Forgetting) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            let writing = self.post_json::<_, Receipt>("/v1/forgettings", forgetting);
            written(tokio::time::timeout(PATIENCE, writing).await)
        })
    }

    fn adopt<'a>(&'a self, adoption: &'a Adoption) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            let writing = self.post_json::<_, Receipt>("/v1/policies", adoption);
            written(tokio::time::timeout(PATIENCE, writing).await)
        })
    }

    fn time(&self) -> BoxFuture<'_, Result<UnixMillis, LedgerError>> {
        Box::pin(async move {
            let answer = read(tokio::time::timeout(PATIENCE, self.get_json::<Time>("/v1/time")).await);
            answer.map(|time| time.now)
        })
    }
}

fn written(answer: Result<Result<Receipt, CallError>, Elapsed>) -> Result<(), LedgerError> {
    match answer {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(CallError::Refused(problem))) if problem.code == "already-taken" => Err(LedgerError::Taken),
        Ok(Err(error)) if error.was_refused() => {
            let code = error.code().unwrap_or_default().to_owned();
            Err(LedgerError::Refused { code, why: error.to_string() })
        }
        Ok(Err(error)) if error.was_not_sent() => Err(LedgerError::Unreachable(error.to_string())),
        Ok(Err(error)) => Err(LedgerError::Unknown(error.to_string())),
        Err(_) => Err(LedgerError::Unknown("no answer in time".into())),
    }
}

fn read<T>(answer: Result<Result<T, CallError>, Elapsed>) -> Result<T, LedgerError> {
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(LedgerError::Unreachable(error.to_string())),
        Err(_) => Err(LedgerError::Unreachable("no answer in time".into())),
    }
}
