use std::fmt;

use domain::legible;
use serde::Serialize;

use super::counted;
use super::outcome::Outcome;

/// An ask that stands in no Evidence, under both policies.
#[derive(Debug, Serialize)]
pub(crate) struct RequestUnder {
    pub(crate) name: String,
    pub(crate) old: Outcome,
    pub(crate) new: Outcome,
}

/// How many requests would have been answered in another way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) requests: usize,
    /// They were refused.
    pub(crate) allowed: usize,
    /// They were allowed.
    pub(crate) refused: usize,
    /// They would have needed more countersigners than they did.
    pub(crate) more: usize,
    /// They would have needed fewer.
    pub(crate) fewer: usize,
}

impl Counted {
    pub(crate) fn of<'a>(requests: impl Iterator<Item = &'a RequestUnder>) -> Self {
        requests.fold(Self::default(), |mut counted, under| {
            counted.requests += 1;
            match (&under.old, &under.new) {
                (Outcome::Refused(_), Outcome::Allowed(_)) => counted.allowed += 1,
                (Outcome::Allowed(_), Outcome::Refused(_)) => counted.refused += 1,
                (Outcome::Allowed(old), Outcome::Allowed(new)) if new > old => counted.more += 1,
                (Outcome::Allowed(old), Outcome::Allowed(new)) if new < old => counted.fewer += 1,
                _ => {}
            }
            counted
        })
    }

    /// In one line; `which` says which requests they are.
    pub(crate) fn in_words(self, which: &str) -> String {
        let Self { allowed, refused, more, .. } = self;
        let requests = counted(self.requests, "request");
        let which = if which.is_empty() { String::new() } else { format!(" {which}") };
        format!(
            "of {requests}{which}, {allowed} would have been allowed, {refused} refused and {more} would have needed more countersigners"
        )
    }
}

impl fmt::Display for RequestUnder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = legible(&self.name);
        if self.old == self.new {
            write!(f, "{name}\n    as before: {}", self.new)
        } else {
            write!(f, "{name}\n    was  {}\n    is   {}", self.old, self.new)
        }
    }
}
