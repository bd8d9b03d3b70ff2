use std::net::IpAddr;

use domain::UnixSeconds;
use statement::Factor;

use super::*;

/// A Tuesday, 10:00 in UTC.
const TUESDAY: UnixSeconds = 1_780_394_400;

/// One case: what is asked, by whom, of whom.
struct Case<'a> {
    policy: Policy,
    roles: &'a [Role],
    groups: Vec<String>,
    employer: Option<&'a str>,
    country: Option<&'a str>,
    address: Option<IpAddr>,
    organization: &'a str,
    at: UnixSeconds,
}

impl Case<'_> {
    fn ordinary() -> Self {
        Self {
            policy: Policy::compiled_in(),
            roles: &[Role::Engineer],
            groups: Vec::new(),
            employer: None,
            country: None,
            address: None,
            organization: "kinloch-hotels",
            at: TUESDAY,
        }
    }

    fn under(heading: &str, rules: &str) -> Self {
        let default = Policy::compiled_in();
        let (old, cedar) = default.text().split_once("\n---\n").expect("two parts");
        let heading = if heading.is_empty() { old } else { heading };
        let text = format!("{heading}\n---\n{cedar}{rules}");
        Self { policy: Policy::read(&text).expect("a policy"), ..Self::ordinary() }
    }

    /// What it takes; whether it may be asked is answered alike by both.
    fn ask(&self, reason: ReasonCategory, scope: Scope, duration_seconds: i64) -> Result<u32, PolicyRefusal> {
        let factor = Factor { method: "totp".into(), age_seconds: 60, address: None };
        let ask = Ask {
            requester: Somebody {
                person: "e-1001",
                roles: self.roles,
                groups: &self.groups,
                employer: self.employer,
                country: self.country,
                address: self.address,
            },
            organization: Some(&self.organization.parse().expect("an id")),
            reason,
            scope,
            duration_seconds,
            ticket: "SUP-4711",
            at: self.at,
            factor: Some(&factor),
        };
        assert_eq!(self.policy.lets_ask(&ask), self.policy.may_ask(&ask).is_ok());
        self.policy.evaluate(&ask).map(|a| a.approvals)
    }

    fn read(&self) -> Result<u32, String> {
        let asked = self.ask(ReasonCategory::CustomerReportedProblem, Scope::Read, 1800);
        asked.map_err(|r| r.rule.unwrap_or_else(|| r.code.to_owned()))
    }
}

fn ask(reason: ReasonCategory, scope: Scope, duration_seconds: i64) -> Result<u32, &'static str> {
    Case::ordinary().ask(reason, scope, duration_seconds).map_err(|r| r.code)
}

#[test]
fn what_each_reason_opens() {
    use ReasonCategory::{CustomerReportedProblem, DataSubjectRequest, LegalDisclosure, Maintenance, SecurityIncident};
    // Longest duration and approvals of Diagnostics, Read, Read & write, Administer; none where it does not open.
    let table = [
        (CustomerReportedProblem, [(14_400, 1), (7_200, 1), (3_600, 1), (0, 0)]),
        (SecurityIncident, [(14_400, 1), (14_400, 1), (7_200, 1), (3_600, 2)]),
        (LegalDisclosure, [(0, 0), (7_200, 2), (0, 0), (0, 0)]),
        (Maintenance, [(14_400, 1), (7_200, 1), (3_600, 1), (3_600, 2)]),
        (DataSubjectRequest, [(7_200, 1), (3_600, 1), (1_800, 1), (0, 0)]),
    ];
    for (reason, scopes) in table {
        for (scope, (longest, approvals)) in Scope::ALL.into_iter().zip(scopes) {
            if longest == 0 {
                assert_eq!(ask(reason, scope, 60), Err("scope-not-for-reason"), "{reason:?} {scope:?}");
                continue;
            }
            assert_eq!(ask(reason, scope, longest), Ok(approvals), "{reason:?} {scope:?}");
            assert_eq!(ask(reason, scope, 1), Ok(approvals), "{reason:?} {scope:?}");
            assert_eq!(ask(reason, scope, longest + 1), Err("duration-out-of-policy"), "{reason:?} {scope:?}");
        }
    }
}

