//! What another policy would mean: for the table of reasons and Scopes, for its rules and heading, and for what was asked. The
//! command line tells all of it, the windows what would be allowed more.

pub(crate) mod asked;
pub(crate) mod kinds;
mod more;
pub(crate) mod offers;
pub(crate) mod outcome;
mod requests;
pub(crate) mod rules;
pub(crate) mod shown;
pub(crate) mod week;

use domain::UnixSeconds;

pub(crate) use more::allows_more;
pub(crate) use requests::{Counted, RequestUnder};

/// `1 Session`, `2 Sessions`.
pub(crate) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

pub(crate) fn time(at: UnixSeconds) -> String {
    jiff::Timestamp::from_second(at).map_or_else(|_| format!("second {at}"), |t| t.to_string())
}
