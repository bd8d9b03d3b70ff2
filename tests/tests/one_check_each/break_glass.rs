//! Break-glass (T28): each check of what two administrators sign in advance, and of its use, by itself.

use domain::{Organization, Scope};
use statement::{BreakGlass, BreakGlassPermission, Bundle, Refusal, Request, verify_permission, verify_resume};
use tests::forge::{Account, Company, Good, Person, somebody};

use super::company;

const DAY: i64 = 24 * 3600;

fn filed(company: &Company, permission: &BreakGlassPermission) -> Result<(), Refusal> {
    verify_permission(permission, &company.trust, company.known_keys(), company.moments.open).map(drop)
}

/// The ordinary permission with its body changed, signed by both.
fn of(company: &Company, change: impl FnOnce(&mut BreakGlass)) -> Result<(), Refusal> {
    let mut body = company.break_glass();
    change(&mut body);
    filed(company, &company.permission(&body))
}

fn by(company: &Company, who: &[&Person]) -> BreakGlassPermission {
    let signed = company.permission_by(&company.break_glass(), who);
    let mut pk_tokens: Vec<String> = who.iter().map(|w| w.token.clone()).collect();
    pk_tokens.dedup();
    BreakGlassPermission { signed, enrols: Vec::new(), pk_tokens }
}

fn enrolled(company: &Company, account: Account) -> (Person, String) {
    let at = company.moments.enrol - 60;
    let who = Person::sign_in(&company.provider, account, at);
    let enrol = company.enrol(&company.administrators[0], &who.id(), &who.thumbprint());
    (who, enrol)
}

/// The ordinary use with the permission or the request changed, everything signed anew.
fn used(company: &Company, change: impl FnOnce(&mut BreakGlass, &mut Request)) -> Result<(), Refusal> {
    let mut body = company.break_glass();
    let mut ask = company.ask_by(&body);
    change(&mut body, &mut ask);
    ask.break_glass = ask.break_glass.map(|_| body.id());
    let [first, second] = &company.administrators;
    company.good_by(company.permission_by(&body, &[first, second]), ask).verify(company).map(drop)
}

/// The ordinary bundle by break-glass, changed, and opened as it is then.
fn bundled(company: &Company, change: impl FnOnce(&mut Bundle)) -> Result<(), Refusal> {
    let mut good = company.good_by_break_glass();
    change(&mut good.bundle);
    company.reopen_by(&mut good.bundle, &company.engineer, &good.tls_client);
    good.verify(company).map(drop)
}

#[test]
fn t28_two_administrators_permit_and_the_person_they_name_opens() {
    let company = company();
    let body = company.break_glass();
    assert_eq!(filed(&company, &company.permission(&body)), Ok(()));
    let opening = company.good_by_break_glass().verify(&company).expect("opens");
    let permitted = opening.break_glass().expect("by break-glass");
    assert_eq!((permitted.id(), permitted.body()), (&body.id(), &body));
    let names: Vec<&str> = opening.countersigners().map(|who| who.name.as_str()).collect();
    assert_eq!(names, ["Ben Okafor", "Sofia Marchetti"]);
    assert!(opening.decisions().is_empty());
    assert_eq!(opening.terms().duration_seconds, 900, "what was asked for");
    company.policies.current().policy.admit(&opening).expect("two have signed");
    let ordinary = company.good().verify(&company).expect("opens");
    assert!(ordinary.break_glass().is_none());
}

#[test]
fn t28_one_administrator_permits_nothing() {
    let company = company();
    let [ben, sofia] = &company.administrators;
    assert_eq!(filed(&company, &by(&company, &[ben])), Err(Refusal::TooFewAdministrators));
    assert_eq!(filed(&company, &by(&company, &[])), Err(Refusal::TooFewAdministrators));
    assert_eq!(filed(&company, &by(&company, &[ben, ben])), Err(Refusal::SamePerson));
    assert_eq!(filed(&company, &by(&company, &[ben, sofia, ben])), Err(Refusal::TooLarge));
    let account = Account::new("e-0003", "Somebody", &["administrator"]);
    let same = Person::sign_in_on(&company.provider, account, ben.device.clone(), company.moments.enrol - 60);
    let mut on_one = by(&company, &[ben, &same]);
    on_one.enrols.push(company.enrol(sofia, &same.id(), &same.thumbprint()));
    on_one.pk_tokens.push(sofia.token.clone());
    assert_eq!(filed(&company, &on_one), Err(Refusal::SameDevice));
}

