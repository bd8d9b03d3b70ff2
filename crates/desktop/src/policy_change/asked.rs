//! What another policy says to everything that was asked in a period, taken and refused, as the log tells it.

use std::fmt;

use ::policy::{Policies, Policy, in_words};
use domain::{UnixSeconds, legible};
use serde::Serialize;

use super::outcome::Outcome;
use super::{Counted, RequestUnder, time};
use crate::engine::{AskedInPeriod, LoggedAsk, NotAskable, Then};

/// A period of the log under another policy.
#[derive(Debug, Serialize)]
pub(crate) struct Asked {
    from: UnixSeconds,
    until: UnixSeconds,
    pub(crate) requests: Vec<AskUnder>,
    /// What no policy can be asked about.
    pub(crate) not_asked: Vec<NotAsked>,
    /// Refusals that are about no request whose signature held: no policy was asked then.
    pub(crate) others: Vec<RefusedOtherwise>,
}

/// One request under the policy that was in force then, and under the other one.
#[derive(Debug, Serialize)]
pub(crate) struct AskUnder {
    pub(crate) entry: u64,
    pub(crate) then: Then,
    #[serde(flatten)]
    pub(crate) under: RequestUnder,
}

#[derive(Debug, Serialize)]
pub(crate) struct NotAsked {
    entry: u64,
    name: String,
    pub(crate) why: NotAskable,
}

#[derive(Debug, Serialize)]
pub(crate) struct RefusedOtherwise {
    kind: String,
    code: String,
    count: u32,
}

impl Asked {
    pub(crate) fn of(period: &AskedInPeriod, new: &Policy) -> Self {
        let (mut requests, mut not_asked) = (Vec::new(), Vec::new());
        for ask in &period.asks {
            match under(ask, &period.policies, new) {
                Ok(under) => requests.push(AskUnder { entry: ask.index, then: ask.then.clone(), under }),
                Err(why) => not_asked.push(NotAsked { entry: ask.index, name: named(ask), why }),
            }
        }
        let others = period.others.iter().map(|((kind, code), count)| RefusedOtherwise {
            kind: kind.clone(),
            code: code.clone(),
            count: *count,
        });
        let (from, until) = (period.from, period.until);
        Self { from, until, requests, not_asked, others: others.collect() }
    }

    /// The outcome in one line.
    pub(crate) fn count(&self) -> String {
        let what = format!("asked from {} until {}", time(self.from), time(self.until));
        format!("{}; {} could not be asked about", self.counted().in_words(&what), self.not_asked.len())
    }

    pub(crate) fn counted(&self) -> Counted {
        Counted::of(self.requests.iter().map(|ask| &ask.under))
    }

    /// What is to be read of it: what changes, and where the log and its policy disagree.
    pub(crate) fn differing(&self) -> impl Iterator<Item = &AskUnder> {
        self.requests.iter().filter(|ask| ask.under.old != ask.under.new || ask.disagrees())
    }
}

fn under(ask: &LoggedAsk, policies: &Policies, new: &Policy) -> Result<RequestUnder, NotAskable> {
    let told = ask.told.as_ref().map_err(|why| *why)?;
    let in_force = ask.policy.as_ref().and_then(|digest| policies.named(digest)).ok_or(NotAskable::OtherPolicy)?;
    let asked = told.ask(ask);
    Ok(RequestUnder {
        name: format!(
            "{}: {}, {}, {}",
            named(ask),
            told.reason.label(),
            told.scope.label(),
            in_words(told.duration_seconds)
        ),
        old: in_force.policy.evaluate(&asked).into(),
        new: new.evaluate(&asked).into(),
    })
}

fn named(ask: &LoggedAsk) -> String {
    format!("{}  {}", time(ask.at), ask.who())
}

impl AskUnder {
    /// Whether the broker answered otherwise than the policy that was in force.
    fn disagrees(&self) -> bool {
        match (&self.then, &self.under.old) {
            (Then::Refused(code), Outcome::Refused(refused)) => refused.code != code,
            (Then::Refused(_), Outcome::Allowed(_)) => false,
            (Then::Taken(needed), Outcome::Allowed(countersigners)) => *needed != countersigners.to_string(),
            (Then::Taken(_) | Then::Denied, Outcome::Refused(_)) => true,
            (Then::Denied, Outcome::Allowed(_)) => false,
        }
    }
}

impl fmt::Display for AskUnder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.under)?;
        match (&self.then, &self.under.old) {
            (_, _) if self.disagrees() => {
                let said = match &self.then {
                    Then::Refused(code) => format!("refused it as {}", legible(code)),
                    Then::Taken(_) | Then::Denied => "took it otherwise".to_owned(),
                };
                write!(f, "\n    The broker {said}, which is not what the policy of that time says.")
            }
            (Then::Refused(code), Outcome::Allowed(_)) => {
                write!(f, "\n    It was refused then for a reason that is not the policy's ({}).", legible(code))
            }
            (Then::Denied, _) => write!(f, "\n    Somebody denied it then."),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for NotAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (entry {}): {}.", self.name, self.entry, self.why.why())
    }
}

impl fmt::Display for RefusedOtherwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {} ({})", self.count, self.kind, legible(&self.code))
    }
}

#[cfg(test)]
pub(crate) mod tests;
