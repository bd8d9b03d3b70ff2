//! Opening marks: each check of what a reviewer and a second person sign, by itself.

use statement::{Refusal, Reveal, Revealing, verify_revealing};
use tests::forge::{Account, Company, Person};

use super::company;

fn wanted(company: &Company, reader: &Person) -> Reveal {
    Reveal {
        justification: "The customer asks who was called on Friday.".into(),
        marks: vec!["0011223344556677".into(), "7f3a91c2d0b4e6f8".into()],
        organization: company.ask().organization,
        reader: reader.thumbprint(),
        session: statement::sha256("a session").into(),
    }
}

/// What these people sign, each enrolled by the first administrator.
fn by(company: &Company, who: &[&Person], body: &Reveal) -> Revealing {
    let at = company.moments.decide;
    let [first, _] = &company.administrators;
    let statements: Vec<String> = who.iter().map(|w| w.sign(&company.trust.gateway_id, body.clone(), at)).collect();
    let mfa = who.iter().zip(&statements).map(|(w, s)| company.mfa(w, Some(s), at)).collect();
    let mut pk_tokens: Vec<String> = who.iter().map(|w| w.token.clone()).collect();
    pk_tokens.push(first.token.clone());
    pk_tokens.sort();
    pk_tokens.dedup();
    let enrols = who.iter().map(|w| company.enrol(first, &w.id(), &w.thumbprint())).collect();
    Revealing { statements, mfa, enrols, pk_tokens }
}

fn verified(company: &Company, revealing: &Revealing) -> Result<(), Refusal> {
    verify_revealing(revealing, &company.trust, company.known_keys(), company.moments.open).map(drop)
}

fn signed(company: &Company, who: &[&Person]) -> Result<(), Refusal> {
    verified(company, &by(company, who, &wanted(company, &company.reviewer)))
}

#[test]
fn a_01_a_reviewer_and_a_second_person_sign_the_same() {
    let company = company();
    let (ines, tomasz) = (&company.reviewer, &company.approver);
    let good = by(&company, &[ines, tomasz], &wanted(&company, ines));
    let revealed = verify_revealing(&good, &company.trust, company.known_keys(), company.moments.open);
    let names: Vec<String> = revealed.expect("good").signers().iter().map(|s| s.identity.name.clone()).collect();
    assert_eq!(names, ["Ines Carvalho", "Tomasz Wieczorek"]);
    assert_eq!(signed(&company, &[ines]), Err(Refusal::NoApproval));
    assert_eq!(signed(&company, &[ines, ines]), Err(Refusal::SamePerson));
    assert_eq!(signed(&company, &[ines, tomasz, &company.second_approver]), Err(Refusal::TooLarge));
    let account = Account::new("e-0003", "Somebody", &["approver"]);
    let same = Person::sign_in_on(&company.provider, account, ines.device.clone(), company.moments.approver_signs_in);
    assert_eq!(signed(&company, &[ines, &same]), Err(Refusal::SameDevice));
    let engineer = &company.engineer;
    assert_eq!(signed(&company, &[ines, engineer]), Err(Refusal::MissingRole));
}

/// The second one does not become the reader by the order in which somebody hands the two over.
#[test]
fn a_08_the_values_go_to_the_device_that_both_signed_for() {
    let company = company();
    let (ines, tomasz) = (&company.reviewer, &company.approver);
    assert_eq!(signed(&company, &[tomasz, ines]), Err(Refusal::OtherReader));
    let theirs = by(&company, &[tomasz, ines], &wanted(&company, tomasz));
    assert_eq!(verified(&company, &theirs), Err(Refusal::MissingRole), "an approver reads nothing");
    let at = company.moments.decide;
    let mut differ = by(&company, &[ines, tomasz], &wanted(&company, ines));
    let other = Reveal { marks: vec!["7f3a91c2d0b4e6f8".into()], ..wanted(&company, ines) };
    differ.statements[1] = tomasz.sign(&company.trust.gateway_id, other, at);
    differ.mfa[1] = company.mfa(tomasz, Some(&differ.statements[1]), at);
    assert_eq!(verified(&company, &differ), Err(Refusal::RevealsDiffer));
}

#[test]
fn a_01_each_gave_a_code_for_exactly_their_statement() {
    let company = company();
    let (ines, tomasz, at) = (&company.reviewer, &company.approver, company.moments.decide);
    let good = by(&company, &[ines, tomasz], &wanted(&company, ines));
    let with = |mfa: Vec<String>| verified(&company, &Revealing { mfa, ..good.clone() });
    let (first, second) = (good.mfa[0].clone(), &good.statements[1]);
    assert_eq!(with(vec![first.clone()]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), first.clone()]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), company.mfa(tomasz, None, at)]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first, company.mfa(tomasz, Some(second), at + 301)]), Err(Refusal::SecondFactorTooOld));
}

#[test]
fn the_marks_are_some_and_each_once() {
    let company = company();
    let ines = &company.reviewer;
    let many: Vec<String> = (0..=statement::MAX_MARKS).map(|n| format!("{n:016x}")).collect();
    let one = "0011223344556677".to_owned();
    for marks in [vec![], vec![one.clone(), one], vec!["1".repeat(15)], vec!["G".repeat(16)], many] {
        let body = Reveal { marks, ..wanted(&company, ines) };
        let revealing = by(&company, &[ines, &company.approver], &body);
        assert_eq!(verified(&company, &revealing), Err(Refusal::Malformed("reveal")));
    }
}
