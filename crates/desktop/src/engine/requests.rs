use std::sync::Arc;

use client::CallError;
use domain::{Digest, OrgId, Organization};
use policy::{Ask, InForce, Somebody};
use statement::{Refusal, Request, Withdraw};
use wire::broker::{LocalCode, RequestState, RequestView as Shown};

use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::indenture::{Ground, History, Indenture, signals};
use crate::joined::Joined;
use crate::show::word;
use crate::view::{Notice, OrganizationView, RequestForm, RequestView, SignatureCheck, UiError};

/// A request can be decided for this long, in seconds.
const DECIDABLE: i64 = 4 * 3600;
/// A justification has so many characters; `statement` refuses shorter ones.
const SHORTEST_JUSTIFICATION: usize = 20;

impl Engine {
    /// Organizations that can be asked for.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn organizations(&self) -> Result<Vec<OrganizationView>, UiError> {
        let person = self.inner.person().await?;
        let list = person.broker.organizations().await.map_err(call("the broker"))?;
        Ok(list.iter().map(crate::show::organization).collect())
    }

    /// `view`: `mine`, `inbox`, `decided`. Everything shown was verified here; what was not is marked.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn requests(&self, view: &str) -> Result<Vec<RequestView>, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let answer = person.broker.requests(view).await;
        self.inner.note_broker(answer.as_ref().err());
        let shown = answer.map_err(call("the broker"))?;
        let mut views = Vec::with_capacity(shown.len());
        for one in &shown {
            views.push(self.inner.show(&joined, &person, one, None).await?);
        }
        Ok(views)
    }

    /// One request, with what is worth knowing before it is signed.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn request(&self, id: &str) -> Result<RequestView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let shown = person.broker.request(&digest(id)?).await.map_err(call("the broker"))?;
        self.inner.show_with_history(&joined, &person, &shown).await
    }

    /// Signs what the form holds and sends it.
    ///
    /// # Errors
    /// [`UiError`]: a text that may not be signed, a policy that does not allow it, or the broker's refusal.
    pub async fn sign_request(&self, form: RequestForm) -> Result<RequestView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let statement = match self.inner.signed_request(&joined, &person, &form).await {
            Ok(statement) => statement,
            Err(error) => {
                self.inner.report_form(&error, &form);
                return Err(error);
            }
        };
        self.inner.send_request(&joined, &person, &statement).await
    }

    /// Takes an undecided or unopened request back.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn withdraw(&self, id: &str) -> Result<RequestView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let id = digest(id)?;
        let statement = self.inner.sign(&joined, &person, Withdraw { request: id.clone() }, 300)?;
        let shown = person.broker.withdraw(&id, &statement).await.map_err(call("the broker"))?;
        self.inner.tell(Notice::Requests { id: id.to_string(), text: String::new() });
        self.inner.show(&joined, &person, &shown, None).await
    }
}

impl Inner {
    /// Sends what was signed; the broker answers for exactly that.
    pub(super) async fn send_request(
        &self,
        joined: &Joined,
        person: &SignedIn,
        statement: &str,
    ) -> Result<RequestView, UiError> {
        let shown = sent(person, statement).await?;
        if shown.id != statement::sha256(statement) {
            return Err(fault(
                "does-not-match",
                "The broker answered for another request than the one signed here.",
                "Withdraw it and tell security.",
            ));
        }
        self.tell(Notice::Requests { id: shown.id.to_string(), text: String::new() });
        self.show(joined, person, &shown, None).await
    }

    /// What the form holds, signed; everything that this computer can see is wrong with it is refused first.
    async fn signed_request(&self, joined: &Joined, person: &SignedIn, form: &RequestForm) -> Result<String, UiError> {
        let organization = self.organization(person, &form.organization).await?;
        let policies = self.refresh_policies(joined, person).await?;
        let in_force = policies.current();
        let body = Request {
            duration_seconds: i64::from(form.duration_seconds),
            break_glass: None,
            extends: None,
            justification: form.justification.trim().to_owned(),
            organization,
            policy: in_force.policy.digest().clone(),
            reason: word(&form.reason).ok_or_else(|| bad_form("reason"))?,
            scope: word(&form.scope).ok_or_else(|| bad_form("Scope"))?,
            ticket: form.ticket.trim().to_owned(),
        };
        self.sign_allowed(joined, person, in_force, body, DECIDABLE).await
    }

    /// Signs what the policy in force allows to ask for, for so many seconds to be decided.
    pub(super) async fn sign_allowed(
        &self,
        joined: &Joined,
        person: &SignedIn,
        in_force: &InForce,
        body: Request,
        seconds: i64,
    ) -> Result<String, UiError> {
        let factor = person.factor(&joined.file.trust, self.now());
        let ask = Ask {
            requester: Somebody::from(&person.identity).calling_from(factor.as_ref()),
            organization: Some(&body.organization.id),
            reason: body.reason,
            scope: body.scope,
            duration_seconds: body.duration_seconds,
            ticket: &body.ticket,
            at: self.now(),
            factor: factor.as_ref(),
        };
        in_force.policy.evaluate(&ask).map_err(|refused| {
            fault(refused.code, refused.sentence, "Choose what the policy allows; nothing was signed.")
        })?;
        self.check_log(joined).await?;
        self.sign(joined, person, body, seconds.min(DECIDABLE))
    }

