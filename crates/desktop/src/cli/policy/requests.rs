use std::fmt;

use ::policy::Policy;
use domain::legible;
use serde::Serialize;

use super::cases::Case;
use super::counted;
use super::outcome::Outcome;

/// An ask that stands in no Evidence, under both policies.
#[derive(Debug, Serialize)]
pub(super) struct RequestUnder {
    pub(super) name: String,
    pub(super) old: Outcome,
    pub(super) new: Outcome,
}

pub(super) fn requests(old: &Policy, new: &Policy, cases: &[Case]) -> Vec<RequestUnder> {
    let under = |case: &Case| RequestUnder { name: case.name.clone(), old: case.under(old), new: case.under(new) };
    cases.iter().map(under).collect()
}

/// The outcome in one line.
pub(super) fn count(requests: &[RequestUnder]) -> String {
    changes(requests.iter(), "")
}

/// How many of these requests would have been answered in another way; `which` says which ones they are.
pub(super) fn changes<'a>(requests: impl Iterator<Item = &'a RequestUnder> + Clone, which: &str) -> String {
    let of = |change: fn(&Outcome, &Outcome) -> bool| requests.clone().filter(|r| change(&r.old, &r.new)).count();
    let opened = of(|old, new| matches!((old, new), (Outcome::Refused(_), Outcome::Allowed(_))));
    let closed = of(|old, new| matches!((old, new), (Outcome::Allowed(_), Outcome::Refused(_))));
    let more = of(|old, new| matches!((old, new), (Outcome::Allowed(old), Outcome::Allowed(new)) if new > old));
    let requests = counted(requests.clone().count(), "request");
    let which = if which.is_empty() { String::new() } else { format!(" {which}") };
    format!(
        "of {requests}{which}, {opened} would have been allowed, {closed} refused and {more} would have needed more countersigners"
    )
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
