//! Hours of the day in which nothing but alarms is said. They are hours of this computer's clock, where it is now.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::words::Told;

const MINUTES_OF_DAY: u16 = 24 * 60;

/// From the first minute until before the last, over midnight when the last is the smaller one. Two that are the same are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(default, rename_all = "camelCase")]
pub struct QuietHours {
    /// In minutes since midnight.
    pub from: u16,
    pub until: u16,
}

impl QuietHours {
    /// Leaves out what is not said now. Afterwards only what is looked at again is said; the pages show everything as ever.
    pub(super) fn hold_back(self, all: &mut Vec<Told>, now: i64, zone: &TimeZone) {
        if minute_of_day(now, zone).is_some_and(|minute| self.include(minute)) {
            all.retain(|told| told.urgent);
        }
    }

    /// A time that no clock shows makes nothing quiet.
    const fn include(self, minute: u16) -> bool {
        let Self { from, until } = self;
        if from >= MINUTES_OF_DAY || until >= MINUTES_OF_DAY {
            return false;
        }
        if from <= until { from <= minute && minute < until } else { from <= minute || minute < until }
    }
}

/// As a clock on the wall shows it.
fn minute_of_day(now: i64, zone: &TimeZone) -> Option<u16> {
    let time = Timestamp::from_second(now).ok()?.to_zoned(zone.clone()).time();
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).ok()
}

#[cfg(test)]
mod tests;
