//! Who revokes what, and the code of an enrolment: each check by itself.

use statement::{
    Directory, Enrolments, Refusal, Revoke, Revoked, sha256, verify_enrol_factor, verify_factor_for,
    verify_kept_revoke, verify_revoke,
};
use tests::forge::{Account, Company, Person};

use super::company;

fn revoke(revokes: Revoked) -> Revoke {
    Revoke { reason: "The laptop was stolen.".into(), revokes }
}

struct Case {
    company: Company,
    at: i64,
}

impl Case {
    fn new() -> Self {
        let company = company();
        let at = company.moments.decide;
        Self { company, at }
    }

    /// A first administrator who signs in on the day itself.
    fn ben(&self) -> Person {
        let [ben, _] = &self.company.administrators;
        Person::sign_in_on(&self.company.provider, ben.account.clone(), ben.device.clone(), self.at - 60)
    }

    fn grant() -> Revoked {
        Revoked::Grant(sha256("a request"))
    }

    fn signed(&self, by: &Person, revokes: Revoked) -> String {
        by.sign(&self.company.trust.gateway_id, revoke(revokes), self.at)
    }

    /// What is said to it when this many seconds have passed.
    fn said(&self, compact: &str, by: &Person, later: i64) -> Result<(), Refusal> {
        self.asked(compact, by, later, false)
    }

    fn asked(&self, compact: &str, by: &Person, later: i64, kept: bool) -> Result<(), Refusal> {
        let company = &self.company;
        let good = company.good();
        let mut tokens = good.bundle.pk_tokens.clone();
        tokens.push(by.token.clone());
        let keys = company.provider_keys();
        let directory = Directory::new(&tokens, &company.trust, &keys).expect("tokens");
        let now = self.at + later;
        let enrolments = Enrolments::derive(&good.bundle.enrols, &directory, &company.trust, now);
        let verify = if kept { verify_kept_revoke } else { verify_revoke };
        verify(compact, &directory, &enrolments, &company.trust, now).map(drop)
    }
}

#[test]
fn an_approver_revokes_a_grant_and_an_engineer_does_not() {
    let case = Case::new();
    let (mara, tomasz) = (&case.company.engineer, &case.company.approver);
    assert_eq!(case.said(&case.signed(tomasz, Case::grant()), tomasz, 1), Ok(()));
    assert_eq!(case.said(&case.signed(mara, Case::grant()), mara, 1), Err(Refusal::MissingRole));
}

#[test]
fn an_administrator_revokes_devices_and_persons_and_everybody_their_own_device() {
    let case = Case::new();
    let (mara, tomasz, ben) = (&case.company.engineer, &case.company.approver, &case.ben());
    for what in [Revoked::Device(mara.thumbprint()), Revoked::Person(mara.id())] {
        assert_eq!(case.said(&case.signed(ben, what.clone()), ben, 1), Ok(()));
        assert_eq!(case.said(&case.signed(tomasz, what.clone()), tomasz, 1), Err(Refusal::MissingRole));
    }
    let own = Revoked::Device(mara.thumbprint());
    assert_eq!(case.said(&case.signed(mara, own), mara, 1), Ok(()));
    let herself = Revoked::Person(mara.id());
    assert_eq!(case.said(&case.signed(mara, herself), mara, 1), Err(Refusal::MissingRole));
}

#[test]
fn one_session_is_ended_by_whoever_may_stop_and_several_by_a_reviewer_alone() {
    let case = Case::new();
    let company = &case.company;
    let of = |count: usize| {
        let mut ids: Vec<domain::SessionId> = (0..count).map(|n| sha256(format!("session {n}")).into()).collect();
        ids.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        ids
    };
    let said = |by: &Person, ids: Vec<domain::SessionId>| case.said(&case.signed(by, Revoked::Sessions(ids)), by, 1);
    assert_eq!(said(&company.approver, of(1)), Ok(()));
    assert_eq!(said(&case.ben(), of(1)), Ok(()));
    for by in [&company.approver, &case.ben()] {
        assert_eq!(said(by, of(2)), Err(Refusal::MissingRole));
    }
    assert_eq!(said(&company.engineer, of(1)), Err(Refusal::MissingRole));
    let (mut reversed, twice) = (of(2), [of(1), of(1)].concat());
    reversed.reverse();
    for bad in [Vec::new(), reversed, twice, of(statement::MAX_SESSIONS + 1)] {
        assert_eq!(said(&company.approver, bad), Err(Refusal::BadText("sessions")));
    }
    assert_ne!(Revoked::digest_of_sessions(&of(2)), Revoked::digest_of_sessions(&of(3)));
}

