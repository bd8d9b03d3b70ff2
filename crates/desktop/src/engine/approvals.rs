use domain::Digest;
use statement::{Decision, Terms, Verdict};
use wire::broker::{LocalCode, RequestView as Shown};

use super::factor::six_digits;
use super::requests::digest;
use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::indenture::{Ground, Indenture};
use crate::joined::Joined;
use crate::view::{Notice, RequestView, UiError};

/// A Denial says why in at least this many characters.
const SHORTEST_DENIAL: usize = 5;

impl Engine {
    /// Countersigns exactly the request that is shown: signs the decision, has the code taken for its digest, and
    /// sends both.
    ///
    /// # Errors
    /// [`UiError`]: `does-not-match`, `same-person`, `wrong-code`, or the broker's refusal.
    pub async fn approve(&self, id: &str, comment: &str, code: &str) -> Result<RequestView, UiError> {
        let code = six_digits(code)?;
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let (id, statement) = self.inner.sign_decision(&joined, &person, id, Verdict::Approve, comment).await?;
        let mfa = self.inner.code_for(&joined, &person, &statement, &code, Some(&id)).await?;
        self.inner.send_decision(&joined, &person, &id, &statement, Some(mfa)).await
    }

    /// Says no, and why. It takes no code: refusing is easy.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn deny(&self, id: &str, comment: &str) -> Result<RequestView, UiError> {
        if comment.trim().chars().count() < SHORTEST_DENIAL {
            return Err(fault(
                "bad-text",
                "A denial needs a reason of 5 characters or more.",
                "Write why; the requester sees it.",
            ));
        }
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let (id, statement) = self.inner.sign_decision(&joined, &person, id, Verdict::Deny, comment).await?;
        self.inner.send_decision(&joined, &person, &id, &statement, None).await
    }
}

impl Inner {
    async fn sign_decision(
        &self,
        joined: &Joined,
        person: &SignedIn,
        id: &str,
        verdict: Verdict,
        comment: &str,
    ) -> Result<(Digest, String), UiError> {
        let id = digest(id)?;
        self.check_log(joined).await?;
        let shown = person.broker.request(&id).await.map_err(call("the broker"))?;
        let view = self.show(joined, person, &shown, None).await?;
        if !view.decidable {
            let error = undecidable(&shown, &view, person);
            self.report_undecided(&error, &view, &id);
            return Err(error);
        }
        let provider = joined.keys_for(&shown.pk_tokens).await?;
        let policies = self.refresh_policies(joined, person).await?;
        let signed_under = self.policy_of(joined, &shown.request).await?;
        let ground = Ground { trust: &signed_under.trust, provider: &provider, now: self.now() };
        let indenture = Indenture::verify(&shown, &ground);
        let checked = match indenture.sound().filter(|r| *r.statement.digest() == id) {
            None => Err(does_not_match()),
            Some(request) if self.now() >= request.statement.payload().exp => {
                Err(fault("expired", "This request has expired.", "The requester can ask again."))
            }
            Some(request) if request.statement.body().policy != *policies.current().policy.digest() => Err(fault(
                "other-policy",
                "Another policy came into force after this was asked.",
                "Nothing was signed. The requester can ask again.",
            )),
            Some(request) => Ok(request),
        };
        let request = checked.inspect_err(|error| self.report_error(error, Some(&id), Some(&shown.organization.id)))?;
        // Shown it may be while the log answers for nothing; signed it is only when every side has seen one log.
        for seen in indenture.seen() {
            joined.log.agrees(&seen).await.inspect_err(|error| self.report_error(error, Some(&id), None))?;
        }
        let asked = request.statement.body();
        let body = Decision {
            comment: comment.trim().to_owned(),
            policy: policies.current().policy.digest().clone(),
            request: id.clone(),
            terms: Terms { duration_seconds: asked.duration_seconds, scope: asked.scope },
            verdict,
        };
        Ok((id, self.sign(joined, person, body, 4 * 3600)?))
    }

    /// One's own request, under this account or another, is told apart by the Device that signed it.
    fn report_undecided(&self, error: &UiError, view: &RequestView, id: &Digest) {
        let organization = view.organization.id.parse().ok();
        let own_device = self.live().person.as_ref().map(|p| crate::show::key_short(&p.identity.device));
        if view.mine && own_device.as_ref() == Some(&view.left.key_short) {
            return self.report(LocalCode::OwnRequest, Some(id.clone()), organization);
        }
        self.report_error(error, Some(id), organization.as_ref());
    }

    async fn send_decision(
        &self,
        joined: &Joined,
        person: &SignedIn,
        id: &Digest,
        statement: &str,
        mfa: Option<String>,
    ) -> Result<RequestView, UiError> {
        let shown = person.broker.decide(id, statement, mfa).await.map_err(call("the broker"))?;
        self.tell(Notice::Requests { id: id.to_string(), text: String::new() });
        self.show(joined, person, &shown, None).await
    }
}

/// Why this person cannot decide this request, in the order in which it matters.
fn undecidable(shown: &Shown, view: &RequestView, person: &SignedIn) -> UiError {
    use crate::view::SignatureCheck::DoesNotMatch;
    if view.left.check == DoesNotMatch {
        return fault(
            "does-not-match",
            format!("This signature does not match the request: {}.", view.left.refusal),
            "Do not sign. Tell security.",
        );
    }
    if view.mine {
        return fault(
            "same-person",
            "Nobody countersigns their own request.",
            "Wait for somebody else; they have been told.",
        );
    }
    if !person.identity.roles.contains(&domain::Role::Approver) {
        return fault("missing-role", "Only approvers decide requests.", "Ask an approver.");
    }
    if shown.state != wire::broker::RequestState::Waiting {
        return fault(
            "already-decided",
            format!("This request is {} already.", view.state),
            "Nothing is left to do here.",
        );
    }
    fault(
        "decided-twice",
        "You have decided this request, or it was signed on this very Device.",
        "Nothing is left to do here.",
    )
}

fn does_not_match() -> UiError {
    fault("does-not-match", "This signature does not match the request.", "Do not sign. Tell security.")
}
