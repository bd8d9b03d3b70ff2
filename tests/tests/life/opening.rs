//! The hands that bring a bundle to a gateway, and what an opening has to be.

use std::time::Duration;

use client::CallError;
use wire::gateway::OpenedSession;

use super::extending::seconds;
use super::machine::Machine;
use super::tally::{Happened, count};
use super::window::{SessionKey, Window, open};

impl Machine {
    pub(super) async fn open(&mut self, grant: usize, gateway: usize) {
        let answer = self.knock(grant, gateway, &SessionKey::new()).await;
        self.took(grant, answer);
    }

    pub(super) async fn knock(
        &self,
        grant: usize,
        gateway: usize,
        key: &SessionKey,
    ) -> Result<(Window, OpenedSession), CallError> {
        let of = &self.grants[grant];
        let bundle = of.bundle(&self.world.site.company, &self.people, &key.certificate);
        let place = (gateway, self.world.addresses[gateway]);
        open(place, &self.world.site.ca.pem, key, &bundle, (grant, of.seconds)).await
    }

    /// Whatever was opened was rightly opened, and as the one Session that this Grant has.
    pub(super) fn took(&mut self, grant: usize, answer: Result<(Window, OpenedSession), CallError>) {
        let Ok((mut window, opened)) = answer else { return count(Happened::Refused) };
        let of = &self.grants[grant];
        count(if of.in_advance.is_some() { Happened::OpenedInAdvance } else { Happened::Opened });
        assert!(of.is_right, "a gateway opened without what two persons signed for exactly that");
        assert!(of.extends.is_none(), "a gateway opened a Session with what extends one");
        let others: Vec<&Window> = self.windows.iter().filter(|w| w.grant == grant).collect();
        for other in &others {
            assert_eq!(other.session, window.session, "one Grant, two Sessions");
            let ended_here = other.ended.is_some_and(|(_, at)| at == window.gateway);
            assert!(!ended_here, "a gateway opened a Session that had ended there");
        }
        let held_before = others.iter().any(|w| w.gateway == window.gateway);
        let was_sealed = self.seen.is_sealed(&window.session);
        assert!(held_before || !was_sealed, "a gateway opened a Session whose Recording is sealed");
        // The clock of a Session that is resumed goes on from where it stood.
        if let Some(other) = others.iter().min_by_key(|w| w.first_end).filter(|w| w.first_end < window.first_end) {
            window.first_end = other.first_end;
        }
        // And what was signed for it since, it has wherever it is resumed.
        window.seconds = others.iter().map(|w| w.seconds).max().unwrap_or(window.seconds);
        window.ends = window.first_end + seconds(window.seconds - self.grants[grant].seconds);
        window.loose = others.iter().any(|w| w.loose) || self.skewed.contains(&true);
        let here = others.iter().filter(|w| w.gateway == window.gateway);
        window.extended_by = here.flat_map(|w| w.extended_by.clone()).collect();
        assert!(!self.is_heard(window.gateway, &window), "a gateway opened what it heard was revoked");
        self.seen.acknowledged(opened.receipt);
        self.windows.push(window);
    }

    pub(super) async fn race(&mut self, grant: usize) {
        let keys = [SessionKey::new(), SessionKey::new()];
        let (first, second) = tokio::join!(self.knock(grant, 0, &keys[0]), self.knock(grant, 1, &keys[1]));
        self.took(grant, first);
        self.took(grant, second);
    }

    pub(super) async fn lose_answer(&mut self, grant: usize, gateway: usize) {
        let key = SessionKey::new();
        let waited = Duration::from_millis(u64::try_from(grant).unwrap_or(0) * 7 % 40);
        let lost = tokio::time::timeout(waited, self.knock(grant, gateway, &key)).await;
        let again = match lost {
            Ok(answer) => answer,
            Err(_) => self.knock(grant, gateway, &key).await,
        };
        self.took(grant, again);
    }
}
