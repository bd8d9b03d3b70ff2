//! The recording of one Session on its way out: frames are numbered here, sealed, forced to disk in groups, and
//! uploaded in order. Whoever lets bytes pass asks the tape first: [`Tape::durable`] before an answer is released,
//! [`Tape::acknowledged`] before a write is forwarded, [`Tape::passable`] before anything at all.

mod closing;
mod passing;
mod pending;
pub mod spool;
mod upload;
mod weight;
mod writer;

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Clock, SessionId};
use recording::{Captured, Frame, IngestPublic};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;

use crate::mask::Originals;
use crate::opening::Place;
use pending::Pending;
use spool::{Sealed, Spool};
pub use upload::AuditSink;
use weight::weight;

/// A place on the tape: behind this many frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u64);

impl Position {
    /// Of what a closed tape did not take: never durable and never acknowledged, so nothing passes on it.
    const NOWHERE: Self = Self(u64::MAX);
}

/// What the tape of a Session needs.
pub struct TapeParts {
    pub session: SessionId,
    pub ingest: IngestPublic,
    pub spool: Arc<Mutex<Spool>>,
    /// What an earlier run left in the spool.
    pub left: Vec<Sealed>,
    /// What the audit service has already, when nothing is left here to tell it.
    pub place: Place,
    pub sink: AuditSink,
    pub clock: Arc<dyn Clock>,
}

/// The tape. Cheap to clone; all clones are one tape.
#[derive(Clone)]
pub struct Tape(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    wake: Notify,
    /// So many frames are on disk.
    durable: watch::Sender<u64>,
    /// So many frames are with the audit service.
    acknowledged: watch::Sender<u64>,
    /// The code with which the audit service refused a batch for good.
    refused: watch::Sender<Option<String>>,
    /// The disk takes nothing more at this moment.
    is_full: AtomicBool,
    originals: Arc<Originals>,
}

struct State {
    next_frame: u64,
    next_exchange: u64,
    next_batch: u64,
    pending: Pending,
    /// Batches that are on disk and not with the audit service.
    uploading: usize,
    unacknowledged: VecDeque<Waiting>,
    unacknowledged_bytes: u64,
    closed: bool,
}

struct Waiting {
    up_to: u64,
    bytes: u64,
    since: Instant,
}

impl Tape {
    /// Starts the tasks that seal, write and upload. What an earlier run left is uploaded first.
    #[must_use]
    pub fn start(parts: TapeParts) -> Self {
        let last = parts.left.last();
        let place = parts.place;
        // No exchange is without a frame: behind the last frame no number of one was given yet.
        let (next_frame, next_exchange) = last.map_or((place.frame, place.frame), |s| (s.next_frame, s.next_exchange));
        let next_batch = last.map_or(place.batch, |s| s.batch + 1);
        let mut unacknowledged = VecDeque::new();
        if last.is_some() {
            unacknowledged.push_back(Waiting { up_to: next_frame, bytes: 0, since: Instant::now() });
        }
        let state = State {
            next_frame,
            next_exchange,
            next_batch,
            pending: Pending::default(),
            uploading: parts.left.len(),
            unacknowledged,
            unacknowledged_bytes: 0,
            closed: false,
        };
        let tape = Self(Arc::new(Shared {
            clock: parts.clock,
            state: Mutex::new(state),
            wake: Notify::new(),
            durable: watch::Sender::new(next_frame),
            acknowledged: watch::Sender::new(if last.is_some() { 0 } else { place.frame }),
            refused: watch::Sender::new(None),
            is_full: AtomicBool::new(false),
            originals: Arc::default(),
        }));
        // Not bounded by itself: the recording rule stops every source of frames while 16 MiB wait.
        let (batches, uploads) = mpsc::unbounded_channel();
        for sealed in parts.left {
            let _ = batches.send(sealed);
        }
        let spool = parts.spool;
        tokio::spawn(writer::run(tape.clone(), parts.session, parts.ingest, spool.clone(), batches));
        tokio::spawn(upload::run(tape.clone(), parts.sink, spool, uploads));
        tape
    }

    /// The number of the next exchange.
    #[must_use]
    pub fn exchange(&self) -> u64 {
        let mut state = self.state();
        state.next_exchange += 1;
        state.next_exchange - 1
    }

    /// Puts frames on the tape, in this order and with nothing between them. A closed tape takes none.
    pub fn record(&self, captured: impl IntoIterator<Item = Captured>) -> Position {
        let at = self.0.clock.now_millis();
        let mut state = self.state();
        if state.closed {
            return Position::NOWHERE;
        }
        let (since, was_empty) = (Instant::now(), state.pending.is_empty());
        let mut bytes = 0;
        for content in captured {
            let weight = weight(&content);
            bytes += weight;
            let frame = Frame { seq: state.next_frame, at, content };
            state.pending.push(frame, weight, since);
            state.next_frame += 1;
        }
        let up_to = state.next_frame;
        state.unacknowledged.push_back(Waiting { up_to, bytes, since });
        state.unacknowledged_bytes += bytes;
        let wakes = was_empty || state.pending.is_a_batch();
        drop(state);
        if wakes {
            self.0.wake.notify_one();
        }
        Position(up_to)
    }

    /// What marks in these frames stand for; each goes out with the first frames behind it.
    #[must_use]
    pub fn originals(&self) -> Arc<Originals> {
        self.0.originals.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
