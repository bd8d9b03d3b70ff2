//! A walk of all callers through all calls, for tests: what each gets is what the table says of them, and leaves what the
//! table says it leaves.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use domain::UnixSeconds;
use serde_json::Value;
use wire::event::EventKind;

use crate::call::{Body, Call, Leaves, Verb, Who};

/// A call as it was made and answered.
#[derive(Debug)]
pub struct Step<'a> {
    /// The caller's word in the golden file.
    pub caller: &'a str,
    /// Everything that the caller is.
    pub is: &'a [Who],
    /// The person or the service, whatever their word: what one of them was shown as another stays shown.
    pub viewer: &'a str,
    /// As it was called.
    pub path: &'a str,
    pub now: UnixSeconds,
    /// The body, when it is JSON.
    pub sent: Option<&'a Value>,
    pub status: u16,
    /// The answer's `Content-Type`; empty when it has none.
    pub media: &'a str,
    /// The answer, or the problem.
    pub answer: &'a Value,
    /// What the log got meanwhile; `None` when the test looks for it in another way.
    pub events: Option<&'a [EventKind]>,
}

/// What was seen of one call.
#[derive(Debug, Default, Clone)]
struct Seen {
    lines: Vec<String>,
    answers: usize,
    left: BTreeSet<EventKind>,
    refused: BTreeSet<EventKind>,
}

/// The steps so far.
#[derive(Debug)]
pub struct Walk<'a, A> {
    calls: &'a [Call<A>],
    seen: Vec<Seen>,
    wrong: Vec<String>,
    /// Who called for what in which hour.
    hours: HashSet<(String, String, i64)>,
}

impl<'a, A> Walk<'a, A> {
    #[must_use]
    pub fn through(calls: &'a [Call<A>]) -> Self {
        Self { calls, seen: vec![Seen::default(); calls.len()], wrong: Vec::new(), hours: HashSet::new() }
    }

    /// Takes one step of the call at this place of the table.
    pub fn step(&mut self, at: usize, step: &Step<'_>) {
        let (call, seen) = (&self.calls[at], &mut self.seen[at]);
        let code = if step.status < 400 { "" } else { step.answer["code"].as_str().unwrap_or_default() };
        let line = format!("{:<4} {:<35} {:<17} {} {code}", call.verb.word(), call.path, step.caller, step.status);
        let may = call.by.iter().any(|who| step.is.contains(who));
        let turned_away = matches!(step.status, 401 | 403 | 404);
        let mut wrong = Vec::new();
        if may == turned_away {
            wrong.push(format!("the table says {:?}", call.by));
        }
        let expected =
            if step.status < 400 { call.gives.media().unwrap_or_default() } else { "application/problem+json" };
        if step.media.split(';').next() != Some(expected) {
            wrong.push(format!("it is {:?}, not {expected:?}", step.media));
        }
        if step.status < 400 {
            seen.answers += 1;
            wrong.extend(check_shapes(call, step));
        }
        if let Some(kinds) = step.events {
            let this = (step.viewer.to_owned(), thing(call.verb, call.path, step.path), step.now.div_euclid(3600));
            let answered = step.status < 400;
            let is_first = answered && matches!(call.leaves, Leaves::Hourly(_)) && self.hours.insert(this);
            wrong.extend(check_events(call, seen, answered, is_first, kinds));
        }
        self.wrong.extend(wrong.into_iter().map(|what| format!("{}: {what}", line.trim_end())));
        seen.lines.push(line);
    }

