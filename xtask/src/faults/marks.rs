//! Somebody who works without a pause: reads, writes, and what is refused and so becomes an entry of the log; each with a mark of
//! its own in its address.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{JoinHandle, sleep, spawn},
    time::{Duration, Instant},
};

use anyhow::bail;

use crate::story::line::door::{Answer, Way};

pub const HOME: &str = "https://payroll.test/o/delmar-foods/";
/// Between two of one kind.
const PAUSE: Duration = Duration::from_millis(40);

/// A refusal waits for its record for two seconds.
const WITHHELD: Duration = Duration::from_millis(1800);
const WRITE: [&str; 6] =
    ["-H", "Content-Type: application/json", "-H", "Origin: https://payroll.test", "--data", r#"{"month":"2026-09"}"#];
/// Another Organization's: refused.
const OTHER: &str = "https://payroll.test/o/kinloch-hotels/";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
    Refused,
}

impl Kind {
    fn is_answered_by(self, answer: &Answer) -> bool {
        match self {
            // A gateway that does not know the Session again yet refuses too, and records nothing.
            Self::Refused => answer.body.contains("other-organization"),
            Self::Read | Self::Write => answer.status == 200,
        }
    }
}

/// An exchange that was answered to its end.
#[derive(Clone)]
pub struct Answered {
    pub mark: String,
    pub kind: Kind,
    pub asked_at: Instant,
    pub at: Instant,
}

/// The work. It stops when this is dropped.
pub struct Marks {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// What the next marks begin with.
    label: Mutex<String>,
    answered: Mutex<Vec<Answered>>,
    /// Whole answers of another kind than 200, by status.
    others: Mutex<Vec<u16>>,
    number: AtomicUsize,
    is_enough: AtomicBool,
}

impl Marks {
    /// Begins to work through this door.
    pub fn begin(way: &Way) -> Self {
        let shared = Arc::new(Shared { label: Mutex::new("first".into()), ..Shared::default() });
        let threads = [Kind::Read, Kind::Write, Kind::Refused].map(|kind| {
            let (way, shared) = (way.clone(), Arc::clone(&shared));
            spawn(move || shared.work(&way, kind))
        });
        Self { shared, threads: threads.into() }
    }

    /// Nobody who works.
    pub fn none() -> Self {
        Self { shared: Arc::default(), threads: Vec::new() }
    }

    /// What the next marks begin with, so that a lost one says where it was lost.
    pub fn label(&self, label: &str) {
        label.clone_into(&mut lock(&self.shared.label));
    }

    /// How many were answered so far.
    pub fn count(&self) -> usize {
        lock(&self.shared.answered).len()
    }

    /// Those that were answered so far.
    pub fn answered(&self) -> Vec<Answered> {
        lock(&self.shared.answered).clone()
    }

    /// Waits until so many more were answered.
    pub fn more(&self, wanted: usize, limit: Duration) -> anyhow::Result<()> {
        let (before, end) = (self.count(), Instant::now() + limit);
        while self.count() < before + wanted {
            if Instant::now() > end {
                let others = lock(&self.shared.others);
                let last = &others[others.len().saturating_sub(5)..];
                bail!("the session did not go on within {limit:?}; the last statuses were {last:?}");
            }
            sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Stops, and answers what was answered.
    pub fn stop(mut self) -> Vec<Answered> {
        self.halt();
        self.answered()
    }

    fn halt(&mut self) {
        self.shared.is_enough.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        self.halt();
    }
}

impl Shared {
    fn work(&self, way: &Way, kind: Kind) {
        while !self.is_enough.load(Ordering::SeqCst) {
            let number = self.number.fetch_add(1, Ordering::SeqCst);
            let mark = format!("{}-{number}", lock(&self.label));
            let asked_at = Instant::now();
            let answer = match kind {
                Kind::Read => way.ask(&format!("{HOME}people?q={mark}"), &[]),
                Kind::Write => way.ask(&format!("{HOME}api/payslips/generate?q={mark}"), &WRITE),
                Kind::Refused => way.ask(&format!("{OTHER}people?q={mark}"), &[]),
            };
            match answer {
                // A refusal shows nothing: it is withheld from a slow disk for a while only, and then nothing is promised.
                Ok(_) if kind == Kind::Refused && asked_at.elapsed() > WITHHELD => {}
                Ok(answer) if answer.is_whole && kind.is_answered_by(&answer) => {
                    lock(&self.answered).push(Answered { mark, kind, asked_at, at: Instant::now() });
                }
                Ok(answer) => lock(&self.others).push(answer.status),
                Err(_) => {}
            }
            sleep(if kind == Kind::Refused { 10 * PAUSE } else { PAUSE });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