#[test]
fn a_reviewer_ends_as_many_sessions_as_one_statement_holds() {
    let case = Case::new();
    // On the Device that is enrolled.
    let reviewer = Person::sign_in_on(
        &case.company.provider,
        Account::new("e-1002", "Tomasz Wieczorek", &["reviewer"]),
        case.company.approver.device.clone(),
        case.company.moments.approver_signs_in,
    );
    let mut ids: Vec<domain::SessionId> =
        (0..statement::MAX_SESSIONS).map(|n| sha256(format!("session {n}")).into()).collect();
    ids.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    assert_eq!(case.said(&case.signed(&reviewer, Revoked::Sessions(ids)), &reviewer, 1), Ok(()));
}

#[test]
fn whoever_is_not_enrolled_revokes_nothing() {
    let case = Case::new();
    let account = Account::new("e-5555", "Somebody", &["administrator", "approver"]);
    let stranger = Person::sign_in(&case.company.provider, account, case.company.moments.approver_signs_in);
    let signed = case.signed(&stranger, Case::grant());
    assert_eq!(case.said(&signed, &stranger, 1), Err(Refusal::NotEnrolled));
}

#[test]
fn a_revocation_is_good_for_a_moment_at_one_gateway_and_kept_for_longer() {
    let case = Case::new();
    let tomasz = &case.company.approver;
    let signed = case.signed(tomasz, Case::grant());
    assert_eq!(case.said(&signed, tomasz, 3600), Err(Refusal::Expired));
    assert_eq!(case.asked(&signed, tomasz, 3600, true), Ok(()));
    assert_eq!(case.asked(&signed, tomasz, -60, true), Err(Refusal::FromTheFuture));
    let elsewhere = tomasz.sign("gateway.elsewhere", revoke(Case::grant()), case.at);
    for kept in [false, true] {
        assert_eq!(case.asked(&elsewhere, tomasz, 1, kept), Err(Refusal::WrongAudience));
    }
    let mut forged = signed;
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    assert_eq!(case.said(&forged, tomasz, 1), Err(Refusal::BadSignature));
}

#[test]
fn a_revocation_says_why_and_means_a_person_in_their_one_spelling() {
    let case = Case::new();
    let ben = &case.ben();
    for (reason, person) in
        [("too short", "e-1001"), ("\u{202e}The laptop was stolen.", "e-1001"), ("It was stolen.", "E-1001")]
    {
        let body = Revoke { reason: reason.into(), revokes: Revoked::Person(domain::PersonId(person.into())) };
        let signed = ben.sign(&case.company.trust.gateway_id, body, case.at);
        assert!(matches!(case.said(&signed, ben, 1), Err(Refusal::BadText(_))), "{reason} {person}");
    }
}

#[test]
fn a_code_is_taken_for_exactly_one_statement_of_its_signer() {
    let case = Case::new();
    let company = &case.company;
    let [ben, other] = &company.administrators;
    let enrol = company.enrol(ben, &company.engineer.id(), &company.engineer.thumbprint());
    let at = company.moments.enrol;
    let code = |by: &Person, statement: Option<&str>, at| company.mfa(by, statement, at);
    let good = code(ben, Some(&enrol), at);
    assert!(verify_factor_for(&sha256(&enrol), &ben.kid(), &good, &company.trust).is_ok());
    assert_eq!(verify_enrol_factor(&enrol, &good, &company.trust), Ok(()));
    for wrong in [code(ben, None, at), code(ben, Some("another"), at), code(other, Some(&enrol), at)] {
        let said = verify_factor_for(&sha256(&enrol), &ben.kid(), &wrong, &company.trust);
        assert_eq!(said.err(), Some(Refusal::NoSecondFactor));
        assert_eq!(verify_enrol_factor(&enrol, &wrong, &company.trust), Err(Refusal::NoSecondFactor));
    }
    for apart in [-301, 301] {
        let late = code(ben, Some(&enrol), at + apart);
        assert_eq!(verify_enrol_factor(&enrol, &late, &company.trust), Err(Refusal::SecondFactorTooOld));
    }
}
