//! Events of the gateway on their way to the log.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use client::ServiceClient;
use domain::Digest;
use statement::{ProviderKeys, sha256};
use tokio::sync::mpsc;
use tokio::time::Instant;
use wire::event::{Append, EventKind};

/// More waiting Events than this are dropped, with a line in the log of the process; the recording has what they told.
const WAITING: usize = 1024;
/// Events that somebody without a Session can cause, in a minute: the log is not theirs to fill.
const STRANGERS_A_MINUTE: u32 = 60;

/// The way to the log.
pub struct Events {
    audit: ServiceClient,
    queue: mpsc::Sender<Append>,
    /// Key sets that the log knows from this run.
    keys_seen: Mutex<HashSet<Digest>>,
    /// Since when, and how many.
    strangers: Mutex<(Instant, u32)>,
}

impl Events {
    /// Starts the task that appends what need not be waited for.
    #[must_use]
    pub fn start(audit: ServiceClient) -> Self {
        let (queue, mut waiting) = mpsc::channel::<Append>(WAITING);
        let client = audit.clone();
        tokio::spawn(async move {
            while let Some(event) = waiting.recv().await {
                let mut pause = Duration::from_millis(200);
                while let Err(error) = client.append(&event).await {
                    if error.status().is_some_and(|s| (400..500).contains(&s)) {
                        tracing::error!(%error, kind = ?event.kind, "an Event was refused");
                        break;
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        });
        Self { audit, queue, keys_seen: Mutex::default(), strangers: Mutex::new((Instant::now(), 0)) }
    }

    /// Appends soon; while the audit service is away it waits here.
    pub fn later(&self, event: Append) {
        if self.queue.try_send(event).is_err() {
            tracing::error!("too many Events wait; one was dropped");
        }
    }

    /// As [`Self::later`], for what a stranger caused; beyond a number a minute it is only counted.
    pub fn sometimes(&self, event: Append) {
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        if strangers.0.elapsed() > Duration::from_secs(60) {
            *strangers = (Instant::now(), 0);
        }
        strangers.1 += 1;
        let count = strangers.1;
        drop(strangers);
        if count <= STRANGERS_A_MINUTE {
            self.later(event);
        } else {
            tracing::warn!(count, kind = ?event.kind, "not written into the log: too many in this minute");
        }
    }

    /// Appends now if it can, later if not.
    pub async fn now(&self, event: Append) {
        let appended = tokio::time::timeout(Duration::from_secs(3), self.audit.append(&event)).await;
        if !matches!(appended, Ok(Ok(_))) {
            self.later(event);
        }
    }

    /// Notes which keys the issuer published, once for each set.
    pub async fn provider_keys(&self, keys: &ProviderKeys) {
        let digest = sha256(keys.raw());
        let new = self.keys_seen.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.clone());
        if new {
            self.now(Append::new(EventKind::ProviderKeysSeen).fact("provider-keys", digest.as_str())).await;
        }
    }
}
