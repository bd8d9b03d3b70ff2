use domain::{Organization, ReasonCategory, Scope, SessionId};
use recording::{Captured, Frame};
use serve::Service;
use statement::{Bundle, Decision, SessionOpen, Terms, Verdict, sha256};
use wire::audit::{EndRecording, OpenRecording};
use wire::event::Receipt;

use super::{Answer, NOW, World};

/// Everything that opens a Session.
pub struct Case {
    pub bundle: Bundle,
    pub asked: OpenRecording,
}

impl World {
    pub fn case(&self) -> Case {
        self.case_for("kinloch-hotels", Scope::Read, "")
    }

    pub fn case_for(&self, organization: &str, scope: Scope, seen: &str) -> Case {
        let organization = Organization { id: organization.parse().expect("id"), name: "Kinloch Hotels".into() };
        let request = statement::Request {
            duration_seconds: 1800,
            justification: "The night audit shows the wrong balance.".into(),
            organization,
            policy: self.trust.policy.clone(),
            reason: ReasonCategory::CustomerReportedProblem,
            scope,
            ticket: "SUP-4711".into(),
        };
        let request = self.mara.state(request, NOW - 20, 3600, seen);
        let terms = Terms { duration_seconds: 1800, scope };
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
        let open = self.mara.state(open, NOW, 60, seen);
        let bundle = Bundle {
            pk_tokens: vec![self.mara.token.clone(), self.tomasz.token.clone(), self.ben.token.clone()],
            enrols: vec![self.enrolment(&self.ben, &self.mara), self.enrolment(&self.ben, &self.tomasz)],
            mfa: vec![self.mara.mfa.clone(), self.attest_at(&self.tomasz, Some(sha256(&decision)), NOW - 9)],
            request,
            decisions: vec![decision],
            open,
        };
        let asked = OpenRecording {
            bundle_json: serde_json::to_string(&bundle).expect("json"),
            tls_client,
            opened_at: NOW,
            ends_at: NOW + 1800,
            target: "payroll".into(),
            policy: self.trust.policy.clone(),
        };
        Case { bundle, asked }
    }

    pub async fn open(&self, case: &Case) -> Answer {
        self.post_as(Service::Gateway, "/v1/recordings", &case.asked).await
    }

    /// An open Session with nothing in it yet.
    pub async fn session(&self) -> (SessionId, Receipt, Case) {
        let case = self.case();
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
        write: seq % 3 == 0,
    }
}
