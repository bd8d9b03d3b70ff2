//! That somebody was shown something: one Event for each person or service, thing and hour. Desktops load their lists again
//! with every change of the log; an Event for each answer would be followed by another one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use domain::{PersonId, UnixSeconds};
use statement::Identity;
use wire::event::{Append, EventKind};

use crate::Service;
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

/// Whom a call shows something.
#[derive(Debug, Clone, Copy)]
pub enum Viewer<'a> {
    Person(&'a Identity),
    Service(Service),
}

impl Viewer<'_> {
    fn whose(self) -> Whose {
        match self {
            Self::Person(who) => Whose::Person(who.person.clone()),
            Self::Service(service) => Whose::Service(service.name()),
        }
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
    pub fn event(&self, viewer: Viewer<'_>) -> Append {
        let event = Append::new(EventKind::Viewed).fact("call", &self.call);
        let mut event = match viewer {
            Viewer::Service(service) => event.fact("service", service.name()),
            Viewer::Person(who) => {
                event.fact("device", who.device.as_str()).personal("person", &who.person.0).personal("name", &who.name)
            }
        };
        let (_, template) = self.call.split_once(' ').unwrap_or_default();
        for (name, value) in template.split('/').zip(self.path.split('/')) {
            match name {
                "{session}" => event.session = value.parse().ok(),
                "{digest}" | "{request}" => event = event.fact("request", value),
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
    written: HashSet<(Whose, String)>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Whose {
    Person(PersonId),
    Service(&'static str),
}

impl Viewings {
    /// Whether the log has it already.
    #[must_use]
    pub fn has(&self, viewer: Viewer<'_>, view: &View, now: UnixSeconds) -> bool {
        let hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hour.number == now.div_euclid(HOUR) && hour.written.contains(&(viewer.whose(), view.thing().to_owned()))
    }

    /// The log has it.
    pub fn written(&self, viewer: Viewer<'_>, view: &View, now: UnixSeconds) {
        let mut hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.div_euclid(HOUR);
        if hour.number != number || hour.written.len() >= CAPACITY {
            *hour = Hour { number, ..Hour::default() };
        }
        hour.written.insert((viewer.whose(), view.thing().to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str) -> Identity {
        let (key, _) = statement::DeviceKey::generate().expect("key");
        Identity {
            person: PersonId(id.into()),
            subject: String::new(),
            name: "Mara Lindqvist".into(),
            roles: Vec::new(),
            groups: Vec::new(),
            employer: None,
            country: None,
            device: key.public().thumbprint(),
            device_key: key.public().clone(),
            kid: statement::sha256("token"),
            signed_in_at: 0,
        }
    }

    fn view(call: &str, path: &str) -> View {
        View { call: call.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn one_entry_for_each_person_or_service_thing_and_hour() {
        let (mara, ines) = (person("e-1"), person("e-2"));
        let (mara, ines, gateway) = (Viewer::Person(&mara), Viewer::Person(&ines), Viewer::Service(Service::Gateway));
        let viewings = Viewings::default();
        let one = view("GET /v1/sessions/{session}", "/v1/sessions/a");
        assert!(!viewings.has(mara, &one, 7199));
        viewings.written(mara, &one, 7199);
        assert!(viewings.has(mara, &one, 3600));
        assert!(!viewings.has(ines, &one, 7199), "another person");
        assert!(!viewings.has(gateway, &one, 7199), "a service");
        viewings.written(gateway, &one, 7199);
        assert!(viewings.has(gateway, &one, 7199));
        assert!(!viewings.has(Viewer::Service(Service::Broker), &one, 7199), "another service");
        assert!(!viewings.has(mara, &view("GET /v1/sessions/{session}", "/v1/sessions/b"), 7199), "another Session");
        assert!(!viewings.has(mara, &one, 7200), "another hour");
        viewings.written(ines, &view("GET /tile/{*path}", "/tile/0/000"), 7200);
        assert!(viewings.has(ines, &view("GET /tile/{*path}", "/tile/0/001"), 7200), "parts of one thing");
    }

    #[test]
    fn the_event_says_whom() {
        let mara = person("e-1");
        let one = view("GET /v1/grants/{request}", "/v1/grants/abc");
        let event = one.event(Viewer::Person(&mara));
        assert_eq!((event.facts["request"].as_str(), event.personal["person"].as_str()), ("abc", "e-1"));
        assert!(!event.facts.contains_key("service"));
        let event = one.event(Viewer::Service(Service::Gateway));
        assert_eq!((event.facts["service"].as_str(), event.personal.len()), ("gateway", 0));
    }

    #[test]
    fn what_does_not_fit_is_written_again_and_not_left_out() {
        let (viewings, mara) = (Viewings::default(), person("e-1"));
        let mara = Viewer::Person(&mara);
        let view = |n: usize| view("GET /v1/sessions/{session}", &n.to_string());
        (0..=CAPACITY).for_each(|n| viewings.written(mara, &view(n), 0));
        assert!(viewings.has(mara, &view(CAPACITY), 0));
        assert!(!viewings.has(mara, &view(0), 0));
    }
}
