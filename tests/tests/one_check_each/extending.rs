//! More time in an open Session: what is signed for it, and of which Session.

use domain::{Organization, PersonId, Scope, SessionId};
use statement::{OpenSession, Refusal, Request, SessionOpen, Terms, sha256, verify_open};
use tests::forge::{Account, Company, Good, More, Person};

use super::company;

/// What is said to an extension of the Session of `good` that asks for something else.
fn asked(company: &Company, good: &Good, change: impl FnOnce(&mut Request)) -> More {
    let mut ask = company.ask_more(good);
    change(&mut ask);
    company.more_with(good, ask, &company.engineer, &company.approver)
}

fn refusal(company: &Company, good: &Good, more: &More) -> Refusal {
    more.verify(company, good, good.opened_at + 1800).map(drop).expect_err("nothing is extended")
}

fn of(company: &Company, good: &Good, change: impl FnOnce(&mut OpenSession)) -> Result<i64, Refusal> {
    company.more(good).verify_of(company, good, change).map(|extension| extension.ends_at())
}

#[test]
fn a_countersigned_extension_moves_the_end() {
    let company = company();
    let good = company.good();
    let extension = company.more(&good).verify(&company, &good, good.opened_at + 1800).expect("extends");
    assert_eq!(extension.ends_at(), good.opened_at + 2700, "counted from the first start");
    assert_eq!(extension.opening().decisions().len(), 1);
}

#[test]
fn overlapping_grants_never_shorten_each_other() {
    let company = company();
    let good = company.good();
    let longer = good.opened_at + 3600;
    let extension = company.more(&good).verify(&company, &good, longer).expect("extends");
    assert_eq!(extension.ends_at(), longer, "another extension had given more by then");
}

#[test]
fn an_extension_opens_nothing_and_an_opening_extends_nothing() {
    let company = company();
    let good = company.good();
    let more = company.more(&good);
    let (trust, keys) = (&company.trust, company.known_keys());
    let opened = verify_open(&more.bundle, trust, keys, &more.tls_client, more.extended_at);
    assert_eq!(opened.map(drop), Err(Refusal::OpensNothing));
    let own = asked(&company, &good, |r| r.extends = None);
    assert_eq!(refusal(&company, &good, &own), Refusal::ExtendsNothing);
}

#[test]
fn a_12_an_extension_is_of_exactly_one_session() {
    let company = company();
    let good = company.good();
    let other: SessionId = sha256("another Session").into();
    assert_eq!(of(&company, &good, |s| s.session = other), Err(Refusal::OtherSession));
    let request = sha256("another request");
    assert_eq!(of(&company, &good, |s| s.request = request), Err(Refusal::OtherSession));
    assert_eq!(of(&company, &good, |s| s.opened_at += 60), Err(Refusal::OtherSession));
    assert_eq!(of(&company, &good, |_| {}), Ok(good.opened_at + 2700));
}

#[test]
fn a_12_nobody_extends_somebody_elses_session_or_from_another_device() {
    let company = company();
    let good = company.good();
    let somebody = PersonId("e-1009".to_owned());
    assert_eq!(of(&company, &good, |s| s.person = somebody), Err(Refusal::NotTheRequester));
    let device = sha256("another Device");
    assert_eq!(of(&company, &good, |s| s.device = device), Err(Refusal::NotTheRequester));
    let mut elsewhere = company.engineer.clone();
    let (account, at) = (elsewhere.account.clone(), elsewhere.signed_in_at);
    elsewhere = Person::sign_in(&company.provider, account, at);
    let ask = company.ask_more(&good);
    let more = company.more_with(&good, ask, &elsewhere, &company.approver);
    assert_eq!(refusal(&company, &good, &more), Refusal::NotTheRequester);
}

#[test]
fn a_12_an_extension_stays_in_the_organization_and_in_the_scope() {
    let company = company();
    let good = company.good();
    for (id, name) in [("delmar-foods", "Kinloch Hotels"), ("kinloch-hotels", "Delmar Foods")] {
        let organization = Organization { id: id.parse().expect("an id"), name: name.to_owned() };
        let more = asked(&company, &good, |r| r.organization = organization);
        assert_eq!(refusal(&company, &good, &more), Refusal::OtherOrganization);
    }
    for scope in [Scope::ReadWrite, Scope::Diagnostics] {
        assert_eq!(refusal(&company, &good, &asked(&company, &good, |r| r.scope = scope)), Refusal::OtherScope);
    }
    let ask = company.ask_more(&good);
    let narrower = Terms { duration_seconds: ask.duration_seconds, scope: Scope::Diagnostics };
    let more = company.more_on(&good, ask, &company.engineer, &company.approver, narrower);
    let of_that_scope = more.verify_of(&company, &good, |s| s.scope = Scope::Diagnostics);
    assert_eq!(of_that_scope.map(drop), Err(Refusal::OtherScope), "an approver does not change it either");
}

#[test]
fn a_12_a_session_that_is_over_stays_over() {
    let company = company();
    let good = company.good();
    let end = company.more(&good).extended_at + 10;
    let ask = Request { extends: company.ask_more(&good).extends.map(|e| with_end(e, end)), ..company.ask_more(&good) };
    let mut more = company.more_with(&good, ask, &company.engineer, &company.approver);
    assert!(more.verify(&company, &good, end).is_ok());
    more.extended_at = end - 1;
    assert!(more.verify(&company, &good, end).is_ok());
    more.extended_at = end;
    assert_eq!(more.verify(&company, &good, end).map(drop), Err(Refusal::SessionOver));
}

fn with_end(extends: statement::Extends, ends_at: i64) -> statement::Extends {
    statement::Extends { ends_at, ..extends }
}

