use std::collections::BTreeSet;

use ::policy::Policy;
use domain::UnixSeconds;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A Monday. Rules know weekdays and minutes of the day, so that one week stands for all of them.
const MONDAY: Date = jiff::civil::date(2026, 6, 1);
const MINUTES_OF_A_DAY: i64 = 1440;

/// The moments of a week from which on rules may answer in another way: one, when no rule speaks of time.
pub(crate) struct Week {
    pub(crate) moments: Vec<UnixSeconds>,
    /// Without weekdays one day stands for all.
    weekdays: bool,
    zone: TimeZone,
    end: UnixSeconds,
}

impl Week {
    /// Where any of these policies may change its mind; told in the time zone of the last one.
    pub(crate) fn of(policies: &[&Policy]) -> Self {
        let rules = || policies.iter().flat_map(|p| p.rules()).map(|r| r.cedar.as_str());
        let weekdays = rules().any(|cedar| cedar.contains("weekday"));
        let minutes: BTreeSet<i64> = [0].into_iter().chain(rules().flat_map(minutes)).collect();
        let days = if weekdays { 7 } else { 1 };
        let zones: Vec<&TimeZone> = policies.iter().map(|p| p.time_zone()).collect();
        let zone = zones.last().map_or(TimeZone::UTC, |zone| (*zone).clone());
        let (begin, end) = (second(&zone, 0, 0), second(&zone, days, 0));
        // The week of one zone begins in another's Sunday.
        let each = zones.iter().flat_map(|zone| (-1..=days).map(move |day| (*zone, day)));
        let all = each.flat_map(|(zone, day)| minutes.iter().map(move |minute| second(zone, day, *minute)));
        let within: BTreeSet<UnixSeconds> = all.filter(|at| (begin..end).contains(at)).chain([begin]).collect();
        let timeless = !weekdays && minutes.len() == 1;
        let moments = within.into_iter().take(if timeless { 1 } else { usize::MAX }).collect();
        Self { moments, weekdays, zone, end }
    }

    /// When these of the moments are, in words; `None` when they are all of them.
    pub(crate) fn spans(&self, indices: &[usize]) -> Option<String> {
        if indices.len() == self.moments.len() {
            return None;
        }
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for &index in indices {
            match spans.last_mut() {
                Some((_, end)) if *end == index => *end += 1,
                _ => spans.push((index, index + 1)),
            }
        }
        let at = |index: usize| self.moments.get(index).copied().unwrap_or(self.end);
        let words = spans.into_iter().map(|(from, to)| format!("{} to {}", self.time(at(from)), self.time(at(to))));
        Some(words.collect::<Vec<_>>().join(", "))
    }

    fn time(&self, at: UnixSeconds) -> String {
        let form = if self.weekdays { "%A %H:%M" } else { "%H:%M" };
        Timestamp::from_second(at).map(|t| t.to_zoned(self.zone.clone()).strftime(form).to_string()).unwrap_or_default()
    }
}

/// Whole numbers of a rule that asks for the minute, each with the one after it.
fn minutes(cedar: &str) -> Vec<i64> {
    if !cedar.contains("minute") {
        return Vec::new();
    }
    let either = numbers(cedar).flat_map(|n| [n, n.saturating_add(1)]);
    either.filter(|n| (0..MINUTES_OF_A_DAY).contains(n)).collect()
}

/// Whole numbers of a rule.
pub(crate) fn numbers(cedar: &str) -> impl Iterator<Item = i64> {
    cedar.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok())
}

fn second(zone: &TimeZone, day: i64, minute: i64) -> UnixSeconds {
    let time = MONDAY.at(0, 0, 0, 0).checked_add(jiff::Span::new().days(day).minutes(minute));
    let zoned = time.and_then(|time| zone.to_zoned(time));
    zoned.map_or(0, |zoned| zoned.timestamp().as_second())
}