#[test]
fn t28_nobody_else_permits() {
    let company = company();
    let [ben, _] = &company.administrators;
    let (approver, enrol) = enrolled(&company, Account::new("e-1002", "Somebody", &["approver"]));
    let mut by_an_approver = by(&company, &[ben, &approver]);
    by_an_approver.enrols.push(enrol);
    assert_eq!(filed(&company, &by_an_approver), Err(Refusal::MissingRole));
    let (stranger, _) = enrolled(&company, Account::new("e-0003", "Somebody", &["administrator"]));
    assert_eq!(filed(&company, &by(&company, &[ben, &stranger])), Err(Refusal::NotEnrolled));
}

#[test]
fn t28_nobody_signs_their_own() {
    let company = company();
    let [ben, sofia] = &company.administrators;
    for own in [ben, sofia] {
        let mut persons = vec![company.engineer.id(), own.id()];
        persons.sort();
        assert_eq!(of(&company, |b| b.persons = persons), Err(Refusal::NamesItsSigner), "{}", own.account.name);
    }
}

#[test]
fn t28_both_sign_the_same() {
    let company = company();
    let [_, sofia] = &company.administrators;
    let mut permission = company.permission(&company.break_glass());
    let mut other = company.break_glass();
    other.uses = 2;
    let at = company.moments.adopt;
    permission.signed.statements[1] = sofia.sign(&company.trust.gateway_id, other, at);
    permission.signed.mfa[1] = company.mfa(sofia, Some(&permission.signed.statements[1]), at);
    assert_eq!(filed(&company, &permission), Err(Refusal::PermissionsDiffer));
}

#[test]
fn t28_each_gave_a_code_for_exactly_their_statement() {
    let company = company();
    let [ben, sofia] = &company.administrators;
    let (good, at) = (company.permission(&company.break_glass()), company.moments.adopt);
    let with = |mfa: Vec<String>| {
        let mut permission = good.clone();
        permission.signed.mfa = mfa;
        filed(&company, &permission)
    };
    let (first, second) = (good.signed.mfa[0].clone(), &good.signed.statements[1]);
    assert_eq!(with(vec![first.clone()]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), first.clone()]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), company.mfa(sofia, None, at)]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first.clone(), company.mfa(ben, Some(second), at)]), Err(Refusal::NoSecondFactor));
    assert_eq!(with(vec![first, company.mfa(sofia, Some(second), at + 301)]), Err(Refusal::SecondFactorTooOld));
}

#[test]
fn t28_the_second_signs_while_the_first_signature_is_good() {
    let company = company();
    let (at, body) = (company.moments.adopt, company.break_glass());
    let [_, sofia] = &company.administrators;
    let signed_at = |later: i64| {
        let again = Person::sign_in_on(&company.provider, sofia.account.clone(), sofia.device.clone(), at + later - 60);
        let mut permission = company.permission(&body);
        permission.signed.statements[1] = again.sign(&company.trust.gateway_id, body.clone(), at + later);
        permission.signed.mfa[1] = company.mfa(&again, Some(&permission.signed.statements[1]), at + later);
        permission.pk_tokens[1] = again.token;
        filed(&company, &permission)
    };
    assert_eq!(signed_at(DAY - 1), Ok(()));
    assert_eq!(signed_at(DAY), Err(Refusal::Expired));
    assert_eq!(signed_at(-6), Err(Refusal::Expired), "before the first");
}

#[test]
fn t28_it_is_bounded() {
    let mut company = company();
    company.trust.limits.max_scope = Scope::ReadWrite;
    let most = company.trust.limits.max_duration_seconds;
    assert_eq!(of(&company, |b| b.duration_seconds = most), Ok(()));
    assert_eq!(of(&company, |b| b.duration_seconds = most + 1), Err(Refusal::DurationOutOfBounds));
    assert_eq!(of(&company, |b| b.scope = Scope::Administer), Err(Refusal::ScopeAboveBound));
    let at = company.moments.adopt;
    assert_eq!(of(&company, |b| b.until = at + 90 * DAY), Ok(()));
    assert_eq!(of(&company, |b| b.until = at + 90 * DAY + 1), Err(Refusal::LivesTooLong));
    let malformed = Err(Refusal::Malformed("break-glass"));
    assert_eq!(of(&company, |b| b.until = b.from), malformed);
    assert_eq!(of(&company, |b| b.uses = 0), malformed);
    assert_eq!(of(&company, |b| b.uses = 11), malformed);
    assert_eq!(of(&company, |b| b.duration_seconds = 0), malformed);
    assert_eq!(of(&company, |b| b.persons.clear()), malformed);
    assert_eq!(of(&company, |b| b.persons.push(b.persons[0].clone())), malformed);
    assert_eq!(of(&company, |b| b.organizations.clear()), malformed);
    assert_eq!(of(&company, |b| b.organizations.push(b.organizations[0].clone())), malformed);
    assert_eq!(of(&company, |b| b.persons[0] = somebody("E-1000")), Err(Refusal::BadText("person")));
    assert_eq!(of(&company, |b| b.reason = "short".into()), Err(Refusal::BadText("reason")));
    assert_eq!(
        of(&company, |b| b.organizations[0].name = "two\nlines".into()),
        Err(Refusal::BadText("organization name"))
    );
}

