use std::collections::BTreeMap;

use domain::Digest;
use serde_json::json;
use wire::audit::{LogEntry, Sealed};
use wire::event::{Event, EventKind, Source};

use super::reading::LoggedAsk;
use super::*;
use crate::world::NOW;

/// An entry as the audit service shows it.
pub(crate) fn entry(index: u64, kind: EventKind, facts: &[(&str, &str)], personal: &[(&str, &str)]) -> LogEntry {
    let salt = [9; 32];
    let field = |value: &str| Sealed { salt: statement::base64url(salt).parse().unwrap(), value: value.to_owned() };
    let committed = |value: &str| statement::sha256([&salt, value.as_bytes()].concat());
    let event = Event {
        v: 1,
        at: (NOW + i64::try_from(index).unwrap()) * 1000,
        kind,
        source: Source::Broker,
        organization: Some("kinloch-hotels".parse().unwrap()),
        session: None,
        statements: Vec::new(),
        facts: facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        sealed: personal.iter().map(|(name, value)| ((*name).to_owned(), committed(value))).collect(),
    };
    let leaf = serde_json::to_string(&event).unwrap();
    let personal = personal.iter().map(|(name, value)| ((*name).to_owned(), field(value))).collect();
    LogEntry { index, leaf, event, personal }
}

/// Somebody asked for Read, for so many seconds, under this policy; refused with this code, or taken.
pub(crate) fn asked(index: u64, seconds: &str, policy: &Digest, code: Option<&str>) -> LogEntry {
    let request = statement::sha256(index.to_string());
    let with = json!({
        "at": NOW, "roles": ["engineer"], "groups": [], "employer": null, "country": null,
        "factor": {"method": "totp", "age_seconds": 20, "address": "192.0.2.7"},
    });
    let mut facts = vec![
        ("request", request.as_str()),
        ("scope", "read"),
        ("reason", "maintenance"),
        ("duration-seconds", seconds),
        ("policy", policy.as_str()),
    ];
    let kind = if code.is_some() { EventKind::RequestRefused } else { EventKind::RequestSigned };
    facts.push(code.map_or(("approvals-needed", "1"), |code| ("code", code)));
    let with = with.to_string();
    let personal = [("name", "Mara Lindqvist"), ("person", "e-mara"), ("ticket", "SUP-1"), ("asked-with", &*with)];
    entry(index, kind, &facts, &personal)
}

/// What is read of these entries, which are told with the oldest first.
pub(crate) fn period(policies: Policies, entries: &[LogEntry]) -> AskedInPeriod {
    let mut reading = Reading::of(NOW, NOW + 100);
    entries.iter().rev().for_each(|entry| reading.take(entry).unwrap());
    let (asks, others) = reading.done();
    AskedInPeriod { from: NOW, until: NOW + 100, policies, asks, others }
}

fn read(entries: &[LogEntry]) -> (Vec<LoggedAsk>, BTreeMap<(String, String), u32>) {
    let mut reading = Reading::of(NOW + 10, NOW + 20);
    entries.iter().rev().for_each(|entry| reading.take(entry).unwrap());
    reading.done()
}

fn somewhere() -> Digest {
    statement::sha256("a policy")
}

#[test]
fn what_was_taken_denied_and_refused_is_told_with_the_oldest_first() {
    let policy = somewhere();
    let denied = statement::sha256("12");
    let (asks, others) = read(&[
        asked(9, "60", &policy, None),
        asked(10, "61", &policy, None),
        asked(11, "62", &policy, Some("duration-out-of-policy")),
        asked(12, "63", &policy, None),
        asked(20, "64", &policy, None),
        entry(21, EventKind::Denied, &[("request", denied.as_str())], &[]),
    ]);
    let said: Vec<_> = asks.iter().map(|ask| (ask.index, ask.then.clone())).collect();
    let refused = Then::Refused("duration-out-of-policy".to_owned());
    assert_eq!(said, [(10, Then::Taken("1".to_owned())), (11, refused), (12, Then::Denied)]);
    assert_eq!(asks[1].who(), "Mara Lindqvist (e-mara) in kinloch-hotels");
    let told = asks[1].told.as_ref().unwrap();
    let ask = told.ask(&asks[1]);
    assert_eq!((ask.duration_seconds, ask.ticket, ask.at), (62, "SUP-1", NOW));
    assert_eq!(ask.requester.roles, [domain::Role::Engineer]);
    assert_eq!(ask.requester.address, Some("192.0.2.7".parse().unwrap()));
    assert_eq!(ask.factor.map(|f| f.age_seconds), Some(20));
    assert!(others.is_empty());
}

#[test]
fn the_same_request_sent_again_is_no_other_one() {
    let mut again = asked(11, "60", &somewhere(), Some("sent-already"));
    again.event.facts.insert("request".to_owned(), statement::sha256("10").to_string());
    again.leaf = serde_json::to_string(&again.event).unwrap();
    let (asks, _) = read(&[asked(10, "60", &somewhere(), None), again]);
    assert_eq!(asks.iter().map(|ask| ask.index).collect::<Vec<_>>(), [10]);
}

#[test]
fn what_no_policy_can_be_asked_about_says_why() {
    let mut forgotten = asked(10, "60", &somewhere(), None);
    forgotten.personal.clear();
    let mut old = asked(11, "60", &somewhere(), None);
    old.event.sealed.remove("asked-with");
    old.personal.remove("asked-with");
    old.leaf = serde_json::to_string(&old.event).unwrap();
    let strange = asked(12, "an hour", &somewhere(), None);
    let (asks, _) = read(&[forgotten, old, strange]);
    let why: Vec<_> = asks.iter().map(|ask| *ask.told.as_ref().unwrap_err()).collect();
    assert_eq!(why, [NotAskable::Forgotten, NotAskable::NotWritten, NotAskable::Unreadable]);
    assert_eq!(asks[0].who(), "Somebody in kinloch-hotels");
}

#[test]
fn a_field_that_its_entry_does_not_name_is_an_error() {
    let mut altered = asked(10, "60", &somewhere(), None);
    let with = altered.personal.get_mut("asked-with").unwrap();
    with.value = with.value.replace("engineer", "approver");
    let error = Reading::of(NOW, NOW + 100).take(&altered).unwrap_err();
    assert_eq!(error.code, "does-not-match");
}

#[test]
fn other_refusals_are_counted() {
    let refused = |index, kind, code: &str| entry(index, kind, &[("code", code)], &[]);
    let (asks, others) = read(&[
        refused(10, EventKind::RequestRefused, "malformed"),
        refused(11, EventKind::RequestRefused, "malformed"),
        refused(12, EventKind::SessionRefused, "other-tls-key"),
        refused(13, EventKind::DecisionRefused, "same-person"),
        refused(14, EventKind::CallRefused, "no-such-list"),
    ]);
    assert!(asks.is_empty());
    let said: Vec<_> = others.iter().map(|((kind, code), n)| (kind.as_str(), code.as_str(), *n)).collect();
    let expected = [
        ("decision-refused", "same-person", 1),
        ("request-refused", "malformed", 2),
        ("session-refused", "other-tls-key", 1),
    ];
    assert_eq!(said, expected);
}

#[test]
fn reading_ends_with_what_is_older() {
    let mut reading = Reading::of(NOW + 10, NOW + 20);
    reading.take(&asked(10, "60", &somewhere(), None)).unwrap();
    assert!(!reading.is_over());
    reading.take(&asked(9, "60", &somewhere(), None)).unwrap();
    assert!(reading.is_over());
}
