//! What holds the heads in a Session's proof to the log, kept for a moment: the service behind the gateway may ask with every
//! request that it gets, and the audit service is not to be asked as often.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use wire::gateway::LogShown;

use crate::refused::Refused;

/// So long the log is shown as it was.
const KEPT: Duration = Duration::from_secs(10);
/// So long whoever asks again is refused with the same words.
const REFUSED_KEPT: Duration = Duration::from_secs(1);

/// One for each Session, gone with it. It holds a head and a path for each of those in the proof.
#[derive(Debug, Default)]
pub struct ProvenLog {
    /// Held while the audit service is asked: whoever comes meanwhile waits, and gets the same answer.
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    of: BTreeSet<String>,
    shown: Result<LogShown, Refused>,
    at: Instant,
}

impl Kept {
    fn is_good(&self, of: &BTreeSet<String>, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.at);
        let most = if self.shown.is_ok() { KEPT } else { REFUSED_KEPT };
        self.of == *of && age < most
    }
}

impl ProvenLog {
    /// What is kept of exactly these heads, or else what `ask` gives. `is_told`: whether the entry about it stands in the log for
    /// now; without it nothing kept is shown.
    ///
    /// # Errors
    /// [`Refused`], for a moment also to those who did not ask themselves.
    pub async fn of(
        &self,
        heads: &BTreeSet<String>,
        is_told: impl Fn() -> bool,
        ask: impl Future<Output = Result<LogShown, Refused>>,
    ) -> Result<LogShown, Refused> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_good(heads, Instant::now()))
            && (kept.shown.is_err() || is_told())
        {
            return kept.shown.clone();
        }
        let shown = ask.await;
        *kept = Some(Kept { of: heads.clone(), shown: shown.clone(), at: Instant::now() });
        shown
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn heads(notes: &[&str]) -> BTreeSet<String> {
        notes.iter().map(|note| (*note).to_owned()).collect()
    }

    fn away() -> Refused {
        Refused::new(503, "audit-unreachable", "It does not answer.", "Try again.")
    }

    #[test]
    fn what_was_proven_is_good_for_the_same_heads_and_not_for_long() {
        let at = Instant::now();
        let kept = |shown| Kept { of: heads(&["one"]), shown, at };
        let good = kept(Ok(LogShown::default()));
        assert!(good.is_good(&heads(&["one"]), at + KEPT.saturating_sub(Duration::from_millis(1))));
        assert!(!good.is_good(&heads(&["one"]), at + KEPT), "too old");
        assert!(!good.is_good(&heads(&["one", "two"]), at), "another head has to be held to the log");
        let refused = kept(Err(away()));
        assert!(refused.is_good(&heads(&["one"]), at));
        assert!(!refused.is_good(&heads(&["one"]), at + REFUSED_KEPT), "a refusal is over sooner");
    }

    #[tokio::test]
    async fn many_who_come_together_ask_once_and_get_the_same_answer() {
        for answer in [Ok(LogShown { head: "head".into(), paths: Vec::new() }), Err(away())] {
            let (log, asked, heads) = (ProvenLog::default(), Cell::new(0), heads(&["one"]));
            let one = || {
                let ask = async {
                    asked.set(asked.get() + 1);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    answer.clone()
                };
                log.of(&heads, || true, ask)
            };
            let answers = futures_util::future::join_all((0..20).map(|_| one())).await;
            assert_eq!((answers.len(), asked.get()), (20, 1));
            assert!(answers.iter().all(|given| *given == answer));
        }
    }

    #[tokio::test]
    async fn nothing_kept_is_shown_before_the_entry_of_this_hour() {
        let (log, asked, heads) = (ProvenLog::default(), Cell::new(0), heads(&["one"]));
        for is_told in [false, false, true] {
            let ask = async {
                asked.set(asked.get() + 1);
                Ok(LogShown::default())
            };
            assert!(log.of(&heads, || is_told, ask).await.is_ok());
        }
        assert_eq!(asked.get(), 2, "only with its entry");
    }
}
