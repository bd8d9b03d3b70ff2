//! What others are told of a Session.

use std::sync::atomic::Ordering;

use domain::Organization;
use wire::event::{Append, EventKind};
use wire::gateway::{EndedFor, LogShown, OpenedSession, ServiceProof, SessionStatus};

use super::Session;
use super::proven::ProvenLog;
use crate::life::about;
use crate::refused::Refused;

impl Session {
    /// The Event that the Organization's service is shown what opened this Session; `None` once it stands in the log for this
    /// hour.
    #[must_use]
    pub fn view_of_proof(&self) -> Option<Append> {
        let shown = self.proof_shown.load(Ordering::Relaxed) == self.hour();
        (!shown).then(|| about(EventKind::Viewed, &self.facts).fact("call", "GET /v1/proof"))
    }

    /// The Event that whoever is inside is told how the Session is doing: once an hour.
    #[must_use]
    pub fn view_of_status(&self) -> Option<Append> {
        let shown = self.status_shown.swap(self.hour(), Ordering::Relaxed) == self.hour();
        (!shown).then(|| about(EventKind::Viewed, &self.facts).fact("call", "GET /v1/session"))
    }

    /// [`Self::view_of_proof`] stands in the log.
    pub fn proof_shown(&self) {
        self.proof_shown.store(self.hour(), Ordering::Relaxed);
    }

    fn hour(&self) -> i64 {
        self.clock.now().div_euclid(3600)
    }

    /// What a service may verify for itself, but for the log ([`Self::proven_log`]).
    #[must_use]
    pub fn proof(&self) -> ServiceProof {
        let extensions = self.extensions();
        // Each chain begins with the shorter ones.
        let policies = extensions.iter().map(|e| &e.policies).chain([&self.facts.policies]).max_by_key(|p| p.len());
        ServiceProof {
            bundle_json: self.facts.bundle_json.clone(),
            receipt: self.facts.receipt.clone(),
            opened_at: self.facts.opened_at,
            policies: policies.cloned().unwrap_or_default(),
            extensions: extensions.into_iter().map(|e| e.logged).collect(),
            log: LogShown::default(),
        }
    }

    /// What holds that proof to the log, as it was asked last.
    #[must_use]
    pub fn proven_log(&self) -> &ProvenLog {
        &self.proven_log
    }

    #[must_use]
    pub fn opened(&self) -> OpenedSession {
        let facts = &self.facts;
        OpenedSession {
            session: facts.session.clone(),
            organization: facts.organization.clone(),
            scope: facts.scope,
            opened_at: facts.opened_at,
            ends_at: facts.ends_at,
            hosts: self.targets.iter().flat_map(|t| t.hosts.clone()).collect(),
            start: self.targets.first().map(|t| t.start_for(&facts.organization.id)).unwrap_or_default(),
            receipt: facts.receipt.clone(),
        }
    }

    #[must_use]
    pub fn status(&self) -> SessionStatus {
        SessionStatus {
            session: self.facts.session.clone(),
            open: self.ended_by().is_none(),
            ended_by: self.ended_by().map(str::to_owned),
            now: self.clock.now_millis(),
            ends_at: self.ends_at(),
            recording_lag: u32::try_from(self.tape.lag().as_millis()).unwrap_or(u32::MAX),
            paused: self.ended_by().is_none() && self.tape.is_behind(),
            watchers: self.watchers(),
            ended_for: self.ender().map(|by| EndedFor { name: by.name.clone(), reason: by.reason.clone() }),
        }
    }
}

/// What is told when a Session is over.
#[must_use]
pub fn over(reason: &str, organization: &Organization) -> Refused {
    let name = &organization.name;
    let title = match reason {
        "expired" => format!("Your time in {name} is over."),
        "revoked" => format!("Your session in {name} was revoked."),
        "lease-lost" => format!("Your session in {name} lost its connection to the broker and ended."),
        "recording-failed" => format!("Your session in {name} ended because it could not be recorded."),
        "gateway-stopped" => format!("Your session in {name} ended because the gateway stopped."),
        _ => format!("Your session in {name} is over."),
    };
    Refused::new(403, "session-over", title, "Everything up to here is kept. Ask for access again in Countersign.")
}