    /// What is wrong with a form is told without its words.
    fn report_form(&self, error: &UiError, form: &RequestForm) {
        let too_short = error.code == "bad-text" && form.justification.trim().chars().count() < SHORTEST_JUSTIFICATION;
        let organization = form.organization.parse::<OrgId>().ok().filter(|_| error.code != "no-such-organization");
        if too_short {
            return self.report(LocalCode::JustificationTooShort, None, organization);
        }
        self.report_error(error, None, organization.as_ref());
    }

    /// Verifies one request of the broker and turns it into what is shown.
    pub(super) async fn show(
        &self,
        joined: &Joined,
        person: &SignedIn,
        shown: &Shown,
        history: Option<&[RequestView]>,
    ) -> Result<RequestView, UiError> {
        let mut provider = joined.keys_for(&shown.pk_tokens).await?;
        if !matches!(shown.state, RequestState::Waiting | RequestState::Approved) {
            // Nothing can come of it any more: it is shown with the keys under which it was signed.
            provider = Arc::new(provider.as_of(shown.requested_at));
        }
        let in_force = self.policy_of(joined, &shown.request).await?;
        let ground = Ground { trust: &in_force.trust, provider: &provider, now: self.now() };
        let indenture = Indenture::verify(shown, &ground);
        let mut view = indenture.view(&person.identity);
        for seen in indenture.seen() {
            if let Some(why) = self.disagrees(joined, &seen).await? {
                view.left.check = SignatureCheck::DoesNotMatch;
                view.left.refusal = why;
                view.decidable = false;
                self.report(LocalCode::LogBroken, Some(shown.id.clone()), Some(shown.organization.id.clone()));
            }
        }
        if view.decidable || history.is_some() {
            view.signals = signals(&indenture, &ground, &in_force.policy, history.map(History).as_ref());
        }
        if view.left.check == SignatureCheck::DoesNotMatch {
            let code = if stale(&indenture) { LocalCode::Stale } else { LocalCode::DoesNotMatch };
            self.report(code, Some(shown.id.clone()), Some(shown.organization.id.clone()));
        }
        view.open_here = self.live().doors.get(&view.id).is_some_and(|d| d.view.ended_by.is_empty());
        Ok(view)
    }

    pub(super) async fn show_with_history(
        &self,
        joined: &Joined,
        person: &SignedIn,
        shown: &Shown,
    ) -> Result<RequestView, UiError> {
        let view = self.show(joined, person, shown, None).await?;
        if !view.decidable {
            return Ok(view);
        }
        let mut history = Vec::new();
        for earlier in ["inbox", "decided"] {
            for one in person.broker.requests(earlier).await.map_err(call("the broker"))?.iter().take(100) {
                let one = self.show(joined, person, one, None).await?;
                if one.left.check == SignatureCheck::ChecksOut {
                    history.push(one);
                }
            }
        }
        self.show(joined, person, shown, Some(&history)).await
    }

    /// Why a Checkpoint that a signer saw does not agree with the log as seen from here, if it does not. When the audit
    /// service does not answer there is nothing to say yet.
    pub(super) async fn disagrees(&self, joined: &Joined, seen: &str) -> Result<Option<String>, UiError> {
        match joined.log.agrees(seen).await {
            Ok(_) => Ok(None),
            Err(error) if error.code == "audit-unreachable" => Ok(None),
            Err(error) if error.code == "log-broken" => Ok(Some(error.message)),
            Err(error) => Err(error),
        }
    }

    async fn organization(&self, person: &SignedIn, id: &str) -> Result<Organization, UiError> {
        let id: OrgId = id.parse().map_err(|_| bad_form("Organization"))?;
        let list = person.broker.organizations().await.map_err(call("the broker"))?;
        list.into_iter().find(|o| o.id == id).ok_or_else(|| {
            fault("no-such-organization", format!("There is no Organization “{id}”."), "Choose one of the list.")
        })
    }
}

/// Sends it, and once more when no answer came: the same statement is the same request, and is there once.
async fn sent(person: &SignedIn, statement: &str) -> Result<Shown, UiError> {
    let lost = |error: &CallError| matches!(error, CallError::Unreachable { .. } | CallError::Unexpected { .. });
    match person.broker.send_request(statement).await {
        Err(error) if lost(&error) => {}
        answer => return answer.map_err(call("the broker")),
    }
    match person.broker.send_request(statement).await {
        Err(CallError::Refused(problem)) if problem.code == "sent-already" => {
            person.broker.request(&statement::sha256(statement)).await.map_err(call("the broker"))
        }
        Err(error) if lost(&error) => {
            let UiError { code, message, .. } = call("the broker")(error);
            let message = message.replace("Nothing was changed.", "The request may have arrived all the same.");
            Err(fault(&code, message, "Look under Access before you ask again: if it arrived, it stands there."))
        }
        answer => answer.map_err(call("the broker")),
    }
}

/// The signature is good, and was made too long ago or by somebody who had signed in too long ago.
fn stale(indenture: &Indenture<'_>) -> bool {
    matches!(indenture.request, Err(Refusal::Expired | Refusal::SignInTooOld | Refusal::LivesTooLong))
}

/// A request's id, or any other digest, from its text.
pub(super) fn digest(text: &str) -> Result<Digest, UiError> {
    text.parse()
        .map_err(|_| fault("no-such-request", "This is not the id of a request.", "Copy the whole id: 43 characters."))
}

fn bad_form(field: &str) -> UiError {
    fault(
        "bad-form",
        format!("The {field} is not one that can be asked for."),
        "Choose one of the list; nothing was signed.",
    )
}
