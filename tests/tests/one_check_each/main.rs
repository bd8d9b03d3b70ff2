//! One bundle for each check of the verifier, wrong in just that one thing. Take the check out and its test is red.

mod adopting;
mod break_glass;
mod codes;
mod enrolments;
mod extending;
mod forgetting;
mod forms;
mod opening;
mod own_device;
mod people;
mod revealing;
mod revoking;
mod terms;
mod waiting;

use domain::Scope;
use statement::{Decision, Refusal, Request, Terms, Verdict, sha256};
use tests::forge::{Company, Good, Person};

const NOON: i64 = 1_795_000_000;

fn company() -> Company {
    Company::new(NOON)
}

fn refusal(company: &Company, good: &Good) -> Refusal {
    good.verify(company).map(|_| ()).expect_err("nothing may open")
}

/// A person of the company with another enrolled Device, ready to be put into a bundle.
fn enrol_into(company: &Company, good: &mut Good, who: &Person) {
    let [first, _] = &company.administrators;
    good.bundle.pk_tokens.push(who.token.clone());
    good.bundle.enrols.push(company.enrol(first, &who.id(), &who.thumbprint()));
}

/// The ordinary bundle with its decision replaced by one that `who` signs, code and opening included.
fn decided_by(company: &Company, who: &Person, change: impl FnOnce(&mut Decision)) -> Good {
    let mut good = company.good();
    enrol_into(company, &mut good, who);
    let mut decision = Decision {
        comment: String::new(),
        policy: company.trust.policy.clone(),
        request: sha256(&good.bundle.request),
        terms: Terms { duration_seconds: 1800, scope: Scope::Read },
        verdict: Verdict::Approve,
    };
    change(&mut decision);
    let decision = who.sign(&company.trust.gateway_id, decision, company.moments.decide);
    reopen(company, &mut good, vec![decision], who);
    good
}

fn reopen(company: &Company, good: &mut Good, decisions: Vec<String>, approver: &Person) {
    good.bundle.mfa.truncate(1);
    for decision in &decisions {
        good.bundle.mfa.push(company.mfa(approver, Some(decision), company.moments.decide));
    }
    good.bundle.open = company.open(&company.engineer, &good.bundle.request, &decisions, &good.tls_client);
    good.bundle.decisions = decisions;
}

/// The ordinary bundle around another request.
fn asked(company: &Company, change: impl FnOnce(&mut Request)) -> Good {
    let mut ask = company.ask();
    change(&mut ask);
    company.good_with(ask, &[&company.approver])
}

#[test]
fn the_ordinary_bundle_opens() {
    let company = company();
    let opening = company.good().verify(&company).expect("opens");
    assert_eq!(opening.organization().id.as_str(), "kinloch-hotels");
    assert_eq!(opening.terms(), Terms { duration_seconds: 1800, scope: Scope::Read });
    assert_eq!(opening.decisions().len(), 1);
}

#[test]
fn the_narrowest_terms_win() {
    let company = company();
    let good = decided_by(&company, &company.approver, |d| {
        d.terms = Terms { duration_seconds: 600, scope: Scope::Diagnostics }
    });
    let opening = good.verify(&company).expect("opens");
    assert_eq!(opening.terms(), Terms { duration_seconds: 600, scope: Scope::Diagnostics });
}
