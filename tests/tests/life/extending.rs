//! The hands that ask for more time and bring it to a gateway.

use std::time::{Duration, Instant};

use client::CallError;
use reqwest::Method;
use statement::Extends;
use wire::gateway::SessionStatus;

use super::grants::{Grant, Kind, Pair};
use super::machine::{Machine, PATIENCE};
use super::steps::Hand;
use super::story::MOST;
use super::tally::{Happened, count};

pub fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

impl Machine {
    pub(super) async fn extend(&mut self, back: usize, (kind, approver): (Kind, usize), more: i64, how: Hand) {
        let Some(at) = self.window(back) else { return };
        let window = &self.windows[at];
        let (opened_at, ends_at) = window.told;
        let of = Extends {
            ends_at: if how == Hand::LaterEnd { ends_at + 3600 } else { ends_at },
            opened_at,
            request: self.grants[window.grant].request.clone(),
            session: window.session.clone(),
        };
        let total = ends_at - opened_at + more + if how == Hand::LaterEnd { 3600 } else { 0 };
        let pair = Pair { engineer: self.grants[window.grant].engineer, approver };
        let (grant, entries) = Grant::more(&self.world.site.company, &self.people, kind, pair, total, of);
        self.asked(grant, entries).await;
        let grant = self.grants.len() - 1;
        if how == Hand::LoseAnswer {
            let waited = Duration::from_millis(u64::try_from(grant).unwrap_or(0) * 7 % 40);
            drop(tokio::time::timeout(waited, self.bring(grant, at)).await);
        }
        if self.hand(grant, at, how == Hand::LoseAnswer).await {
            self.outgrow(back).await;
        }
    }

    /// Waits for the first end of what was extended, when that is soon, and goes on in it.
    async fn outgrow(&mut self, back: usize) {
        let Some(window) = self.window(back).map(|at| &self.windows[at]) else { return };
        let left = window.first_cut().saturating_duration_since(Instant::now());
        if window.first_end < window.ends && left < PATIENCE {
            tokio::time::sleep(left + Duration::from_millis(50)).await;
            self.use_window(back, Method::GET).await;
        }
    }

    pub(super) async fn hand_over(&mut self, grant: usize, back: usize) {
        let Some(at) = self.window(back) else { return };
        self.hand(grant, at, false).await;
    }

    /// Whether the gateway said that the Session goes on.
    async fn hand(&mut self, grant: usize, at: usize, lost_before: bool) -> bool {
        let in_time = Instant::now() < self.windows[at].cut();
        let answer = self.bring(grant, at).await;
        let refused = matches!(&answer, Err(CallError::Refused(problem)) if problem.status < 500);
        let (of, window) = (&self.grants[grant], &self.windows[at]);
        let total = of.seconds;
        let own = of.extends.clone().filter(|extends| extends.session == window.session);
        let signed = of.is_right && of.seconds <= MOST;
        let may_count = signed && in_time && (lost_before || !refused);
        // It may count although no answer came: what two persons signed is the bound from here on, and nothing else is.
        if let Some(extends) = own.as_ref().filter(|extends| may_count && extends.ends_at <= window.told.1) {
            self.signed(extends, total);
        }
        let Ok(status) = answer else {
            count(Happened::Refused);
            return false;
        };
        count(Happened::Extended);
        assert!(own.is_some(), "a gateway extended a Session with what does not extend it");
        assert!(signed, "a gateway extended without two persons' signatures, or past the cap");
        let (session, opened_at) = (self.windows[at].session.clone(), self.windows[at].told.0);
        assert!(status.ends_at - opened_at <= MOST, "a Session lasts past the cap");
        assert!(status.ends_at - opened_at <= self.windows[at].seconds, "a Session lasts longer than was signed");
        let here = self.windows[at].gateway;
        for window in self.windows.iter_mut().filter(|w| w.session == session) {
            window.told.1 = window.told.1.max(status.ends_at);
            if window.gateway == here {
                window.extended_by.push(grant);
            }
        }
        true
    }

    async fn bring(&self, grant: usize, at: usize) -> Result<SessionStatus, CallError> {
        let window = &self.windows[at];
        let bundle = self.grants[grant].bundle(&self.world.site.company, &self.people, &window.certificate);
        window.extend(&bundle).await
    }

    /// Moves the bound of every window of the Session, at whichever gateway.
    fn signed(&mut self, of: &Extends, total: i64) {
        let skewed = self.skewed.contains(&true);
        for window in self.windows.iter_mut().filter(|w| w.session == of.session) {
            window.ends += seconds(total - window.seconds);
            window.seconds = window.seconds.max(total);
            window.loose |= skewed;
        }
    }
}
