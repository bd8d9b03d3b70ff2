//! Break-glass (T28): what two administrators signed in advance opens, for whom and where it says, and nothing that a service says
//! makes it open more.

use domain::{Clock as _, Digest, Organization, PersonId, ReasonCategory, Scope};
use statement::{BreakGlass, Bundle, Enrol, Request, Revoke, Revoked, SignedBreakGlass, sha256};
use wire::event::EventKind;
use wire::gateway::Revocation;

use crate::bundle::{Account, Wish};
use crate::rig::Rig;

fn body(rig: &Rig) -> BreakGlass {
    let now = rig.clock.now();
    BreakGlass {
        duration_seconds: 1800,
        from: now - 60,
        organizations: vec![kinloch()],
        persons: vec![PersonId("e-1".into())],
        reason: "Payroll runs on Sunday, and nobody may be awake.".into(),
        scope: Scope::Read,
        until: now + 30 * 24 * 3600,
        uses: 1,
    }
}

fn kinloch() -> Organization {
    Organization { id: "kinloch-hotels".parse().unwrap(), name: "Kinloch Hotels".into() }
}

fn signed_by(rig: &Rig, body: &BreakGlass, who: &[&Account]) -> SignedBreakGlass {
    let people = &rig.people;
    let statements: Vec<String> = who.iter().map(|w| people.statement(w, body.clone(), 3600, "")).collect();
    let mfa = who.iter().zip(&statements).map(|(w, s)| people.mfa(w, Some(s))).collect();
    SignedBreakGlass { statements, mfa }
}

fn by_administrators(rig: &Rig, body: &BreakGlass) -> SignedBreakGlass {
    signed_by(rig, body, &[rig.people.administrator(), &rig.people.ben])
}

fn asks(rig: &Rig, body: &BreakGlass) -> Request {
    Request {
        break_glass: Some(body.id()),
        duration_seconds: 900,
        extends: None,
        justification: "The payroll run stands still and nobody answers.".into(),
        organization: kinloch(),
        policy: rig.people.trust.policy.clone(),
        reason: ReasonCategory::SecurityIncident,
        scope: Scope::Read,
        ticket: "SUP-911".into(),
    }
}

/// Mara opens with this permission what she asks for.
fn bundle(rig: &Rig, permission: SignedBreakGlass, request: Request, certificate: &Digest) -> Bundle {
    let people = &rig.people;
    let enrol = Enrol { device: people.mara.key.public().thumbprint(), person: PersonId("e-1".into()) };
    let mut bundle = Bundle {
        pk_tokens: [&people.mara, people.administrator(), &people.ben].map(|a| a.token.clone()).to_vec(),
        enrols: vec![people.statement(people.administrator(), enrol, 600, "")],
        mfa: vec![people.mfa(&people.mara, None)],
        request: people.statement(&people.mara, request, 3600, ""),
        decisions: Vec::new(),
        open: String::new(),
        break_glass: Some(permission),
    };
    bundle.open = people.open(&bundle, certificate);
    bundle
}

async fn code(rig: &Rig, change: impl FnOnce(&mut Bundle)) -> String {
    let (person, body) = (rig.person(), body(rig));
    let mut bundle = bundle(rig, by_administrators(rig, &body), asks(rig, &body), &person.certificate);
    change(&mut bundle);
    bundle.open = rig.people.open(&bundle, &person.certificate);
    let answer = person.open(&bundle).await;
    if answer.status == 200 { "opened".into() } else { answer.code() }
}

#[tokio::test]
async fn t28_two_administrators_signatures_in_advance_open() {
    let rig = Rig::new().await;
    let (person, body) = (rig.person(), body(&rig));
    let bundle = bundle(&rig, by_administrators(&rig, &body), asks(&rig, &body), &person.certificate);
    let opened = person.open(&bundle).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);
    assert_eq!(person.visit("/o/delmar-foods/").await.status, 403, "there and nowhere else");
    let again = rig.person();
    let fresh = Bundle { open: rig.people.open(&bundle, &again.certificate), ..bundle };
    rig.clock.forward(1000);
    let resumed = again.open(&fresh).await;
    assert_ne!(resumed.status, 200, "its time is over");
}

