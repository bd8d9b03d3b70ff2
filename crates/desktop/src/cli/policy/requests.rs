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
    let of = |change: fn(&Outcome, &Outcome) -> bool| requests.iter().filter(|r| change(&r.old, &r.new)).count();
    let opened = of(|old, new| matches!((old, new), (Outcome::Refused(_), Outcome::Allowed(_))));
    let closed = of(|old, new| matches!((old, new), (Outcome::Allowed(_), Outcome::Refused(_))));
    let more = of(|old, new| matches!((old, new), (Outcome::Allowed(old), Outcome::Allowed(new)) if new > old));
    format!(
        "of {}, {opened} would have been allowed, {closed} refused and {more} would have needed more countersigners",
        counted(requests.len(), "request"),
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
