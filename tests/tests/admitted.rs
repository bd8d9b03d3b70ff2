//! What the policy says to whole Grants: the one question that gateway, audit service, verifier and service ask.

use domain::{ReasonCategory, Scope};
use policy::{Policy, PolicyRefusal};
use serde_json::json;
use statement::{Opening, PolicyClaims, Request, Terms, Trust};
use tests::forge::{Account, Company, Person};

const OPEN: i64 = 1_800_000_000;

/// The request, granted on these terms by these approvers.
fn opening(company: &Company, ask: Request, terms: Terms, approvers: &[&Person]) -> Opening {
    let mut good = company.good_with(ask, approvers);
    let (request, moments) = (good.bundle.request.clone(), company.moments);
    good.bundle.decisions = approvers.iter().map(|a| company.approve(a, &request, terms)).collect();
    good.bundle.mfa = vec![company.mfa(&company.engineer, None, moments.requester_code)];
    let codes = approvers.iter().zip(&good.bundle.decisions).map(|(a, d)| company.mfa(a, Some(d), moments.decide));
    good.bundle.mfa.extend(codes);
    good.bundle.open = company.open(&company.engineer, &request, &good.bundle.decisions, &good.tls_client);
    good.verify(company).expect("every signature is right")
}

fn asked(company: &Company, reason: ReasonCategory, scope: Scope) -> Request {
    Request { reason, scope, ..company.ask() }
}

#[test]
fn what_was_asked_and_granted_is_admitted() {
    let company = Company::new(OPEN);
    let ask = company.ask();
    let terms = Terms { duration_seconds: ask.duration_seconds, scope: ask.scope };
    let admitted = Policy::compiled_in().admit(&opening(&company, ask, terms, &[&company.approver]));
    assert_eq!(admitted.map(|a| a.approvals).map_err(|r| r.code), Ok(1));
}

#[test]
fn narrowing_saves_no_signature() {
    let mut company = Company::new(OPEN);
    company.trust.limits.max_scope = Scope::Administer;
    let terms = Terms { duration_seconds: 600, scope: Scope::Read };
    let ask = || asked(&company, ReasonCategory::Maintenance, Scope::Administer);
    let one = opening(&company, ask(), terms, &[&company.approver]);
    assert_eq!(Policy::compiled_in().admit(&one).map_err(|r| r.code), Err("too-few-approvals"));
    let two = opening(&company, ask(), terms, &[&company.approver, &company.second_approver]);
    assert_eq!(Policy::compiled_in().admit(&two).map(|a| a.approvals).map_err(|r| r.code), Ok(2));
}

#[test]
fn what_no_rule_speaks_of_is_not_admitted_by_narrowing_to_it() {
    let company = Company::new(OPEN);
    let ask = asked(&company, ReasonCategory::LegalDisclosure, Scope::Read);
    let terms = Terms { duration_seconds: 600, scope: Scope::Diagnostics };
    let narrowed = opening(&company, ask, terms, &[&company.approver, &company.second_approver]);
    assert_eq!(Policy::compiled_in().admit(&narrowed).map_err(|r| r.code), Err("scope-not-for-reason"));
}

#[test]
fn what_no_rule_allows_to_ask_for_is_not_admitted_by_narrowing_it() {
    let company = Company::new(OPEN);
    let two: &[&Person] = &[&company.approver, &company.second_approver];
    let terms = Terms { duration_seconds: 600, scope: Scope::Read };
    let refused = |ask| Policy::compiled_in().admit(&opening(&company, ask, terms, two)).map_err(|r| r.code);
    let wider = asked(&company, ReasonCategory::LegalDisclosure, Scope::ReadWrite);
    assert_eq!(refused(wider), Err("scope-not-for-reason"));
    let longer = Request { duration_seconds: 7201, ..asked(&company, ReasonCategory::LegalDisclosure, Scope::Read) };
    assert_eq!(refused(longer), Err("duration-out-of-policy"));
    assert!(refused(asked(&company, ReasonCategory::LegalDisclosure, Scope::Read)).is_ok());
}

