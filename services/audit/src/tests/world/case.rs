use domain::{OrgId, Organization, ReasonCategory, Scope, SessionId};
use recording::{Captured, Frame};
use serve::Service;
use statement::{Bundle, Decision, Request, SessionOpen, Terms, Verdict, sha256};
use wire::audit::{EndRecording, OpenRecording};
use wire::event::{Append, EventKind, Receipt};

use super::{Answer, Human, NOW, World};

/// Everything that opens a Session.
#[derive(Clone)]
pub struct Case {
    pub organization: OrgId,
    pub bundle: Bundle,
    pub asked: OpenRecording,
}

impl Case {
    /// As the broker logs the request.
    pub fn asked_for(&self) -> Append {
        self.event(EventKind::RequestSigned, &self.bundle.request).personal("justification", "why")
    }

    /// As it logs the decision.
    pub fn approved(&self) -> Append {
        self.event(EventKind::Approved, &self.bundle.decisions[0])
    }

    /// As it logs what ends the request.
    pub fn over(&self, kind: EventKind) -> Append {
        Append::new(kind).organization(&self.organization).fact("request", sha256(&self.bundle.request).as_str())
    }

    fn event(&self, kind: EventKind, statement: &str) -> Append {
        self.over(kind).statement(statement)
    }
}

impl World {
    pub async fn case(&self) -> Case {
        self.case_for("kinloch-hotels", Scope::Read, "").await
    }

    /// Asked and countersigned, as the broker wrote it down.
    pub async fn case_for(&self, organization: &str, scope: Scope, seen: &str) -> Case {
        let case = self.unlogged_case_for(organization, scope, seen);
        for append in [case.asked_for(), case.approved()] {
            self.append(&append).await;
        }
        case
    }

    /// What nobody wrote down.
    pub fn unlogged_case(&self) -> Case {
        self.unlogged_case_for("kinloch-hotels", Scope::Read, "")
    }

    /// Asked for by somebody, with a change, and written down.
    pub async fn case_by(&self, who: &Human, organization: &str, change: impl FnOnce(&mut Request)) -> Case {
        let case = self.unlogged_case_by(who, organization, "", change);
        for append in [case.asked_for(), case.approved()] {
            self.append(&append).await;
        }
        case
    }

    pub fn unlogged_case_for(&self, organization: &str, scope: Scope, seen: &str) -> Case {
        self.unlogged_case_by(&self.mara, organization, seen, |request| request.scope = scope)
    }

    fn unlogged_case_by(&self, who: &Human, organization: &str, seen: &str, change: impl FnOnce(&mut Request)) -> Case {
        let named = Organization { id: organization.parse().expect("id"), name: "Kinloch Hotels".into() };
        let mut request = Request {
            duration_seconds: 1800,
            break_glass: None,
            extends: None,
            justification: "The night audit shows the wrong balance.".into(),
            organization: named,
            policy: self.trust.policy.clone(),
            reason: ReasonCategory::CustomerReportedProblem,
            scope: Scope::Read,
            ticket: "SUP-4711".into(),
        };
        change(&mut request);
        let terms = Terms { duration_seconds: 1800, scope: request.scope };
        let request = who.state(request, NOW - 20, 3600, seen);
        let decision = Decision {
            comment: String::new(),
            policy: self.trust.policy.clone(),
            request: sha256(&request),
            terms,
            verdict: Verdict::Approve,
        };
        let decision = self.tomasz.state(decision, NOW - 10, 3600, seen);
        let tls_client = sha256("certificate");
        let open = SessionOpen {
            decisions: vec![sha256(&decision)],
            request: sha256(&request),
            tls_client: tls_client.clone(),
        };
        let open = who.state(open, NOW, 60, seen);
        let bundle = Bundle {
            pk_tokens: vec![who.token.clone(), self.tomasz.token.clone(), self.ben.token.clone()],
            enrols: vec![self.enrolment(&self.ben, who).0, self.enrolment(&self.ben, &self.tomasz).0],
            mfa: vec![who.mfa.clone(), self.attest_at(&self.tomasz, Some(sha256(&decision)), NOW - 9)],
            request,
            decisions: vec![decision],
            open,
            break_glass: None,
        };
        let asked = OpenRecording {
            bundle_json: serde_json::to_string(&bundle).expect("json"),
            tls_client,
            opened_at: NOW,
            ends_at: NOW + 1800,
            target: "payroll".into(),
            policy: self.trust.policy.clone(),
        };
        Case { organization: organization.parse().expect("id"), bundle, asked }
    }

    /// The same Grant with another `session-open`, as a desktop makes one for each connection.
    pub fn again(&self, case: &Case) -> Case {
        let mut case = case.clone();
        let tls_client = sha256("another certificate");
        let open = SessionOpen {
            decisions: case.bundle.decisions.iter().map(sha256).collect(),
            request: sha256(&case.bundle.request),
            tls_client: tls_client.clone(),
        };
        case.bundle.open = self.mara.state(open, NOW, 60, "");
        case.asked.bundle_json = serde_json::to_string(&case.bundle).expect("json");
        case.asked.tls_client = tls_client;
        case
    }

    pub async fn open(&self, case: &Case) -> Answer {
        self.post_as(Service::Gateway, "/v1/recordings", &case.asked).await
    }

    /// An open Session with nothing in it yet.
    pub async fn session(&self) -> (SessionId, Receipt, Case) {
        let case = self.case().await;
        let receipt: Receipt = self.open(&case).await.json();
        (sha256(&case.bundle.open).into(), receipt, case)
    }

    pub async fn end(&self, session: &SessionId, batches: u64) -> Answer {
        let end = EndRecording { reason: "person".into(), ended_at: NOW + 60, batches };
        self.post_as(Service::Gateway, &format!("/v1/recordings/{session}/end"), &end).await
    }
}

/// Frames `from..from + count`: requests, each third a write, each fifth a page event.
pub fn frames(from: u64, count: u64) -> Vec<Frame> {
    (from..from + count)
        .map(|seq| Frame { seq, at: NOW * 1000 + i64::try_from(seq).expect("small"), content: content(seq) })
        .collect()
}

fn content(seq: u64) -> Captured {
    if seq % 5 == 4 {
        return Captured::Page {
            page: "p".into(),
            events: vec![serde_json::json!({"type": 3, "data": {"source": 5}})],
        };
    }
    Captured::Request {
        exchange: seq,
        method: "GET".into(),
        path: format!("/o/kinloch-hotels/{seq}"),
        headers: vec![],
        body: None,
        body_bytes: 0,
        body_digest: None,
        write: seq.is_multiple_of(3),
    }
}