#[test]
fn a_14_durations_that_are_none() {
    for seconds in [0, -1, i64::MIN, i64::MAX, 86_401, 1_000_000_000_000_000_000] {
        let asked = ask(ReasonCategory::Maintenance, Scope::Read, seconds);
        assert_eq!(asked, Err("duration-out-of-policy"), "{seconds}");
    }
}

#[test]
fn only_engineers_ask() {
    let roles = &[Role::Approver, Role::Administrator, Role::Reviewer];
    assert_eq!(Case { roles, ..Case::ordinary() }.read(), Err("missing-role".into()));
    let lax = "@id(\"everybody\") @sentence(\"Everybody.\") permit(principal, action, resource);";
    assert_eq!(Case { roles, ..Case::under("", lax) }.read(), Err("missing-role".into()), "no text lifts it");
}

#[test]
fn the_sentence_names_the_bound() {
    let sentence = |scope, seconds| {
        let refused = Case::ordinary().ask(ReasonCategory::DataSubjectRequest, scope, seconds);
        refused.expect_err("refused").sentence
    };
    assert_eq!(sentence(Scope::ReadWrite, 3600), "“Data-subject request” opens Read & write for 30 min at most.");
    assert_eq!(sentence(Scope::Administer, 60), "“Data-subject request” does not open Administer.");
}

#[test]
fn an_organization_refuses_employers_and_countries() {
    let heading = r#"{"name":"x","version":2,"time_zone":"UTC","organizations":{
        "kinloch-hotels": {"refuses_employers":["acme gmbh"]}, "fjord": {"refuses_countries":["us"]}}}"#;
    let by = |organization, employer, country| {
        Case { organization, employer, country, ..Case::under(heading, "") }.read().err().unwrap_or_default()
    };
    assert_eq!(by("kinloch-hotels", Some("acme gmbh"), None), "refused-employer");
    assert_eq!(by("kinloch-hotels", None, None), "unknown-employer");
    assert_eq!(by("kinloch-hotels", Some("we"), None), "");
    assert_eq!(by("fjord", None, Some("us")), "refused-country");
    assert_eq!(by("fjord", Some("acme gmbh"), None), "unknown-country");
    assert_eq!(by("fjord", None, Some("de")), "");
    assert_eq!(by("another", None, None), "", "it wishes nothing");
}

