//! Which notifications somebody wants. What is an alarm is said to everybody, whatever they chose.

use serde::{Deserialize, Serialize};

use super::quiet::QuietHours;

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A request of somebody else waits for this person.
    Waits,
    /// What became of a request of one's own.
    Decided,
    EndsSoon,
    Ended,
    /// Somebody opened an Organization that nobody countersigned.
    BreakGlass,
    LogBroken,
}

/// What one chose; alarms are no choice and have no field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(default, rename_all = "camelCase")]
pub struct Notifications {
    pub waits: bool,
    pub decided: bool,
    pub ends_soon: bool,
    pub ended: bool,
    pub quiet: QuietHours,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { waits: true, decided: true, ends_soon: true, ended: true, quiet: QuietHours::default() }
    }
}

impl Notifications {
    pub(super) const fn want(self, kind: Kind) -> bool {
        match kind {
            Kind::Waits => self.waits,
            Kind::Decided => self.decided,
            Kind::EndsSoon => self.ends_soon,
            Kind::Ended => self.ended,
            Kind::BreakGlass | Kind::LogBroken => true,
        }
    }
}
