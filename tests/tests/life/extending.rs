//! The hands that ask for more time and bring it to a gateway.

use std::time::{Duration, Instant};

use client::CallError;
use reqwest::Method;
use statement::Extends;
use wire::gateway::SessionStatus;

use super::grants::{Grant, Kind};
use super::held::MOST;
use super::machine::{Hand, Machine, PATIENCE, count};

pub fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

impl Machine {
    pub(super) async fn extend(&mut self, back: usize, kind: Kind, more: i64, how: Hand) {
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
        let (grant, entries) = Grant::more(&self.world.site.company, &self.people, kind, total, of);
        for entry in &entries {
            self.append(entry).await;
        }
        self.grants.push(grant);
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
        let signed = of.kind == Kind::Right && of.seconds <= MOST;
        let may_count = signed && in_time && (lost_before || !refused);
        // It may count although no answer came: what two persons signed is the bound from here on, and nothing else is.
        if let Some(extends) = own.as_ref().filter(|extends| may_count && extends.ends_at <= window.told.1) {
            self.signed(extends, total);
        }
        let Ok(status) = answer else {
            count(1);
            return false;
        };
        count(5);
        assert!(own.is_some(), "a gateway extended a Session with what does not extend it");
        assert!(signed, "a gateway extended without two persons' signatures, or past the cap");
        let (session, opened_at) = (self.windows[at].session.clone(), self.windows[at].told.0);
        assert!(status.ends_at - opened_at <= MOST, "a Session lasts past the cap");
        assert!(status.ends_at - opened_at <= self.windows[at].seconds, "a Session lasts longer than was signed");
        for window in self.windows.iter_mut().filter(|w| w.session == session) {
            window.told.1 = window.told.1.max(status.ends_at);
        }
        true
    }

    async fn bring(&self, grant: usize, at: usize) -> Result<SessionStatus, CallError> {
        let window = &self.windows[at];
        let bundle = self.grants[grant].bundle(&self.world.site.company, &window.certificate);
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
