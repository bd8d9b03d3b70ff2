//! How a policy comes into force: each check by itself.

use policy::{NotAdopted, Policies};
use statement::{Adopt, Adoption, Refusal, sha256, verify_adoption};
use tests::forge::{Account, Company, Person};

use super::company;

const STRICTER: u32 = 3600;

struct Case {
    company: Company,
    text: String,
}

impl Case {
    fn new() -> Self {
        let company = company();
        let text = company.stricter_policy(STRICTER);
        Self { company, text }
    }

    fn good(&self) -> Adoption {
        self.company.adoption(&self.text)
    }

    fn said(&self, adoption: &Adoption) -> Result<(), Refusal> {
        let company = &self.company;
        verify_adoption(adoption, &company.trust, company.known_keys(), company.moments.open).map(drop)
    }

    /// Both administrators sign, the second one something else.
    fn second_signs(&self, change: impl FnOnce(&mut Adopt)) -> Adoption {
        let mut adoption = self.good();
        let mut body = Adopt {
            comment: "Something else than the first.".into(),
            policy: sha256(&self.text),
            previous: self.company.trust.policy.clone(),
        };
        change(&mut body);
        let [_, sofia] = &self.company.administrators;
        let at = self.company.moments.adopt;
        adoption.statements[1] = sofia.sign(&self.company.trust.gateway_id, body, at);
        adoption.mfa[1] = self.company.mfa(sofia, Some(&adoption.statements[1]), at);
        adoption
    }

    /// Somebody with this account, on a Device of their own, that the first administrator enrolled.
    fn enrolled(&self, person: &str, roles: &[&str]) -> (Person, String) {
        let at = self.company.moments.enrol - 60;
        let who = Person::sign_in(&self.company.provider, Account::new(person, "Somebody", roles), at);
        let [ben, _] = &self.company.administrators;
        let enrol = self.company.enrol(ben, &who.id(), &who.thumbprint());
        (who, enrol)
    }

    fn with_ben(&self, (who, enrol): (Person, String)) -> Adoption {
        let [ben, _] = &self.company.administrators;
        let mut adoption = self.company.adoption_by(&self.text, &[ben, &who]);
        adoption.enrols.push(enrol);
        adoption
    }
}

#[test]
fn two_administrators_adopt_a_policy() {
    let case = Case::new();
    let company = &case.company;
    let adopted = verify_adoption(&case.good(), &company.trust, company.known_keys(), company.moments.open);
    let adopted = adopted.expect("it is in force");
    assert_eq!(*adopted.policy(), sha256(&case.text));
    let names: Vec<&str> = adopted.signers().iter().map(|s| s.identity.name.as_str()).collect();
    assert_eq!(names, ["Ben Okafor", "Sofia Marchetti"]);
    assert_eq!(adopted.signed_at(), company.moments.adopt);
    assert_eq!(case.said(&case.with_ben(case.enrolled("e-0003", &["administrator"]))), Ok(()));
}

#[test]
fn one_administrator_adopts_nothing() {
    let case = Case::new();
    let [ben, _] = &case.company.administrators;
    assert_eq!(case.said(&case.company.adoption_by(&case.text, &[ben])), Err(Refusal::TooFewAdministrators));
    assert_eq!(case.said(&case.company.adoption_by(&case.text, &[])), Err(Refusal::TooFewAdministrators));
    assert_eq!(case.said(&case.company.adoption_by(&case.text, &[ben, ben])), Err(Refusal::SamePerson));
    let at = case.company.moments.enrol - 60;
    let other_account = Account::new("E-0001", "Somebody", &["administrator"]);
    let other = Person::sign_in(&case.company.provider, other_account, at);
    let enrol = case.company.enrol(&case.company.administrators[1], &other.id(), &other.thumbprint());
    let mut adoption = case.with_ben((other, enrol));
    adoption.pk_tokens.push(case.company.administrators[1].token.clone());
    assert_eq!(case.said(&adoption), Err(Refusal::SamePerson), "another account and another Device of one person");
    let account = Account::new("e-0003", "Somebody", &["administrator"]);
    let same = Person::sign_in_on(&case.company.provider, account, ben.device.clone(), at);
    let enrol = case.company.enrol(&case.company.administrators[1], &same.id(), &same.thumbprint());
    let mut adoption = case.with_ben((same, enrol));
    adoption.pk_tokens.push(case.company.administrators[1].token.clone());
    assert_eq!(case.said(&adoption), Err(Refusal::SameDevice));
}

