//! Codes that people give: judged, the outcome logged, then remembered. Called in a turn.

use serve::ProblemResponse;
use statement::Identity;
use wire::event::{Append, EventKind};

use crate::broker::{Broker, by};
use crate::factor::{Judged, Tries, totp};
use crate::problems::{self, Answer};
use crate::recovery;
use crate::seal::Sealed;
use crate::store::FactorRow;

/// What is said to whoever gives another code.
struct Words {
    wrong: fn() -> ProblemResponse,
    none: fn() -> ProblemResponse,
}

const CODES: Words = Words { wrong: problems::wrong_code, none: problems::no_code };
const RECOVERY: Words = Words { wrong: problems::wrong_recovery_code, none: problems::no_recovery_code };

impl Broker {
    /// A code of the sealed secret, when it is right; what is to be remembered then.
    pub(crate) async fn right_code(&self, who: &Identity, secret: &[u8], tries: Tries, code: &str) -> Answer<Tries> {
        let secret = self.opened(Sealed::Totp, who, secret)?;
        let generator = totp(&secret, "").map_err(|_| problems::secret_unusable())?;
        self.settle(who, tries, tries.judge(&generator, code, self.now()), &CODES).await
    }

    /// A recovery code that is left, when it is one: what is left without it, sealed, and of how many.
    pub(crate) async fn right_recovery_code(
        &self,
        who: &Identity,
        factor: &FactorRow,
        code: &str,
    ) -> Answer<(Vec<u8>, usize)> {
        let marks = match &factor.recovery {
            Some(sealed) => self.opened(Sealed::Recovery, who, sealed)?,
            None => zeroize::Zeroizing::default(),
        };
        let typed = recovery::typed(code);
        let without = typed.as_ref().map(|code| recovery::without(&self.secrets, &who.person, &marks, code));
        let judged = factor.tries.judge_recovery(without.as_ref().map(Option::is_some), self.now());
        self.settle(who, factor.tries, judged, &RECOVERY).await?;
        let without = without.flatten().ok_or_else(problems::wrong_recovery_code)?;
        Ok((self.sealed(Sealed::Recovery, who, &without)?, recovery::left(&without)))
    }

    pub(crate) fn sealed(&self, what: Sealed, who: &Identity, secret: &[u8]) -> Answer<Vec<u8>> {
        self.secrets.seal(what, &who.person, secret).map_err(|_| problems::secret_unusable())
    }

    pub(crate) fn opened(&self, what: Sealed, who: &Identity, sealed: &[u8]) -> Answer<zeroize::Zeroizing<Vec<u8>>> {
        self.secrets.open(what, &who.person, sealed).map_err(|error| {
            tracing::error!(%error, "a second factor cannot be read");
            problems::secret_unusable()
        })
    }

    async fn settle(&self, who: &Identity, before: Tries, judged: Judged, words: &Words) -> Answer<Tries> {
        let now = self.now();
        let wrong = (words.wrong)();
        match judged {
            Judged::Right(tries) => Ok(tries),
            Judged::Wrong(tries) => {
                let append = by(Append::new(EventKind::SecondFactorRefused), who).fact("code", wrong.code());
                Err(self.count(who, append, tries, wrong).await)
            }
            Judged::WrongAndLocked(tries) => {
                let append = by(Append::new(EventKind::SecondFactorLocked), who)
                    .fact("code", wrong.code())
                    .fact("until", tries.locked_until.to_string());
                Err(self.count(who, append, tries, problems::locked(tries.locked_until, now)).await)
            }
            unjudged => {
                let problem = match unjudged {
                    Judged::Used => problems::used_code(),
                    Judged::NoCode => (words.none)(),
                    _ => problems::locked(before.locked_until, now),
                };
                Err(self.refuse(EventKind::SecondFactorRefused, Some(who), None, problem).await)
            }
        }
    }

    async fn count(&self, who: &Identity, append: Append, tries: Tries, problem: ProblemResponse) -> ProblemResponse {
        let counted = async {
            let logged = self.log(append).await?;
            Ok::<_, ProblemResponse>(self.store.count_wrong(&logged, &who.person, tries).await?)
        };
        counted.await.err().unwrap_or(problem)
    }
}
