use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use domain::{Clock as _, FixedClock, UnixMillis};
use futures_util::future::BoxFuture;
use wire::event::{Append, EventKind};

use crate::ledger::{Ledger, LedgerError};

/// An audit service in memory, which can be taken away.
#[derive(Default)]
pub(crate) struct Log {
    events: Mutex<Vec<Append>>,
    pub(crate) away: AtomicBool,
    /// It takes Events and says nothing.
    pub(crate) mute: AtomicBool,
    pub(crate) clock: Arc<FixedClock>,
    /// How far its clock is ahead of the broker's, in milliseconds.
    pub(crate) ahead: AtomicI64,
}

impl Ledger for Log {
    fn append<'a>(&'a self, append: &'a Append) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if self.away.load(Ordering::SeqCst) {
                return Err(LedgerError::Unreachable("taken away".into()));
            }
            let mut events = self.events.lock().expect("log");
            if append.unique.is_some() && events.iter().any(|e| e.unique == append.unique) {
                return Err(LedgerError::Taken);
            }
            events.push(append.clone());
            if self.mute.load(Ordering::SeqCst) {
                return Err(LedgerError::Unknown("silence".into()));
            }
            Ok(())
        })
    }

    fn time(&self) -> BoxFuture<'_, Result<UnixMillis, LedgerError>> {
        Box::pin(async move {
            if self.away.load(Ordering::SeqCst) {
                return Err(LedgerError::Unreachable("taken away".into()));
            }
            Ok(self.clock.now_millis() + self.ahead.load(Ordering::SeqCst))
        })
    }
}

impl Log {
    pub(crate) fn beside(clock: &Arc<FixedClock>) -> Arc<Self> {
        Arc::new(Self { clock: clock.clone(), ..Self::default() })
    }

    /// What was written since there were `n`.
    pub(crate) fn since(&self, n: usize) -> Vec<Append> {
        self.events.lock().expect("log").iter().skip(n).cloned().collect()
    }

    pub(crate) fn kinds(&self) -> Vec<EventKind> {
        self.events.lock().expect("log").iter().map(|e| e.kind).collect()
    }

    pub(crate) fn last(&self) -> Append {
        self.events.lock().expect("log").last().expect("an event").clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.events.lock().expect("log").len()
    }
}
