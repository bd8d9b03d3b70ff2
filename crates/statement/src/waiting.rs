//! How long what is new waits before it counts.

/// How long a new Device of a person who has one already waits before an administrator signs with it, in seconds: who
/// belongs here and who does not, and which policy is in force. What says so is verified under every policy, those to
/// come included, and so none of them sets it.
pub const ADMINISTRATORS_WAIT: i64 = 3600;

/// How long such a Device, and a second factor that took the place of a lost one, wait before they are good for something,
/// in seconds, as the policy in force sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// For asking, and for opening.
    pub ask_seconds: i64,
    /// For countersigning.
    pub approve_seconds: i64,
}

impl Default for Waits {
    /// For a policy that does not say.
    fn default() -> Self {
        Self { ask_seconds: 0, approve_seconds: 3600 }
    }
}
