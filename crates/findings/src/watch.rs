use std::collections::BTreeMap;
use std::sync::Arc;

use domain::UnixMillis;
use recording::{Captured, Frame};
use serde_json::{Map, Value, json};
use sigma_rust::Event;
use wire::finding::Finding;

use crate::answer::Answer;
use crate::exchange::{Exchange, signed};
use crate::rules::{About, Rule};
use crate::{Context, Room, Rules};

/// Exchanges that are open at once in the eyes of a rule; the oldest is given up for a newer one.
const OPEN: usize = 512;

/// Looks at a Recording frame by frame.
#[derive(Debug)]
pub struct Watch {
    rules: Arc<Rules>,
    context: Context,
    room: Room,
    open: BTreeMap<u64, Exchange>,
    found: Found,
    sums: Sums,
}

/// By the rules' names.
type Found = BTreeMap<String, Finding>;

/// What came of a whole Recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What weighs most first.
    pub findings: Vec<Finding>,
    /// Of so many Sessions like this one is one drawn for review; 0 when none is.
    pub one_in: u64,
    /// This one is.
    pub drawn: bool,
}

/// Of the whole Session.
#[derive(Debug, Clone, Default)]
struct Sums {
    exchanges: u64,
    writes: u64,
    unnamed_writes: u64,
    refused: u64,
    records: u64,
    answer_bytes: u64,
    pages: u64,
    silent_pages: u64,
}

impl Watch {
    #[must_use]
    pub fn new(rules: Arc<Rules>, context: Context, room: Room) -> Self {
        let (open, found, sums) = (BTreeMap::new(), Found::new(), Sums::default());
        Self { rules, context, room, open, found, sums }
    }

    /// The next frame, in their order.
    pub fn see(&mut self, frame: &Frame) {
        match &frame.content {
            Captured::Request { exchange, method, path, body_bytes, write, .. } => {
                let new = begun(frame, method, path, *write, *body_bytes, &self.room);
                self.sums.exchanges += 1;
                self.sums.writes += u64::from(*write);
                self.sums.unnamed_writes += u64::from(*write && !self.context.names(path));
                self.begin(*exchange, new);
            }
            Captured::Response { exchange, status, headers } => {
                if let Some(open) = self.open.get_mut(exchange) {
                    open.status = *status;
                    open.headers.clone_from(headers);
                }
            }
            Captured::Text { exchange, .. } | Captured::Body { exchange, .. } => {
                if let (Some(open), Some(bytes)) = (self.open.get_mut(exchange), frame.content.part()) {
                    open.answer.take(&bytes);
                }
            }
            Captured::Done { exchange, body_bytes, cut, .. } => {
                if let Some(open) = self.open.remove(exchange) {
                    self.ended(&open, *body_bytes, cut.as_deref().unwrap_or_default());
                }
            }
            Captured::Refused { method, path, code, .. } => {
                self.sums.exchanges += 1;
                self.sums.refused += 1;
                let refused = Exchange { refused: code.clone(), ..begun(frame, method, path, false, 0, &self.room) };
                self.ended(&refused, 0, "");
            }
            Captured::Page { .. } => self.sums.pages += 1,
            Captured::Note { code, .. } => self.sums.silent_pages += u64::from(code == "recorder-absent"),
            Captured::Socket { .. } => {}
        }
    }

    /// What was found by now, what weighs most first; the Session goes on. Nothing is drawn.
    #[must_use]
    pub fn so_far(&mut self, seconds: u64, extensions: u64) -> Vec<Finding> {
        (self.context.seconds, self.context.extensions) = (seconds, extensions);
        let mut all = self.found.clone();
        ask(&self.rules, About::Session, &self.of_the_session(), None, &mut all);
        in_order(all)
    }

    /// The Session is over.
    #[must_use]
    pub fn done(mut self) -> Looked {
        // What never ended was seen as far as it went.
        for (_, open) in std::mem::take(&mut self.open) {
            self.ended(&open, 0, "unfinished");
        }
        let fields = self.of_the_session();
        ask(&self.rules, About::Session, &fields, None, &mut self.found);
        let share = share(&self.rules, &fields);
        let one_in = share.as_ref().map_or(0, |(_, one_in, _)| *one_in);
        let drawn = self.context.draw.as_ref().is_some_and(|draw| draw.is_one_in(one_in));
        if let Some((rule, _, sentence)) = share.filter(|_| drawn) {
            add(&mut self.found, rule, sentence, None);
        }
        Looked { findings: in_order(self.found), one_in, drawn }
    }

