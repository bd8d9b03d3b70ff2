use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use domain::{Digest, OrgId, ReasonCategory, Scope, UnixSeconds, legible};
use policy::{Ask, Somebody};
use serde::Serialize;
use statement::Factor;
use wire::asked::{ASKED_WITH, AskedFactor, AskedWith};
use wire::audit::LogEntry;
use wire::event::{Event, EventKind};

use super::super::altered;
use super::super::entries::matches_leaf;
use crate::show::{label, word};
use crate::view::UiError;

/// A request that somebody signed, and what became of it.
#[derive(Debug)]
pub(crate) struct LoggedAsk {
    /// Its entry.
    pub(crate) index: u64,
    pub(crate) at: UnixSeconds,
    pub(crate) organization: Option<OrgId>,
    /// Empty when the log's operator cannot open it any more.
    pub(crate) name: String,
    pub(crate) person: String,
    /// The policy that was in force.
    pub(crate) policy: Option<Digest>,
    pub(crate) then: Then,
    pub(crate) told: Result<Told, NotAskable>,
}

/// What was said to it at the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Then {
    /// It could be countersigned, with so many countersigners at least, and nobody denied it.
    Taken(String),
    Denied,
    /// The broker did not take it, with this code.
    Refused(String),
}

/// Why no policy can be asked about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NotAskable {
    /// Its personal fields are gone.
    Forgotten,
    /// The entry does not say what the requester's sign-in said.
    NotWritten,
    Unreadable,
    /// The chain of adopted policies does not hold the one that it names.
    OtherPolicy,
}

/// What a policy is asked about.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) reason: ReasonCategory,
    pub(crate) scope: Scope,
    pub(crate) duration_seconds: i64,
    ticket: String,
    with: AskedWith,
    factor: Option<Factor>,
}

/// Entries of the log, the newest first.
pub(super) struct Reading {
    period: Range<UnixSeconds>,
    over: bool,
    denied: BTreeSet<String>,
    signed: BTreeSet<String>,
    asks: Vec<(String, LoggedAsk)>,
    others: BTreeMap<(String, String), u32>,
}

impl Reading {
    pub(super) fn of(from: UnixSeconds, until: UnixSeconds) -> Self {
        let (denied, signed) = (BTreeSet::new(), BTreeSet::new());
        Self { period: from..until, over: false, denied, signed, asks: Vec::new(), others: BTreeMap::new() }
    }

