//! The rules look at what runs, too, as far as it came. What they say then changes, and is in no entry: the examination of the sealed
//! Recording is what stands. Only reviewers are told: whoever is inside would learn what points at them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use domain::SessionId;
use findings::{Room, Rules, Watch};
use recording::Frame;
use serve::ProblemResponse;
use tokio::time::Instant;
use wire::finding::Finding;

use crate::audit::Audit;
use crate::error::StoreError;
use crate::problem;

/// Sessions that are looked at while they run; of more, those that opened first are looked at when they are sealed.
const MOST: u32 = 256;
/// Bytes of unfinished answers that are kept, of all of them together.
const ROOM: usize = 64 << 20;
/// What came is gathered for this long…
const GATHER: Duration = Duration::from_secs(1);
/// …and for this many times as long as the last look took.
const REST: u32 = 4;

/// What was found by now, of each Session that runs.
#[derive(Default)]
pub(crate) struct SoFar(Mutex<HashMap<SessionId, Vec<Finding>>>);

impl SoFar {
    /// Nothing of a Session that no rule has looked at yet.
    pub fn of(&self, session: &SessionId) -> Option<Vec<Finding>> {
        self.all().get(session).cloned()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SessionId, Vec<Finding>>> {
        // Nothing panics while the lock is held, so a poisoned one still guards a whole state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far each Session was looked at. Kept by whoever looks; after a restart it begins again.
pub(crate) struct Looking {
    rules: Arc<Rules>,
    room: Room,
    watches: HashMap<SessionId, At>,
}

struct At {
    watch: Watch,
    next_frame: u64,
    next_batch: u64,
}

impl Looking {
    pub fn new(rules: Arc<Rules>) -> Self {
        Self { rules, room: Room::of(ROOM), watches: HashMap::new() }
    }

    /// Looks at what came since. A Session that cannot be looked at is tried again.
    pub async fn look(&mut self, audit: &Audit) {
        let unsealed = match audit.reader.unsealed(MOST).await {
            Ok(unsealed) => unsealed,
            Err(error) => return tracing::error!(%error, "the store cannot be read"),
        };
        let runs: HashMap<&SessionId, u64> = unsealed.iter().map(|(session, next)| (session, *next)).collect();
        self.watches.retain(|session, _| runs.contains_key(session));
        audit.so_far.all().retain(|session, _| runs.contains_key(session));
        audit.read_up_to.retain(|session| runs.contains_key(session));
        for (session, next_batch) in &unsealed {
            if self.watches.get(session).is_some_and(|at| at.next_batch == *next_batch) {
                continue;
            }
            match self.look_at(audit, session, *next_batch).await {
                Ok(found) => drop(audit.so_far.all().insert(session.clone(), found)),
                Err(problem) => {
                    self.watches.remove(session);
                    audit.so_far.all().remove(session);
                    tracing::warn!(code = problem.code(), %session, "a Session that runs is not looked at");
                }
            }
        }
    }

    async fn look_at(
        &mut self,
        audit: &Audit,
        session: &SessionId,
        next_batch: u64,
    ) -> Result<Vec<Finding>, ProblemResponse> {
        let row = audit.reader.session(session).await?.ok_or_else(problem::no_session)?;
        let mut at = match self.watches.remove(session) {
            Some(at) => at,
            None => {
                let watch = Watch::new(self.rules.clone(), audit.context(&row, None).await?, self.room.clone());
                At { watch, next_frame: 0, next_batch: 0 }
            }
        };
        loop {
            let (lines, next) = audit.lines_from(session, at.next_frame).await?;
            if lines.is_empty() {
                break;
            }
            at = seen(at, lines, next).await?;
        }
        at.next_batch = next_batch;
        let seconds = u64::try_from(audit.now().saturating_sub(row.opened_at)).unwrap_or_default();
        let found = at.watch.so_far(seconds, audit.reader.extensions(&row).await?.len() as u64);
        self.watches.insert(session.clone(), at);
        Ok(found)
    }
}

/// Away from the event loop.
async fn seen(mut at: At, lines: String, next: u64) -> Result<At, ProblemResponse> {
    let looking = tokio::task::spawn_blocking(move || {
        for line in lines.lines() {
            let frame: Frame = serde_json::from_str(line).map_err(|_| StoreError::damaged("a frame"))?;
            at.watch.see(&frame);
        }
        at.next_frame = next;
        Ok::<_, StoreError>(at)
    });
    Ok(looking.await.map_err(|_| problem::stopped())??)
}

/// Looks whenever something came, as long as the service runs, and rests in between.
pub(crate) async fn watch(audit: Weak<Audit>, rules: Arc<Rules>) {
    let Some(mut changes) = audit.upgrade().map(|audit| audit.watches.changes()) else { return };
    let mut looking = Looking::new(rules);
    loop {
        let Some(audit) = audit.upgrade() else { return };
        changes.borrow_and_update();
        let began = Instant::now();
        looking.look(&audit).await;
        let took = began.elapsed();
        drop(audit);
        tokio::time::sleep(GATHER.max(took * REST)).await;
        if changes.changed().await.is_err() {
            return;
        }
    }
}
