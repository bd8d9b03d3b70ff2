use jiff::{
    civil::{DateTime, date},
    tz::{TimeZone, offset},
};

use super::{MINUTES_OF_DAY, QuietHours, minute_of_day};
use crate::bell::{
    wanted::Kind,
    words::{Told, of_break_glass},
};

const OFF: QuietHours = QuietHours { from: 0, until: 0 };

fn at(hour: u16, minute: u16) -> u16 {
    hour * 60 + minute
}

fn hours(from: u16, until: u16) -> QuietHours {
    QuietHours { from, until }
}

fn told(kind: Kind) -> Told {
    Told { kind, urgent: false, ..of_break_glass("it") }
}

/// What is said of one thing of each kind.
fn said(quiet: QuietHours, when: DateTime, zone: &TimeZone) -> Vec<Kind> {
    let now = when.to_zoned(zone.clone()).expect("a moment").timestamp().as_second();
    let mut all: Vec<Told> = [Kind::Waits, Kind::Decided, Kind::EndsSoon, Kind::Ended].map(told).into();
    all.push(of_break_glass("Mara opened Delmar Foods by break-glass."));
    quiet.hold_back(&mut all, now, zone);
    all.iter().map(|told| told.kind).collect()
}

#[test]
fn an_afternoon_is_quiet_from_its_first_minute_until_before_its_last() {
    let quiet = hours(at(12, 30), at(14, 0));
    let within = [at(12, 30), at(13, 0), at(13, 59)];
    let without = [at(0, 0), at(12, 29), at(14, 0), at(23, 59)];
    assert_eq!(within.map(|minute| quiet.include(minute)), [true; 3]);
    assert_eq!(without.map(|minute| quiet.include(minute)), [false; 4]);
}

#[test]
fn a_night_goes_over_midnight() {
    let quiet = hours(at(22, 0), at(7, 0));
    let within = [at(22, 0), at(23, 59), at(0, 0), at(6, 59)];
    let without = [at(7, 0), at(12, 0), at(21, 59)];
    assert_eq!(within.map(|minute| quiet.include(minute)), [true; 4]);
    assert_eq!(without.map(|minute| quiet.include(minute)), [false; 3]);
    let until_midnight = hours(at(22, 0), 0);
    assert!(until_midnight.include(at(23, 59)) && !until_midnight.include(0));
}

#[test]
fn the_same_from_and_until_is_no_hour_and_so_is_what_no_clock_shows() {
    let none = [OFF, hours(at(22, 0), at(22, 0)), hours(MINUTES_OF_DAY, at(7, 0)), hours(at(22, 0), u16::MAX)];
    for quiet in none {
        assert!((0..MINUTES_OF_DAY).all(|minute| !quiet.include(minute)), "{quiet:?}");
    }
    assert_eq!(QuietHours::default(), OFF);
}

#[test]
fn they_are_hours_of_the_clock_where_the_computer_is() {
    let (utc, tokyo) = (TimeZone::UTC, TimeZone::fixed(offset(9)));
    let noon = date(2026, 11, 30).at(12, 5, 59, 0).to_zoned(utc.clone()).expect("a moment").timestamp().as_second();
    assert_eq!(minute_of_day(noon, &utc), Some(at(12, 5)));
    assert_eq!(minute_of_day(noon, &tokyo), Some(at(21, 5)));
    assert_eq!(minute_of_day(noon, &TimeZone::fixed(offset(-12))), Some(at(0, 5)));
    assert_eq!(minute_of_day(i64::MAX, &utc), None, "no such moment: nothing is held back");
}

#[test]
fn when_the_clock_is_put_back_they_begin_and_end_by_the_clock() {
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a time zone");
    let quiet = hours(at(22, 0), at(7, 0));
    let alarm = vec![Kind::BreakGlass];
    // On 25 October the night is an hour longer.
    assert_eq!(said(quiet, date(2026, 10, 24).at(21, 59, 59, 0), &berlin).len(), 5);
    assert_eq!(said(quiet, date(2026, 10, 24).at(22, 0, 0, 0), &berlin), alarm);
    assert_eq!(said(quiet, date(2026, 10, 25).at(6, 59, 59, 0), &berlin), alarm);
    assert_eq!(said(quiet, date(2026, 10, 25).at(7, 0, 0, 0), &berlin).len(), 5);
}

#[test]
fn only_alarms_are_said_in_quiet_hours() {
    let midnight = date(2026, 11, 30).at(0, 0, 0, 0);
    assert_eq!(said(hours(at(22, 0), at(7, 0)), midnight, &TimeZone::UTC), [Kind::BreakGlass]);
    assert_eq!(said(OFF, midnight, &TimeZone::UTC).len(), 5);
}
