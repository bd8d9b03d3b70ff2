//! A Device that was enrolled beside another one of the same person waits: each check by itself.

use domain::{Digest, UnixSeconds};
use statement::{
    ADMINISTRATORS_WAIT, Directory, Enrol, Enrolments, Refusal, ResetFactor, Revoke, Revoked, Verdict, sha256,
    verify_reset, verify_reset_factor, verify_revoke,
};
use tests::forge::{Account, Company, Good, Person};

use super::{company, decided_by, refusal};

const HOUR: i64 = 3600;

/// A statement that enrols this Device for this person, of this date.
pub(super) fn enrol_at(company: &Company, by: &Person, person: &Person, device: &Digest, at: UnixSeconds) -> String {
    by.sign(&company.trust.gateway_id, Enrol { device: device.clone(), person: person.id() }, at)
}

/// Another computer of the same account.
pub(super) fn second(company: &Company, of: &Person) -> Person {
    Person::sign_in(&company.provider, of.account.clone(), of.signed_in_at)
}

/// A first administrator, signed in so that they sign at `at`.
pub(super) fn administrator_at(company: &Company, which: usize, at: UnixSeconds) -> Person {
    let first = &company.administrators[which];
    Person::sign_in_on(&company.provider, first.account.clone(), first.device.clone(), at - 60)
}

/// The approver countersigned on a second computer that was enrolled at `enrolled_at`; their first one is enrolled too.
fn countersigned(company: &Company, enrolled_at: UnixSeconds, change: impl FnOnce(&mut statement::Decision)) -> Good {
    let approver_2 = second(company, &company.approver);
    let mut good = decided_by(company, &approver_2, change);
    let enroller = administrator_at(company, 1, enrolled_at);
    good.bundle.enrols.pop();
    good.bundle.enrols.push(enrol_at(company, &enroller, &approver_2, &approver_2.thumbprint(), enrolled_at));
    good.bundle.pk_tokens.retain(|token| *token != company.approver.token);
    good.bundle.pk_tokens.push(enroller.token.clone());
    good
}

#[test]
fn a_second_device_countersigns_once_the_hour_is_over() {
    let company = company();
    let decide = company.moments.decide;
    for (enrolled_at, expected) in [
        (decide - HOUR, Ok(())),
        (decide - HOUR + 1, Err(Refusal::DeviceTooNew)),
        (decide - 1, Err(Refusal::DeviceTooNew)),
        // Signed before it was enrolled: dated back.
        (decide + 1, Err(Refusal::DeviceTooNew)),
    ] {
        let said = countersigned(&company, enrolled_at, |_| ()).verify(&company).map(drop);
        assert_eq!(said, expected, "{}", decide - enrolled_at);
    }
    let denied = countersigned(&company, decide - 1, |d| d.verdict = Verdict::Deny);
    assert_eq!(refusal(&company, &denied), Refusal::Denied, "to deny waits for nothing");
}

/// Whatever order the statements come in, and by which Device the earlier one was signed.
#[test]
fn the_order_of_the_statements_changes_nothing() {
    let company = company();
    let mut good = countersigned(&company, company.moments.decide - 1, |_| ());
    for _ in 0..good.bundle.enrols.len() {
        good.bundle.enrols.rotate_left(1);
        assert_eq!(refusal(&company, &good), Refusal::DeviceTooNew);
    }
    good.bundle.enrols.reverse();
    assert_eq!(refusal(&company, &good), Refusal::DeviceTooNew);
}

#[test]
fn a_first_device_waits_for_nothing() {
    let company = company();
    let mut good = countersigned(&company, company.moments.decide - 1, |_| ());
    // The same without the approver's other computer.
    let first = &company.administrators[0];
    let other = company.enrol(first, &company.approver.id(), &company.approver.thumbprint());
    let names = |text: &String| {
        let read = statement::Unverified::<Enrol>::read(text).expect("an enrolment");
        read.unverified_body().device == company.approver.thumbprint()
    };
    assert!(names(&other));
    good.bundle.enrols.retain(|text| !names(text));
    assert_eq!(good.verify(&company).map(drop), Ok(()));
}

