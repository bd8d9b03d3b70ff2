//! How long what is new waits before it counts.

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Asking for access, and opening it.
    Ask,
    /// Countersigning.
    Approve,
    /// Saying who belongs here and who does not: enrolling, revoking a Device or a person, resetting a second factor.
    Administer,
}

/// What a new Device of a person who has one already, and a second factor that took the place of a lost one, wait, in
/// seconds, before they are good for `step`. The one place that says so: a policy that sets it is asked here.
#[must_use]
pub const fn waiting_seconds(step: Step) -> i64 {
    match step {
        Step::Ask => 0,
        Step::Approve | Step::Administer => 3600,
    }
}
