//! Who watches the Sessions that are open here: asked of the audit service, which gives a watcher nothing before it has told.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};
use wire::watching::{OpenNow, Watched};

use super::Life;
use crate::session::Session;

/// Whoever is inside sees within this time, and their desktop's next look, who begins to watch.
const EVERY: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(2);

impl Life {
    /// Asks for everything that is open, for ever. Without an answer what was heard last stays.
    pub async fn hear_of_watchers(self: Arc<Self>) {
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let open = self.sessions.open();
            if !open.is_empty() {
                self.hear_of(&open).await;
            }
        }
    }

    async fn hear_of(&self, open: &[Arc<Session>]) {
        let now = OpenNow { sessions: open.iter().map(|s| s.facts().session.clone()).collect() };
        match timeout(PATIENCE, self.gate.audit.post_json::<_, Watched>("/v1/watched", &now)).await {
            Ok(Ok(watched)) => open.iter().for_each(|session| session.is_watched(names(&watched, session))),
            Ok(Err(error)) => tracing::debug!(%error, "who watches is not known"),
            Err(_) => tracing::debug!("the audit service takes too long to say who watches"),
        }
    }
}

fn names(watched: &Watched, session: &Session) -> Vec<String> {
    let of = watched.sessions.iter().filter(|s| s.session == session.facts().session);
    let mut names: Vec<String> = of.flat_map(|s| &s.watchers).map(|w| w.name.clone()).collect();
    names.dedup();
    names
}