#[tokio::test]
async fn t28_one_signature_or_none_opens_nothing() {
    let rig = Rig::new().await;
    let alone = |b: &mut Bundle| {
        let signed = b.break_glass.as_mut().unwrap();
        signed.statements.pop();
        signed.mfa.pop();
        b.pk_tokens.pop();
    };
    assert_eq!(code(&rig, alone).await, "too-few-administrators");
    assert_eq!(code(&rig, |b| b.break_glass = None).await, "other-permission");
    let codes = |b: &mut Bundle| b.break_glass.as_mut().unwrap().mfa.clear();
    assert_eq!(code(&rig, codes).await, "no-second-factor");
    let own = |b: &mut Bundle| {
        b.break_glass = Some(signed_by(&rig, &body(&rig), &[rig.people.administrator(), &rig.people.mara]));
    };
    assert_eq!(code(&rig, own).await, "missing-role");
    assert!(!rig.audit.kinds().contains(&EventKind::SessionOpened));
    assert_eq!(code(&rig, |_| {}).await, "opened", "the same that is whole");
}

#[tokio::test]
async fn t28_it_opens_nothing_outside_what_was_signed() {
    let rig = Rig::new().await;
    let case = |change: fn(&mut BreakGlass, &mut Request)| {
        let rig = &rig;
        async move {
            let person = rig.person();
            let mut signed = body(rig);
            let mut request = asks(rig, &signed);
            change(&mut signed, &mut request);
            request.break_glass = request.break_glass.map(|_| signed.id());
            let bundle = bundle(rig, by_administrators(rig, &signed), request, &person.certificate);
            let answer = person.open(&bundle).await;
            if answer.status == 200 { "opened".into() } else { answer.code() }
        }
    };
    assert_eq!(case(|b, _| b.persons = vec![PersonId("e-2".into())]).await, "person-not-named");
    assert_eq!(case(|b, _| b.organizations[0].id = "delmar-foods".parse().unwrap()).await, "organization-not-named");
    assert_eq!(case(|b, _| b.scope = Scope::Diagnostics).await, "wider-than-permitted");
    assert_eq!(case(|b, _| b.duration_seconds = 899).await, "wider-than-permitted");
    assert_eq!(case(|b, _| b.from += 120).await, "not-permitted-now");
    assert_eq!(case(|b, _| b.until = b.from + 30).await, "not-permitted-now");
    assert_eq!(case(|b, _| b.until += 100 * 24 * 3600).await, "lives-too-long");
    assert_eq!(case(|_, r| r.break_glass = None).await, "other-permission");
    // The limits of the policy hold as ever.
    assert_eq!(case(|_, r| r.reason = ReasonCategory::LegalDisclosure).await, "opened");
    let longer = |b: &mut BreakGlass, r: &mut Request| {
        (b.duration_seconds, r.duration_seconds) = (4 * 3600, 3 * 3600);
        r.reason = ReasonCategory::CustomerReportedProblem;
    };
    assert_eq!(case(longer).await, "duration-out-of-policy");
    assert_eq!(case(|_, r| r.reason = ReasonCategory::DataSubjectRequest).await, "opened");
}

#[tokio::test]
async fn t28_a_bundle_has_an_approval_or_a_permission() {
    let rig = Rig::new().await;
    let person = rig.person();
    let mut ordinary = rig.people.bundle(&Wish::default(), &person.certificate);
    let body = body(&rig);
    ordinary.break_glass = Some(by_administrators(&rig, &body));
    ordinary.pk_tokens.push(rig.people.ben.token.clone());
    ordinary.open = rig.people.open(&ordinary, &person.certificate);
    assert_eq!(person.open(&ordinary).await.code(), "other-permission", "nobody asked by it");

    let person = rig.person();
    let both = rig.people.bundle(&Wish::default(), &person.certificate);
    let request = Request { scope: Scope::Read, ..asks(&rig, &body) };
    let mut both = Bundle { request: rig.people.statement(&rig.people.mara, request, 3600, ""), ..both };
    let decision = statement::Decision {
        comment: String::new(),
        policy: rig.people.trust.policy.clone(),
        request: sha256(&both.request),
        terms: statement::Terms { duration_seconds: 900, scope: Scope::Read },
        verdict: statement::Verdict::Approve,
    };
    both.decisions = vec![rig.people.statement(&rig.people.tomasz, decision, 600, "")];
    both.mfa.push(rig.people.mfa(&rig.people.tomasz, Some(&both.decisions[0])));
    both.break_glass = Some(by_administrators(&rig, &body));
    both.pk_tokens.push(rig.people.ben.token.clone());
    both.open = rig.people.open(&both, &person.certificate);
    assert_eq!(person.open(&both).await.code(), "approval-and-break-glass");
}

