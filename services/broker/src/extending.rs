//! More time in an open Session. Gateway and audit service decide about it by what was signed; here it is asked for,
//! countersigned, and told, so that leases last as long as the Session.

use domain::{Digest, SessionId, UnixSeconds};
use statement::{Extends, Identity, Request};
use wire::broker::RequestState;

use crate::broker::Broker;
use crate::life::{EXTENDED, Life, Standing};
use crate::problems::{self, Answer};
use crate::store::{DecisionRow, RequestRow, StoreError};

/// What an extension does to the Session's request, and to its own.
pub(crate) struct Extension {
    pub until: UnixSeconds,
    /// `None` when it was told before.
    pub step: Option<Step>,
}

/// Where a request goes from where it is.
pub(crate) struct Step {
    pub request: Digest,
    pub from: RequestState,
    pub next: Standing,
}

impl Broker {
    /// Whoever asks for more time asks for it in a Session of their own that is open, as it is.
    pub(crate) async fn check_extends(&self, who: &Identity, body: &Request) -> Answer<()> {
        let Some(extends) = &body.extends else { return Ok(()) };
        let Some(row) = self.store.request(&extends.request).await? else { return Err(problems::no_open_session()) };
        let own = row.person == who.person && row.device == who.device;
        let same =
            row.body.organization == body.organization && row.standing.session.as_ref() == Some(&extends.session);
        let decisions = self.store.decisions(&row.id).await?;
        if !own || !same || self.is_cut(&row, &decisions).await? {
            return Err(problems::no_open_session());
        }
        match row.life(&decisions) {
            Life::Open(open) if self.now() < open.ends_at() => check_end(extends, open.ends_at()),
            _ => Err(problems::no_open_session()),
        }
    }

    /// The gateway tells that this request moved the end of a Session: until when, by what stands here.
    pub(crate) async fn extension(
        &self,
        of: &RequestRow,
        session: &SessionId,
        extension: &Digest,
        told: UnixSeconds,
    ) -> Answer<Extension> {
        let row = self.find(extension.as_str()).await?;
        let extends = row.body.extends.clone().filter(|e| e.request == of.id && e.session == *session);
        let extends = extends.ok_or_else(problems::other_session)?;
        self.finish(&row.id).await?;
        let row = self.find(extension.as_str()).await?;
        let decisions = self.store.decisions(&row.id).await?;
        let granted = extends.opened_at.saturating_add(seconds(&row, &decisions));
        let (id, from) = (row.id.clone(), row.standing.state);
        let over = match row.life(&decisions) {
            Life::Approved(approved) => approved.extend(session.clone(), granted),
            Life::Over(_) if row.standing.session.as_ref() == Some(session) => {
                return Ok(Extension { until: granted.min(told), step: None });
            }
            // Only what had every Approval can have extended anything.
            Life::Over(over) if decisions.len() >= row.approvals_needed as usize => {
                over.note_session(session.clone(), EXTENDED.to_owned()).map_err(|_| problems::settled(from))?
            }
            Life::Waiting(_) | Life::Open(_) | Life::Over(_) => return Err(problems::settled(from)),
        };
        let next = Life::Over(over).standing();
        Ok(Extension { until: granted.min(told), step: Some(Step { request: id, from, next }) })
    }

    /// Whether somebody revoked what extended this Session, or who signed for it.
    pub(crate) async fn is_extension_cut(&self, session: &SessionId, of: &RequestRow) -> Result<bool, StoreError> {
        for row in self.store.requests_of_session(session).await? {
            if row.id == of.id {
                continue;
            }
            let decisions = self.store.decisions(&row.id).await?;
            if self.is_cut(&row, &decisions).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What is shown as "more" counts from an end that is not later than the real one.
fn check_end(extends: &Extends, ends_at: UnixSeconds) -> Answer<()> {
    if extends.ends_at > ends_at { Err(problems::no_open_session()) } else { Ok(()) }
}

/// The narrowest of what was asked and what each approver granted.
fn seconds(row: &RequestRow, decisions: &[DecisionRow]) -> i64 {
    let granted = decisions.iter().map(|d| d.body.terms.duration_seconds);
    granted.fold(row.body.duration_seconds, i64::min)
}
