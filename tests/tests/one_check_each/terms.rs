//! What is asked, what is granted, and until when.

use domain::Scope;
use statement::{Decision, Payload, Refusal, Request, Terms, Verdict, sha256};
use tests::forge::Person;

use super::{NOON, asked, company, decided_by, refusal, reopen};

#[test]
fn without_an_approval_nothing_opens() {
    let company = company();
    let mut good = company.good();
    let approver = company.approver.clone();
    reopen(&company, &mut good, vec![], &approver);
    assert_eq!(refusal(&company, &good), Refusal::NoApproval);
}

#[test]
fn a_denial_opens_nothing() {
    let company = company();
    let good = decided_by(&company, &company.approver, |d| d.verdict = Verdict::Deny);
    assert_eq!(refusal(&company, &good), Refusal::Denied);
}

#[test]
fn a_decision_is_about_one_exact_request() {
    let company = company();
    let good = decided_by(&company, &company.approver, |d| d.request = sha256("another request"));
    assert_eq!(refusal(&company, &good), Refusal::OtherRequest);
}

#[test]
fn a_08_a_request_changed_after_the_approval_is_another_request() {
    let company = company();
    let mut good = company.good();
    let wider = Request { scope: Scope::ReadWrite, ..company.ask() };
    good.bundle.request = company.request(&company.engineer, wider);
    assert_eq!(refusal(&company, &good), Refusal::OtherRequest);
}

#[test]
fn terms_are_never_wider_than_asked() {
    let company = company();
    let wider = decided_by(&company, &company.approver, |d| d.terms.scope = Scope::ReadWrite);
    assert_eq!(refusal(&company, &wider), Refusal::WiderThanAsked);
    let longer = decided_by(&company, &company.approver, |d| d.terms.duration_seconds = 1801);
    assert_eq!(refusal(&company, &longer), Refusal::WiderThanAsked);
    let none = decided_by(&company, &company.approver, |d| d.terms.duration_seconds = 0);
    assert_eq!(refusal(&company, &none), Refusal::DurationOutOfBounds);
}

#[test]
fn a_14_durations_are_bounded() {
    let company = company();
    for seconds in [0, -1, i64::MIN, 8 * 3600 + 1, i64::MAX] {
        assert_eq!(refusal(&company, &asked(&company, |r| r.duration_seconds = seconds)), Refusal::DurationOutOfBounds);
    }
    // Whatever a decision says, a request for no time at all is none.
    let mut none = asked(&company, |r| r.duration_seconds = 0);
    let terms = Terms { duration_seconds: 60, scope: Scope::Read };
    let decision = company.approve(&company.approver, &none.bundle.request, terms);
    reopen(&company, &mut none, vec![decision], &company.approver);
    assert_eq!(refusal(&company, &none), Refusal::DurationOutOfBounds);
    assert!(asked(&company, |r| r.duration_seconds = 8 * 3600).verify(&company).is_ok());
}

#[test]
fn the_scope_is_bounded() {
    let company = company();
    assert_eq!(refusal(&company, &asked(&company, |r| r.scope = Scope::Administer)), Refusal::ScopeAboveBound);
}

#[test]
fn a_21_everybody_signs_under_the_same_policy() {
    let company = company();
    assert_eq!(refusal(&company, &asked(&company, |r| r.policy = sha256("old policy"))), Refusal::OtherPolicy);
    let decided = decided_by(&company, &company.approver, |d| d.policy = sha256("old policy"));
    assert_eq!(refusal(&company, &decided), Refusal::OtherPolicy);
}

#[test]
fn a_07_an_approval_lapses() {
    let mut company = company();
    company.moments.decide = NOON - 4 * 3600 - 1;
    company.moments.request = company.moments.decide - 60;
    company.moments.requester_signs_in = company.moments.request - 60;
    company.moments.approver_signs_in = company.moments.request;
    company.engineer =
        Person::sign_in(&company.provider, company.engineer.account.clone(), company.moments.requester_signs_in);
    company.approver =
        Person::sign_in(&company.provider, company.approver.account.clone(), company.moments.approver_signs_in);
    assert_eq!(refusal(&company, &company.good()), Refusal::ApprovalLapsed);
}

#[test]
fn a_request_is_decided_while_it_lives_and_not_before_it_was_asked() {
    let company = company();
    let decide_at = |at: i64| {
        let mut good = company.good();
        let body = Decision {
            comment: String::new(),
            policy: company.trust.policy.clone(),
            request: sha256(&good.bundle.request),
            terms: Terms { duration_seconds: 60, scope: Scope::Read },
            verdict: Verdict::Approve,
        };
        let decision = company.approver.sign(&company.trust.gateway_id, body, at);
        reopen(&company, &mut good, vec![decision.clone()], &company.approver);
        good.bundle.mfa[1] = company.mfa(&company.approver, Some(&decision), at);
        good
    };
    assert_eq!(refusal(&company, &decide_at(company.moments.request - 6)), Refusal::Expired);
    let mut late = decide_at(company.moments.decide);
    let short = Payload {
        aud: company.trust.gateway_id.clone(),
        body: company.ask(),
        exp: company.moments.decide,
        iat: company.moments.request,
        jti: "j".into(),
        seen: String::new(),
    };
    late.bundle.request = company.engineer.sign_payload(&short);
    let terms = Terms { duration_seconds: 60, scope: Scope::Read };
    let decision = company.approve(&company.approver, &late.bundle.request, terms);
    reopen(&company, &mut late, vec![decision], &company.approver);
    assert_eq!(refusal(&company, &late), Refusal::Expired);
}

#[test]
fn statements_are_addressed_to_this_gateway() {
    let company = company();
    let mut request = company.good();
    request.bundle.request = company.engineer.sign("another-gateway", company.ask(), company.moments.request);
    assert_eq!(refusal(&company, &request), Refusal::WrongAudience);

    let mut decision = company.good();
    let body = Decision {
        comment: String::new(),
        policy: company.trust.policy.clone(),
        request: sha256(&decision.bundle.request),
        terms: Terms { duration_seconds: 60, scope: Scope::Read },
        verdict: Verdict::Approve,
    };
    let elsewhere = company.approver.sign("another-gateway", body, company.moments.decide);
    reopen(&company, &mut decision, vec![elsewhere], &company.approver);
    assert_eq!(refusal(&company, &decision), Refusal::WrongAudience);
}
