//! Who signs: two people, two Devices, the right roles.

use domain::Scope;
use statement::{PkToken, Refusal, Terms};
use tests::forge::{Account, Company, Person, fresh_bytes};

use super::{NOON, company, decided_by, enrol_into, refusal, reopen};

#[test]
fn a_01_nobody_approves_their_own_request() {
    let company = company();
    let account = Account::new("e-1001", "Mara Lindqvist", &["engineer", "approver"]);
    let same_account = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
    assert_eq!(refusal(&company, &decided_by(&company, &same_account, |_| ())), Refusal::SamePerson);
}

#[test]
fn a_02_a_second_account_is_the_same_person() {
    let company = company();
    for spelling in ["e-1001", "E-1001"] {
        let mut account = Account::new(spelling, "M. Lindqvist (admin)", &["approver"]);
        account.subject = "another-account".into();
        let second = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
        assert_eq!(refusal(&company, &decided_by(&company, &second, |_| ())), Refusal::SamePerson, "{spelling}");
    }
    for spelling in ["e-1001 ", "е-1001", "", "e-\u{200B}1001"] {
        let mut account = Account::new(spelling, "M. Lindqvist", &["approver"]);
        account.subject = "another-account".into();
        let second = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
        let mut good = company.good();
        good.bundle.pk_tokens.push(second.token.clone());
        let decision =
            company.approve(&second, &good.bundle.request, Terms { duration_seconds: 60, scope: Scope::Read });
        reopen(&company, &mut good, vec![decision], &second);
        assert_eq!(refusal(&company, &good), Refusal::NoPerson, "{spelling:?}");
    }
}

/// Ten thousand spellings of one person, drawn at random: each is this person or nobody.
#[test]
fn a_02_no_spelling_makes_a_second_person() {
    const LETTERS: [char; 14] = [
        ' ',
        '\t',
        '\0',
        '\u{a0}',
        '\u{ad}',
        '\u{200b}',
        '\u{200d}',
        '\u{202e}',
        '\u{301}',
        '\u{feff}',
        '\u{ff10}',
        '\u{435}',
        '\u{2011}',
        '\u{1d7d8}',
    ];
    let company = company();
    let (keys, mara) = (company.provider_keys(), company.engineer.id());
    let (mut same, mut nobody) = (0, 0);
    for n in 0..10_000_u32 {
        let dice = fresh_bytes();
        let mut spelling: String = mara.0.chars().enumerate().map(|(at, c)| spelled(c, dice[at])).collect();
        if n % 2 == 0 {
            let at = usize::from(dice[30]) % (spelling.len() + 1);
            spelling.insert(at, LETTERS[usize::from(dice[31]) % LETTERS.len()]);
        }
        let mut account = Account::new(&spelling, "M. Lindqvist", &["approver"]);
        account.subject = format!("account-{n}");
        let device = company.engineer.device.clone();
        let second = Person::sign_in_on(&company.provider, account, device, company.moments.approver_signs_in);
        let token = PkToken::read(&second.token).expect("reads");
        match token.verify(&company.trust, &keys, company.moments.decide) {
            Ok(identity) => {
                assert_eq!(identity.person, mara, "{spelling:?}");
                same += 1;
            }
            Err(refusal) => {
                assert_eq!(refusal, Refusal::NoPerson, "{spelling:?}");
                nobody += 1;
            }
        }
    }
    assert_eq!((same, nobody), (5_000, 5_000));
}

fn spelled(letter: char, die: u8) -> char {
    if die.is_multiple_of(2) { letter.to_ascii_uppercase() } else { letter }
}

#[test]
fn two_people_on_one_device_are_not_two_signatures() {
    let company = company();
    let account = Account::new("e-1002", "Tomasz Wieczorek", &["approver"]);
    let borrowed =
        Person::sign_in_on(&company.provider, account, company.engineer.device.clone(), company.moments.decide - 60);
    assert_eq!(refusal(&company, &decided_by(&company, &borrowed, |_| ())), Refusal::SameDevice);
}

#[test]
fn one_person_is_not_two_approvers() {
    let company = company();
    let mut good = company.good_with(company.ask(), &[&company.approver, &company.second_approver]);
    assert!(good.verify(&company).is_ok());
    let terms = Terms { duration_seconds: 1800, scope: Scope::Read };
    let twice = vec![good.bundle.decisions[0].clone(), company.approve(&company.approver, &good.bundle.request, terms)];
    let approver = company.approver.clone();
    reopen(&company, &mut good, twice, &approver);
    assert_eq!(refusal(&company, &good), Refusal::DecidedTwice);
}

#[test]
fn an_invented_employee_is_nobody() {
    let company = company();
    let elsewhere = Company::new(NOON);
    let good = decided_by(&company, &elsewhere.approver, |_| ());
    assert_eq!(refusal(&company, &good), Refusal::BadSignature);
}

#[test]
fn roles_are_required() {
    let company = company();
    let account = Account::new("e-1002", "Tomasz Wieczorek", &["reviewer"]);
    let without = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
    assert_eq!(refusal(&company, &decided_by(&company, &without, |_| ())), Refusal::MissingRole);

    let mut company = company;
    let account = Account::new("e-1001", "Mara Lindqvist", &["approver"]);
    company.engineer = Person::sign_in(&company.provider, account, company.moments.requester_signs_in);
    assert_eq!(refusal(&company, &company.good()), Refusal::MissingRole);
}

#[test]
fn only_the_requester_opens_from_the_same_device() {
    let company = company();
    let mut other = company.good();
    other.bundle.open =
        company.open(&company.approver, &other.bundle.request, &other.bundle.decisions, &other.tls_client);
    assert_eq!(refusal(&company, &other), Refusal::NotTheRequester);

    let again = Person::sign_in(&company.provider, company.engineer.account.clone(), company.moments.decide);
    let mut device = company.good();
    enrol_into(&company, &mut device, &again);
    device.bundle.mfa.push(company.mfa(&again, None, company.moments.open - 60));
    device.bundle.open = company.open(&again, &device.bundle.request, &device.bundle.decisions, &device.tls_client);
    assert_eq!(refusal(&company, &device), Refusal::NotTheRequester);

    let account = Account::new("e-2002", "Somebody Else", &["engineer"]);
    let borrower =
        Person::sign_in_on(&company.provider, account, company.engineer.device.clone(), company.moments.decide);
    let mut borrowed = company.good();
    enrol_into(&company, &mut borrowed, &borrower);
    borrowed.bundle.mfa.push(company.mfa(&borrower, None, company.moments.open - 60));
    borrowed.bundle.open =
        company.open(&borrower, &borrowed.bundle.request, &borrowed.bundle.decisions, &borrowed.tls_client);
    assert_eq!(refusal(&company, &borrowed), Refusal::NotTheRequester, "on the requester's own Device");
}
