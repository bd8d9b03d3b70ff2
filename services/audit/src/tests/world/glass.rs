use domain::{Digest, Organization, PersonId, ReasonCategory, Role, Scope};
use serve::Service;
use statement::{BreakGlass, BreakGlassPermission, Bundle, SessionOpen, SignedBreakGlass, sha256};
use wire::audit::OpenRecording;
use wire::event::{Append, EventKind};

use super::{Answer, Case, Human, NOW, World};

/// What two administrators sign in advance, unless a test changes it: Mara, one Organization, once.
pub fn body() -> BreakGlass {
    BreakGlass {
        duration_seconds: 1800,
        from: NOW - 5,
        organizations: vec![kinloch()],
        persons: vec![PersonId("p-mara".into())],
        reason: "Payroll runs on Sunday, and nobody may be awake.".into(),
        scope: Scope::Read,
        until: NOW + 30 * 24 * 3600,
        uses: 1,
    }
}

pub fn kinloch() -> Organization {
    Organization { id: "kinloch-hotels".parse().expect("id"), name: "Kinloch Hotels".into() }
}

impl World {
    /// A second administrator, enrolled.
    pub async fn sofia(&self) -> Human {
        let sofia = self.another("p-sofia", &[Role::Administrator]);
        self.enrol(&self.ben, &sofia).await;
        sofia
    }

    pub fn permission(&self, body: &BreakGlass, who: [&Human; 2]) -> BreakGlassPermission {
        let statements: Vec<String> = who.iter().map(|w| w.state(body.clone(), NOW - 40, 3600, "")).collect();
        let mfa = who.iter().zip(&statements).map(|(h, s)| self.attest_at(h, Some(sha256(s)), NOW - 40)).collect();
        BreakGlassPermission {
            signed: SignedBreakGlass { statements, mfa },
            enrols: vec![self.enrolment(&self.ben, who[1]).0],
            pk_tokens: who.iter().map(|h| h.token.clone()).collect(),
        }
    }

    pub async fn permit(&self, permission: &BreakGlassPermission) -> Answer {
        self.post_as(Service::Broker, "/v1/break-glass", permission).await
    }

    /// Mara asks by this permission; nobody wrote the request down yet. `n` makes it another one.
    pub fn unlogged_use(&self, permission: &BreakGlassPermission, body: &BreakGlass, n: u32) -> Case {
        let request = statement::Request {
            break_glass: Some(body.id()),
            duration_seconds: 600,
            extends: None,
            justification: "The payroll run stands still and nobody answers.".into(),
            organization: kinloch(),
            policy: self.trust.policy.clone(),
            reason: ReasonCategory::SecurityIncident,
            scope: Scope::Read,
            ticket: format!("SUP-{n}"),
        };
        let request = self.mara.state(request, NOW - 3, 3600, "");
        let tls_client = sha256(format!("certificate {n}"));
        let signed: Vec<Digest> = permission.signed.statements.iter().map(sha256).collect();
        let open = SessionOpen { decisions: signed, request: sha256(&request), tls_client: tls_client.clone() };
        let mut pk_tokens = permission.pk_tokens.clone();
        pk_tokens.push(self.mara.token.clone());
        let mut enrols = permission.enrols.clone();
        enrols.push(self.enrolment(&self.ben, &self.mara).0);
        let bundle = Bundle {
            pk_tokens,
            enrols,
            request,
            decisions: Vec::new(),
            mfa: vec![self.mara.mfa.clone()],
            open: self.mara.state(open, NOW, 60, ""),
            break_glass: Some(permission.signed.clone()),
        };
        let asked = OpenRecording {
            bundle_json: serde_json::to_string(&bundle).expect("json"),
            tls_client,
            opened_at: NOW,
            ends_at: NOW + 600,
            target: "payroll".into(),
            policy: self.trust.policy.clone(),
        };
        Case { organization: kinloch().id, bundle, asked }
    }

    pub async fn use_of(&self, permission: &BreakGlassPermission, body: &BreakGlass, n: u32) -> Case {
        let case = self.unlogged_use(permission, body, n);
        self.append(&case.asked_for()).await;
        case
    }

    /// What the broker writes down when this Grant, or this permission, is revoked.
    pub fn revoked(&self, revokes: statement::Revoked, by: &Human) -> Append {
        let fact = match &revokes {
            statement::Revoked::Grant(id) | statement::Revoked::Device(id) => id.clone(),
            statement::Revoked::Person(_) | statement::Revoked::Sessions(_) => unreachable!("not asked for here"),
        };
        let name = if matches!(revokes, statement::Revoked::Grant(_)) { "request" } else { "revoked-device" };
        let body = statement::Revoke { reason: "It is not needed any more.".into(), revokes };
        let statement = by.state(body, NOW - 1, 300, "");
        let mfa = self.attest_at(by, Some(sha256(&statement)), NOW - 1);
        let event = Append::new(EventKind::Revoked)
            .fact(name, fact.as_str())
            .fact("device", by.key.public().thumbprint().as_str());
        event.personal("person", by.person).statement(statement).statement(mfa).statement(&by.token)
    }
}
