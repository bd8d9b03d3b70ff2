//! Forgetting: each check of what two administrators sign, by itself.

use statement::{Forget, Forgetting, Refusal, verify_forgetting};
use tests::forge::{Account, Company, Person};

use super::company;

fn away(company: &Company) -> Forget {
    Forget {
        justification: "The customer left, and asked for it in writing.".into(),
        organization: company.ask().organization,
    }
}

fn by(company: &Company, who: &[&Person]) -> Forgetting {
    let at = company.moments.adopt;
    let statements: Vec<String> = who.iter().map(|w| w.sign(&company.trust.gateway_id, away(company), at)).collect();
    let mfa = who.iter().zip(&statements).map(|(w, s)| company.mfa(w, Some(s), at)).collect();
    let mut pk_tokens: Vec<String> = who.iter().map(|w| w.token.clone()).collect();
    pk_tokens.dedup();
    Forgetting { statements, mfa, enrols: Vec::new(), pk_tokens }
}

fn verified(company: &Company, forgetting: &Forgetting) -> Result<(), Refusal> {
    verify_forgetting(forgetting, &company.trust, company.known_keys(), company.moments.open).map(drop)
}

#[test]
fn r_14_two_administrators_sign_the_same() {
    let company = company();
    let [ben, sofia] = &company.administrators;
    let good = by(&company, &[ben, sofia]);
    let forgotten = verify_forgetting(&good, &company.trust, company.known_keys(), company.moments.open);
    let forgotten = forgotten.expect("two have signed");
    assert_eq!(forgotten.body(), &away(&company));
    let names: Vec<&str> = forgotten.signers().iter().map(|s| s.identity.name.as_str()).collect();
    assert_eq!(names, ["Ben Okafor", "Sofia Marchetti"]);

    let mut other = good.clone();
    let elsewhere = Forget { justification: "Nobody needs to know why, really.".into(), ..away(&company) };
    other.statements[1] = sofia.sign(&company.trust.gateway_id, elsewhere, company.moments.adopt);
    other.mfa[1] = company.mfa(sofia, Some(&other.statements[1]), company.moments.adopt);
    assert_eq!(verified(&company, &other), Err(Refusal::ForgettingsDiffer));
}

#[test]
fn r_14_one_administrator_forgets_nothing() {
    let company = company();
    let [ben, sofia] = &company.administrators;
    assert_eq!(verified(&company, &by(&company, &[])), Err(Refusal::TooFewAdministrators));
    assert_eq!(verified(&company, &by(&company, &[ben])), Err(Refusal::TooFewAdministrators));
    assert_eq!(verified(&company, &by(&company, &[ben, ben])), Err(Refusal::SamePerson));
    assert_eq!(verified(&company, &by(&company, &[ben, sofia, ben])), Err(Refusal::TooLarge));
    let account = Account::new("e-0003", "Somebody", &["administrator"]);
    let same = Person::sign_in_on(&company.provider, account, ben.device.clone(), company.moments.enrol - 60);
    let mut on_one = by(&company, &[ben, &same]);
    on_one.enrols.push(company.enrol(sofia, &same.id(), &same.thumbprint()));
    on_one.pk_tokens.push(sofia.token.clone());
    assert_eq!(verified(&company, &on_one), Err(Refusal::SameDevice));
}

#[test]
fn r_14_nobody_else_forgets() {
    let company = company();
    let [ben, sofia] = &company.administrators;
    let at = company.moments.enrol - 60;
    let approver = Person::sign_in(&company.provider, Account::new("e-1002", "Somebody", &["approver"]), at);
    let mut by_an_approver = by(&company, &[ben, &approver]);
    by_an_approver.enrols.push(company.enrol(ben, &approver.id(), &approver.thumbprint()));
    assert_eq!(verified(&company, &by_an_approver), Err(Refusal::MissingRole));
    let stranger = Person::sign_in(&company.provider, Account::new("e-0003", "Somebody", &["administrator"]), at);
    assert_eq!(verified(&company, &by(&company, &[ben, &stranger])), Err(Refusal::NotEnrolled));
    let mut more = by(&company, &[ben, sofia]);
    more.pk_tokens.push(stranger.token);
    assert_eq!(verified(&company, &more), Err(Refusal::UnusedToken));
}

#[test]
fn r_14_each_gave_a_code_for_exactly_their_statement() {
    let company = company();
    let [ben, sofia] = &company.administrators;
    let (good, at) = (by(&company, &[ben, sofia]), company.moments.adopt);
    let with = |mfa: Vec<String>| verified(&company, &Forgetting { mfa, ..good.clone() });
    let (first, second) = (good.mfa[0].clone(), &good.statements[1]);
    assert_eq!(with(vec![first.clone()]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), first.clone()]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), company.mfa(sofia, None, at)]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), company.mfa(ben, Some(second), at)]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first, company.mfa(sofia, Some(second), at + 301)]), Err(Refusal::SecondFactorTooOld));
    let more = [good.mfa.clone(), vec![good.mfa[0].clone()]].concat();
    assert_eq!(with(more), Err(Refusal::TooLarge));
}

#[test]
fn r_14_the_justification_is_one_that_somebody_can_read() {
    let company = company();
    let [ben, sofia] = &company.administrators;
    for bad in ["Too short.", "It turns \u{202e} around what you read.", ""] {
        let mut forgetting = by(&company, &[ben, sofia]);
        let body = Forget { justification: bad.into(), ..away(&company) };
        forgetting.statements[0] = ben.sign(&company.trust.gateway_id, body, company.moments.adopt);
        assert_eq!(verified(&company, &forgetting), Err(Refusal::BadText("justification")), "{bad}");
    }
}