#[test]
fn rules_read_the_region_the_ticket_and_the_kind_of_the_factor() {
    let heading = r#"{"name":"x","version":2,"time_zone":"UTC","organizations":{
        "kinloch-hotels": {"region":"eu"}, "fjord": {"region":"us"}}}"#;
    let forbids = |organization, unless: &str| {
        let rule = format!(
            r#"@id("mine") @sentence("Only so.")
            forbid(principal, action == Action::"request", resource) unless {{ {unless} }};"#
        );
        Case { organization, ..Case::under(heading, &rule) }.read().err().is_some_and(|rule| rule == "mine")
    };
    let in_the_eu = r#"resource has region && resource.region == "eu""#;
    assert!(!forbids("kinloch-hotels", in_the_eu));
    assert!(forbids("fjord", in_the_eu));
    assert!(forbids("another", in_the_eu), "nobody knows where it is");
    assert!(!forbids("fjord", r#"context.ticket like "SUP-*""#));
    assert!(forbids("fjord", r#"context.ticket like "KP-*""#));
    assert!(!forbids("fjord", r#"context.factor == "totp" && context.factor_age_seconds == 60"#));
    assert!(forbids("fjord", r#"context.factor == "webauthn""#));
}

#[test]
fn hours_are_those_of_the_zone() {
    let heading = r#"{"name":"x","version":2,"time_zone":"Europe/Berlin","organizations":{}}"#;
    let rule = r#"@id("by-day") @sentence("Monday to Friday, 8 to 18 h.")
        forbid(principal, action == Action::"request", resource)
        unless { context.weekday <= 5 && context.minute >= 480 && context.minute < 1080 };"#;
    let at = |at| Case { at, ..Case::under(heading, rule) }.read();
    assert_eq!(at(TUESDAY), Ok(1));
    assert_eq!(at(TUESDAY + 6 * 3600 - 1), Ok(1), "17:59:59 in summer time");
    assert_eq!(at(TUESDAY + 6 * 3600), Err("by-day".into()));
    assert_eq!(at(TUESDAY + 4 * 86_400), Err("by-day".into()), "Saturday");
}

#[test]
fn one_of_them_from_security() {
    let rule = r#"@id("one-from-security") @sentence("One of them is from security.")
        forbid(principal, action == Action::"open", resource)
        unless { context.approver_groups.contains(Group::"security") };"#;
    assert_eq!(Case::under("", rule).read(), Ok(1), "advice says how many; who, is seen when they sign");
}

#[test]
fn an_error_in_any_rule_refuses() {
    let rule = r#"@id("overflows") @sentence("A rule that cannot be evaluated.")
        forbid(principal, action == Action::"request", resource)
        when { context.duration_seconds * 9223372036854775807 == 3 };"#;
    assert_eq!(Case::under("", rule).read(), Err("policy-error".into()), "though another rule permits it");
}

#[test]
fn rules_that_ask_for_more_than_anybody_brings_allow_nothing() {
    let rule = r#"@id("nine") @sentence("Nine people countersign.")
        forbid(principal, action == Action::"open", resource) when { context.approvals < 9 };"#;
    assert_eq!(Case::under("", rule).read(), Err("nine".into()));
}

#[test]
fn rules_may_say_from_which_addresses() {
    let rule = r#"@id("office") @sentence("Access is asked for from the office.")
        forbid(principal, action == Action::"request", resource)
        unless { principal has address && (principal.address.isInRange(ip("203.0.113.0/24"))
            || principal.address.isInRange(ip("2001:db8::/32"))) };"#;
    let from = |address: Option<&str>| {
        let address = address.map(|text| text.parse().expect("an address"));
        Case { address, ..Case::under("", rule) }.read()
    };
    for inside in ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"] {
        assert_eq!(from(Some(inside)), Ok(1), "{inside}");
    }
    for outside in [Some("203.0.114.7"), Some("2001:db9::7"), None] {
        assert_eq!(from(outside), Err("office".to_owned()), "{outside:?}");
    }
    // A rule that does not ask whether there is one is no rule.
    let unguarded = rule.replace("principal has address && ", "");
    let text = Policy::compiled_in().text().to_owned() + &unguarded;
    assert!(Policy::read(&text).is_err());
}

/// Nobody signs who somebody's manager is: no rule can ask for it, and a text that tries is no policy. A company whose identity provider
/// puts each chain of managers into a group says with that group that a chain does not countersign for itself.
#[test]
fn a_06_a_chain_of_managers_is_a_group_or_nothing() {
    let rule = |when: &str| {
        format!(
            "@id(\"chain\") @sentence(\"Somebody outside the chain countersigns.\")\n\
             forbid(principal, action == Action::\"approve\", resource) when {{ {when} }};"
        )
    };
    let default = Policy::compiled_in();
    for attribute in ["manager", "managers", "reports_to"] {
        let text = format!("{}\n{}", default.text(), rule(&format!("resource.requester.{attribute} == principal")));
        assert!(Policy::read(&text).is_err(), "{attribute}");
    }
    let same = "resource.requester in Group::\"chain-rivera\" && principal in Group::\"chain-rivera\"";
    let text = format!("{}\n{}", default.text(), rule(same));
    let policy = Policy::read(&text).expect("a policy");
    let (chain, none) = (vec!["chain-rivera".to_owned()], Vec::new());
    fn who<'a>(person: &'a str, roles: &'a [Role], groups: &'a [String]) -> Somebody<'a> {
        Somebody { person, roles, groups, employer: None, country: None, address: None }
    }
    let organization = "kinloch-hotels".parse().expect("an id");
    let says = |requester: &[String], approver: &[String]| {
        let ask = Ask {
            requester: who("e-1001", &[Role::Engineer], requester),
            organization: Some(&organization),
            reason: ReasonCategory::CustomerReportedProblem,
            scope: Scope::Read,
            duration_seconds: 1800,
            ticket: "SUP-4711",
            at: TUESDAY,
            factor: None,
        };
        let terms = statement::Terms { scope: Scope::Read, duration_seconds: 1800 };
        let who = who("e-2001", &[Role::Approver], approver);
        policy.may_approve(&ask, &Decider { who, terms, at: TUESDAY, factor: "totp" }).map_err(|why| why.rule)
    };
    assert_eq!(says(&chain, &chain), Err(Some("chain".to_owned())));
    assert_eq!(says(&chain, &none), Ok(()));
    assert_eq!(says(&none, &chain), Ok(()));
}
