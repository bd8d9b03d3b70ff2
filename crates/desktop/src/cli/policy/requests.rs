use ::policy::Policy;

use super::cases::Case;
use crate::policy_change::{Counted, RequestUnder};

pub(super) fn requests(old: &Policy, new: &Policy, cases: &[Case]) -> Vec<RequestUnder> {
    let under = |case: &Case| RequestUnder { name: case.name.clone(), old: case.under(old), new: case.under(new) };
    cases.iter().map(under).collect()
}

/// The outcome in one line.
pub(super) fn count(requests: &[RequestUnder]) -> String {
    Counted::of(requests.iter()).in_words("")
}