#[test]
fn nobody_else_adopts_one() {
    let case = Case::new();
    assert_eq!(case.said(&case.with_ben(case.enrolled("e-1002", &["approver"]))), Err(Refusal::MissingRole));
    let (stranger, _) = case.enrolled("e-0003", &["administrator"]);
    let [ben, _] = &case.company.administrators;
    let unknown = case.company.adoption_by(&case.text, &[ben, &stranger]);
    assert_eq!(case.said(&unknown), Err(Refusal::NotEnrolled));
}

#[test]
fn both_sign_for_the_same_text_in_the_place_of_the_same_policy() {
    let case = Case::new();
    let other = case.second_signs(|a| a.policy = sha256("another text"));
    assert_eq!(case.said(&other), Err(Refusal::OtherPolicy));
    let other = case.second_signs(|a| a.previous = sha256("another policy"));
    assert_eq!(case.said(&other), Err(Refusal::OtherPolicy));
    let mut altered = case.good();
    altered.text.push('\n');
    assert_eq!(case.said(&altered), Err(Refusal::OtherPolicy));
    let itself = case.company.adoption(case.company.policies.pinned_text());
    assert_eq!(case.said(&itself), Err(Refusal::OtherPolicy), "a policy does not replace itself");
    assert_eq!(case.said(&case.second_signs(|_| {})), Ok(()), "each says why in their own words");
}

#[test]
fn each_gave_a_code_for_exactly_their_statement() {
    let case = Case::new();
    let company = &case.company;
    let [ben, sofia] = &company.administrators;
    let (good, at) = (case.good(), company.moments.adopt);
    let with = |mfa: Vec<String>| case.said(&Adoption { mfa, ..good.clone() });
    let first = good.mfa[0].clone();
    assert_eq!(with(vec![first.clone()]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), first.clone()]), Err(Refusal::NoSecondFactor));
    let sign_in = company.mfa(sofia, None, at);
    assert_eq!(with(vec![first.clone(), sign_in]), Err(Refusal::NoSecondFactor));
    let of_ben = company.mfa(ben, Some(&good.statements[1]), at);
    assert_eq!(with(vec![first.clone(), of_ben]), Err(Refusal::NoSecondFactor));
    let late = company.mfa(sofia, Some(&good.statements[1]), at + 301);
    assert_eq!(with(vec![first.clone(), late]), Err(Refusal::SecondFactorTooOld));
    let more = [good.mfa.clone(), vec![first]].concat();
    assert_eq!(with(more), Err(Refusal::Malformed("adoption")));
}

#[test]
fn the_second_signs_while_the_first_signature_is_good() {
    let case = Case::new();
    let (company, at) = (&case.company, case.company.moments.adopt);
    let [_, sofia] = &company.administrators;
    let body =
        Adopt { comment: "A day later.".into(), policy: sha256(&case.text), previous: company.trust.policy.clone() };
    let signed_at = |later: i64| {
        let again = Person::sign_in_on(&company.provider, sofia.account.clone(), sofia.device.clone(), at + later - 60);
        let mut adoption = case.good();
        adoption.statements[1] = again.sign(&company.trust.gateway_id, body.clone(), at + later);
        adoption.mfa[1] = company.mfa(&again, Some(&adoption.statements[1]), at + later);
        adoption.pk_tokens[1] = again.token;
        case.said(&adoption)
    };
    assert_eq!(signed_at(24 * 3600 - 1), Ok(()));
    assert_eq!(signed_at(24 * 3600), Err(Refusal::Expired));
    assert_eq!(signed_at(-6), Err(Refusal::Expired), "before the first");
}

