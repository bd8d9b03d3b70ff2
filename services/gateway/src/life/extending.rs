//! How a Session goes on for longer: countersigned, taken once, written down, and only then believed.

use std::net::IpAddr;
use std::sync::Arc;

use domain::Digest;
use wire::broker::SessionChange;

use super::kept::{Until, write_json};
use super::leases::tell;
use super::{Life, no_spool, note, until_done};
use crate::refused::Refused;
use crate::session::{Extended, Session};

impl Life {
    /// Moves the end of the Session that this connection belongs to. No stream of it notices.
    ///
    /// # Errors
    /// [`Refused`]; each is also an Event.
    pub async fn extend(
        &self,
        session: &Arc<Session>,
        bundle_json: &[u8],
        certificate: &Digest,
        from: IpAddr,
    ) -> Result<(), Refused> {
        let extended = self.extend_quietly(session, bundle_json, certificate, from).await;
        if let Err(refused) = &extended {
            self.events.opening_refused(refused.code, certificate, true).await;
        }
        extended
    }

    async fn extend_quietly(
        &self,
        session: &Arc<Session>,
        bundle_json: &[u8],
        certificate: &Digest,
        from: IpAddr,
    ) -> Result<(), Refused> {
        // One after the other, and none while its Device comes back with another certificate.
        let _turn = self.turns.of(&session.facts().request).await;
        session.alive()?;
        let more = self.gate.verify_more(bundle_json, &session.open_session(), certificate, from).await?;
        self.events.provider_keys(more.provider()).await;
        let extensions = self.gate.consume_more(&more, session.facts().open_session()).await?;
        let known = session.extensions().len();
        let ends_at = extensions.iter().map(|e| e.ends_at).max().unwrap_or(session.ends_at());
        // A later run that finds the spool waits for its Device until then.
        write_json(&self.folder(session.facts()).join("extended.json"), &Until { ends_at })
            .map_err(|e| no_spool(&e))?;
        let new: Vec<Extended> = extensions.iter().skip(known).cloned().collect();
        session.extend(extensions)?;
        self.end_if_revoked(session);
        session.alive()?;
        for extended in new {
            session.tape().record([note("extended", &format!("by {} until {}", extended.request, extended.ends_at))]);
            self.tell_extended(session, &extended);
        }
        Ok(())
    }

    /// Tells the broker, whose leases end with the Session as it knows it.
    fn tell_extended(&self, session: &Session, extended: &Extended) {
        let (broker, change) = (self.gate.broker.clone(), change(session, extended));
        tokio::spawn(async move { until_done("tell the broker", || tell(&broker, &change)).await });
    }
}

pub(super) fn change(session: &Session, extended: &Extended) -> SessionChange {
    SessionChange::Extended {
        request: session.facts().request.clone(),
        session: session.facts().session.clone(),
        extension: extended.request.clone(),
        ends_at: extended.ends_at,
    }
}
