//! The Sessions of this gateway: by the certificate of a connection, by the request that they were opened with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Digest, SessionId};

use crate::session::{Facts, Session};

/// A Session that an earlier run of the gateway left with time on its clock. Its Device may resume it.
#[derive(Debug, Clone)]
pub struct Dormant(pub Facts);

/// All of them.
#[derive(Default)]
pub struct Sessions(Mutex<State>);

#[derive(Default)]
struct State {
    /// By the digest of the request.
    live: HashMap<Digest, Arc<Session>>,
    dormant: HashMap<Digest, Dormant>,
}

impl Sessions {
    /// The Session of this certificate, over or not.
    #[must_use]
    pub fn of_certificate(&self, certificate: &Digest) -> Option<Arc<Session>> {
        self.state().live.values().find(|s| s.certificate() == *certificate).cloned()
    }

    #[must_use]
    pub fn of_request(&self, request: &Digest) -> Option<Arc<Session>> {
        self.state().live.get(request).cloned()
    }

    #[must_use]
    pub fn of_id(&self, session: &SessionId) -> Option<Arc<Session>> {
        self.state().live.values().find(|s| s.facts().session == *session).cloned()
    }

    /// Those that are not over.
    #[must_use]
    pub fn open(&self) -> Vec<Arc<Session>> {
        self.state().live.values().filter(|s| s.ended_by().is_none()).cloned().collect()
    }

    pub fn add(&self, session: Arc<Session>) {
        let mut state = self.state();
        state.dormant.remove(&session.facts().request);
        state.live.insert(session.facts().request.clone(), session);
    }

    pub fn remove(&self, session: &Session) {
        self.state().live.remove(&session.facts().request);
    }

    pub fn add_dormant(&self, facts: Facts) {
        self.state().dormant.insert(facts.request.clone(), Dormant(facts));
    }

    /// Takes a dormant Session: whoever has it resumes it or ends it.
    #[must_use]
    pub fn take_dormant(&self, request: &Digest) -> Option<Dormant> {
        self.state().dormant.remove(request)
    }

    #[must_use]
    pub fn dormant_of(&self, request: &Digest) -> Option<Dormant> {
        self.state().dormant.get(request).cloned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