/// Of another person, of later, and of nobody who may.
#[test]
fn what_is_no_earlier_device_of_theirs_makes_nobody_wait() {
    let company = company();
    let decide = company.moments.decide;
    let mut good = countersigned(&company, decide - 1, |_| ());
    good.bundle.enrols.remove(1);
    let enroller = administrator_at(&company, 1, decide);
    let not_theirs = [
        enrol_at(&company, &company.administrators[0], &company.engineer, &sha256("another"), company.moments.enrol),
        enrol_at(&company, &enroller, &company.approver, &company.approver.thumbprint(), decide),
        enrol_at(&company, &company.engineer, &company.approver, &company.approver.thumbprint(), decide - 30),
    ];
    good.bundle.pk_tokens.push(enroller.token.clone());
    good.bundle.enrols.extend(not_theirs);
    assert_eq!(good.verify(&company).map(drop), Ok(()));
}

struct Case {
    company: Company,
    at: UnixSeconds,
}

impl Case {
    fn new() -> Self {
        Self::of(company())
    }

    fn of(company: Company) -> Self {
        let at = company.moments.decide;
        Self { company, at }
    }

    /// An administrator whom a first one enrolled long ago, on the first computer and on another one of a moment ago.
    fn lena(&self) -> [Person; 2] {
        let account = Account::new("e-0003", "Lena Brandt", &["administrator"]);
        [(); 2].map(|()| Person::sign_in(&self.company.provider, account.clone(), self.at - 60))
    }

    fn enrolments(
        &self,
        lena: &[Person; 2],
        tokens: &[&Person],
        second_at: UnixSeconds,
        more: &[String],
    ) -> Enrolments {
        let company = &self.company;
        let [ben, _] = &company.administrators;
        let sofia = administrator_at(company, 1, second_at);
        let mut enrols = vec![
            enrol_at(company, ben, &lena[0], &lena[0].thumbprint(), company.moments.enrol),
            enrol_at(company, &sofia, &lena[1], &lena[1].thumbprint(), second_at),
        ];
        enrols.extend_from_slice(more);
        let all = tokens.iter().map(|who| who.token.clone()).chain([ben.token.clone(), sofia.token.clone()]);
        let keys = company.provider_keys();
        let directory = Directory::new(all, &company.trust, &keys).expect("tokens");
        Enrolments::derive(&enrols, &directory, &company.trust, self.at + 1)
    }

