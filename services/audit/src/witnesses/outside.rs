use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use checkpoint::{Submission, WitnessVerifier};
use wire::audit::WitnessTrouble;

use super::ask::{Answered, add_checkpoint};
use crate::config::WitnessConfig;
use crate::error::{Error, StoreError};
use crate::sequencer::Head;

/// The start waits no longer for a witness.
const AT_THE_START: Duration = Duration::from_secs(5);

/// One witness outside, and how it stands with it.
pub(crate) struct Outside {
    pub(super) url: String,
    pub(super) verifier: WitnessVerifier,
    pub(super) http: reqwest::Client,
    standing: Mutex<Standing>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// The last size that it cosigned, as far as is known here.
    pub size: u64,
    pub trouble: Option<WitnessTrouble>,
}

impl Outside {
    /// # Errors
    /// [`Error::Misconfigured`].
    pub fn new(config: &WitnessConfig) -> Result<Self, Error> {
        let wrong = |why: String| Error::Misconfigured(format!("witness {}: {why}", config.url));
        if !is_address(&config.url) {
            return Err(wrong("its url is not https, holds a name, or ends in a slash".into()));
        }
        let verifier = WitnessVerifier::parse(&config.key)
            .map_err(|_| wrong("its key is not an Ed25519 cosignature key in the form name+hash+key".into()))?;
        let ca = config.ca.as_deref().map(|path: &Path| serve::config::read_text(path)).transpose()?;
        let http = identity::http_client(ca.as_deref()).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { url: config.url.clone(), verifier, http, standing: Mutex::default() })
    }

    /// # Errors
    /// [`Error::Misconfigured`], also when one witness stands there twice.
    pub fn all(configs: &[WitnessConfig]) -> Result<Vec<Arc<Self>>, Error> {
        let all = configs.iter().map(|one| Self::new(one).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let twice = |(at, one): (usize, &Arc<Self>)| all[..at].iter().any(|o| o.name() == one.name());
        match all.iter().enumerate().find(|pair| twice(*pair)) {
            Some((_, one)) => Err(Error::Misconfigured(format!("witness {} stands there twice", one.name()))),
            None => Ok(all),
        }
    }

    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    pub(super) fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn cosigned(&self, size: u64) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = Standing { size, trouble: None };
    }

    pub(super) fn saw(&self, size: u64) {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).size = size;
    }

    /// Whether it is another trouble than before.
    pub(super) fn is_in(&self, trouble: WitnessTrouble) -> bool {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        standing.trouble.replace(trouble) != Some(trouble)
    }
}

/// `https`, or `http` to this computer itself.
pub(crate) fn is_address(url: &str) -> bool {
    let loopback = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let at_home =
        |home: &str| url.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    (url.starts_with("https://") || loopback.iter().any(|home| at_home(home)))
        && !url.ends_with('/')
        && !url.contains(['@', '?', '#'])
        && !url.contains(char::is_whitespace)
}

/// Asks every witness what it saw last, before anything is signed: one that saw a longer log knows that this one was
/// rolled back. One that does not answer is no reason not to start.
///
/// # Errors
/// [`StoreError::Damaged`].
pub(crate) async fn check_not_behind(witnesses: &[Arc<Outside>], head: &Head) -> Result<(), StoreError> {
    let asked = &Submission { old_size: 0, proof: Vec::new(), note: head.note.clone() };
    let asked = witnesses.iter().map(|one| async move {
        let answered = tokio::time::timeout(AT_THE_START, add_checkpoint(&one.http, &one.url, asked)).await;
        (one, answered.unwrap_or(Answered::Unreachable))
    });
    for (one, answered) in futures_util::future::join_all(asked).await {
        match answered {
            Answered::OldSize(size) if size > head.size => {
                return Err(StoreError::Damaged(format!(
                    "witness {} ahead: {size} > {}. The log was rolled back; put the newer one back. If the witness is wrong, \
                     take it out of the configuration",
                    one.name(),
                    head.size
                )));
            }
            Answered::OldSize(size) => one.saw(size),
            Answered::NotConsistent => {
                return Err(StoreError::Damaged(format!("witness {} saw another log under this name", one.name())));
            }
            Answered::Lines(_) => {}
            Answered::Refused(_) | Answered::Unreachable => {
                tracing::warn!(witness = one.name(), "a witness does not say what it saw last");
                one.is_in(WitnessTrouble::Unreachable);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_is_reached_over_tls_or_on_this_computer() {
        for good in ["https://witness.test", "https://witness.test/a", "http://127.0.0.1:8080", "http://localhost/w"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "http://witness.test",
            "http://127.0.0.1.evil.test",
            "https://x/",
            "https://a@b",
            "https://x?y",
            "ftp://x",
            "",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
