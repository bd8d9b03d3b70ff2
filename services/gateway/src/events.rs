//! Events of the gateway on their way to the log.

mod queue;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use client::{CallError, ServiceClient};
use domain::Digest;
use statement::{ProviderKeys, sha256};
use tokio::time::Instant;
use wire::event::{Append, EventKind};

use self::queue::Queue;
use crate::floods::{Floods, Source};
use crate::log::AuditLog;
use crate::refused::Refused;

/// Refused openings with one code from one Session's certificate that are told one by one in a minute.
const OPENINGS_A_MINUTE: u32 = 10;
/// The same of all certificates together that belong to no Session.
const STRANGERS_OPENINGS: u32 = 60;
/// How often it is looked whether something was only counted.
const LOOKED_EVERY: Duration = Duration::from_secs(5);
/// What has to be in the log first is waited for this long.
const FIRST: Duration = Duration::from_secs(5);

/// The way to the log.
pub struct Events {
    audit: ServiceClient,
    queue: Queue,
    /// Key sets that the log knows from this run.
    keys_seen: Mutex<HashSet<Digest>>,
    floods: Arc<Floods>,
}

impl Events {
    /// Starts the task that appends what need not be waited for.
    #[must_use]
    pub fn start(audit: ServiceClient, log: Arc<AuditLog>) -> Self {
        let queue = Queue::start(audit.clone(), log);
        let floods = Arc::new(Floods::default());
        tokio::spawn(tell_counts(Arc::downgrade(&floods), queue.clone()));
        Self { audit, queue, keys_seen: Mutex::default(), floods }
    }

    /// Appends soon; while the audit service is away it waits here.
    pub fn later(&self, event: Append) {
        self.queue.add(event);
    }

    /// The same, beside enrolments ([`Queue::add_beside`]).
    pub fn later_beside(&self, enrols: Vec<String>, event: Append) {
        self.queue.add_beside(enrols, event);
    }

    /// Waits until everything that waits here was appended, or was refused for good; for so long at most.
    pub async fn drain(&self, patience: Duration) {
        self.tell_left_out();
        self.queue.drain(patience).await;
    }

    /// Tells of a refused call, or only counts it when there are many.
    pub fn refused(&self, code: &'static str, certificate: Option<&Digest>, is_of_session: bool) {
        let source = Source { kind: EventKind::CallRefused, code, certificate: certificate.cloned(), is_of_session };
        if let Some(event) = self.floods.admit(source, 1, Instant::now()) {
            self.later(event);
        }
    }

    /// Tells of a refused opening before it is answered, or only counts it when there are many.
    pub async fn opening_refused(&self, code: &'static str, certificate: &Digest, is_of_session: bool) {
        let most = if is_of_session { OPENINGS_A_MINUTE } else { STRANGERS_OPENINGS };
        let source =
            Source { kind: EventKind::SessionRefused, code, certificate: Some(certificate.clone()), is_of_session };
        if let Some(event) = self.floods.admit(source, most, Instant::now()) {
            self.now(event).await;
        }
    }

    /// Writes down what was only counted so far.
    pub fn tell_left_out(&self) {
        self.floods.left_out(Instant::now(), true).into_iter().for_each(|event| self.later(event));
        self.queue.tell_dropped();
    }

    /// Appends before something takes effect.
    ///
    /// # Errors
    /// [`Refused`] when the audit service does not take it; then nothing may take effect.
    pub async fn first(&self, event: &Append) -> Result<(), Refused> {
        match tokio::time::timeout(FIRST, self.audit.append(event)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(CallError::Refused(problem))) if problem.code == "revoked" => Err(revoked()),
            Ok(Err(error)) => {
                tracing::error!(%error, kind = ?event.kind, "an Event that has to come first was not taken");
                Err(audit_unreachable())
            }
            Err(_) => Err(audit_unreachable()),
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

/// Writes counts of refusals into the log when their minute is over.
async fn tell_counts(floods: Weak<Floods>, queue: Queue) {
    loop {
        tokio::time::sleep(LOOKED_EVERY).await;
        let Some(floods) = floods.upgrade() else { return };
        floods.left_out(Instant::now(), false).into_iter().for_each(|event| queue.add(event));
        queue.tell_dropped();
    }
}

fn revoked() -> Refused {
    Refused::new(
        403,
        "revoked",
        "This access was revoked.",
        "Everything up to then is kept. Ask for access again in Countersign.",
    )
}

fn audit_unreachable() -> Refused {
    Refused::new(
        503,
        "audit-unreachable",
        "The audit service does not answer.",
        "Nothing changed. Try again in a minute.",
    )
}
