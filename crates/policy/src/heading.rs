use std::collections::{BTreeMap, BTreeSet};

use domain::{OrgId, UnixSeconds};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::Deserialize;
use statement::Waits;

use crate::{PolicyError, Problems};

/// The beginning of a policy's text, before the line of three hyphens: JSON.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// For people who read it.
    pub name: String,
    /// 1 for the first policy of an installation, and one more with each that follows it.
    pub version: u64,
    /// Name of an IANA time zone: weekdays and minutes that rules speak of are its own.
    pub time_zone: String,
    pub organizations: BTreeMap<OrgId, Wishes>,
    #[serde(default)]
    pub waiting: Waiting,
    #[serde(default)]
    pub retention: Retention,
}

/// How long Recordings are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// From the end of the Session on; a year when it is not there.
    pub recording_days: Option<u32>,
}

/// How long a person's second Device, and a second factor that took the place of a lost one, wait before they are good for
/// something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Waiting {
    /// For asking and opening; nothing when it is not there.
    pub ask_seconds: Option<i64>,
    /// For countersigning; an hour when it is not there.
    pub approve_seconds: Option<i64>,
}

/// What the policy knows of an Organization; texts in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wishes {
    pub region: Option<String>,
    pub labels: BTreeSet<String>,
    pub refuses_employers: BTreeSet<String>,
    pub refuses_countries: BTreeSet<String>,
}

/// Weekday and minute of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// 1 is Monday, 7 is Sunday.
    pub(crate) weekday: i64,
    /// 0 to 1439.
    pub(crate) minute: i64,
}

impl Heading {
    pub(crate) fn read(json: &str) -> Result<(Self, TimeZone), Problems> {
        let heading: Self = serde_json::from_str(json).map_err(PolicyError::from)?;
        let mut problems = Vec::new();
        if heading.version == 0 {
            problems.push(PolicyError::NoVersion);
        }
        if !heading.waiting.is_possible() {
            problems.push(PolicyError::NoWaiting);
        }
        if !heading.retention.is_possible() {
            problems.push(PolicyError::NoRetention);
        }
        let texts = heading.organizations.values().flat_map(Wishes::texts);
        let bad = texts.filter(|t| t.is_empty() || t.to_lowercase() != **t);
        problems.extend(bad.map(|t| PolicyError::NotLowerCase(t.clone())));
        // The bundled database, so that everybody reads the same hour from the same second.
        let zone = TimeZoneDatabase::bundled().get(&heading.time_zone);
        let zone = zone.map_err(|_| PolicyError::NoTimeZone(heading.time_zone.clone()));
        match (zone, Problems::of(problems)) {
            (Ok(zone), None) => Ok((heading, zone)),
            (Ok(_), Some(problems)) => Err(problems),
            (Err(no_zone), None) => Err(no_zone.into()),
            (Err(no_zone), Some(problems)) => Err(problems.and(no_zone.into())),
        }
    }
}

impl Waiting {
    /// Nobody who lost a laptop is kept out for longer than two weeks.
    const MOST_SECONDS: i64 = 14 * 24 * 3600;

    /// What statements under the policy are verified with.
    #[must_use]
    pub fn waits(self) -> Waits {
        let otherwise = Waits::default();
        Waits {
            ask_seconds: self.ask_seconds.unwrap_or(otherwise.ask_seconds),
            approve_seconds: self.approve_seconds.unwrap_or(otherwise.approve_seconds),
        }
    }

    fn is_possible(self) -> bool {
        let said = self.ask_seconds.iter().chain(&self.approve_seconds);
        said.copied().all(|seconds| (0..=Self::MOST_SECONDS).contains(&seconds))
    }
}

impl Retention {
    const OTHERWISE: u32 = 365;
    /// No policy destroys what nobody had a week to look at.
    const LEAST: u32 = 7;
    const MOST: u32 = 10 * 366;

    /// Days.
    #[must_use]
    pub fn days(self) -> u32 {
        self.recording_days.unwrap_or(Self::OTHERWISE)
    }

    fn is_possible(self) -> bool {
        (Self::LEAST..=Self::MOST).contains(&self.days())
    }
}

impl Wishes {
    fn texts(&self) -> impl Iterator<Item = &String> {
        self.region.iter().chain(&self.labels).chain(&self.refuses_employers).chain(&self.refuses_countries)
    }
}

impl Moment {
    /// `None` for a second that no calendar has.
    pub(crate) fn at(second: UnixSeconds, zone: &TimeZone) -> Option<Self> {
        let time = Timestamp::from_second(second).ok()?.to_zoned(zone.clone());
        let weekday = i64::from(time.weekday().to_monday_one_offset());
        Some(Self { weekday, minute: i64::from(time.hour()) * 60 + i64::from(time.minute()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_that_of_the_zone() {
        // Sunday, 5 July 2026, 22:30 in UTC.
        let second = 1_783_290_600;
        let at = |zone: &str| Moment::at(second, &TimeZoneDatabase::bundled().get(zone).expect("a zone"));
        assert_eq!(at("UTC"), Some(Moment { weekday: 7, minute: 1350 }));
        assert_eq!(at("Europe/Berlin"), Some(Moment { weekday: 1, minute: 30 }));
        assert_eq!(Moment::at(i64::MAX, &TimeZone::UTC), None);
    }
}