#[tokio::test]
async fn t28_a_hostile_audit_service_makes_no_second_use() {
    for (what, says) in [
        ("beyond the last", Some(("break-glass", "use", "2"))),
        ("no use", Some(("break-glass", "use", "0"))),
        ("no number", Some(("break-glass", "use", "all"))),
        ("nothing of it", None),
        ("another permission", Some(("another", "use", "1"))),
    ] {
        let rig = Rig::new().await;
        rig.audit.state.lock().unwrap().says_of_use = Some(says.map(|(n, u, v)| (n.into(), u.into(), v.into())));
        assert_eq!(code(&rig, |_| {}).await, "log-broken", "{what}");
    }
    let rig = Rig::new().await;
    let person = rig.person();
    rig.audit.state.lock().unwrap().says_of_use = Some(Some(("break-glass".into(), "use".into(), "1".into())));
    let ordinary = rig.people.bundle(&Wish::default(), &person.certificate);
    assert_eq!(person.open(&ordinary).await.code(), "log-broken", "and an ordinary opening is none by break-glass");
}

#[tokio::test]
async fn t28_whoever_signed_it_or_it_itself_is_revoked_and_the_session_ends() {
    for which in ["permission", "administrator"] {
        let rig = Rig::new().await;
        let (person, body) = (rig.person(), body(&rig));
        let bundle = bundle(&rig, by_administrators(&rig, &body), asks(&rig, &body), &person.certificate);
        assert_eq!(person.open(&bundle).await.status, 200);
        let people = &rig.people;
        let revokes = match which {
            "permission" => Revoked::Grant(body.id()),
            _ => Revoked::Device(people.ben.key.public().thumbprint()),
        };
        let revoke = Revoke { reason: "It is not needed any more.".into(), revokes };
        let admin = people.administrator();
        let statement = people.statement(admin, revoke, 300, "");
        let mfa = Some(people.mfa(admin, Some(&statement)));
        let body = Revocation { statement, mfa, pk_tokens: vec![admin.token.clone()], enrols: Vec::new() };
        let body = serde_json::to_string(&body).unwrap();
        let ended = rig.stranger().call("POST", "/v1/revocations", &body).await.json();
        assert_eq!(ended["ended"].as_array().map(Vec::len), Some(1), "{which}: {ended}");
        assert_ne!(person.visit("/o/kinloch-hotels/").await.status, 200, "{which}");
    }
}

#[tokio::test]
async fn t28_it_extends_no_session() {
    let rig = Rig::new().await;
    let (person, body) = (rig.person(), body(&rig));
    let opened = bundle(&rig, by_administrators(&rig, &body), asks(&rig, &body), &person.certificate);
    let answer = person.open(&opened).await.json();
    let (opened_at, ends_at) = (answer["opened_at"].as_i64().unwrap(), answer["ends_at"].as_i64().unwrap());
    let mut request = asks(&rig, &body);
    request.duration_seconds = 1800;
    request.extends = Some(statement::Extends {
        ends_at,
        opened_at,
        request: sha256(&opened.request),
        session: sha256(&opened.open).into(),
    });
    let more = bundle(&rig, by_administrators(&rig, &body), request, &person.certificate);
    assert_eq!(person.extend(&more).await.code(), "no-more-by-break-glass");
    let countersigned = rig.people.more(&opened, &person.certificate, |r| {
        let extends = r.extends.as_mut().unwrap();
        (r.break_glass, extends.opened_at, extends.ends_at) = (None, opened_at, ends_at);
        r.duration_seconds = 1800;
    });
    let answer = person.extend(&countersigned).await;
    assert_eq!(answer.status, 200, "somebody's countersignature does: {}", answer.text());
}
