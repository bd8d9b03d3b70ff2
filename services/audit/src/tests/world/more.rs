use domain::{Clock as _, Digest, SessionId};
use serve::Service;
use statement::{Bundle, Decision, Extends, Request, SessionOpen, Terms, Unverified, Verdict, sha256};
use wire::audit::ExtendRecording;
use wire::event::{Append, EventKind};

use super::{Answer, Case, Human, NOW, World};

/// Everything that extends a Session.
#[derive(Clone)]
pub struct More {
    pub session: SessionId,
    pub bundle: Bundle,
    pub asked: ExtendRecording,
}

impl More {
    pub fn request(&self) -> Digest {
        sha256(&self.bundle.request)
    }

    /// As the broker logs request and decision.
    pub fn logged(&self, case: &Case) -> [Append; 2] {
        let about = |kind, statement: &str| {
            Append::new(kind)
                .organization(&case.organization)
                .fact("request", self.request().as_str())
                .statement(statement)
        };
        [about(EventKind::RequestSigned, &self.bundle.request), about(EventKind::Approved, &self.bundle.decisions[0])]
    }
}

impl World {
    /// Asked for by the clock, so that the Session of `case` lasts this long in all; countersigned and written down.
    pub async fn more(&self, case: &Case, seconds: i64) -> More {
        let more = self.unlogged_more(case, |r| r.duration_seconds = seconds);
        for append in more.logged(case) {
            self.append(&append).await;
        }
        more
    }

    /// The same with a change, and not written down.
    pub fn unlogged_more(&self, case: &Case, change: impl FnOnce(&mut Request)) -> More {
        self.more_by(case, &self.mara, change)
    }

    /// The same, asked for by somebody.
    pub fn more_by(&self, case: &Case, who: &Human, change: impl FnOnce(&mut Request)) -> More {
        self.more_between(case, who, &self.tomasz, change)
    }

    /// The same between two people.
    pub fn more_between(&self, case: &Case, who: &Human, approver: &Human, change: impl FnOnce(&mut Request)) -> More {
        let now = self.clock.now();
        let first = Unverified::<Request>::read(&case.bundle.request).expect("a request");
        let session: SessionId = sha256(&case.bundle.open).into();
        let mut body = first.unverified_body().clone();
        body.duration_seconds = 2700;
        body.extends = Some(Extends {
            ends_at: NOW + 1800,
            opened_at: NOW,
            request: sha256(&case.bundle.request),
            session: session.clone(),
        });
        change(&mut body);
        let terms = Terms { duration_seconds: body.duration_seconds, scope: body.scope };
        let request = who.state(body, now - 20, 3600, "");
        let decision = Decision {
            comment: String::new(),
            policy: self.trust.policy.clone(),
            request: sha256(&request),
            terms,
            verdict: Verdict::Approve,
        };
        let decision = approver.state(decision, now - 10, 3600, "");
        let bundle = Bundle {
            pk_tokens: vec![who.token.clone(), approver.token.clone(), self.ben.token.clone()],
            enrols: vec![self.enrolment(&self.ben, who).0, self.enrolment(&self.ben, approver).0],
            mfa: vec![self.attest_at(who, None, now - 30), self.attest_at(approver, Some(sha256(&decision)), now - 9)],
            request,
            decisions: vec![decision],
            open: String::new(),
            break_glass: None,
        };
        self.handed_over(More { session, bundle, asked: nothing(self) }, who)
    }

    /// With another `session-open`, as the desktop makes one for each try.
    pub fn handed_over(&self, mut more: More, who: &Human) -> More {
        let tls_client = sha256("certificate");
        let open = SessionOpen {
            decisions: more.bundle.decisions.iter().map(sha256).collect(),
            request: more.request(),
            tls_client: tls_client.clone(),
        };
        more.bundle.open = who.state(open, self.clock.now(), 60, "");
        more.asked = ExtendRecording {
            bundle_json: serde_json::to_string(&more.bundle).expect("json"),
            tls_client,
            extended_at: self.clock.now(),
            policy: self.trust.policy.clone(),
        };
        more
    }

    pub async fn extend(&self, more: &More) -> Answer {
        self.extend_session(&more.session, more).await
    }

    pub async fn extend_session(&self, session: &SessionId, more: &More) -> Answer {
        self.post_as(Service::Gateway, &format!("/v1/recordings/{session}/extensions"), &more.asked).await
    }
}

fn nothing(w: &World) -> ExtendRecording {
    ExtendRecording {
        bundle_json: String::new(),
        tls_client: sha256(""),
        extended_at: 0,
        policy: w.trust.policy.clone(),
    }
}