    fn said<T>(
        &self,
        by: &Person,
        enrolments: &Enrolments,
        verify: impl FnOnce(&Directory<'_>, &Enrolments) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let keys = self.company.provider_keys();
        let directory = Directory::new([&by.token], &self.company.trust, &keys).expect("tokens");
        verify(&directory, enrolments)
    }

    fn reset(&self, by: &Person, whom: &Person) -> String {
        let body = ResetFactor { person: whom.id(), reason: "The phone fell into the sea.".into() };
        by.sign(&self.company.trust.gateway_id, body, self.at)
    }

    fn reset_said(&self, compact: &str, by: &Person, enrolments: &Enrolments, later: i64) -> Result<(), Refusal> {
        let trust = &self.company.trust;
        self.said(by, enrolments, |d, e| verify_reset(compact, d, e, trust, self.at + later)).map(drop)
    }
}

#[test]
fn an_administrators_second_device_enrols_revokes_and_resets_once_the_hour_is_over() {
    check_administrators_second_device(&Case::new());
}

#[test]
fn no_policy_sets_how_long_an_administrator_waits() {
    check_administrators_second_device(&Case::of(under(r#"{"ask_seconds": 0, "approve_seconds": 0}"#)));
}

fn check_administrators_second_device(case: &Case) {
    let (lena, company) = (case.lena(), &case.company);
    let [_, new] = &lena;
    let mara = &company.engineer;
    let somebody = Account::new("e-7777", "Somebody", &["engineer"]);
    let somebody = Person::sign_in(&company.provider, somebody, case.at - 60);
    let revoke = |what| Revoke { reason: "The laptop was stolen.".into(), revokes: what };
    for (second_at, expected) in [(case.at - HOUR, Ok(())), (case.at - HOUR + 1, Err(Refusal::DeviceTooNew))] {
        let enrol = enrol_at(company, new, &somebody, &somebody.thumbprint(), case.at);
        let enrolments = case.enrolments(&lena, &[&lena[0], new], second_at, std::slice::from_ref(&enrol));
        let keys = company.provider_keys();
        let directory = Directory::new([&somebody.token], &company.trust, &keys).expect("tokens");
        let identity = directory.identity(&somebody.kid(), case.at).expect("somebody");
        let enrolled = if expected.is_ok() { Ok(()) } else { Err(Refusal::NotEnrolled) };
        assert_eq!(enrolments.check_person(&identity), enrolled);
        for what in [Revoked::Device(mara.thumbprint()), Revoked::Person(mara.id())] {
            let signed = new.sign(&company.trust.gateway_id, revoke(what), case.at);
            let said = case.said(new, &enrolments, |d, e| verify_revoke(&signed, d, e, &company.trust, case.at + 1));
            assert_eq!(said.map(drop), expected);
        }
        assert_eq!(case.reset_said(&case.reset(new, mara), new, &enrolments, 1), expected);
        // To stop one Grant, and to give up the Device itself, waits for nothing; nor does the first Device.
        for what in [Revoked::Grant(sha256("a request")), Revoked::Device(new.thumbprint())] {
            let signed = new.sign(&company.trust.gateway_id, revoke(what), case.at);
            let said = case.said(new, &enrolments, |d, e| verify_revoke(&signed, d, e, &company.trust, case.at + 1));
            assert_eq!(said.map(drop), Ok(()));
        }
        assert_eq!(case.reset_said(&case.reset(&lena[0], mara), &lena[0], &enrolments, 1), Ok(()));
    }
}

#[test]
fn another_device_of_a_first_administrator_waits_and_the_pinned_one_does_not() {
    let case = Case::new();
    let company = &case.company;
    let ben = administrator_at(company, 0, case.at);
    let ben_2 = Person::sign_in(&company.provider, ben.account.clone(), case.at - 60);
    let sofia = administrator_at(company, 1, case.at);
    let [by_ben, _] = &company.administrators;
    let enrols = [
        enrol_at(company, by_ben, &company.engineer, &company.engineer.thumbprint(), company.moments.enrol),
        enrol_at(company, &sofia, &ben_2, &ben_2.thumbprint(), case.at - 1),
        enrol_at(company, &sofia, &ben, &ben.thumbprint(), case.at - 1),
    ];
    let keys = company.provider_keys();
    let tokens = [&by_ben.token, &sofia.token, &ben.token, &ben_2.token];
    let directory = Directory::new(tokens, &company.trust, &keys).expect("tokens");
    let enrolments = Enrolments::derive(&enrols, &directory, &company.trust, case.at);
    let who = |person: &Person| directory.identity(&person.kid(), case.at).expect("an identity");
    assert_eq!(enrolments.check_waited(&who(&ben), case.at, ADMINISTRATORS_WAIT), Ok(()));
    assert_eq!(enrolments.check_waited(&who(&ben_2), case.at, ADMINISTRATORS_WAIT), Err(Refusal::DeviceTooNew));
    assert_eq!(enrolments.check_waited(&who(&ben_2), case.at, 0), Ok(()));
    assert_eq!(enrolments.check_waited(&who(&ben_2), case.at - 1 + HOUR, HOUR), Ok(()));
}

/// A policy that says how long its approvers' new computers wait, in the place of the pinned one.
fn under(waiting: &str) -> Company {
    let mut company = company();
    let text = company.stricter_policy(7200);
    company.adopt(&text.replacen("\n}\n---", &format!(",\n  \"waiting\": {waiting}\n}}\n---"), 1));
    company
}

#[test]
fn the_policy_in_force_says_how_long_a_second_device_waits() {
    const DAY: i64 = 24 * HOUR;
    for (waiting, waits) in [("{}", HOUR), (r#"{"approve_seconds": 86400}"#, DAY), (r#"{"approve_seconds": 1}"#, 1)] {
        let company = under(waiting);
        let decide = company.moments.decide;
        for (enrolled_at, expected) in [(decide - waits, Ok(())), (decide - waits + 1, Err(Refusal::DeviceTooNew))] {
            let said = countersigned(&company, enrolled_at, |_| ()).verify(&company).map(drop);
            assert_eq!(said, expected, "{waiting}, {}", decide - enrolled_at);
        }
    }
}

#[test]
fn m_12_a_reset_is_an_enrolled_administrators_of_somebody_else_while_it_is_fresh() {
    let case = Case::new();
    let company = &case.company;
    let (ben, mara, tomasz) = (administrator_at(company, 0, case.at), &company.engineer, &company.approver);
    let enrol = |who: &Person| company.enrol(&company.administrators[0], &who.id(), &who.thumbprint());
    let tokens = [&ben, tomasz, mara];
    let enrolments = case.enrolments(&case.lena(), &tokens, case.at - 1, &[enrol(tomasz), enrol(mara)]);
    let good = case.reset(&ben, mara);
    assert_eq!(case.reset_said(&good, &ben, &enrolments, 1), Ok(()));
    assert_eq!(case.reset_said(&good, &ben, &enrolments, 300), Err(Refusal::Expired));
    assert_eq!(case.reset_said(&good, &ben, &enrolments, -60), Err(Refusal::FromTheFuture));
    assert_eq!(case.reset_said(&case.reset(&ben, &ben), &ben, &enrolments, 1), Err(Refusal::SamePerson));
    assert_eq!(case.reset_said(&case.reset(tomasz, mara), tomasz, &enrolments, 1), Err(Refusal::MissingRole));
    let account = Account::new("e-5555", "Somebody", &["administrator"]);
    let stranger = Person::sign_in(&company.provider, account, case.at - 60);
    assert_eq!(case.reset_said(&case.reset(&stranger, mara), &stranger, &enrolments, 1), Err(Refusal::NotEnrolled));
    let body = || ResetFactor { person: mara.id(), reason: "The phone fell into the sea.".into() };
    let elsewhere = ben.sign("gateway.elsewhere", body(), case.at);
    assert_eq!(case.reset_said(&elsewhere, &ben, &enrolments, 1), Err(Refusal::WrongAudience));
    let mut forged = good.clone();
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    assert_eq!(case.reset_said(&forged, &ben, &enrolments, 1), Err(Refusal::BadSignature));
    for (person, reason) in
        [("E-1001", "The phone is lost."), ("e-1001", "too short"), ("e-1001", "\u{202e}It is lost.")]
    {
        let body = ResetFactor { person: domain::PersonId(person.into()), reason: reason.into() };
        let signed = ben.sign(&company.trust.gateway_id, body, case.at);
        assert!(matches!(case.reset_said(&signed, &ben, &enrolments, 1), Err(Refusal::BadText(_))), "{reason}");
    }
}

#[test]
fn m_12_a_reset_takes_a_code_for_exactly_it() {
    let case = Case::new();
    let company = &case.company;
    let (ben, sofia) = (administrator_at(company, 0, case.at), administrator_at(company, 1, case.at));
    let compact = case.reset(&ben, &company.engineer);
    let keys = company.provider_keys();
    let directory = Directory::new([&ben.token], &company.trust, &keys).expect("tokens");
    let (reset, _) = directory.verify::<ResetFactor>(&compact).expect("signed");
    let code = |by: &Person, statement: Option<&str>, at| company.mfa(by, statement, at);
    let said = |mfa: &str| verify_reset_factor(&reset, mfa, &company.trust).map(drop);
    assert_eq!(said(&code(&ben, Some(&compact), case.at)), Ok(()));
    for wrong in
        [code(&ben, None, case.at), code(&ben, Some("another"), case.at), code(&sofia, Some(&compact), case.at)]
    {
        assert_eq!(said(&wrong), Err(Refusal::NoSecondFactor));
    }
    for (apart, expected) in [(300, Ok(())), (-300, Ok(())), (301, Err(Refusal::SecondFactorTooOld))] {
        assert_eq!(said(&code(&ben, Some(&compact), case.at + apart)), expected);
    }
    assert_eq!(said(&code(&ben, Some(&compact), case.at - 301)), Err(Refusal::SecondFactorTooOld));
}