#[test]
fn what_asks_after_the_end_that_it_names_asks_for_nothing() {
    let company = company();
    let good = company.good();
    let named = |ends_at| asked(&company, &good, |r| r.extends = r.extends.take().map(|e| with_end(e, ends_at)));
    assert_eq!(refusal(&company, &good, &named(good.opened_at + 900)), Refusal::SessionOver, "asked at that second");
    assert!(named(good.opened_at + 901).verify(&company, &good, good.opened_at + 1800).is_ok());
    assert_eq!(refusal(&company, &good, &named(good.opened_at)), Refusal::SessionOver);
    let never = asked(&company, &good, |r| {
        r.extends = r.extends.take().map(|e| statement::Extends { opened_at: e.ends_at, ..e });
    });
    assert_eq!(refusal(&company, &good, &never), Refusal::SessionOver, "it ends when it began");
}

#[test]
fn an_extension_adds_time_and_as_much_as_was_shown() {
    let company = company();
    let good = company.good();
    let none = asked(&company, &good, |r| r.duration_seconds = 1800);
    assert_eq!(refusal(&company, &good, &none), Refusal::AddsNoTime);
    assert!(
        asked(&company, &good, |r| r.duration_seconds = 1801).verify(&company, &good, good.opened_at + 1800).is_ok()
    );
    let ask = company.ask_more(&good);
    let terms = Terms { duration_seconds: 1800, scope: ask.scope };
    let granted = company.more_on(&good, ask, &company.engineer, &company.approver, terms);
    assert_eq!(refusal(&company, &good, &granted), Refusal::AddsNoTime, "nor is none granted");
    let small = asked(&company, &good, |r| {
        r.extends = r.extends.take().map(|e| with_end(e, good.opened_at + 2699));
    });
    assert_eq!(refusal(&company, &good, &small), Refusal::EndsSooner, "one second was shown, 900 are added");
    let since = company.more(&good).verify(&company, &good, good.opened_at + 2000);
    assert!(since.is_ok(), "less is added than was shown");
}

#[test]
fn a_12_a_chain_is_capped_from_the_first_start() {
    let company = company();
    let good = company.good();
    let longest = company.trust.limits.max_duration_seconds;
    let last = asked(&company, &good, |r| r.duration_seconds = longest);
    let extension = last.verify(&company, &good, good.opened_at + 1800).expect("extends");
    assert_eq!(extension.ends_at(), good.opened_at + longest);
    let more = asked(&company, &good, |r| r.duration_seconds = longest + 1);
    assert_eq!(refusal(&company, &good, &more), Refusal::DurationOutOfBounds);
}

#[test]
fn a_12_an_extension_takes_two_people_and_a_code_for_exactly_it() {
    let company = company();
    let good = company.good();
    let mut alone = company.more(&good);
    alone.bundle.decisions.clear();
    assert_eq!(refusal(&company, &good, &alone), Refusal::NoApproval);
    let both = Account { roles: vec!["engineer".into(), "approver".into()], ..company.engineer.account.clone() };
    let own = Person::sign_in(&company.provider, both, company.engineer.signed_in_at);
    let own = company.more_with(&good, company.ask_more(&good), &company.engineer, &own);
    assert_eq!(refusal(&company, &good, &own), Refusal::SamePerson);
    let mut again = company.more(&good);
    again.bundle.decisions.clone_from(&good.bundle.decisions);
    assert_eq!(refusal(&company, &good, &again), Refusal::OtherRequest, "the first Approval extends nothing");
    let mut no_code = company.more(&good);
    no_code.bundle.mfa.truncate(1);
    assert_eq!(refusal(&company, &good, &no_code), Refusal::NoSecondFactor);
}

#[test]
fn an_extension_is_handed_over_by_the_sessions_own_key_and_while_the_approval_is_fresh() {
    let company = company();
    let good = company.good();
    let mut elsewhere = company.more(&good);
    elsewhere.tls_client = sha256("another certificate");
    assert_eq!(refusal(&company, &good, &elsewhere), Refusal::OtherTlsKey);
    let mut late = company.more(&good);
    late.extended_at += 60;
    assert_eq!(refusal(&company, &good, &late), Refusal::Expired);
}

#[test]
fn a_request_that_extends_nothing_keeps_its_bytes() {
    let company = company();
    let json = serde_json::to_string(&company.ask()).expect("plain structs");
    assert!(!json.contains("extends"), "{json}");
    assert_eq!(serde_json::from_str::<Request>(&json).expect("reads"), company.ask());
}

#[test]
fn a_07_an_approval_of_more_time_lapses_too() {
    let company = company();
    let day = Request { duration_seconds: 8 * 3600, ..company.ask() };
    let good = company.good_with(day, &[&company.approver]);
    let handed_over_at = |seconds: i64| {
        let ends_at = good.opened_at + 6 * 3600;
        let ask = Request {
            duration_seconds: 7 * 3600,
            extends: company.ask_more(&good).extends.map(|e| with_end(e, ends_at)),
            ..company.ask()
        };
        let mut more = company.more_with(&good, ask, &company.engineer, &company.approver);
        let decided_at = good.opened_at + 960;
        more.extended_at = decided_at + seconds;
        let body = SessionOpen {
            decisions: more.bundle.decisions.iter().map(sha256).collect(),
            request: sha256(&more.bundle.request),
            tls_client: more.tls_client.clone(),
        };
        more.bundle.open = company.engineer.sign(&company.trust.gateway_id, body, more.extended_at);
        more.bundle.mfa.push(company.mfa(&company.engineer, None, more.extended_at));
        more.verify(&company, &good, ends_at).map(drop)
    };
    assert_eq!(handed_over_at(4 * 3600 - 1), Ok(()));
    assert_eq!(handed_over_at(4 * 3600), Err(Refusal::ApprovalLapsed));
}