#[test]
fn it_is_of_this_installation_and_of_the_past() {
    let case = Case::new();
    let mut company = company();
    company.administrators = case.company.administrators.clone();
    let before = |trust: &statement::Trust, now: i64| {
        verify_adoption(&case.good(), trust, case.company.known_keys(), now).map(drop)
    };
    let mut other = case.company.trust.clone();
    other.gateway_id = "another gateway".into();
    assert_eq!(before(&other, case.company.moments.open), Err(Refusal::WrongAudience));
    assert_eq!(before(&case.company.trust, case.company.moments.adopt - 6), Err(Refusal::FromTheFuture));
}

#[test]
fn nothing_else_travels_in_it() {
    let case = Case::new();
    let mut with_more = case.good();
    with_more.pk_tokens.push(case.company.reviewer.token.clone());
    assert_eq!(case.said(&with_more), Err(Refusal::UnusedToken));
    let mut without = case.good();
    without.pk_tokens.pop();
    assert_eq!(case.said(&without), Err(Refusal::UnknownSigner));
    for grow in [
        |a: &mut Adoption| a.statements = vec![a.statements[0].clone(); 17],
        |a: &mut Adoption| a.mfa = vec![a.mfa[0].clone(); 17],
        |a: &mut Adoption| a.enrols = vec![String::new(); 129],
    ] {
        let mut large = case.good();
        grow(&mut large);
        assert_eq!(case.said(&large), Err(Refusal::TooLarge));
    }
}

#[test]
fn an_adoption_outlives_the_providers_keys() {
    let mut case = Case::new();
    let good = case.good();
    case.company.rotate();
    assert_eq!(case.said(&good), Ok(()));
    let unknown = verify_adoption(&good, &case.company.trust, &case.company.provider_keys(), case.company.moments.open);
    assert_eq!(
        unknown.map(drop),
        Err(Refusal::UnknownProviderKey),
        "and whoever never saw them learns them from the log"
    );
}

#[test]
fn the_chain_grows_by_one_version_at_a_time() {
    let mut case = Case::new();
    let policies = case.company.policies.clone();
    let follow = |policies: &Policies, company: &Company, text: &str| {
        policies.follow(&company.adoption(text), company.known_keys(), company.moments.open)
    };
    let skipped = case.text.replace("\"version\": 2", "\"version\": 3");
    let refused = follow(&policies, &case.company, &skipped).expect_err("version 2 comes next");
    assert!(matches!(refused, NotAdopted::OtherVersion(3, 2)), "{refused}");
    let refused = follow(&policies, &case.company, "{}\n---\n").expect_err("no policy");
    assert!(matches!(refused, NotAdopted::NotAPolicy(_)), "{refused}");
    let first = case.good();
    case.company.adopt(&case.text);
    let third = case.company.stricter_policy(1800).replace("<= 3600", "<= 1800");
    case.company.adopt(&third);
    let chain = &case.company.policies;
    let versions: Vec<u64> = chain.all().iter().map(|p| p.policy.heading().version).collect();
    assert_eq!(versions, [1, 2, 3]);
    assert_eq!(chain.current().trust.policy, sha256(&third));
    assert_eq!(chain.named(&sha256(&case.text)).map(|p| p.policy.heading().version), Some(2));
    assert_eq!(chain.adoptions_until(&sha256(&case.text)).count(), 1);
    assert_eq!(chain.adoptions_until(&sha256("another")).count(), 0);
    let again = chain.follow(&first, case.company.known_keys(), case.company.moments.open).expect_err("used up");
    assert!(matches!(again, NotAdopted::Refused(Refusal::OtherPolicy)), "{again}");
}

#[test]
fn what_was_signed_under_one_policy_opens_nothing_under_another() {
    let mut case = Case::new();
    let before = case.company.good();
    case.company.adopt(&case.text);
    assert_eq!(before.verify(&case.company).map(drop), Err(Refusal::OtherPolicy));
    let opening = case.company.good().verify(&case.company).expect("signed under the new one");
    case.company.policies.current().policy.admit(&opening).expect("30 min of Read");
}
