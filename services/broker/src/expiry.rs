use std::sync::Arc;
use std::time::Duration;

use domain::Digest;
use wire::broker::RequestState;
use wire::event::{Append, EventKind};

use crate::broker::Broker;
use crate::life::Life;
use crate::problems::{self, Answer};

/// How often requests are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// An approved request is called expired this much later than it can be opened, in seconds, so that an opening at
/// the last moment can still be told.
const TELLING_SECONDS: i64 = 30;
/// A Session whose end the gateway has not told is called over this much later than it ended, in seconds. The gateway
/// needs no telling: it counts for itself, and leases have stopped.
const UNTOLD_SECONDS: i64 = 120;

/// Finishes what a killed process began, and ends requests that nobody decided or opened in time, for as long as the broker runs. When the audit service does
/// not answer, they stay until it does; nobody can decide them meanwhile, because every step looks at the time itself.
pub(crate) async fn run(broker: Arc<Broker>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(problem) = broker.finish_all().await {
            tracing::warn!(code = problem.code(), "steps that were interrupted could not be finished; trying again");
        }
        if let Err(problem) = sweep(&broker).await {
            tracing::warn!(code = problem.code(), "requests could not be expired; trying again");
        }
        if let Err(problem) = go_on_revoking(&broker).await {
            tracing::warn!(code = problem.code(), "revocations could not be written down; trying again");
        }
        if let Err(problem) = broker.log_floods().await {
            tracing::warn!(code = problem.code(), "counts of refusals could not be written; trying again");
        }
    }
}

/// What a revocation still owes after a crash, or while the audit service was away.
async fn go_on_revoking(broker: &Broker) -> Answer<()> {
    if broker.store.unlogged_revocations().await?.is_empty() {
        return Ok(());
    }
    let _turn = broker.any_turn().await?;
    broker.go_on_revoking().await
}

/// One look at all that has lapsed. What cannot be ended hinders nothing else.
pub(crate) async fn sweep(broker: &Broker) -> Answer<()> {
    for id in broker.store.lapsed(broker.now(), broker.now() - UNTOLD_SECONDS).await? {
        let _turn = broker.own_turn().await?;
        match expire(broker, &id).await {
            Err(problem) if problem.code() == problems::AUDIT_UNREACHABLE => return Err(problem),
            Err(problem) => tracing::error!(request = %id, code = problem.code(), "a request could not be ended"),
            Ok(()) => {}
        }
    }
    Ok(())
}

async fn expire(broker: &Broker, id: &Digest) -> Answer<()> {
    broker.finish(id).await?;
    let Some(row) = broker.store.request(id).await? else { return Ok(()) };
    let decisions = broker.store.decisions(&row.id).await?;
    let (over, code) = match row.life(&decisions) {
        Life::Waiting(waiting) => (waiting.expire(broker.now()).ok(), "nobody-decided"),
        Life::Approved(approved) => (approved.expire(broker.now() - TELLING_SECONDS).ok(), "nobody-opened"),
        Life::Open(open) if broker.now() >= open.ends_at() + UNTOLD_SECONDS => {
            (Some(open.end("expired".into())), "end-not-told")
        }
        Life::Open(_) | Life::Over(_) => (None, ""),
    };
    let Some(over) = over else { return Ok(()) };
    let mut append = Append::new(EventKind::RequestExpired)
        .organization(&row.body.organization.id)
        .fact("request", row.id.as_str())
        .fact("code", code);
    append.unique = Some(format!("expired/{}", row.id));
    let logged = broker.log(append).await?;
    let from: RequestState = row.standing.state;
    broker.store.advance(&logged, &row.id, from, &Life::Over(over).standing()).await?;
    broker.changed(&row.id).await?;
    Ok(())
}
