//! What stands beside a spool, and what a later run makes of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use domain::{Clock, UnixSeconds};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::ending::note_end;
use super::leases::tell_ended;
use super::{Life, RETRY};
use crate::disk;
use crate::opening::Place;
use crate::session::{Ender, Facts};
use crate::tape::spool::Spool;

/// Beside the spool once a Session is over, until its recording is sealed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ended {
    pub reason: String,
    pub ended_at: UnixSeconds,
    /// Who ended it, when somebody signed that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Ender>,
}

impl Ended {
    /// Now, or at the Session's own bounds if the clock is beyond them.
    pub fn now(reason: &str, (opened_at, ends_at): (UnixSeconds, UnixSeconds), clock: &dyn Clock) -> Self {
        Self { reason: reason.to_owned(), ended_at: clock.now().min(ends_at).max(opened_at), by: None }
    }
}

/// Beside the spool once a Session was extended.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Until {
    pub ends_at: UnixSeconds,
}

impl Until {
    /// How long a later run waits for the Device. How long the Session lasts is not asked here: the audit service says it
    /// when the Device comes.
    fn read(folder: &Path, facts: &Facts) -> Self {
        let kept = match read_json::<Self>(&folder.join("extended.json")) {
            Ok(kept) => kept.ends_at,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::error!(%error, "how long a Session was extended cannot be read");
                }
                facts.ends_at
            }
        };
        Self { ends_at: kept.max(facts.ends_at) }
    }
}

impl Life {
    /// Takes up what an earlier run left: Sessions that were over are sealed, others wait for their Device until
    /// their time is up.
    ///
    /// # Errors
    /// Of the file system.
    pub fn recover(self: &Arc<Self>) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.spool)? {
            let folder = entry?.path();
            if !folder.is_dir() {
                continue;
            }
            let facts = match read_json::<Facts>(&folder.join("session.json")) {
                Ok(facts) => facts,
                Err(error) => {
                    tracing::error!(%error, folder = %folder.display(), "a spool without its facts is left alone");
                    continue;
                }
            };
            if self.folder(&facts) != folder {
                continue;
            }
            let ended = self.how_it_ended(&folder, &facts);
            let until = Until::read(&folder, &facts);
            if ended.is_none() && self.clock.now() < until.ends_at {
                self.sessions.add_dormant(facts.clone());
            }
            tokio::spawn(self.clone().finish(facts, until, ended));
        }
        Ok(())
    }

    /// None while the Session may go on: only when nothing at all says that it is over.
    fn how_it_ended(&self, folder: &Path, facts: &Facts) -> Option<Ended> {
        match read_json::<Ended>(&folder.join("ended.json")) {
            Ok(ended) => Some(ended),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::error!(%error, "how a Session ended cannot be read; it is over");
                let span = (facts.opened_at, Until::read(folder, facts).ends_at);
                Some(Ended::now("gateway-stopped", span, &*self.clock))
            }
        }
    }

    async fn finish(self: Arc<Self>, facts: Facts, until: Until, ended: Option<Ended>) {
        let ended = match ended {
            Some(ended) => ended,
            None => {
                while self.clock.now() < until.ends_at {
                    tokio::time::sleep(RETRY).await;
                    if self.sessions.dormant_of(&facts.request).is_none() {
                        return;
                    }
                }
                let was_dormant = {
                    let _one = self.resuming.lock().unwrap_or_else(PoisonError::into_inner);
                    self.sessions.take_dormant(&facts.request).is_some()
                };
                if !was_dormant && self.sessions.of_request(&facts.request).is_some() {
                    return;
                }
                Ended { reason: "gateway-stopped".into(), ended_at: until.ends_at, by: None }
            }
        };
        let noted = note_end(self.folder(&facts).join("ended.json"), &ended, CancellationToken::new());
        let (spool, left) = match Spool::resume(&self.folder(&facts)) {
            Ok(resumed) => resumed,
            Err(error) => return tracing::error!(%error, "a spool cannot be read"),
        };
        let broker = tokio::spawn(tell_ended(self.gate.broker.clone(), facts.clone(), ended.reason.clone()));
        let tape = self.tape(&facts, spool, left, Place::default());
        self.seal(&tape, &facts, ended).await;
        noted.abort();
        let _ = broker.await;
    }

    pub(super) fn folder(&self, facts: &Facts) -> PathBuf {
        self.spool.join(facts.session.as_str())
    }
}

/// Whether something already stands here about this Session, of which this run or its recovery takes care.
pub(super) fn is_known(folder: &Path) -> bool {
    folder.join("ended.json").exists() || read_json::<Facts>(&folder.join("session.json")).is_ok()
}

/// Puts the facts beside a spool that begins.
pub(super) fn keep(folder: &Path, facts: &Facts) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    write_json(&folder.join("session.json"), facts)?;
    disk::force_folder(folder.parent().unwrap_or(folder))
}

pub(super) fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    disk::replace(path, &serde_json::to_vec(value)?)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}
