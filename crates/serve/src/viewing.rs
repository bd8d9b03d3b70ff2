//! That somebody was shown something: one Event for each person, thing and hour. Desktops load their lists again with every
//! change of the log; an Event for each answer would be followed by another one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use domain::{PersonId, UnixSeconds};
use statement::Identity;
use wire::event::{Append, EventKind};

use crate::call::{Call, Leaves, Verb};

const HOUR: i64 = 3600;
/// Things that are remembered; beyond, some get a second entry in their hour.
const CAPACITY: usize = 100_000;

/// Who turned out to make a call. Whoever stands around the routes puts one into the request's extensions.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<Mutex<Option<Identity>>>);

impl Known {
    /// Whose PK token the call carries, once that is verified; the proof of possession may still be wrong.
    pub(crate) fn is(&self, who: &Identity) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(who.clone());
    }

    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a call shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// As the table has it.
    call: String,
    /// As it was called.
    path: String,
}

impl View {
    /// What this request is shown if it is answered; `None` when its entry in the table leaves something else.
    #[must_use]
    pub fn of<A>(calls: &[Call<A>], request: &Request) -> Option<Self> {
        let template = request.extensions().get::<MatchedPath>()?.as_str();
        let verb = match *request.method() {
            Method::GET | Method::HEAD => Verb::Get,
            Method::POST => Verb::Post,
            _ => return None,
        };
        let call = calls.iter().find(|call| call.verb == verb && call.path == template)?;
        let leaves = call.leaves == Leaves::View;
        leaves.then(|| Self { call: format!("{} {template}", verb.word()), path: request.uri().path().to_owned() })
    }

    /// The Event of it. A Session or a request in the address is named.
    #[must_use]
    pub fn event(&self, who: &Identity) -> Append {
        let mut event = Append::new(EventKind::Viewed)
            .fact("call", &self.call)
            .fact("device", who.device.as_str())
            .personal("person", &who.person.0)
            .personal("name", &who.name);
        let (_, template) = self.call.split_once(' ').unwrap_or_default();
        for (name, value) in template.split('/').zip(self.path.split('/')) {
            match name {
                "{session}" => event.session = value.parse().ok(),
                "{digest}" => event = event.fact("request", value),
                _ => {}
            }
        }
        event
    }

    /// Tiles and proofs are parts of one thing, whichever of them is fetched.
    fn thing(&self) -> &str {
        if self.call.contains("{*") { &self.call } else { &self.path }
    }
}

/// Who was shown what in this hour, as far as it stands in the log.
#[derive(Debug, Default)]
pub struct Viewings(Mutex<Hour>);

#[derive(Debug, Default)]
struct Hour {
    number: i64,
    written: HashSet<(PersonId, String)>,
}

impl Viewings {
    /// Whether the log has it already.
    #[must_use]
    pub fn has(&self, who: &PersonId, view: &View, now: UnixSeconds) -> bool {
        let hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hour.number == now.div_euclid(HOUR) && hour.written.contains(&(who.clone(), view.thing().to_owned()))
    }

    /// The log has it.
    pub fn written(&self, who: &PersonId, view: &View, now: UnixSeconds) {
        let mut hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.div_euclid(HOUR);
        if hour.number != number || hour.written.len() >= CAPACITY {
            *hour = Hour { number, ..Hour::default() };
        }
        hour.written.insert((who.clone(), view.thing().to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_for_each_person_thing_and_hour() {
        let view = |call: &str, path: &str| View { call: call.to_owned(), path: path.to_owned() };
        let (mara, ines) = (PersonId("e-1".into()), PersonId("e-2".into()));
        let viewings = Viewings::default();
        let one = view("GET /v1/sessions/{session}", "/v1/sessions/a");
        assert!(!viewings.has(&mara, &one, 7199));
        viewings.written(&mara, &one, 7199);
        assert!(viewings.has(&mara, &one, 3600));
        assert!(!viewings.has(&ines, &one, 7199), "another person");
        assert!(!viewings.has(&mara, &view("GET /v1/sessions/{session}", "/v1/sessions/b"), 7199), "another Session");
        assert!(!viewings.has(&mara, &one, 7200), "another hour");
        viewings.written(&ines, &view("GET /tile/{*path}", "/tile/0/000"), 7200);
        assert!(viewings.has(&ines, &view("GET /tile/{*path}", "/tile/0/001"), 7200), "parts of one thing");
    }

    #[test]
    fn what_does_not_fit_is_written_again_and_not_left_out() {
        let (viewings, mara) = (Viewings::default(), PersonId("e-1".into()));
        let view = |n: usize| View { call: "GET /v1/sessions/{session}".into(), path: n.to_string() };
        (0..=CAPACITY).for_each(|n| viewings.written(&mara, &view(n), 0));
        assert!(viewings.has(&mara, &view(CAPACITY), 0));
        assert!(!viewings.has(&mara, &view(0), 0));
    }
}
