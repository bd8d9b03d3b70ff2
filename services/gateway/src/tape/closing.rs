//! The end of a recording: nothing more is taken, and what was taken goes where it belongs.

use super::{Position, Tape};

/// A tape that takes no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// So many batches were made.
    pub batches: u64,
    /// Why the audit service will never take them all, if it will not.
    pub refused: Option<String>,
}

impl Tape {
    /// Takes no more frames, and returns once the audit service has everything, or refused a batch for good.
    pub async fn close(&self) -> Closed {
        let end = {
            let mut state = self.state();
            state.closed = true;
            Position(state.next_frame)
        };
        self.0.wake.notify_one();
        // What is not on disk has no batch to be counted yet.
        self.durable(end).await;
        let mut refused = self.0.refused.subscribe();
        tokio::select! {
            biased;
            () = self.acknowledged(end) => {}
            _ = refused.wait_for(Option::is_some) => {}
        }
        let refused = self.0.refused.borrow().clone();
        Closed { batches: self.state().next_batch, refused }
    }

    pub(super) fn is_refused_for_good(&self, code: &str) {
        self.0.refused.send_replace(Some(code.to_owned()));
    }
}
