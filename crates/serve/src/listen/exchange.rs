use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use domain::PersonId;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

use super::gate::{Gate, Ticket};
use crate::ProblemResponse;

/// One call from its head to the last byte of its answer. It keeps its connection's place and, once it is known who
/// calls, one of that person's.
#[derive(Debug, Clone)]
pub(crate) struct Exchange(Arc<Held>);

#[derive(Debug)]
struct Held {
    gate: Arc<Gate>,
    ticket: Option<Arc<Ticket>>,
    person: Mutex<Option<PersonId>>,
}

impl Exchange {
    pub(super) fn new(ticket: Arc<Ticket>) -> Self {
        ticket.busy();
        Self(Arc::new(Held { gate: ticket.gate().clone(), ticket: Some(ticket), person: Mutex::default() }))
    }

    /// On no connection.
    #[cfg(test)]
    pub(crate) fn detached(gate: Arc<Gate>) -> Self {
        Self(Arc::new(Held { gate, ticket: None, person: Mutex::default() }))
    }

    /// This person makes the call.
    ///
    /// # Errors
    /// A 429 when too many of theirs are being answered.
    pub(crate) fn is_of(&self, person: &PersonId) -> Result<(), ProblemResponse> {
        let mut known = self.0.person.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some() {
            return Ok(());
        }
        if !self.0.gate.begin_call(person) {
            return Err(too_many());
        }
        *known = Some(person.clone());
        Ok(())
    }

    /// The answer is a stream, which its service counts for itself.
    pub(super) fn streams(&self) {
        self.0.give_back();
        if let Some(ticket) = &self.0.ticket {
            ticket.streams();
        }
    }
}

impl Held {
    fn give_back(&self) {
        if let Some(person) = self.person.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.gate.end_call(&person);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.give_back();
        if let Some(ticket) = &self.ticket {
            ticket.quiet();
        }
    }
}

fn too_many() -> ProblemResponse {
    ProblemResponse::new(
        429,
        "too-many-at-once",
        "Too many of your calls are being answered.",
        "Wait a moment, then try again.",
    )
}

/// The body of an answer; its exchange is over with it.
pub(super) struct Answered {
    pub(super) body: Body,
    pub(super) _exchange: Exchange,
}

impl HttpBody for Answered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A request's body that ends with an error when it is not whole in time.
pub(super) struct Timely {
    body: Incoming,
    end: Pin<Box<Sleep>>,
}

impl Timely {
    pub(super) fn new(body: Incoming, within: std::time::Duration) -> Self {
        Self { body, end: Box::pin(sleep(within)) }
    }
}

/// The body was not whole in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not arrive in time")]
pub(crate) struct TooSlow;

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(axum::Error::new(TooSlow))));
        }
        Pin::new(&mut self.body).poll_frame(cx).map_err(axum::Error::new)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