    /// What was wrong on the way, and what differs from the golden file, which `COUNTERSIGN_BLESS=1` writes again.
    ///
    /// # Errors
    /// All of it, one a line.
    pub fn finish(mut self, golden: &Path) -> Result<(), String> {
        for (call, seen) in self.calls.iter().zip(&self.seen) {
            let name = format!("{} {}", call.verb.word(), call.path);
            if seen.answers == 0 {
                self.wrong.push(format!("{name}: nobody got an answer"));
            }
            let kinds = match call.leaves {
                Leaves::Each(kinds) => kinds,
                Leaves::Hourly(ref kind) => std::slice::from_ref(kind),
                Leaves::Given | Leaves::Nothing => &[],
            };
            let never = kinds.iter().filter(|kind| !seen.left.contains(kind));
            self.wrong.extend(never.map(|kind| format!("{name}: never left {kind:?}")));
            let refused_as = call.refused;
            if refused_as != EventKind::CallRefused && !seen.refused.contains(&refused_as) {
                self.wrong.push(format!("{name}: never left {refused_as:?}"));
            }
        }
        let lines = self.seen.iter().flat_map(|seen| &seen.lines);
        let table: String = lines.map(|line| format!("{}\n", line.trim_end())).collect();
        if std::env::var_os("COUNTERSIGN_BLESS").is_some()
            && let Err(error) = std::fs::write(golden, &table)
        {
            self.wrong.push(error.to_string());
        }
        let known = std::fs::read_to_string(golden).unwrap_or_default();
        let (now, then): (BTreeSet<&str>, BTreeSet<&str>) = (table.lines().collect(), known.lines().collect());
        self.wrong.extend(now.difference(&then).map(|line| format!("not in {}: {line}", golden.display())));
        self.wrong.extend(then.difference(&now).map(|line| format!("only in {}: {line}", golden.display())));
        if self.wrong.is_empty() { Ok(()) } else { Err(self.wrong.join("\n")) }
    }
}

/// The same address to whoever undoes escapes.
#[must_use]
pub fn escaped(path: &str) -> String {
    let (before, last) = path.split_at(path.len().saturating_sub(1));
    last.bytes().fold(before.to_owned(), |path, byte| format!("{path}%{byte:02X}"))
}

/// Parts of one thing are one.
fn thing(verb: Verb, template: &str, path: &str) -> String {
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let parts =
        template.split('/').zip(path.split('/')).take_while(|(name, _)| !matches!(*name, "{number}" | "{*path}"));
    format!("{} {}", verb.word(), parts.map(|(_, part)| part).collect::<Vec<_>>().join("/"))
}

fn check_shapes<A>(call: &Call<A>, step: &Step<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let nothing = matches!(call.gives, Body::Nothing);
    if (step.status == 204) != nothing {
        wrong.push("the table says another answer".to_owned());
    }
    if let Body::Json(shape) = &call.gives
        && !shape.holds(step.answer)
    {
        wrong.push(format!("the answer has another shape: {}", step.answer));
    }
    let sent = match (&call.takes, step.sent) {
        (Body::Json(shape), Some(sent)) => shape.holds(sent),
        (Body::Nothing | Body::Octets, None) => true,
        _ => false,
    };
    if !sent {
        wrong.push(format!("what was sent has another shape: {:?}", step.sent));
    }
    wrong
}

fn check_events<A>(
    call: &Call<A>,
    seen: &mut Seen,
    answered: bool,
    is_first: bool,
    kinds: &[EventKind],
) -> Option<String> {
    if !answered {
        seen.refused.extend(kinds);
        let usual = [EventKind::SignInRefused, EventKind::CallRefused, call.refused];
        let right = matches!(kinds, [one] if usual.contains(one));
        return (!right).then(|| format!("a refusal left {kinds:?}"));
    }
    seen.left.extend(kinds);
    let right = match call.leaves {
        Leaves::Each(of) => matches!(kinds, [one] if of.contains(one)),
        Leaves::Given => kinds.len() == 1,
        Leaves::Hourly(kind) if is_first => kinds == [kind],
        Leaves::Hourly(_) | Leaves::Nothing => kinds.is_empty(),
    };
    let first = if is_first { ", and it is the first of this hour" } else { "" };
    (!right).then(|| format!("it left {kinds:?}, the table says {:?}{first}", call.leaves))
}