#[test]
fn t28_it_is_of_this_installation_and_of_the_past() {
    let company = company();
    let good = company.permission(&company.break_glass());
    let said =
        |trust: &statement::Trust, now: i64| verify_permission(&good, trust, company.known_keys(), now).map(drop);
    let mut other = company.trust.clone();
    other.gateway_id = "another gateway".into();
    assert_eq!(said(&other, company.moments.open), Err(Refusal::WrongAudience));
    assert_eq!(said(&company.trust, company.moments.adopt - 6), Err(Refusal::FromTheFuture));
}

#[test]
fn t28_nothing_else_travels_in_it() {
    let company = company();
    let mut with_more = company.permission(&company.break_glass());
    with_more.pk_tokens.push(company.reviewer.token.clone());
    assert_eq!(filed(&company, &with_more), Err(Refusal::UnusedToken));
    let mut large = company.permission(&company.break_glass());
    large.enrols = vec![String::new(); 129];
    assert_eq!(filed(&company, &large), Err(Refusal::TooLarge));
}

#[test]
fn t28_it_outlives_the_providers_keys() {
    let mut company = company();
    let good = company.permission(&company.break_glass());
    company.rotate();
    assert_eq!(filed(&company, &good), Ok(()));
    let body = company.break_glass();
    assert_eq!(company.good_by(good.signed, company.ask_by(&body)).verify(&company).map(drop), Ok(()));
}

#[test]
fn t28_it_opens_nothing_outside_what_it_says() {
    let company = company();
    assert_eq!(used(&company, |_, _| {}), Ok(()));
    let other = |b: &mut BreakGlass, _: &mut Request| b.persons = vec![somebody("e-9999")];
    assert_eq!(used(&company, other), Err(Refusal::PersonNotNamed));
    let delmar = || Organization { id: "delmar-foods".parse().expect("an id"), name: "Delmar Foods".into() };
    assert_eq!(used(&company, |b, _| b.organizations = vec![delmar()]), Err(Refusal::OrganizationNotNamed));
    let renamed = |_: &mut BreakGlass, r: &mut Request| r.organization.name = "Another name".into();
    assert_eq!(used(&company, renamed), Err(Refusal::OrganizationNotNamed));
    assert_eq!(used(&company, |b, _| b.scope = Scope::Diagnostics), Err(Refusal::WiderThanPermitted));
    assert_eq!(used(&company, |_, r| r.duration_seconds = 1801), Err(Refusal::WiderThanPermitted));
    assert_eq!(used(&company, |_, r| r.duration_seconds = 1800), Ok(()));
    let (asked, opened) = (company.moments.request, company.moments.open);
    assert_eq!(used(&company, |b, _| b.from = asked + 1), Err(Refusal::NotPermittedNow));
    assert_eq!(used(&company, |b, _| b.until = asked), Err(Refusal::NotPermittedNow));
    assert_eq!(
        used(&company, |b, _| b.until = opened + 1),
        Err(Refusal::NotPermittedNow),
        "asked in time, opened late"
    );
    assert_eq!(used(&company, |b, _| b.until = opened + 2), Ok(()));
}

#[test]
fn t28_a_bundle_has_an_approval_or_the_permission_that_was_asked_by() {
    let company = company();
    assert_eq!(bundled(&company, |b| b.break_glass = None), Err(Refusal::OtherPermission));
    let [ben, sofia] = &company.administrators;
    let another = BreakGlass { uses: 2, ..company.break_glass() };
    let other = company.permission_by(&another, &[ben, sofia]);
    assert_eq!(bundled(&company, |b| b.break_glass = Some(other)), Err(Refusal::OtherPermission));
    assert_eq!(used(&company, |_, r| r.break_glass = None), Err(Refusal::OtherPermission), "asked by none");
    let both = bundled(&company, |b| {
        let ask = company.ask_by(&company.break_glass());
        let terms = statement::Terms { duration_seconds: ask.duration_seconds, scope: ask.scope };
        let approver = &company.approver;
        b.decisions = vec![company.approve(approver, &b.request, terms)];
        b.mfa.push(company.mfa(approver, Some(&b.decisions[0]), company.moments.decide));
        b.pk_tokens.push(approver.token.clone());
        b.enrols.push(company.enrol(ben, &approver.id(), &approver.thumbprint()));
    });
    assert_eq!(both, Err(Refusal::ApprovalAndBreakGlass));
}

