//! Leases from the broker, without which no Session goes on, and what the broker is told.

use std::sync::Arc;
use std::time::Duration;

use client::{CallError, ServiceClient};
use domain::Digest;
use statement::{Lease, Trust, verify_attested};
use tokio::time::Instant;
use wire::broker::{LeaseFor, LeaseRequest, Leases, SessionChange};

use super::{Life, until_done};
use crate::refused::Refused;
use crate::session::{Facts, Session};

/// How often the broker is asked.
pub(crate) const LEASE_EVERY: Duration = Duration::from_secs(5);
/// Sessions in one call. The broker takes 1,000, and their names fit into a body.
const PAGE: usize = 500;
/// The first lease has to come within this.
const FIRST_LEASE: Duration = Duration::from_secs(10);

impl Life {
    /// No byte passes before the broker has leased the Session.
    pub(super) async fn first_lease(self: &Arc<Self>, session: Arc<Session>) -> Result<Arc<Session>, Refused> {
        let facts = session.facts();
        let change = SessionChange::Opened {
            request: facts.request.clone(),
            session: facts.session.clone(),
            ends_at: facts.ends_at,
        };
        let until = Instant::now() + FIRST_LEASE;
        while Instant::now() < until && !session.is_expired() {
            let told = self.tell_begun(&session, &change).await;
            if told.is_ok() && self.renew(std::slice::from_ref(&session)).await && session.due().is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        self.sessions.add(session.clone());
        self.end_if_revoked(&session);
        tokio::spawn(self.clone().watch(session.clone()));
        session.alive()?;
        Ok(session)
    }

    /// What the broker may not have heard of a Session that begins, or goes on after a restart.
    async fn tell_begun(&self, session: &Session, opened: &SessionChange) -> Result<(), CallError> {
        tell(&self.gate.broker, opened).await?;
        for extended in session.extensions() {
            tell(&self.gate.broker, &super::extending::change(session, &extended)).await?;
        }
        Ok(())
    }

    /// Asks for leases of everything that is open, for ever.
    pub async fn keep_leases(self: Arc<Self>) {
        let mut every = tokio::time::interval(LEASE_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let open = self.sessions.open();
            if open.is_empty() {
                continue;
            }
            self.renew(&open).await;
        }
    }

    /// Asks for each page by itself: one that fails or takes too long keeps no other from its leases. What the broker says
    /// is revoked ends.
    async fn renew(&self, sessions: &[Arc<Session>]) -> bool {
        let mut all = true;
        for page in pages(sessions.iter().map(|s| lease_for(s.facts())).collect()) {
            let renewing = renew_page(&self.gate.broker, &self.gate.trust, &page, sessions);
            match tokio::time::timeout(LEASE_EVERY, renewing).await {
                Ok(Ok(revoked)) => {
                    revoked
                        .iter()
                        .filter_map(|r| sessions.iter().find(|s| s.facts().request == *r))
                        .for_each(|s| s.end("revoked"));
                    continue;
                }
                Ok(Err(error)) => tracing::warn!(%error, "leases could not be renewed"),
                Err(_) => tracing::warn!("the broker takes too long for leases"),
            }
            all = false;
        }
        all
    }
}

fn pages(mut sessions: Vec<LeaseFor>) -> Vec<LeaseRequest> {
    let mut pages = Vec::new();
    while !sessions.is_empty() {
        let rest = sessions.split_off(sessions.len().min(PAGE));
        pages.push(LeaseRequest { sessions: std::mem::replace(&mut sessions, rest) });
    }
    pages
}

fn lease_for(facts: &Facts) -> LeaseFor {
    LeaseFor { session: facts.session.clone(), request: facts.request.clone() }
}

async fn renew_page(
    broker: &ServiceClient,
    trust: &Trust,
    page: &LeaseRequest,
    sessions: &[Arc<Session>],
) -> Result<Vec<Digest>, CallError> {
    let answer: Leases = broker.post_json("/v1/leases", page).await?;
    for compact in &answer.leases {
        match verify_attested::<Lease>(compact, trust) {
            Ok(lease) => {
                if !sessions.iter().any(|s| s.take_lease(&lease)) {
                    tracing::warn!("a lease is for none of the Sessions, or stale");
                }
            }
            Err(refusal) => tracing::warn!(%refusal, "a lease is not believed"),
        }
    }
    Ok(answer.revoked)
}

pub(super) async fn tell(broker: &ServiceClient, change: &SessionChange) -> Result<(), CallError> {
    broker.post_json("/v1/session-changes", change).await
}

/// Tells the broker that a Session is over, until it is told.
pub(super) async fn tell_ended(broker: ServiceClient, facts: Facts, reason: String) {
    let change = SessionChange::Ended { request: facts.request, session: facts.session, reason };
    until_done("tell the broker", || tell(&broker, &change)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_are_asked_in_pages_and_none_is_left_out() {
        let all: Vec<LeaseFor> = (0..1_001)
            .map(|n| {
                let digest = statement::sha256(format!("{n}"));
                LeaseFor { session: digest.clone().into(), request: digest }
            })
            .collect();
        let pages = pages(all.clone());
        assert_eq!(pages.iter().map(|p| p.sessions.len()).collect::<Vec<_>>(), [500, 500, 1]);
        let asked: Vec<_> = pages.into_iter().flat_map(|p| p.sessions).map(|l| l.request).collect();
        assert_eq!(asked, all.into_iter().map(|l| l.request).collect::<Vec<_>>());
        assert!(super::pages(Vec::new()).is_empty());
    }
}
