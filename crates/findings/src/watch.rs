use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::UnixMillis;
use recording::{Captured, Frame};
use serde_json::{Map, Value, json};
use sigma_rust::Event;
use wire::finding::Finding;

use crate::answer::Answer;
use crate::exchange::{Exchange, signed};
use crate::rules::{About, Rule};
use crate::{Context, Rules};

/// Exchanges that are open at once in the eyes of a rule; the oldest is given up for a newer one.
const OPEN: usize = 512;

/// Looks at a Recording frame by frame.
#[derive(Debug)]
pub struct Watch<'a> {
    rules: &'a Rules,
    context: &'a Context,
    open: BTreeMap<u64, Exchange>,
    found: BTreeMap<String, Finding>,
    sums: Sums,
}

/// Of the whole Session.
#[derive(Debug, Default)]
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

impl<'a> Watch<'a> {
    #[must_use]
    pub fn new(rules: &'a Rules, context: &'a Context) -> Self {
        Self { rules, context, open: BTreeMap::new(), found: BTreeMap::new(), sums: Sums::default() }
    }

    /// The next frame, in their order.
    pub fn see(&mut self, frame: &Frame) {
        match &frame.content {
            Captured::Request { exchange, method, path, body_bytes, write, .. } => {
                let new = begun(frame, method, path, *write, *body_bytes);
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
            Captured::Body { exchange, bytes, .. } => {
                if let (Some(open), Ok(bytes)) = (self.open.get_mut(exchange), URL_SAFE_NO_PAD.decode(bytes)) {
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
                let refused = Exchange { refused: code.clone(), ..begun(frame, method, path, false, 0) };
                self.ended(&refused, 0, "");
            }
            Captured::Page { .. } => self.sums.pages += 1,
            Captured::Note { code, .. } => self.sums.silent_pages += u64::from(code == "recorder-absent"),
            Captured::Socket { .. } => {}
        }
    }

    /// The Session is over: everything that was found, what weighs most first.
    #[must_use]
    pub fn done(mut self) -> Vec<Finding> {
        // What never ended was seen as far as it went.
        for (_, open) in std::mem::take(&mut self.open) {
            self.ended(&open, 0, "unfinished");
        }
        let fields = self.of_the_session();
        self.ask(About::Session, &fields, None);
        let mut found: Vec<Finding> = self.found.into_values().collect();
        found.sort_by_key(|finding| (std::cmp::Reverse(finding.weight), finding.frame));
        found
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
        let fields = exchange.fields(answer_bytes, cut, self.context);
        let records = fields.get("records").and_then(Value::as_u64).unwrap_or(0);
        self.sums.records = self.sums.records.saturating_add(records);
        self.sums.answer_bytes = self.sums.answer_bytes.saturating_add(answer_bytes);
        self.ask(About::Exchange, &fields, Some((exchange.frame, exchange.at)));
    }

    fn ask(&mut self, about: About, fields: &Map<String, Value>, place: Option<(u64, UnixMillis)>) {
        let Ok(event) = serde_json::from_value::<Event>(Value::Object(fields.clone())) else { return };
        for rule in self.rules.about(about) {
            if let Some(sentence) = rule.says(&event, fields) {
                found(&mut self.found, rule, sentence, place);
            }
        }
    }

    fn of_the_session(&self) -> Map<String, Value> {
        let (sums, context) = (&self.sums, self.context);
        let usual = context.usual_exchanges();
        let times = usual.filter(|usual| *usual > 0).map_or(0, |usual| sums.exchanges / usual);
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
            "times_usual": signed(times),
            "usual_exchanges": signed(usual.unwrap_or(0)),
            "extensions": signed(context.extensions),
            "pages": signed(sums.pages),
            "silent_pages": signed(sums.silent_pages),
            "missing_batches": signed(context.missing_batches),
            "ended": context.ended,
        });
        fields.as_object().cloned().unwrap_or_default()
    }
}

fn begun(frame: &Frame, method: &str, path: &str, write: bool, request_bytes: u64) -> Exchange {
    Exchange {
        frame: frame.seq,
        at: frame.at,
        method: method.to_owned(),
        path: path.to_owned(),
        write,
        request_bytes,
        status: 0,
        headers: Vec::new(),
        answer: Answer::default(),
        refused: String::new(),
    }
}

fn found(all: &mut BTreeMap<String, Finding>, rule: &Rule, sentence: String, place: Option<(u64, UnixMillis)>) {
    let first = || Finding {
        rule: rule.name.clone(),
        weight: rule.weight,
        sentence,
        frame: place.map(|(frame, _)| frame),
        at: place.map(|(_, at)| at),
        times: 0,
    };
    all.entry(rule.name.clone()).or_insert_with(first).times += 1;
}
