use statement::{Permitted, Refusal, Request, Signer, check_use};
use wire::event::EventKind;

use super::{bad_form, filed, no_such_permission};
use crate::engine::requests::digest;
use crate::engine::{Engine, SignedIn};
use crate::fault::{call, fault};
use crate::show::{label, organization, seconds, session, word};
use crate::view::{BreakGlassNotice, RequestForm, RequestView, SessionView, UiError};

/// What is asked for by break-glass is opened within this time, in seconds.
const OPENED_WITHIN: i64 = 3600;

impl Engine {
    /// Asks for access by a permission: nobody countersigns it, everybody is told of it when it is opened.
    ///
    /// # Errors
    /// [`UiError`]: `no-such-permission`, what the permission or the policy does not allow, or the broker's refusal.
    pub async fn use_break_glass(&self, id: &str, form: RequestForm) -> Result<RequestView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let id = digest(id)?;
        let list = person.broker.permissions().await.map_err(call("the broker"))?;
        let policies = self.inner.refresh_policies(&joined, &person).await?;
        let in_force = policies.current();
        let mut found = None;
        for one in &list.permissions {
            let permitted = self.inner.permitted(&joined, in_force, one).await?;
            found = found.or(Some((permitted, one)).filter(|(permitted, _)| *permitted.id() == id));
        }
        let (permitted, logged) = found.ok_or_else(no_such_permission)?;
        filed(&joined, &permitted, logged).await?;
        let named = permitted.body().organizations.iter().find(|o| o.id.as_str() == form.organization);
        let body = Request {
            break_glass: Some(id),
            duration_seconds: i64::from(form.duration_seconds),
            extends: None,
            justification: form.justification.trim().to_owned(),
            organization: named.cloned().ok_or_else(|| refused(&Refusal::OrganizationNotNamed))?,
            policy: in_force.policy.digest().clone(),
            reason: word(&form.reason).ok_or_else(|| bad_form("reason"))?,
            scope: word(&form.scope).ok_or_else(|| bad_form("Scope"))?,
            ticket: form.ticket.trim().to_owned(),
        };
        let statement = self.inner.sign_allowed(&joined, &person, in_force, body, OPENED_WITHIN).await?;
        check_own_use(&person, &statement, &permitted)?;
        self.inner.send_request(&joined, &person, &statement).await
    }

    /// What the audit service itself tells this person; each entry is proven to stand in its log.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn break_glass_notices(&self) -> Result<Vec<BreakGlassNotice>, UiError> {
        let (joined, audit) = self.inner.audit().await?;
        let told = audit.notices().await.map_err(call("the audit service"))?;
        let mut notices = Vec::with_capacity(told.notices.len());
        for one in told.notices {
            let (event, _) = joined.log.prove(&one.entry).await?;
            if event.kind != EventKind::NoticeMade || event.session.as_ref() != Some(&one.session) {
                return Err(fault("log-broken", "A notice is not what the log says of it.", "Tell security."));
            }
            notices.push(BreakGlassNotice {
                session: one.session.to_string(),
                organization: organization(&one.organization),
                name: one.name,
                signed_by: one.signed_by,
                scope: label(&one.scope),
                reason: label(&one.reason),
                ticket: one.ticket,
                opened_at: seconds(one.opened_at),
                ends_at: seconds(one.ends_at),
                reviewed: one.reviewed,
            });
        }
        Ok(notices)
    }

    /// Sessions that were opened by break-glass and that nobody else has reviewed; for reviewers.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn duties(&self) -> Result<Vec<SessionView>, UiError> {
        let (_, audit) = self.inner.audit().await?;
        let duties = audit.duties().await.map_err(call("the audit service"))?;
        Ok(duties.sessions.iter().map(session).collect())
    }
}

/// What the gateway and the audit service will refuse is not sent.
fn check_own_use(person: &SignedIn, compact: &str, permitted: &Permitted) -> Result<(), UiError> {
    let statement = statement::Unverified::<Request>::read(compact)
        .and_then(|read| read.verify(&person.identity.device_key))
        .map_err(|why| refused(&why))?;
    let signer = Signer { statement, identity: person.identity.clone() };
    check_use(&signer, Some(permitted)).map_err(|why| refused(&why))
}

fn refused(why: &Refusal) -> UiError {
    fault(why.code(), format!("This cannot be opened by break-glass: {why}."), "Ask for a countersignature instead.")
}
