//! Who takes another Device of their own out: each check by itself.

use domain::{Digest, UnixSeconds};
use statement::{
    ADMINISTRATORS_WAIT, Directory, Enrol, Enrolments, Refusal, Revoke, Revoked, Signer, sha256, verify_kept_revoke,
    verify_revoke,
};
use tests::forge::{Account, Company, Person};

use super::company;
use super::waiting::{administrator_at, enrol_at, second};

struct Case {
    company: Company,
    at: UnixSeconds,
    /// Mara's first computer, and the one that she got later.
    mara: [Person; 2],
    enrols: Vec<String>,
    tokens: Vec<String>,
}

impl Case {
    /// Mara's second computer was enrolled so many seconds ago.
    fn new(ago: i64) -> Self {
        let company = company();
        let at = company.moments.decide;
        let mara = [company.engineer.clone(), second(&company, &company.engineer)];
        let (ben, sofia) = (company.administrators[0].clone(), administrator_at(&company, 1, at - ago));
        let enrols = vec![
            enrol_at(&company, &ben, &mara[0], &mara[0].thumbprint(), company.moments.enrol),
            enrol_at(&company, &sofia, &mara[1], &mara[1].thumbprint(), at - ago),
            enrol_at(&company, &ben, &company.approver, &company.approver.thumbprint(), company.moments.enrol),
        ];
        Self { at, mara, enrols, tokens: vec![ben.token, sofia.token], company }
    }

    fn asked(&self, by: &Person, what: Revoked, kept: bool) -> Result<Signer<Revoke>, Refusal> {
        let (company, body) = (&self.company, Revoke { reason: "It was left on a train.".into(), revokes: what });
        let signed = by.sign(&company.trust.gateway_id, body, self.at);
        let keys = company.provider_keys();
        let directory = Directory::new(self.tokens.iter().chain([&by.token]), &company.trust, &keys).expect("tokens");
        let enrolments = Enrolments::derive(&self.enrols, &directory, &company.trust, self.at + 1);
        let verify = if kept { verify_kept_revoke } else { verify_revoke };
        verify(&signed, &directory, &enrolments, &company.trust, self.at + 1)
    }

    /// The same to whoever hears it in time and to whoever writes it down.
    fn said(&self, by: &Person, what: &Revoked) -> Result<(), Refusal> {
        let said = self.asked(by, what.clone(), false).map(drop);
        assert_eq!(self.asked(by, what.clone(), true).map(drop), said);
        said
    }
}

fn device(of: &Person) -> Revoked {
    Revoked::Device(of.thumbprint())
}

#[test]
fn d_07_everybody_takes_another_device_of_their_own_out_and_nobody_elses() {
    let case = Case::new(ADMINISTRATORS_WAIT);
    let ([first, second], tomasz) = (&case.mara, &case.company.approver);
    assert_eq!(case.said(first, &device(second)), Ok(()));
    assert_eq!(case.said(second, &device(first)), Ok(()));
    for (by, of) in [(first, tomasz), (second, tomasz), (tomasz, first), (tomasz, second)] {
        assert_eq!(case.said(by, &device(of)), Err(Refusal::MissingRole));
    }
    assert_eq!(case.said(second, &Revoked::Device(sha256("no Device"))), Err(Refusal::MissingRole));
    assert_eq!(case.said(second, &Revoked::Person(second.id())), Err(Refusal::MissingRole));
}

/// What counts is the person that the directory names, under one spelling: another one may bear the same name.
#[test]
fn d_07_who_bears_the_same_name_takes_nothing_out() {
    let mut case = Case::new(ADMINISTRATORS_WAIT);
    let mara = case.mara[0].clone();
    let account = Account { person: "e-4444".into(), subject: "account-e-4444".into(), ..mara.account.clone() };
    let namesake = Person::sign_in(&case.company.provider, account, case.at - 60);
    let ben = &case.company.administrators[0];
    case.enrols.push(enrol_at(&case.company, ben, &namesake, &namesake.thumbprint(), case.company.moments.enrol));
    assert_eq!(case.said(&namesake, &device(&namesake)), Ok(()), "enrolled as she is");
    for (by, of) in [(&namesake, &mara), (&mara, &namesake)] {
        assert_eq!(case.said(by, &device(of)), Err(Refusal::MissingRole));
    }
    let account = Account { subject: "another account".into(), ..mara.account.clone() };
    let same = Person::sign_in_on(&case.company.provider, account, mara.device.clone(), case.at - 60);
    assert_eq!(case.said(&same, &device(&case.mara[1])), Ok(()), "two accounts of one person are that person");
}

#[test]
fn d_07_a_device_that_is_new_or_nobodys_takes_no_other_out() {
    for (ago, expected) in [(ADMINISTRATORS_WAIT, Ok(())), (ADMINISTRATORS_WAIT - 1, Err(Refusal::DeviceTooNew))] {
        let case = Case::new(ago);
        let [first, second] = &case.mara;
        assert_eq!(case.said(second, &device(first)), expected, "{ago}");
        assert_eq!(case.said(second, &device(second)), Ok(()), "itself at once");
        assert_eq!(case.said(first, &device(second)), Ok(()), "the first one waits for nothing");
    }
    let case = Case::new(ADMINISTRATORS_WAIT);
    let waits = second(&case.company, &case.mara[0]);
    assert_eq!(case.said(&waits, &device(&case.mara[0])), Err(Refusal::NotEnrolled));
    assert_eq!(case.said(&case.mara[0], &device(&waits)), Err(Refusal::MissingRole), "nobody has enrolled it yet");
}

/// Whose a Device is, an administrator has signed; not its owner, and not whoever is asked.
#[test]
fn d_07_an_enrolment_that_nobody_may_sign_makes_no_device_theirs() {
    let mut case = Case::new(ADMINISTRATORS_WAIT);
    let (mara, theirs) = (case.mara[0].clone(), case.company.approver.clone());
    let by_herself: Digest = theirs.thumbprint();
    case.enrols.push(enrol_at(&case.company, &mara, &mara, &by_herself, case.at - 60));
    case.enrols.push(enrol_at(&case.company, &theirs, &mara, &theirs.thumbprint(), case.at - 60));
    case.tokens.push(theirs.token.clone());
    assert_eq!(case.said(&mara, &device(&theirs)), Err(Refusal::MissingRole));
    let enrol = Enrol { device: theirs.thumbprint(), person: mara.id() };
    let mut forged =
        case.company.administrators[0].sign(&case.company.trust.gateway_id, enrol, case.company.moments.enrol);
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    case.enrols.push(forged);
    assert_eq!(case.said(&mara, &device(&theirs)), Err(Refusal::MissingRole));
}

#[test]
fn what_is_taken_out_as_ones_own_is_told_from_what_a_role_takes_out() {
    let case = Case::new(ADMINISTRATORS_WAIT);
    let [first, second] = &case.mara;
    let is_of_own = |by: &Person, what| case.asked(by, what, false).expect("they may").is_of_own();
    assert!(is_of_own(second, device(first)));
    assert!(!is_of_own(second, device(second)));
    assert!(!is_of_own(&case.company.approver, Revoked::Grant(sha256("a request"))));
    let ben = administrator_at(&case.company, 0, case.at);
    assert!(!is_of_own(&ben, device(first)));
}