/// A company whose trust names the three claims, and where `who` signs in again with others.
fn with_claims(mut company: Company, more: &[(&'static str, serde_json::Value)]) -> (Company, Person) {
    let claim = |name: &str| Some(name.to_owned());
    company.trust.policy_claims =
        PolicyClaims { groups: claim("groups"), employer: claim("employer"), country: claim("country") };
    let mut account = Account::new("e-1009", "Jo Ferrant", &["engineer", "approver"]);
    account.more = more.to_vec();
    let who = Person::sign_in(&company.provider, account, company.moments.requester_signs_in);
    (company, who)
}

fn under(rules: &str) -> (Company, Policy) {
    let text = format!("{}\n{rules}", Policy::compiled_in().text());
    let policy = Policy::read(&text).expect("a policy");
    (Company::with_policy(OPEN, &text), policy)
}

/// What `policy` says when the engineer's ordinary request was countersigned by these.
fn countersigned_by(company: &Company, policy: &Policy, approvers: &[&Person]) -> Result<u32, String> {
    let ask = company.ask();
    let terms = Terms { duration_seconds: ask.duration_seconds, scope: ask.scope };
    let admitted = policy.admit(&opening(company, ask, terms, approvers));
    admitted.map(|a| a.approvals).map_err(|r| r.rule.unwrap_or_else(|| r.code.to_owned()))
}

#[test]
fn who_may_not_countersign_does_not_count() {
    let (company, jo) = with_claims(Company::new(OPEN), &[("groups", json!(["External", "support"]))]);
    let policy = Policy::compiled_in();
    assert_eq!(countersigned_by(&company, &policy, &[&jo]), Err("externals-do-not-decide".into()));
    assert_eq!(countersigned_by(&company, &policy, &[&jo, &company.approver]), Ok(1), "the other one is enough");
    let unpinned = PolicyClaims::default();
    let company = Company { trust: Trust { policy_claims: unpinned, ..company.trust.clone() }, ..company };
    assert_eq!(countersigned_by(&company, &policy, &[&jo]), Ok(1), "a claim that nobody pins says nothing");
}

#[test]
fn one_of_them_from_security() {
    let rule = r#"@id("one-from-security") @sentence("One of them is from security.")
        forbid(principal, action == Action::"open", resource)
        unless { context.approver_groups.contains(Group::"security") };"#;
    let (company, policy) = under(rule);
    let (company, jo) = with_claims(company, &[("groups", json!(["security"]))]);
    let (one, two) = (&company.approver, &company.second_approver);
    assert_eq!(countersigned_by(&company, &policy, &[one, two]), Err("one-from-security".into()));
    assert_eq!(countersigned_by(&company, &policy, &[one, &jo]), Ok(1));
    let outside = rule.to_owned()
        + r#"
        @id("security-by-day") @sentence("Security countersigns on Mondays.")
        forbid(principal in Group::"security", action == Action::"approve", resource)
        unless { context.weekday == 1 };"#;
    let (_, policy) = under(&outside);
    // OPEN is a Friday.
    assert_eq!(countersigned_by(&company, &policy, &[&jo]), Err("security-by-day".into()));
}

#[test]
fn rules_on_decisions_read_ticket_region_roles_and_the_kind_of_the_factor() {
    let text = Policy::compiled_in()
        .text()
        .replace(r#""organizations": {}"#, r#""organizations": {"kinloch-hotels": {"region": "eu"}}"#);
    for (action, when, is_so) in [
        ("approve", r#"resource.ticket like "SUP-*""#, true),
        ("approve", r#"resource.ticket like "KP-*""#, false),
        ("approve", r#"context.factor == "totp""#, true),
        ("approve", r#"context.factor == "webauthn""#, false),
        ("approve", r#"resource.organization has region && resource.organization.region == "eu""#, true),
        ("open", r#"resource.organization has region && resource.organization.region == "us""#, false),
        ("open", r#"resource.ticket == "SUP-4711""#, true),
        ("open", r#"resource.ticket == "SUP-4712""#, false),
        ("open", r#"context.approver_roles.contains(Role::"approver")"#, true),
        ("open", r#"context.approver_roles.contains(Role::"administrator")"#, false),
    ] {
        let rule = format!(
            r#"@id("mine") @sentence("Not so.") forbid(principal, action == Action::"{action}", resource) when {{ {when} }};"#
        );
        let text = format!("{text}\n{rule}");
        let (company, policy) = (Company::with_policy(OPEN, &text), Policy::read(&text).expect("a policy"));
        let expected = if is_so { Err("mine".to_owned()) } else { Ok(1) };
        assert_eq!(countersigned_by(&company, &policy, &[&company.approver]), expected, "{action}: {when}");
    }
}

#[test]
fn nobody_decides_on_a_colleague_of_their_own_employer() {
    let rule = r#"@id("other-employer") @sentence("Nobody countersigns for a colleague of their own employer.")
        forbid(principal, action == Action::"approve", resource)
        when { principal has employer && resource.requester has employer &&
               principal.employer == resource.requester.employer };"#;
    let (company, policy) = under(rule);
    let (mut company, jo) = with_claims(company, &[("employer", json!("Acme GmbH "))]);
    let account = company.engineer.account.clone();
    let of = |company: &Company, employer: &str| {
        let account = account.clone().with("employer", employer);
        Person::sign_in(&company.provider, account, company.moments.requester_signs_in)
    };
    company.engineer = of(&company, "ACME GMBH");
    assert_eq!(countersigned_by(&company, &policy, &[&jo]), Err("other-employer".into()), "in whatever case");
    company.engineer = of(&company, "Delta");
    assert_eq!(countersigned_by(&company, &policy, &[&jo]), Ok(1));
}

#[test]
fn claims_that_cannot_be_read_are_not_passed_over() {
    for (claim, value) in [
        ("groups", json!("security")),
        ("groups", json!(["a", 7])),
        ("groups", json!(["a", "b\u{202e}"])),
        ("groups", json!(vec!["g"; 513])),
        ("employer", json!("")),
        ("country", json!(["de"])),
    ] {
        let (company, jo) = with_claims(Company::new(OPEN), &[(claim, value.clone())]);
        let refused = company.good_with(company.ask(), &[&jo]).verify(&company).expect_err("refused");
        assert_eq!(refused.code(), "bad-text", "{claim} {value}");
    }
}

#[test]
fn the_age_of_the_second_factor_is_that_at_the_request() {
    let rule = r#"@id("fresh-code") @sentence("The code is at most 10 min old.")
        forbid(principal, action == Action::"request", resource) when { context.factor_age_seconds > 600 };"#;
    let (company, policy) = under(rule);
    let with_codes_at = |ages: &[i64]| {
        let mut good = company.good();
        let asked_at = company.moments.request;
        good.bundle.mfa.remove(0);
        good.bundle.mfa.extend(ages.iter().map(|age| company.mfa(&company.engineer, None, asked_at - age)));
        // Opening takes one of the last 15 min.
        good.bundle.mfa.push(company.mfa(&company.engineer, None, company.moments.open));
        policy.admit(&good.verify(&company).expect("every signature is right")).map_err(|r| r.rule)
    };
    assert!(with_codes_at(&[600]).is_ok());
    assert!(with_codes_at(&[4000, 600]).is_ok(), "the last one before it counts");
    let too_old = Err(Some("fresh-code".to_owned()));
    assert_eq!(with_codes_at(&[601]).map(drop), too_old);
    assert_eq!(with_codes_at(&[]).map(drop), too_old, "one that came later says nothing of then");
}

#[test]
fn where_codes_come_from_is_attested_and_where_the_bundle_comes_from_is_seen() {
    let rules = r#"@id("office") @sentence("Access is asked for from the office.")
        forbid(principal, action == Action::"request", resource)
        unless { principal has address && principal.address.isInRange(ip("203.0.113.0/24")) };
        @id("apart") @sentence("Whoever countersigns is somewhere else.")
        forbid(principal, action == Action::"approve", resource)
        when { principal has address && resource.requester has address && principal.address == resource.requester.address };"#;
    let (mut company, policy) = under(rules);
    let mut from = |asks: &str, decides: &str, opens: &str| {
        company.engineer.address = asks.parse().ok();
        company.approver.address = decides.parse().ok();
        let opening = company.good().verify(&company).expect("every signature is right");
        let opens = opens.parse().expect("an address");
        let rule = |r: PolicyRefusal| r.rule.unwrap_or_else(|| r.code.to_owned());
        (policy.admit(&opening).map(drop).map_err(rule), policy.admit_from(&opening, opens).map(drop).map_err(rule))
    };
    let refused = |rule: &str| Err(rule.to_owned());
    assert_eq!(from("203.0.113.7", "198.51.100.1", "203.0.113.7"), (Ok(()), Ok(())));
    assert_eq!(from("203.0.113.7", "198.51.100.1", "203.0.113.99"), (Ok(()), Ok(())));
    assert_eq!(from("203.0.113.7", "198.51.100.1", "198.51.100.1"), (Ok(()), refused("office")), "they left");
    assert_eq!(from("198.51.100.2", "198.51.100.1", "203.0.113.7"), (refused("office"), refused("office")));
    assert_eq!(from("", "198.51.100.1", "203.0.113.7"), (refused("office"), refused("office")), "not attested");
    assert_eq!(from("203.0.113.7", "203.0.113.7", "203.0.113.7"), (refused("apart"), refused("apart")));
}
