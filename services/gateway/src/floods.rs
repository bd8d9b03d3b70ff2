//! Keeps refused calls from filling the log: of each source the first of each code in a minute get an entry each, the
//! rest are counted, and the count gets an entry when the minute is over. Nothing is silent.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::Digest;
use tokio::time::Instant;
use wire::event::{Append, EventKind};

const MINUTE: Duration = Duration::from_secs(60);
/// Sources and codes that are counted apart; beyond them, all sources of one code share one count.
const APART: usize = 240;

/// Who was refused what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    pub kind: EventKind,
    pub code: &'static str,
    /// The client certificate's digest, if there was one.
    pub certificate: Option<Digest>,
    /// It is a live Session's, and is counted apart. Anybody makes other certificates: all of them share one count.
    pub is_of_session: bool,
}

/// The counts of this minute.
#[derive(Debug, Default)]
pub struct Floods(Mutex<HashMap<Source, Window>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Instant,
    most: u32,
    refused: u32,
}

impl Source {
    /// The entry about it.
    #[must_use]
    pub fn event(&self) -> Append {
        let event = Append::new(self.kind).fact("code", self.code);
        match &self.certificate {
            Some(certificate) => event.fact("tls-client", certificate.as_str()),
            None => event,
        }
    }
}

impl Floods {
    /// The entry for a refusal, unless it is only counted: `most` in a minute are told one by one.
    pub fn admit(&self, mut source: Source, most: u32, now: Instant) -> Option<Append> {
        let event = source.event();
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !source.is_of_session || (windows.len() >= APART && !windows.contains_key(&source)) {
            source = Source { certificate: None, is_of_session: false, ..source };
        }
        let window = windows.entry(source).or_insert(Window { began: now, most, refused: 0 });
        window.refused = window.refused.saturating_add(1);
        (window.refused <= window.most).then_some(event)
    }

    /// Forgets the minutes that are over, or all of them `at_once`; an entry for each that left something out.
    pub fn left_out(&self, now: Instant, at_once: bool) -> Vec<Append> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counted = Vec::new();
        windows.retain(|source, window| {
            let over = at_once || now.saturating_duration_since(window.began) >= MINUTE;
            if over && window.refused > window.most {
                counted.push(source.event().fact("count", (window.refused - window.most).to_string()));
            }
            !over
        });
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &'static str, certificate: Option<&str>) -> Source {
        let is_of_session = certificate.is_some();
        Source { kind: EventKind::CallRefused, code, certificate: certificate.map(statement::sha256), is_of_session }
    }

    #[test]
    fn the_first_is_told_and_the_rest_is_counted_once() {
        let (floods, now) = (Floods::default(), Instant::now());
        let told = (0..1_000).filter(|_| floods.admit(of("no-session", None), 1, now).is_some()).count();
        assert_eq!(told, 1);
        assert!(floods.admit(of("no-certificate", None), 1, now).is_some(), "another code");
        assert!(floods.admit(of("no-session", Some("a")), 1, now).is_some(), "another source");
        assert!(floods.left_out(now + Duration::from_secs(59), false).is_empty());
        let counted = floods.left_out(now + MINUTE, false);
        let facts: Vec<_> = counted.iter().map(|e| (e.facts["code"].as_str(), e.facts["count"].as_str())).collect();
        assert_eq!(facts, [("no-session", "999")]);
        assert!(floods.left_out(now + MINUTE, true).is_empty());
        assert!(floods.admit(of("no-session", None), 1, now + MINUTE).is_some());
    }

    #[test]
    fn strangers_share_one_count_however_many_certificates_they_make() {
        let (floods, now) = (Floods::default(), Instant::now());
        let stranger = |n: u32| Source { is_of_session: false, ..of("no-session", Some(&n.to_string())) };
        let told: Vec<Append> = (0..240).filter_map(|n| floods.admit(stranger(n), 60, now)).collect();
        assert_eq!(told.len(), 60);
        assert!(told.iter().all(|e| e.facts.contains_key("tls-client")), "whom it tells of, it names");
        assert!(floods.admit(of("no-session", Some("a")), 10, now).is_some(), "a Session's is counted apart");
        let counted = floods.left_out(now, true);
        assert_eq!(counted.iter().map(|e| e.facts["count"].as_str()).collect::<Vec<_>>(), ["180"]);
    }

    #[test]
    fn many_sources_share_a_count_and_none_is_lost() {
        let (floods, now) = (Floods::default(), Instant::now());
        let told =
            (0..10_000).filter(|n| floods.admit(of("no-session", Some(&n.to_string())), 1, now).is_some()).count();
        assert_eq!(told, APART + 1);
        let counted = floods.left_out(now, true);
        assert_eq!(counted.len(), 1);
        assert_eq!((counted[0].facts["count"].as_str(), counted[0].facts.get("tls-client")), ("9759", None));
    }
}
