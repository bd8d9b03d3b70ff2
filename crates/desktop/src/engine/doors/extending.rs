use domain::Digest;
use policy::InForce;
use statement::{Extends, Request};
use wire::broker::RequestState;

use crate::engine::requests::digest;
use crate::engine::{Engine, Inner};
use crate::fault::{call, fault};
use crate::indenture::{Ground, Indenture};
use crate::view::{MoreState, MoreView, RequestView, UiError};

impl Engine {
    /// Asks for so many more seconds in the Session that this request opened. Somebody else has to countersign; then
    /// whoever has the door open, this process or another one of the profile, hands it to the gateway.
    ///
    /// # Errors
    /// [`UiError`]: `not-open-here`, `code-needed`, what the policy does not allow, or the broker's refusal.
    pub async fn ask_for_more(&self, id: &str, more: u32, code: Option<String>) -> Result<RequestView, UiError> {
        let inner = &self.inner;
        let request = digest(id)?;
        if !inner.profile.door_is_marked(id) {
            return Err(super::not_open_here());
        }
        let joined = inner.joined()?;
        if let Some(code) = code {
            inner.take_code(&code).await?;
        }
        let person = inner.person().await?;
        // The code opens for 15 minutes; an old one is asked for now and not when the Approval is there.
        person.fresh_factor(inner.now())?;
        let policies = inner.refresh_policies(&joined, &person).await?;
        let in_force = policies.current();
        let body = inner.more_of(&request, more, in_force).await?;
        let left = body.extends.as_ref().map_or(0, |e| e.ends_at.saturating_sub(inner.now()));
        // Nobody needs to decide about it when the Session is over.
        let statement = inner.sign_allowed(&joined, &person, in_force, body, left.max(1)).await?;
        let view = inner.send_request(&joined, &person, &statement).await?;
        inner.profile.note_extension(id, &statement::sha256(&statement))?;
        inner.change_door(id, |door| door.more = asked(&view));
        Ok(view)
    }
}

impl Inner {
    /// The request for more time: what opened the Session, with when that was and until when it lasts, as the log says;
    /// under the policy in force, which need not be the one that it was opened under.
    async fn more_of(&self, request: &Digest, more: u32, in_force: &InForce) -> Result<Request, UiError> {
        let (joined, person) = (self.joined()?, self.person().await?);
        let shown = person.broker.request(request).await.map_err(call("the broker"))?;
        let provider = joined.keys_for(&shown.pk_tokens).await?;
        let opened_under = self.policy_of(&joined, &shown.request).await?;
        let ground = Ground { trust: &opened_under.trust, provider: &provider, now: self.now() };
        let indenture = Indenture::verify(&shown, &ground);
        let signed = indenture.sound().ok_or_else(|| {
            fault("does-not-match", "The broker shows another request than was signed.", "Tell security.")
        })?;
        let (RequestState::Open, Some(session)) = (shown.state, &shown.session) else {
            return Err(super::not_open_here());
        };
        let (_, audit) = self.audit().await?;
        let detail = audit.session(session).await.map_err(call("the audit service"))?;
        self.opening(&joined, session, &detail).await?;
        let (opened_at, ends_at) = (detail.summary.opened_at, detail.summary.ends_at);
        let extends = Extends { ends_at, opened_at, request: request.clone(), session: session.clone() };
        Ok(Request {
            duration_seconds: ends_at.saturating_sub(opened_at).saturating_add(i64::from(more)),
            // More time takes a countersignature, however the Session was opened.
            break_glass: None,
            extends: Some(extends),
            policy: in_force.policy.digest().clone(),
            // An approver may have granted less than was asked for.
            scope: detail.summary.scope,
            ..signed.statement.body().clone()
        })
    }
}

fn asked(view: &RequestView) -> Option<MoreView> {
    let extends = view.extends.as_ref()?;
    Some(MoreView {
        request: view.id.clone(),
        seconds: extends.more_seconds,
        ends_at: extends.opened_at.saturating_add(view.duration_seconds),
        state: MoreState::Waiting,
        why: String::new(),
    })
}
