//! What the signers of statements had seen of the log, held to the log as the broker sees it: signed with the pinned key, and
//! never anything but a continuation of what it was. Where something is given it is a condition; where something is only taken
//! away it is told in the entry about it.

use std::collections::HashSet;
use std::time::Duration;

use checkpoint::{Checkpoint, LogVerifier, Relation};
use domain::Digest;
use serve::ProblemResponse;
use statement::{Identity, seen_in, sha256};
use tokio::sync::Mutex;
use wire::event::{ANOTHER_LOG, Append, NOT_COMPARED, SIGNER_SAW};

use crate::broker::Broker;
use crate::ledger::LedgerError;
use crate::problems::{self, Answer};
use crate::store::StoreError;

/// A comparison takes no longer before a turn, where nobody waits behind it.
const BEFORE_TURN: Duration = Duration::from_secs(5);
/// The same in a turn, for which others wait, revocations among them: what was compared before it is known by then.
const IN_TURN: Duration = Duration::from_secs(1);
/// So many notes that agreed are remembered, in memory only.
const MOST_AGREED: usize = 4096;

/// The log as far as this broker has verified it.
#[derive(Debug)]
pub(crate) struct KnownLog {
    verifier: LogVerifier,
    /// Never held while the audit service is asked: a slow one would keep others waiting, revocations among them.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The last head; `None` until the store was read or the log was looked at.
    last: Option<Checkpoint>,
    /// Notes that agreed once agree for good: the log only grows.
    agreed: HashSet<Digest>,
}

/// Why what a signer saw is not known to be this log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotThisLog {
    #[error("a signer was shown another log: {0}")]
    Another(&'static str),
    #[error("the log contradicts what this broker saw of it: {0}")]
    Broken(&'static str),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotThisLog> for ProblemResponse {
    fn from(why: NotThisLog) -> Self {
        match why {
            NotThisLog::Another(_) => problems::other_log(),
            NotThisLog::Broken(_) => problems::log_broken(),
            NotThisLog::Ledger(error) => error.into(),
            NotThisLog::Store(error) => error.into(),
        }
    }
}

impl KnownLog {
    pub(crate) fn new(verifier: LogVerifier) -> Self {
        Self { verifier, known: Mutex::default() }
    }
}

impl Broker {
    /// Asks for what a turn will compare, before there is one: a log that does not answer keeps only this caller waiting. Whatever
    /// else is wrong is found again in the turn, and refused with its entry.
    pub(crate) async fn compare_before_turn<S: AsRef<str>>(&self, who: &Identity, statements: &[S]) -> Answer<()> {
        let chain = self.store.chain([(who.person.clone(), who.device.clone())]).await?;
        match self.hold_to_the_log(&notes_in(&chain.enrols, statements), BEFORE_TURN).await {
            Err(NotThisLog::Ledger(error)) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Whether what the signers of these statements saw is the beginning of the log, and what those saw who enrolled them.
    /// Whoever names nothing saw nothing.
    pub(crate) async fn check_what_signers_saw<S: AsRef<str>>(
        &self,
        enrols: &[String],
        statements: &[S],
    ) -> Result<(), NotThisLog> {
        self.hold_to_the_log(&notes_in(enrols, statements), IN_TURN).await
    }

    /// An Event about something that is only taken away, marked when who signed it was shown another log, or when that is not
    /// known: it is written in any case.
    pub(crate) async fn with_what_signers_saw(&self, append: Append) -> Append {
        match self.hold_to_the_log(&notes_in(&[], &append.statements), IN_TURN).await {
            Ok(()) => append,
            Err(NotThisLog::Another(_)) => append.fact(SIGNER_SAW, ANOTHER_LOG),
            Err(_) => append.fact(SIGNER_SAW, NOT_COMPARED),
        }
    }

    async fn hold_to_the_log(&self, notes: &[String], patience: Duration) -> Result<(), NotThisLog> {
        let all = async {
            for note in notes {
                self.hold_one(note).await.inspect_err(|why| {
                    tracing::error!(%why, note = %note.escape_debug(), "what a signer saw is not known to be this log");
                })?;
            }
            Ok(())
        };
        let late = |_| LedgerError::Unreachable("it is too slow to compare with".to_owned());
        tokio::time::timeout(patience, all).await.map_err(late)?
    }

    async fn hold_one(&self, note: &str) -> Result<(), NotThisLog> {
        let name = sha256(note);
        let Ok(seen) = self.known_log.verifier.open(note) else {
            return Err(NotThisLog::Another("the log's key did not sign its head"));
        };
        loop {
            let mut last = {
                let known = self.known_log.known.lock().await;
                if known.agreed.contains(&name) {
                    return Ok(());
                }
                known.last.clone()
            };
            if last.is_none() {
                last = self.kept_head().await?;
            }
            let mut fresh = None;
            if last.as_ref().is_none_or(|last| last.size < seen.size) {
                fresh = Some(self.next_head(last.as_ref()).await?);
            }
            let head = fresh.as_ref().map(|(head, _)| head).or(last.as_ref());
            let Some(head) = head else { return Err(NotThisLog::Broken("it shows nothing")) };
            if let Some(why) = self.continues(&seen, head).await? {
                return Err(NotThisLog::Another(why));
            }
            let mut known = self.known_log.known.lock().await;
            if let Some((head, note)) = fresh {
                // Another comparison kept a head meanwhile, which this one was not held to: once more, with that.
                if known.last.is_some() && known.last != last {
                    continue;
                }
                self.store.keep_log_head(&note).await?;
                last = Some(head);
            }
            if known.last.is_none() || known.last.as_ref().map(|l| l.size) < last.as_ref().map(|l| l.size) {
                known.last = last;
            }
            if known.agreed.len() >= MOST_AGREED {
                known.agreed.clear();
            }
            known.agreed.insert(name);
            return Ok(());
        }
    }

    /// The head as the log shows it now, which continues the last one.
    async fn next_head(&self, last: Option<&Checkpoint>) -> Result<(Checkpoint, String), NotThisLog> {
        let note = self.ledger.checkpoint().await?;
        let Ok(next) = self.known_log.verifier.open(&note) else {
            return Err(NotThisLog::Broken("its key did not sign its head"));
        };
        if let Some(last) = last
            && let Some(why) = self.continues(last, &next).await?
        {
            return Err(NotThisLog::Broken(why));
        }
        Ok((next, note))
    }

    async fn kept_head(&self) -> Result<Option<Checkpoint>, NotThisLog> {
        let Some(note) = self.store.log_head().await? else { return Ok(None) };
        let open = self.known_log.verifier.open(&note);
        open.map(Some).map_err(|_| NotThisLog::Broken("what is kept of it is not signed with its key"))
    }

    /// Why the newer head does not continue the older one, when it does not.
    async fn continues(&self, old: &Checkpoint, new: &Checkpoint) -> Result<Option<&'static str>, LedgerError> {
        let path = async { self.ledger.consistency(old.size, new.size).await.map(|answer| answer.hashes()) };
        Ok(match Relation::asking(old, new, path).await? {
            Relation::Continues => None,
            Relation::Shorter => Some("the log is shorter"),
            Relation::Forked => Some("two heads are of one size"),
            Relation::Changed => Some("entries were changed"),
        })
    }
}

/// What the signers of these saw.
fn notes_in<S: AsRef<str>>(enrols: &[String], statements: &[S]) -> Vec<String> {
    statements.iter().map(AsRef::as_ref).chain(enrols.iter().map(String::as_str)).filter_map(seen_in).collect()
}
