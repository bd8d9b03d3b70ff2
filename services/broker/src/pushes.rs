use domain::{Digest, PersonId};
use tokio::sync::broadcast;
use wire::broker::{FactorChange, RequestState};

/// Signals that a slow stream may fall behind by; beyond that it is cut.
const BACKLOG: usize = 256;

/// Something changed, and whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Concerns its requester and every approver.
    Request { id: Digest, state: RequestState, requester: PersonId },
    /// Concerns this person and every administrator.
    Enrolment { person: PersonId },
    /// Concerns everybody.
    Policy,
    /// Concerns this person and every administrator.
    Factor { person: PersonId, change: FactorChange },
    /// Concerns whoever counts no more: their streams end.
    Revocation,
}

/// Hands signals to the streams that are open.
#[derive(Debug, Clone)]
pub(crate) struct Pushes(broadcast::Sender<Signal>);

impl Pushes {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }

    /// Nobody listening is no error: a desktop fetches when it connects.
    pub(crate) fn send(&self, signal: Signal) {
        let _ = self.0.send(signal);
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.0.subscribe()
    }
}
