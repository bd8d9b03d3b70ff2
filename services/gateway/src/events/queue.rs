use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use client::ServiceClient;
use tokio::sync::{mpsc, watch};
use wire::event::{ANOTHER_LOG, Append, EventKind, NOT_COMPARED, SIGNER_SAW};

use crate::log::{AuditLog, LogError};

/// More waiting Events than this are dropped and counted; the recording has what they told.
const WAITING: usize = 1024;
/// So often it is tried again to hold what somebody saw to a log that does not answer.
const COMPARED_AGAIN: u32 = 3;

/// What waits, with the enrolments that stood beside what was signed: they are held to the log and not written down again.
struct Waiting {
    event: Append,
    enrols: Vec<String>,
}

/// Events that are appended as soon as the audit service takes them, in their order.
#[derive(Clone)]
pub struct Queue {
    sender: mpsc::Sender<Waiting>,
    dropped: Arc<AtomicU64>,
    /// So many are neither appended nor refused for good.
    waiting: watch::Sender<u64>,
}

impl Queue {
    /// Starts the task that appends.
    pub fn start(client: ServiceClient, log: Arc<AuditLog>) -> Self {
        let (sender, mut events) = mpsc::channel(WAITING);
        let waiting = watch::Sender::new(0);
        let done = waiting.clone();
        tokio::spawn(async move {
            while let Some(next) = events.recv().await {
                append(&client, &log, next).await;
                done.send_modify(|waiting| *waiting -= 1);
            }
        });
        Self { sender, dropped: Arc::default(), waiting }
    }

    /// Puts an Event behind the others.
    pub fn add(&self, event: Append) {
        self.add_beside(Vec::new(), event);
    }

    /// The same about something that was signed, beside the enrolments that its signer rests on.
    pub fn add_beside(&self, enrols: Vec<String>, event: Append) {
        self.try_add(Waiting { event, enrols }, 1);
    }

    /// Puts an Event behind the others that says how many found no place, if some did not.
    pub fn tell_dropped(&self) {
        let dropped = self.dropped.swap(0, Ordering::SeqCst);
        if dropped > 0 {
            let event = Append::new(EventKind::CallRefused).fact("code", "events-dropped");
            let event = event.fact("count", dropped.to_string());
            self.try_add(Waiting { event, enrols: Vec::new() }, dropped);
        }
    }

    /// Returns when nothing waits any more, or after so long.
    pub async fn drain(&self, patience: Duration) {
        let mut waiting = self.waiting.subscribe();
        if tokio::time::timeout(patience, waiting.wait_for(|waiting| *waiting == 0)).await.is_err() {
            tracing::error!(waiting = *self.waiting.borrow(), "Events that were not appended are lost");
        }
    }

    /// `stands_for` so many Events, should there be no place for it.
    fn try_add(&self, next: Waiting, stands_for: u64) {
        self.waiting.send_modify(|waiting| *waiting += 1);
        if self.sender.try_send(next).is_err() {
            self.waiting.send_modify(|waiting| *waiting -= 1);
            self.dropped.fetch_add(stands_for, Ordering::SeqCst);
            tracing::error!("too many Events wait; one was dropped and is counted");
        }
    }
}

async fn append(client: &ServiceClient, log: &AuditLog, next: Waiting) {
    let mut pause = Duration::from_millis(200);
    for tries in 0_u32.. {
        if let Some(event) = with_what_signers_saw(log, &next, tries).await {
            let Err(error) = client.append(&event).await else { return };
            if error.status().is_some_and(|s| (400..500).contains(&s)) {
                return tracing::error!(%error, kind = ?event.kind, "an Event was refused");
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

/// The Event, marked when somebody who signed in it, or who enrolled them, was shown another log, or when that is not known: what
/// waits here has had its effect, and only took something away. `None` while the audit service does not answer; but not for long, as
/// it may take an Event and have no path, and others wait behind this one.
async fn with_what_signers_saw(log: &AuditLog, Waiting { event, enrols }: &Waiting, tries: u32) -> Option<Append> {
    let said = match log.check_what_signers_saw(enrols, &event.statements).await {
        Ok(()) => return Some(event.clone()),
        Err(LogError::Call(_)) if tries < COMPARED_AGAIN => return None,
        Err(LogError::Another(why)) => {
            tracing::error!(why, kind = ?event.kind, "somebody who signed was shown another log");
            ANOTHER_LOG
        }
        Err(error) => {
            tracing::error!(%error, kind = ?event.kind, "what signers saw cannot be held to the log");
            NOT_COMPARED
        }
    };
    Some(event.clone().fact(SIGNER_SAW, said))
}