    /// Whether what is still to come is older than the period.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    pub(super) fn take(&mut self, entry: &LogEntry) -> Result<(), UiError> {
        let event: Event = serde_json::from_str(&entry.leaf).map_err(|_| altered("an entry is not an Event"))?;
        let at = event.at.div_euclid(1000);
        self.over |= at < self.period.start;
        let fact = |name: &str| event.facts.get(name).cloned();
        // A request of the period may be denied behind its end.
        if event.kind == EventKind::Denied {
            self.denied.extend(fact("request"));
        }
        if !self.period.contains(&at) {
            return Ok(());
        }
        match (event.kind, fact("request"), fact("scope")) {
            (EventKind::RequestSigned | EventKind::RequestRefused, Some(request), Some(_)) => {
                self.ask(request, entry, &event)
            }
            (EventKind::RequestRefused | EventKind::DecisionRefused | EventKind::SessionRefused, ..) => {
                let named = (label(&event.kind), fact("code").unwrap_or_default());
                *self.others.entry(named).or_default() += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn ask(&mut self, request: String, entry: &LogEntry, event: &Event) -> Result<(), UiError> {
        let then = if event.kind == EventKind::RequestSigned {
            self.signed.insert(request.clone());
            Then::Taken(event.facts.get("approvals-needed").cloned().unwrap_or_default())
        } else {
            Then::Refused(event.facts.get("code").cloned().unwrap_or_default())
        };
        let personal = |name: &str| opened(entry, event, name);
        let ask = LoggedAsk {
            index: entry.index,
            at: event.at.div_euclid(1000),
            organization: event.organization.clone(),
            name: personal("name")?.unwrap_or_default(),
            person: personal("person")?.unwrap_or_default(),
            policy: event.facts.get("policy").and_then(|digest| digest.parse().ok()),
            then,
            told: told(event, personal("ticket")?, personal(ASKED_WITH)?),
        };
        self.asks.push((request, ask));
        Ok(())
    }

    /// The oldest first. Sending a request that was taken once more is no other request.
    pub(super) fn done(self) -> (Vec<LoggedAsk>, BTreeMap<(String, String), u32>) {
        let Self { asks, denied, signed, .. } = self;
        let again =
            |request: &String, ask: &LoggedAsk| matches!(ask.then, Then::Refused(_)) && signed.contains(request);
        let asks = asks.into_iter().rev().filter(|(request, ask)| !again(request, ask)).map(|(request, ask)| {
            let then =
                if denied.contains(&request) && matches!(ask.then, Then::Taken(_)) { Then::Denied } else { ask.then };
            LoggedAsk { then, ..ask }
        });
        (asks.collect(), self.others)
    }
}

/// A personal field, when it can still be read; one that is not what the leaf commits to is no field.
fn opened(entry: &LogEntry, event: &Event, name: &str) -> Result<Option<String>, UiError> {
    match entry.personal.get(name) {
        None => Ok(None),
        Some(sealed) if matches_leaf(event, name, sealed) => Ok(Some(sealed.value.clone())),
        Some(_) => Err(altered("a personal field is not the one that its entry names")),
    }
}

fn told(event: &Event, ticket: Option<String>, with: Option<String>) -> Result<Told, NotAskable> {
    if !event.sealed.contains_key(ASKED_WITH) {
        return Err(NotAskable::NotWritten);
    }
    let (Some(ticket), Some(with)) = (ticket, with) else { return Err(NotAskable::Forgotten) };
    let fact = |name: &str| event.facts.get(name).map(String::as_str).unwrap_or_default();
    let read = || {
        let with: AskedWith = serde_json::from_str(&with).ok()?;
        let factor = with.factor.clone().map(|AskedFactor { method, age_seconds, address }| Factor {
            method,
            age_seconds,
            address,
        });
        let duration_seconds = fact("duration-seconds").parse().ok()?;
        Some(Told {
            reason: word(fact("reason"))?,
            scope: word(fact("scope"))?,
            duration_seconds,
            ticket,
            with,
            factor,
        })
    };
    read().ok_or(NotAskable::Unreadable)
}

impl Told {
    /// The same as it was asked then.
    pub(crate) fn ask<'a>(&'a self, of: &'a LoggedAsk) -> Ask<'a> {
        let AskedWith { at, roles, groups, employer, country, .. } = &self.with;
        let requester = Somebody {
            person: &of.person,
            roles,
            groups,
            employer: employer.as_deref(),
            country: country.as_deref(),
            address: None,
        };
        Ask {
            requester: requester.calling_from(self.factor.as_ref()),
            organization: of.organization.as_ref(),
            reason: self.reason,
            scope: self.scope,
            duration_seconds: self.duration_seconds,
            ticket: &self.ticket,
            at: *at,
            factor: self.factor.as_ref(),
        }
    }
}

impl NotAskable {
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Forgotten => "its Organization was forgotten, and with it who asked",
            Self::NotWritten => "its entry does not say what the requester's sign-in and second factor said",
            Self::Unreadable => "its entry is not written as this version reads it",
            Self::OtherPolicy => "it names a policy that was never in force here",
        }
    }
}

impl LoggedAsk {
    /// Who asked, where.
    pub(crate) fn who(&self) -> String {
        let organization = self.organization.as_ref().map(ToString::to_string).unwrap_or_default();
        if self.person.is_empty() {
            return format!("Somebody in {organization}");
        }
        format!("{} ({}) in {organization}", legible(&self.name), legible(&self.person))
    }
}
