//! One bundle for each check of the verifier, wrong in just that one thing. Take the check out and its test is red.

use domain::Scope;
use statement::{Decision, EcJwk, Enrol, Mfa, MfaPurpose, Payload, Refusal, Request, Terms, Verdict, sha256, sign};
use tests::forge::{Account, Company, Good, Person, key};

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
    let good = decided_by(&company, &company.approver, |d| d.terms = Terms { duration_seconds: 600, scope: Scope::Diagnostics });
    let opening = good.verify(&company).expect("opens");
    assert_eq!(opening.terms(), Terms { duration_seconds: 600, scope: Scope::Diagnostics });
}

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
        let decision = company.approve(&second, &good.bundle.request, Terms { duration_seconds: 60, scope: Scope::Read });
        reopen(&company, &mut good, vec![decision], &second);
        assert_eq!(refusal(&company, &good), Refusal::NoPerson, "{spelling:?}");
    }
}

#[test]
fn two_people_on_one_device_are_not_two_signatures() {
    let company = company();
    let account = Account::new("e-1002", "Tomasz Wieczorek", &["approver"]);
    let borrowed = Person::sign_in_on(&company.provider, account, company.engineer.device.clone(), company.moments.decide - 60);
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
fn an_unenrolled_device_signs_for_nobody() {
    let company = company();
    let account = Account::new("e-1002", "Tomasz Wieczorek", &["approver"]);
    let stranger = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
    let mut good = company.good();
    good.bundle.pk_tokens.push(stranger.token.clone());
    let decision = company.approve(&stranger, &good.bundle.request, Terms { duration_seconds: 60, scope: Scope::Read });
    reopen(&company, &mut good, vec![decision], &stranger);
    assert_eq!(refusal(&company, &good), Refusal::NotEnrolled);

    let mut requester = company.good();
    requester.bundle.enrols.remove(0);
    assert_eq!(refusal(&company, &requester), Refusal::NotEnrolled);
}

#[test]
fn an_enrolment_by_the_wrong_hands_enrols_nobody() {
    let company = company();
    let spoil = |enrol: &dyn Fn(&Company) -> String| {
        let mut good = company.good();
        good.bundle.enrols[1] = enrol(&company);
        refusal(&company, &good)
    };
    let approver = &company.approver;
    // by somebody enrolled who is no administrator
    assert_eq!(spoil(&|c| c.enrol(&c.engineer, &approver.id(), &approver.thumbprint())), Refusal::NotEnrolled);
    // by the person for themselves
    assert_eq!(spoil(&|c| c.enrol(approver, &approver.id(), &approver.thumbprint())), Refusal::NotEnrolled);
    // for another person's name, for another Device
    assert_eq!(spoil(&|c| c.enrol(&c.administrators[0], &c.engineer.id(), &approver.thumbprint())), Refusal::NotEnrolled);
    assert_eq!(spoil(&|c| c.enrol(&c.administrators[0], &approver.id(), &sha256("x"))), Refusal::NotEnrolled);
    // addressed to another gateway
    let elsewhere = Enrol { device: approver.thumbprint(), person: approver.id() };
    assert_eq!(
        spoil(&|c| c.administrators[0].sign("another-gateway", elsewhere.clone(), c.moments.enrol)),
        Refusal::NotEnrolled
    );
}

#[test]
fn an_administrator_does_not_enrol_themselves_a_second_device() {
    let company = company();
    let [first, _] = &company.administrators;
    let account = Account::new("e-0001", "Ben Okafor", &["administrator", "approver"]);
    let second_device = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
    let mut good = decided_by(&company, &second_device, |_| ());
    assert_eq!(refusal(&company, &good), Refusal::NotEnrolled, "enrolled by {}", first.account.name);
    // the other administrator may
    let [_, other] = &company.administrators;
    good.bundle.pk_tokens.push(other.token.clone());
    good.bundle.enrols.push(company.enrol(other, &second_device.id(), &second_device.thumbprint()));
    assert!(good.verify(&company).is_ok());
}

#[test]
fn nobody_enrols_their_own_device_in_another_name() {
    let company = company();
    let [first, _] = &company.administrators;
    let account = Account::new("e-1002", "Tomasz Wieczorek", &["approver"]);
    let borrowed = Person::sign_in_on(&company.provider, account, first.device.clone(), company.moments.approver_signs_in);
    let good = decided_by(&company, &borrowed, |_| ());
    assert_eq!(refusal(&company, &good), Refusal::NotEnrolled, "an administrator names their own Device after another");
    // The pinned key alone makes nobody an approver either: another administrator has to name the person.
    let mut good = good;
    good.bundle.enrols.truncate(2);
    assert_eq!(refusal(&company, &good), Refusal::NotEnrolled);
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
    assert!(asked(&company, |r| r.duration_seconds = 8 * 3600).verify(&company).is_ok());
}

#[test]
fn the_scope_is_bounded() {
    let company = company();
    assert_eq!(refusal(&company, &asked(&company, |r| r.scope = Scope::Administer)), Refusal::ScopeAboveBound);
}

#[test]
fn everybody_signs_under_the_same_policy() {
    let company = company();
    assert_eq!(refusal(&company, &asked(&company, |r| r.policy = sha256("old policy"))), Refusal::OtherPolicy);
    let decided = decided_by(&company, &company.approver, |d| d.policy = sha256("old policy"));
    assert_eq!(refusal(&company, &decided), Refusal::OtherPolicy);
}

#[test]
fn a_second_factor_is_attested_for_each_signature() {
    let company = company();
    let mut none = company.good();
    none.bundle.mfa.clear();
    assert_eq!(refusal(&company, &none), Refusal::NoSecondFactor);

    let mut sign_in_only = company.good();
    sign_in_only.bundle.mfa.truncate(1);
    assert_eq!(refusal(&company, &sign_in_only), Refusal::NoSecondFactor);

    let mut decision_only = company.good();
    decision_only.bundle.mfa.remove(0);
    assert_eq!(refusal(&company, &decision_only), Refusal::NoSecondFactor);
}

#[test]
fn m_06_a_code_for_one_statement_is_not_a_code_for_another() {
    let company = company();
    let mut good = company.good();
    good.bundle.mfa[1] = company.mfa(&company.approver, Some("another decision"), company.moments.decide);
    assert_eq!(refusal(&company, &good), Refusal::NoSecondFactor);
    good.bundle.mfa[1] = company.mfa(&company.approver, None, company.moments.decide);
    assert_eq!(refusal(&company, &good), Refusal::NoSecondFactor);
    good.bundle.mfa[1] = company.mfa(&company.second_approver, Some(&good.bundle.decisions[0]), company.moments.decide);
    assert_eq!(refusal(&company, &good), Refusal::NoSecondFactor);
}

#[test]
fn codes_grow_old() {
    let company = company();
    let moments = company.moments;
    let mut opening = company.good();
    opening.bundle.mfa[0] = company.mfa(&company.engineer, None, moments.open - 15 * 60 - 1);
    assert_eq!(refusal(&company, &opening), Refusal::SecondFactorTooOld);
    opening.bundle.mfa[0] = company.mfa(&company.engineer, None, moments.open - 15 * 60);
    assert!(opening.verify(&company).is_ok());

    // A later sign-in with a fresh code opens; it does not make up for a request that was signed without one.
    let later = Person::sign_in_on(&company.provider, company.engineer.account.clone(), company.engineer.device.clone(), moments.decide);
    let mut asking = company.good();
    asking.bundle.pk_tokens.push(later.token.clone());
    asking.bundle.open = company.open(&later, &asking.bundle.request, &asking.bundle.decisions, &asking.tls_client);
    asking.bundle.mfa.push(company.mfa(&later, None, moments.open - 60));
    assert!(asking.verify(&company).is_ok());
    asking.bundle.mfa[0] = company.mfa(&company.engineer, None, moments.request - 8 * 3600 - 1);
    assert_eq!(refusal(&company, &asking), Refusal::SecondFactorTooOld);
    asking.bundle.mfa.remove(0);
    assert_eq!(refusal(&company, &asking), Refusal::NoSecondFactor);

    for at in [moments.decide - 301, moments.decide + 306] {
        let mut decision = company.good();
        decision.bundle.mfa[1] = company.mfa(&company.approver, Some(&decision.bundle.decisions[0]), at);
        assert_eq!(refusal(&company, &decision), Refusal::SecondFactorTooOld, "{at}");
    }
}

#[test]
fn only_the_pinned_broker_attests() {
    let company = company();
    let mut good = company.good();
    let body = Mfa {
        method: "totp".into(),
        purpose: MfaPurpose::SignIn,
        statement: None,
        subject: company.engineer.kid(),
    };
    let attest = |aud: &str, key: &statement::DeviceKey, body: &Mfa| {
        let payload = Payload { aud: aud.into(), body: body.clone(), exp: NOON, iat: NOON - 60, jti: "j".into(), seen: String::new() };
        sign(key, &key.public().thumbprint(), &payload).expect("signs")
    };
    good.bundle.mfa[0] = attest(&company.trust.gateway_id, &key(), &body);
    assert_eq!(refusal(&company, &good), Refusal::BadSignature);
    good.bundle.mfa[0] = attest("another-gateway", &company.broker, &body);
    assert_eq!(refusal(&company, &good), Refusal::WrongAudience);
    let odd = Mfa { statement: Some(sha256("x")), ..body };
    good.bundle.mfa[0] = attest(&company.trust.gateway_id, &company.broker, &odd);
    assert_eq!(refusal(&company, &good), Refusal::Malformed("attestation"));
}

#[test]
fn only_the_requester_opens_from_the_same_device() {
    let company = company();
    let mut other = company.good();
    other.bundle.open = company.open(&company.approver, &other.bundle.request, &other.bundle.decisions, &other.tls_client);
    assert_eq!(refusal(&company, &other), Refusal::NotTheRequester);

    let again = Person::sign_in(&company.provider, company.engineer.account.clone(), company.moments.decide);
    let mut device = company.good();
    enrol_into(&company, &mut device, &again);
    device.bundle.mfa.push(company.mfa(&again, None, company.moments.open - 60));
    device.bundle.open = company.open(&again, &device.bundle.request, &device.bundle.decisions, &device.tls_client);
    assert_eq!(refusal(&company, &device), Refusal::NotTheRequester);
}

#[test]
fn an_opening_names_its_request_its_decisions_and_its_tls_key() {
    let company = company();
    let spoil = |request: &str, decisions: &[String], tls: &str| {
        let mut good = company.good();
        let request = if request.is_empty() { good.bundle.request.clone() } else { request.to_owned() };
        let decisions = if decisions.is_empty() { good.bundle.decisions.clone() } else { decisions.to_vec() };
        let tls = if tls.is_empty() { good.tls_client.clone() } else { sha256(tls) };
        good.bundle.open = company.open(&company.engineer, &request, &decisions, &tls);
        refusal(&company, &good)
    };
    assert_eq!(spoil("another request", &[], ""), Refusal::OtherRequest);
    assert_eq!(spoil("", &["another decision".into()], ""), Refusal::OtherDecisions);
    assert_eq!(spoil("", &[], "another certificate"), Refusal::OtherTlsKey);
}

#[test]
fn an_opening_is_good_for_a_minute() {
    let company = company();
    let mut good = company.good();
    good.opened_at = company.moments.open + 60;
    assert_eq!(refusal(&company, &good), Refusal::Expired);
    good.opened_at = company.moments.open - 6;
    assert_eq!(refusal(&company, &good), Refusal::FromTheFuture);
}

#[test]
fn a_07_an_approval_lapses() {
    let mut company = company();
    company.moments.decide = NOON - 4 * 3600 - 1;
    company.moments.request = company.moments.decide - 60;
    company.moments.requester_signs_in = company.moments.request - 60;
    company.moments.approver_signs_in = company.moments.request;
    company.engineer = Person::sign_in(&company.provider, company.engineer.account.clone(), company.moments.requester_signs_in);
    company.approver = Person::sign_in(&company.provider, company.approver.account.clone(), company.moments.approver_signs_in);
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

#[test]
fn pins_are_pins() {
    let company = company();
    let good = company.good();
    let changed = |change: &dyn Fn(&mut statement::Trust)| {
        let mut trust = company.trust.clone();
        change(&mut trust);
        statement::verify_open(&good.bundle, &trust, &company.provider_keys(), &good.tls_client, good.opened_at)
            .map(|_| ())
            .expect_err("nothing may open")
    };
    assert_eq!(changed(&|t| t.issuer.push('/')), Refusal::WrongIssuer);
    assert_eq!(changed(&|t| t.client_id = "broker-web".into()), Refusal::WrongClient);
    assert_eq!(changed(&|t| t.person_claim = "email".into()), Refusal::NoPerson);
    assert_eq!(changed(&|t| t.roles_claim = "groups".into()), Refusal::NotEnrolled);
    assert_eq!(changed(&|t| t.first_administrators.clear()), Refusal::NotEnrolled);
    let stranger: EcJwk = key().public();
    assert_eq!(changed(&|t| t.attestation_key = stranger.clone()), Refusal::BadSignature);
}

#[test]
fn a_sign_in_is_good_for_eight_hours() {
    let mut company = company();
    company.moments.requester_signs_in = company.moments.request - 8 * 3600;
    company.engineer = Person::sign_in(&company.provider, company.engineer.account.clone(), company.moments.requester_signs_in);
    assert_eq!(refusal(&company, &company.good()), Refusal::SignInTooOld);
    company.moments.requester_signs_in = company.moments.request + 6;
    company.engineer = Person::sign_in(&company.provider, company.engineer.account.clone(), company.moments.requester_signs_in);
    assert_eq!(refusal(&company, &company.good()), Refusal::FromTheFuture);
}
