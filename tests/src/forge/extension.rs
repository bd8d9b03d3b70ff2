use domain::{Digest, UnixSeconds};
use statement::{
    Bundle, Decision, Extends, Extension, OpenSession, Refusal, Request, SessionOpen, Terms, Verdict, sha256,
    verify_extension,
};

use super::{Company, Good, Person};

/// A bundle that asks for more time in a Session, and what the gateway saw when it came.
#[derive(Debug, Clone)]
pub struct More {
    pub bundle: Bundle,
    pub tls_client: Digest,
    pub extended_at: UnixSeconds,
}

impl More {
    /// What the verifier says to it, of the Session that `good` opened and that ends at `ends_at` so far.
    ///
    /// # Errors
    /// The verifier's refusal.
    pub fn verify(&self, company: &Company, good: &Good, ends_at: UnixSeconds) -> Result<Extension, Refusal> {
        self.verify_of(company, good, |session| session.ends_at = ends_at)
    }

    /// The same, of a Session that differs from it in something.
    ///
    /// # Errors
    /// The verifier's refusal.
    pub fn verify_of(
        &self,
        company: &Company,
        good: &Good,
        change: impl FnOnce(&mut OpenSession),
    ) -> Result<Extension, Refusal> {
        let opening = good.verify(company).expect("a good bundle");
        let ends_at = good.opened_at + opening.terms().duration_seconds;
        let mut of = OpenSession::of(&opening, good.opened_at, ends_at);
        change(&mut of);
        let (trust, keys) = (&company.trust, company.known_keys());
        verify_extension(&self.bundle, &of, trust, keys, &self.tls_client, self.extended_at)
    }
}

impl Company {
    /// Asks, a quarter of an hour into the Session that `good` opened, for it to last 45 minutes in all instead of 30.
    #[must_use]
    pub fn ask_more(&self, good: &Good) -> Request {
        let extends = Extends {
            ends_at: good.opened_at + 1800,
            opened_at: good.opened_at,
            request: sha256(&good.bundle.request),
            session: good.session(),
        };
        Request { duration_seconds: 2700, extends: Some(extends), ..self.ask() }
    }

    /// The bundle of [`Self::ask_more`], countersigned.
    #[must_use]
    pub fn more(&self, good: &Good) -> More {
        self.more_with(good, self.ask_more(good), &self.engineer, &self.approver)
    }

    /// The bundle in which `requester` asks for this during the Session, and `approver` grants exactly that.
    #[must_use]
    pub fn more_with(&self, good: &Good, ask: Request, requester: &Person, approver: &Person) -> More {
        let terms = Terms { duration_seconds: ask.duration_seconds, scope: ask.scope };
        self.more_on(good, ask, requester, approver, terms)
    }

    /// The same on other terms.
    #[must_use]
    pub fn more_on(&self, good: &Good, ask: Request, requester: &Person, approver: &Person, terms: Terms) -> More {
        let asked_at = good.opened_at + 900;
        let (decided_at, opened_at) = (asked_at + 60, asked_at + 120);
        let request = requester.sign(&self.trust.gateway_id, ask, asked_at);
        let body = Decision {
            comment: String::new(),
            policy: self.trust.policy.clone(),
            request: sha256(&request),
            terms,
            verdict: Verdict::Approve,
        };
        let decisions = vec![approver.sign(&self.trust.gateway_id, body, decided_at)];
        let body = SessionOpen {
            decisions: decisions.iter().map(sha256).collect(),
            request: sha256(&request),
            tls_client: good.tls_client.clone(),
        };
        let [first, _] = &self.administrators;
        let people = [requester, approver];
        let mfa = vec![self.mfa(requester, None, asked_at - 60), self.mfa(approver, Some(&decisions[0]), decided_at)];
        let bundle = Bundle {
            pk_tokens: [first, requester, approver].map(|p| p.token.clone()).to_vec(),
            enrols: people.map(|p| self.enrol(first, &p.id(), &p.thumbprint())).to_vec(),
            open: requester.sign(&self.trust.gateway_id, body, opened_at),
            request,
            decisions,
            mfa,
            break_glass: None,
        };
        More { bundle, tls_client: good.tls_client.clone(), extended_at: opened_at + 1 }
    }
}