#[test]
fn t28_the_use_is_the_persons_own_signature_over_both_statements() {
    let company = company();
    let good = || company.good_by_break_glass();
    let said = |good: &Good| good.verify(&company).map(drop);
    let mut none = good();
    let tls_client = none.tls_client.clone();
    let open = company.open(&company.engineer, &none.bundle.request, &[], &tls_client);
    none.bundle.open = open;
    assert_eq!(said(&none), Err(Refusal::OtherDecisions));
    let mut by_another = good();
    by_another.bundle.pk_tokens.push(company.approver.token.clone());
    company.reopen_by(&mut by_another.bundle, &company.approver, &tls_client);
    assert_eq!(said(&by_another), Err(Refusal::NotTheRequester));
    let mut without_code = good();
    without_code.bundle.mfa.clear();
    assert_eq!(said(&without_code), Err(Refusal::NoSecondFactor));
    let mut alone = good();
    let signed = alone.bundle.break_glass.as_mut().expect("a permission");
    signed.statements.pop();
    signed.mfa.pop();
    assert_eq!(said(&alone), Err(Refusal::TooFewAdministrators));
}

#[test]
fn t28_what_was_asked_by_it_is_opened_within_its_own_time() {
    let company = company();
    let mut good = company.good_by_break_glass();
    let life = 4 * 3600;
    let opens = company.moments.request + life - 30;
    let body = statement::SessionOpen {
        decisions: good.bundle.break_glass.iter().flat_map(|p| &p.statements).map(statement::sha256).collect(),
        request: statement::sha256(&good.bundle.request),
        tls_client: good.tls_client.clone(),
    };
    good.bundle.open = company.engineer.sign(&company.trust.gateway_id, body, opens);
    good.bundle.mfa.push(company.mfa(&company.engineer, None, opens - 60));
    good.opened_at = opens + 1;
    assert_eq!(good.verify(&company).map(drop), Ok(()));
    good.opened_at = company.moments.request + life;
    assert_eq!(good.verify(&company).map(drop), Err(Refusal::Expired));
    let keys = company.known_keys();
    let back = verify_resume(&good.bundle, &company.trust, keys, &good.tls_client, good.opened_at);
    assert!(back.is_ok(), "whoever opened in time may come back");
}

#[test]
fn t28_the_policy_holds_for_it_too() {
    let company = company();
    let admitted = |change: fn(&mut BreakGlass, &mut Request)| {
        let mut body = BreakGlass { duration_seconds: 4 * 3600, ..company.break_glass() };
        let mut ask = company.ask_by(&body);
        change(&mut body, &mut ask);
        ask.break_glass = Some(body.id());
        let [first, second] = &company.administrators;
        let opening = company.good_by(company.permission_by(&body, &[first, second]), ask).verify(&company);
        company.policies.current().policy.admit(&opening.expect("verified")).map_err(|why| why.code)
    };
    assert_eq!(admitted(|_, _| {}).map(|allowed| allowed.approvals), Ok(2));
    let longer = |_: &mut BreakGlass, r: &mut Request| {
        (r.reason, r.duration_seconds) = (domain::ReasonCategory::CustomerReportedProblem, 7201);
    };
    assert_eq!(admitted(longer).map(drop), Err("duration-out-of-policy"));
}

#[test]
fn t28_it_extends_no_session() {
    let company = company();
    let extends = statement::Extends {
        ends_at: company.moments.open + 900,
        opened_at: company.moments.open,
        request: statement::sha256("the first request"),
        session: statement::sha256("the session").into(),
    };
    let said = used(&company, |_, r| {
        r.extends = Some(extends);
        r.duration_seconds = 1800;
    });
    assert_eq!(said, Err(Refusal::NoMoreByBreakGlass));
}

#[test]
fn t28_whoever_uses_it_does_so_on_another_device_than_the_administrators() {
    let mut company = company();
    let (account, device) = (company.engineer.account.clone(), company.administrators[1].device.clone());
    company.engineer = Person::sign_in_on(&company.provider, account, device, company.engineer.signed_in_at);
    assert_eq!(used(&company, |_, _| ()), Err(Refusal::SameDevice));
}