    fn begin(&mut self, number: u64, exchange: Exchange) {
        if self.open.len() >= OPEN
            && let Some((_, oldest)) = self.open.pop_first()
        {
            self.ended(&oldest, 0, "unfinished");
        }
        self.open.insert(number, exchange);
    }

    fn ended(&mut self, exchange: &Exchange, answer_bytes: u64, cut: &str) {
        let fields = exchange.fields(answer_bytes, cut, &self.context);
        let records = fields.get("records").and_then(Value::as_u64).unwrap_or(0);
        self.sums.records = self.sums.records.saturating_add(records);
        self.sums.answer_bytes = self.sums.answer_bytes.saturating_add(answer_bytes);
        ask(&self.rules, About::Exchange, &fields, Some((exchange.frame, exchange.at)), &mut self.found);
    }

    fn of_the_session(&self) -> Map<String, Value> {
        let (sums, context) = (&self.sums, &self.context);
        let (usual, day) = (context.usual(), context.day());
        let exchanges_day = day.exchanges.saturating_add(sums.exchanges);
        let times = |number: u64, usual: Option<u64>| usual.filter(|n| *n > 0).map_or(0, |n| number / n);
        let fields = json!({
            "scope": context.scope,
            "reason": context.reason,
            "minutes": signed(context.seconds / 60),
            "weekday": context.weekday,
            "minute": context.minute,
            "first_here": context.first_here,
            "exchanges": signed(sums.exchanges),
            "writes": signed(sums.writes),
            "unnamed_writes": signed(sums.unnamed_writes),
            "refused": signed(sums.refused),
            "records": signed(sums.records),
            "answer_bytes": signed(sums.answer_bytes),
            "times_usual": signed(times(sums.exchanges, usual.exchanges)),
            "usual_exchanges": signed(usual.exchanges.unwrap_or(0)),
            "usual_for": if usual.same_reason { "this reason" } else { "any reason" },
            "sessions_day": signed(day.sessions + 1),
            "organizations_day": signed(day.organizations),
            "exchanges_day": signed(exchanges_day),
            "refused_day": signed(day.refused.saturating_add(sums.refused)),
            "day_times_usual": signed(times(exchanges_day, day.usual_exchanges)),
            "usual_exchanges_day": signed(day.usual_exchanges.unwrap_or(0)),
            "extensions": signed(context.extensions),
            "pages": signed(sums.pages),
            "silent_pages": signed(sums.silent_pages),
            "missing_batches": signed(context.missing_batches),
            "ended": context.ended,
        });
        fields.as_object().cloned().unwrap_or_default()
    }
}

/// What every rule about this says of it; those that draw say nothing yet.
fn ask(rules: &Rules, about: About, fields: &Map<String, Value>, place: Option<(u64, UnixMillis)>, found: &mut Found) {
    let Ok(event) = serde_json::from_value::<Event>(Value::Object(fields.clone())) else { return };
    for rule in rules.about(about).filter(|rule| rule.one_in.is_none()) {
        if let Some(sentence) = rule.says(&event, fields) {
            add(found, rule, sentence, place);
        }
    }
}

/// The rule that draws the most of such Sessions, its share, and its words.
fn share<'a>(rules: &'a Rules, fields: &Map<String, Value>) -> Option<(&'a Rule, u64, String)> {
    let event = serde_json::from_value::<Event>(Value::Object(fields.clone())).ok()?;
    let meant = rules.about(About::Session).filter_map(|rule| Some((rule, rule.one_in?, rule.says(&event, fields)?)));
    meant.min_by_key(|(_, one_in, _)| *one_in)
}

fn in_order(found: Found) -> Vec<Finding> {
    let mut found: Vec<Finding> = found.into_values().collect();
    found.sort_by_key(|finding| (std::cmp::Reverse(finding.weight), finding.frame));
    found
}

fn begun(frame: &Frame, method: &str, path: &str, write: bool, request_bytes: u64, room: &Room) -> Exchange {
    Exchange {
        frame: frame.seq,
        at: frame.at,
        method: method.to_owned(),
        path: path.to_owned(),
        write,
        request_bytes,
        status: 0,
        headers: Vec::new(),
        answer: Answer::new(room.clone()),
        refused: String::new(),
    }
}

fn add(found: &mut Found, rule: &Rule, sentence: String, place: Option<(u64, UnixMillis)>) {
    let first = || Finding {
        rule: rule.name.clone(),
        weight: rule.weight,
        sentence,
        frame: place.map(|(frame, _)| frame),
        at: place.map(|(_, at)| at),
        times: 0,
    };
    found.entry(rule.name.clone()).or_insert_with(first).times += 1;
}
