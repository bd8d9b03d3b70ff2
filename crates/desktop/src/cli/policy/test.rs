use std::fmt;
use std::path::Path;

use ::policy::Policy;
use domain::legible;
use serde::Serialize;

use super::cases::{Case, cases};
use crate::cli::print::Printer;
use crate::fault::fault;
use crate::policy_change::counted;
use crate::policy_change::outcome::Outcome;
use crate::view::UiError;

/// What a policy says to a file of cases.
#[derive(Debug, Serialize)]
pub(super) struct Tested {
    pub(super) cases: usize,
    pub(super) differ: Vec<Different>,
}

#[derive(Debug, Serialize)]
pub(super) struct Different {
    pub(super) name: String,
    pub(super) expected: String,
    pub(super) outcome: Outcome,
}

pub(super) fn test(policy: &Policy, file: &Path, printer: &Printer) -> Result<(), UiError> {
    let tested = tested(policy, &cases(file)?)?;
    printer.show(&tested, || tested.to_string());
    if tested.differ.is_empty() {
        return Ok(());
    }
    let message = format!("{} of {} differ.", tested.differ.len(), counted(tested.cases, "case"));
    Err(fault("cases-differ", message, "Correct the policy, or what the cases expect of it."))
}

pub(super) fn tested(policy: &Policy, cases: &[Case]) -> Result<Tested, UiError> {
    let mut differ = Vec::new();
    for case in cases {
        let expect = case.expect.as_ref().ok_or_else(|| {
            let message = format!("“{}” expects nothing, and so could not differ.", case.name);
            fault("not-cases", message, "Write expect.allowed or expect.refused into each case.")
        })?;
        let outcome = case.under(policy);
        if !expect.is_met_by(&outcome) {
            differ.push(Different { name: case.name.clone(), expected: expect.words(), outcome });
        }
    }
    Ok(Tested { cases: cases.len(), differ })
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for one in &self.differ {
            writeln!(f, "{}\n  expected  {}\n  is        {}", legible(&one.name), one.expected, one.outcome)?;
        }
        let right = self.cases - self.differ.len();
        write!(f, "{}, {right} as expected, {} not.", counted(self.cases, "case"), self.differ.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(policy: &Policy, cases_text: &str) -> Result<Tested, UiError> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), cases_text).expect("written");
        tested(policy, &cases(file.path())?)
    }

    fn case(more: &str) -> String {
        format!("[[ask]]\nname = \"x\"\nreason = \"maintenance\"\nscope = \"read\"\n{more}\n")
    }

    fn says(more: &str) -> String {
        let tested = of(&Policy::compiled_in(), &case(&format!("{more}\nexpect.allowed = 99"))).expect("cases");
        tested.differ[0].outcome.to_string()
    }

    #[test]
    fn the_default_policy_says_what_its_cases_expect() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy/default.cases.toml");
        let cases = cases(&file).expect("cases");
        let tested = tested(&Policy::compiled_in(), &cases).expect("each expects something");
        assert!(tested.differ.is_empty(), "{tested}");
        assert!(tested.cases >= 40, "{tested}");
    }

    #[test]
    fn what_differs_is_told_in_words() {
        let cases = format!(
            "{}{}{}{}",
            case("minutes = 60\nexpect.allowed = 1"),
            case("minutes = 60\nexpect.allowed = 2"),
            case("minutes = 60\nexpect.refused = \"missing-role\""),
            case("minutes = 180\nexpect.refused = \"maintainance\""),
        );
        let tested = of(&Policy::compiled_in(), &cases).expect("cases");
        let expected = "x
  expected  allowed with 2 countersigners
  is        allowed with 1 countersigner
x
  expected  refused by missing-role
  is        allowed with 1 countersigner
x
  expected  refused by maintainance
  is        refused: “Maintenance” opens Read for 2 h at most. (duration-out-of-policy)
4 cases, 1 as expected, 3 not.";
        assert_eq!(tested.to_string(), expected);
    }

    #[test]
    fn every_fact_of_a_case_reaches_the_rules() {
        let heading =
            r#"{"name":"x","version":2,"time_zone":"Europe/Berlin","organizations":{"fjord":{"labels":["bank"]}}}"#;
        let permit = r#"@id("p") @sentence("P.") permit(principal, action, resource);"#;
        let asks = |condition: &str, more: &str, action: &str| {
            let forbid = format!(
                "@id(\"f\") @sentence(\"F.\") forbid(principal, action == Action::\"{action}\", resource) when {{ {condition} }};"
            );
            let policy = Policy::read(&format!("{heading}\n---\n{permit}\n{forbid}")).expect(condition);
            let tested = of(&policy, &case(&format!("{more}\nexpect.refused = \"f\""))).expect(more);
            tested.differ.is_empty()
        };
        for (condition, more) in [
            ("context.duration_seconds == 61", "seconds = 61"),
            ("context.duration_seconds == 120", "minutes = 2"),
            ("context.ticket == \"SUP-1\"", "minutes = 1\nticket = \"SUP-1\""),
            ("context.weekday == 2 && context.minute == 720", "minutes = 1"),
            ("context.weekday == 3 && context.minute == 0", "minutes = 1\nat = 2026-06-02T22:00:00Z"),
            ("context.factor_age_seconds == 77", "minutes = 1\ncode_age_seconds = 77"),
            ("resource in Label::\"bank\"", "minutes = 1\norganization = \"fjord\""),
            ("principal in Role::\"reviewer\"", "minutes = 1\nrequester.roles = [\"engineer\", \"reviewer\"]"),
            ("principal in Group::\"sre\"", "minutes = 1\nrequester.groups = [\" SRE \"]"),
            ("principal has employer && principal.employer == \"acme\"", "minutes = 1\nrequester.employer = \"Acme\""),
            ("principal has country && principal.country == \"de\"", "minutes = 1\nrequester.country = \"DE\""),
            (
                "principal has address && principal.address.isInRange(ip(\"203.0.113.0/24\"))",
                "minutes = 1\nrequester.address = \"203.0.113.7\"",
            ),
            ("principal == Person::\"e-7\"", "minutes = 1\nrequester.person = \"E-7\""),
        ] {
            assert!(asks(condition, more, "request"), "{condition}");
            assert!(!asks(condition, "minutes = 3\nat = 2026-06-05T07:00:00+02:00", "request"), "{condition}");
        }
        for (condition, more) in [
            ("context.approvals == 2", "minutes = 1\ncountersigners = [{}, {}]"),
            ("context.approver_groups.contains(Group::\"a\")", "minutes = 1\ncountersigners = [{ groups = [\"a\"] }]"),
        ] {
            assert!(asks(condition, more, "open"), "{condition}");
        }
        assert!(asks(
            "principal == Person::\"e-9\"",
            "minutes = 1\ncountersigners = [{ person = \"E-9\" }]",
            "approve"
        ));
    }

    #[test]
    fn who_countersigns_can_be_said() {
        assert_eq!(says("minutes = 10"), "allowed with 1 countersigner");
        assert_eq!(says("minutes = 10\ncountersigners = [{}, {}]"), "allowed with 1 countersigner");
        let external = says("minutes = 10\ncountersigners = [{ groups = [\"external\"] }]");
        assert_eq!(
            external,
            "refused: Members of the group “external” do not countersign. (rule externals-do-not-decide)"
        );
    }

    #[test]
    fn files_that_are_no_cases() {
        for (text, what) in [
            (String::new(), "no ask"),
            ("ask = []".to_owned(), "none"),
            (case("expect.allowed = 1"), "no duration"),
            (case("minutes = 1\nseconds = 60\nexpect.allowed = 1"), "two durations"),
            (case("minutes = 1"), "nothing expected"),
            (case("minutes = 1\nexpect = {}"), "nothing expected either"),
            (case("minutes = 1\nexpect = { allowed = 1, refused = \"missing-role\" }"), "two expected"),
            (case("minutes = 1\nexpected.allowed = 1"), "another word"),
            (case("minutes = 1\nrequester.role = \"engineer\"\nexpect.allowed = 1"), "another word inside"),
            (case("minutes = 1\nat = 2026-06-02T10:00:00\nexpect.allowed = 1"), "no offset"),
            (case("minutes = 1\nat = 2026-06-02\nexpect.allowed = 1"), "no second"),
            (case("minutes = 1\ncountersigners = [{ person = \"e-1001\" }]\nexpect.allowed = 1"), "who asks"),
            (
                case("minutes = 1\ncountersigners = [{ person = \"a\" }, { person = \"A\" }]\nexpect.allowed = 1"),
                "twice",
            ),
            (case("minutes = 1\norganization = \"*\"\nexpect.allowed = 1"), "no Organization"),
        ] {
            let error = of(&Policy::compiled_in(), &text).expect_err(what);
            assert_eq!(error.code, "not-cases", "{what}: {}", error.message);
        }
    }
}
