//! What leaves one Event for each person or service, thing and hour: that somebody was shown something, and what services do
//! all the time. Desktops load their lists again with every change of the log; an Event for each answer would be followed
//! by another one.

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

/// Whose call it is.
#[derive(Debug, Clone, Copy)]
pub enum CalledBy<'a> {
    Person(&'a Identity),
    Service(Service),
}

impl CalledBy<'_> {
    fn whose(self) -> Whose {
        match self {
            Self::Person(who) => Whose::Person(who.person.clone()),
            Self::Service(service) => Whose::Service(service.name()),
        }
    }
}

/// A call of this kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hourly {
    kind: EventKind,
    /// As the table has it.
    call: String,
    /// As it was called.
    path: String,
}

impl Hourly {
    /// This request, if it is answered; `None` when its entry in the table leaves something else.
    #[must_use]
    pub fn of<A>(calls: &[Call<A>], request: &Request) -> Option<Self> {
        let template = request.extensions().get::<MatchedPath>()?.as_str();
        let verb = match *request.method() {
            Method::GET | Method::HEAD => Verb::Get,
            Method::POST => Verb::Post,
            _ => return None,
        };
        let call = calls.iter().find(|call| call.verb == verb && call.path == template)?;
        let Leaves::Hourly(kind) = call.leaves else { return None };
        Some(Self { kind, call: format!("{} {template}", verb.word()), path: request.uri().path().to_owned() })
    }

    /// Whether it is this one: verb and path, as the table has them.
    #[must_use]
    pub fn is(&self, call: &str) -> bool {
        self.call == call
    }

    /// The Event of it. What the address says of a Session, a request or a batch is in it.
    #[must_use]
    pub fn event(&self, by: CalledBy<'_>) -> Append {
        let event = Append::new(self.kind).fact("call", &self.call);
        let mut event = match by {
            CalledBy::Service(service) => event.fact("service", service.name()),
            CalledBy::Person(who) => {
                event.fact("device", who.device.as_str()).personal("person", &who.person.0).personal("name", &who.name)
            }
        };
        for (name, value) in self.parts() {
            match name {
                "{session}" => event.session = value.parse().ok(),
                "{digest}" | "{request}" => event = event.fact("request", value),
                "{number}" => event = event.fact("number", value),
                _ => {}
            }
        }
        event
    }

    /// Each part of the address with what the table calls it.
    fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        let (_, template) = self.call.split_once(' ').unwrap_or_default();
        template.split('/').zip(self.path.split('/'))
    }

    /// Tiles and batches are parts of one thing, whichever of them it is.
    fn thing(&self) -> String {
        let (verb, _) = self.call.split_once(' ').unwrap_or_default();
        let whole = self.parts().take_while(|(name, _)| !matches!(*name, "{number}" | "{*path}"));
        let whole: Vec<&str> = whole.map(|(_, part)| part).collect();
        format!("{verb} {}", whole.join("/"))
    }
}

/// Who called for what in this hour, as far as it stands in the log.
#[derive(Debug, Default)]
pub struct Hours(Mutex<Hour>);

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

impl Hours {
    /// Whether the log has it already.
    #[must_use]
    pub fn has(&self, by: CalledBy<'_>, call: &Hourly, now: UnixSeconds) -> bool {
        let hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hour.number == now.div_euclid(HOUR) && hour.written.contains(&(by.whose(), call.thing()))
    }

    /// The log has it.
    pub fn written(&self, by: CalledBy<'_>, call: &Hourly, now: UnixSeconds) {
        let mut hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.div_euclid(HOUR);
        if hour.number != number || hour.written.len() >= CAPACITY {
            *hour = Hour { number, ..Hour::default() };
        }
        hour.written.insert((by.whose(), call.thing()));
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

    fn view(call: &str, path: &str) -> Hourly {
        Hourly { kind: EventKind::Viewed, call: call.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn one_entry_for_each_person_or_service_thing_and_hour() {
        let (mara, ines) = (person("e-1"), person("e-2"));
        let (mara, ines, gateway) =
            (CalledBy::Person(&mara), CalledBy::Person(&ines), CalledBy::Service(Service::Gateway));
        let hours = Hours::default();
        let one = view("GET /v1/sessions/{session}", "/v1/sessions/a");
        assert!(!hours.has(mara, &one, 7199));
        hours.written(mara, &one, 7199);
        assert!(hours.has(mara, &one, 3600));
        assert!(!hours.has(ines, &one, 7199), "another person");
        assert!(!hours.has(gateway, &one, 7199), "a service");
        hours.written(gateway, &one, 7199);
        assert!(hours.has(gateway, &one, 7199));
        assert!(!hours.has(CalledBy::Service(Service::Broker), &one, 7199), "another service");
        assert!(!hours.has(mara, &view("GET /v1/sessions/{session}", "/v1/sessions/b"), 7199), "another Session");
        assert!(!hours.has(mara, &view("POST /v1/sessions/{session}", "/v1/sessions/a"), 7199), "another verb");
        assert!(!hours.has(mara, &one, 7200), "another hour");
        hours.written(ines, &view("GET /tile/{*path}", "/tile/0/000"), 7200);
        assert!(hours.has(ines, &view("GET /tile/{*path}", "/tile/0/001"), 7200), "parts of one thing");
    }

    #[test]
    fn the_event_says_whom() {
        let mara = person("e-1");
        let one = view("GET /v1/grants/{request}", "/v1/grants/abc");
        let event = one.event(CalledBy::Person(&mara));
        assert_eq!((event.facts["request"].as_str(), event.personal["person"].as_str()), ("abc", "e-1"));
        assert!(!event.facts.contains_key("service"));
        let event = one.event(CalledBy::Service(Service::Gateway));
        assert_eq!((event.facts["service"].as_str(), event.personal.len()), ("gateway", 0));
    }

    #[test]
    fn what_does_not_fit_is_written_again_and_not_left_out() {
        let (hours, mara) = (Hours::default(), person("e-1"));
        let mara = CalledBy::Person(&mara);
        let view = |n: usize| view("GET /v1/sessions/{session}", &n.to_string());
        (0..=CAPACITY).for_each(|n| hours.written(mara, &view(n), 0));
        assert!(hours.has(mara, &view(CAPACITY), 0));
        assert!(!hours.has(mara, &view(0), 0));
    }
}
