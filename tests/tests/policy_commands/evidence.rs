use std::path::Path;

use domain::{ReasonCategory, Scope};
use policy::Policy;
use serde_json::{Value, json};
use statement::{PolicyClaims, Request};
use tests::forge::{Account, Case, Company, Person};

use crate::child::{Ended, policy};
use crate::with_rule;

const OPEN: i64 = 1_800_000_000;

/// A folder with Evidence, a trust file and texts.
struct Desk {
    folder: tempfile::TempDir,
    /// Whose Sessions they are; taken while one is told.
    company: Option<Company>,
}

impl Desk {
    fn new(company: Company) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("evidence")).expect("a folder");
        let desk = Self { folder, company: Some(company) };
        let company = desk.company.as_ref().expect("a company");
        desk.write("old", company.policies.pinned_text());
        desk.write("trust.json", &serde_json::to_string(&company.trust_file()).expect("JSON"));
        desk
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("written");
    }

    /// Asked for this, countersigned by these, opened.
    fn opened(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut Request),
        approvers: fn(&Company) -> Vec<&Person>,
    ) -> Case {
        let company = self.company.take().expect("a company");
        let mut ask = company.ask();
        change(&mut ask);
        let good = company.good_with(ask, &approvers(&company));
        let mut case = Case::of_grant(company, good);
        std::fs::write(self.evidence(name), &case.bytes).expect("written");
        self.company = Some(std::mem::replace(&mut case.company, Company::new(OPEN)));
        case
    }

    fn evidence(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("evidence").join(name)
    }

    fn diff(&self, more: &[&str]) -> Ended {
        policy(self.folder.path(), &[&["diff", "new", "--old", "old"], more].concat())
    }

    fn with_trust(&self, new: &str) -> Ended {
        self.write("new", new);
        self.diff(&["--evidence", "evidence", "--trust", "trust.json", "--json"])
    }

    fn sessions(&self, new: &str) -> Vec<Value> {
        let ended = self.with_trust(new);
        assert!(ended.well, "{}{}", ended.out, ended.err);
        ended.answer()["evidence"]["sessions"].as_array().expect("Sessions").clone()
    }
}

fn one(company: &Company) -> Vec<&Person> {
    vec![&company.approver]
}

fn two(company: &Company) -> Vec<&Person> {
    vec![&company.approver, &company.second_approver]
}

const TWO_FOR_READ: &str = r#"@id("two-for-read") @sentence("Read takes two other people.")
    forbid(principal, action == Action::"open", resource) when { resource.scope == 1 && context.approvals < 2 };"#;
const NO_PROBLEMS: &str = r#"@id("no-problems") @sentence("Customers' problems open no Read & write.")
    forbid(principal, action == Action::"request", resource)
    when { context.reason == Reason::"customer-reported-problem" && context.scope == 2 };"#;

#[test]
fn each_session_is_asked_about_under_the_new_policy() {
    let mut desk = Desk::new(Company::new(OPEN));
    desk.opened("a", |_| (), one);
    desk.opened("b", |_| (), two);
    desk.opened("c", |ask| ask.scope = Scope::ReadWrite, one);
    desk.opened("d", |ask| ask.scope = Scope::Diagnostics, one);
    desk.write("evidence/a.html", "A summary of a.");
    let new = with_rule(&format!("{TWO_FOR_READ}\n{NO_PROBLEMS}"));
    let sessions = desk.sessions(&new);
    let mut said: Vec<(&str, u64, &Value)> = sessions
        .iter()
        .map(|s| (s["scope"].as_str().unwrap(), s["countersigned"].as_u64().unwrap(), &s["verdict"]))
        .collect();
    said.sort_by_key(|(scope, countersigned, _)| (*scope, *countersigned));
    assert_eq!(
        said,
        [
            ("diagnostics", 1, &json!({ "word": "as-before" })),
            ("read", 1, &json!({ "word": "too-few", "countersigners": 2 })),
            ("read", 2, &json!({ "word": "takes-more" })),
            ("read-write", 1, &json!({ "word": "refused" })),
        ]
    );
    let words = desk.diff(&["--evidence", "evidence", "--trust", "trust.json"]).out;
    for sentence in [
        "    Mara Lindqvist (e-1001) in Kinloch Hotels (kinloch-hotels): Customer-reported problem, Read & write\n    \
         would have been refused: Customers' problems open no Read & write. (rule no-problems)\n",
        "    would have needed 2 countersigners, and had 1: Read takes two other people. (rule two-for-read)\n",
        "    takes 2 countersigners instead of 1; as many had signed, so it opens\n",
        "  Customer-reported problem no longer opens Read & write.\n",
        "; Of 4 Sessions opened from 2027-01-15T08:00:01Z to 2027-01-15T08:00:01Z, 1 would have been refused and 1 would \
         have needed more countersigners.\n",
    ] {
        assert!(words.contains(sentence), "{sentence} in\n{words}");
    }
    assert!(!words.contains("as before"), "what does not differ is only counted:\n{words}");
}

#[test]
fn fewer_countersigners_are_told_too() {
    let mut company = Company::new(OPEN);
    company.trust.limits.max_scope = Scope::Administer;
    let mut desk = Desk::new(company);
    let maintenance = |ask: &mut Request| (ask.reason, ask.scope) = (ReasonCategory::Maintenance, Scope::Administer);
    desk.opened("a", maintenance, two);
    let new = with_rule("").replace("context.approvals < 2", "context.approvals < 1");
    assert_eq!(desk.sessions(&new)[0]["verdict"], json!({ "word": "takes-fewer" }));
    let new = with_rule("").replace("context.approvals < 2", "context.approvals < 3");
    assert_eq!(desk.sessions(&new)[0]["verdict"], json!({ "word": "too-few", "countersigners": 3 }));
}

#[test]
fn who_countersigned_is_asked_about_with_what_their_sign_in_says() {
    let externals = "forbid(principal in Group::\"external\", action == Action::\"approve\"";
    let old = Policy::compiled_in().text().replace(externals, &externals.replace("external", "nobody"));
    let mut company = Company::with_policy(OPEN, &old);
    company.trust.policy_claims = PolicyClaims { groups: Some("groups".to_owned()), ..PolicyClaims::default() };
    let account = Account::new("e-1009", "Jo Ferrant", &["approver"]).with("groups", json!(["External"]));
    company.approver = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
    let mut desk = Desk::new(company);
    desk.opened("a", |_| (), one);
    let sessions = desk.sessions(&with_rule(""));
    assert_eq!(sessions[0]["verdict"]["word"], "refused");
    assert_eq!(sessions[0]["new"]["refused"]["rule"], "externals-do-not-decide");
}

/// Each was opened under the policy that was in force then; none is lost to an adoption in between.
#[test]
fn sessions_on_both_sides_of_an_adoption_are_asked_about() {
    let mut desk = Desk::new(Company::new(OPEN));
    desk.opened("a", |_| (), one);
    let company = desk.company.as_mut().expect("a company");
    let second = company.stricter_policy(3600);
    company.adopt(&second);
    desk.opened("b", |ask| ask.duration_seconds = 3600, one);
    let third = second.replace("\"version\": 2", "\"version\": 3").replace("<= 3600", "<= 1800");
    desk.write("old", &second);
    let sessions = desk.sessions(&third);
    let said: Vec<_> = sessions.iter().map(|s| (s["version"].as_u64(), s["verdict"]["word"].as_str())).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.contains(&(Some(1), Some("as-before"))), "{said:?}");
    assert!(said.contains(&(Some(2), Some("refused"))), "{said:?}");
    let words = desk.diff(&["--evidence", "evidence", "--trust", "trust.json"]).out;
    assert!(words.contains(", under version 2\n"), "{words}");
}

#[test]
fn a_session_counts_once() {
    let mut desk = Desk::new(Company::new(OPEN));
    let case = desk.opened("a", |_| (), one);
    desk.write("evidence/a again", &String::from_utf8(case.bytes).expect("JSON"));
    assert_eq!(desk.sessions(&with_rule("")).len(), 1);
}

#[test]
fn what_does_not_verify_is_an_error_and_counts_for_nothing() {
    let mut desk = Desk::new(Company::new(OPEN));
    desk.opened("a", |_| (), one);
    let mut case = desk.opened("b", |ask| ask.scope = Scope::ReadWrite, one);
    let middle = case.bytes.len() / 2;
    case.bytes[middle] ^= 1;
    std::fs::write(desk.evidence("b"), &case.bytes).expect("written");
    std::fs::create_dir(desk.evidence("c")).expect("a folder");
    desk.write("evidence/d.html", "A summary of nothing.");
    // Right in every part, and of somebody else.
    std::fs::write(desk.evidence("e"), Case::new(OPEN).bytes).expect("written");
    let ended = desk.with_trust(&with_rule(NO_PROBLEMS));
    assert_eq!((ended.well, ended.code()), (false, "rejected".to_owned()));
    let evidence = ended.answer()["evidence"].clone();
    let rejected: Vec<&str> =
        evidence["rejected"].as_array().unwrap().iter().map(|r| r["file"].as_str().unwrap()).collect();
    assert_eq!(rejected, ["evidence/b", "evidence/c", "evidence/d.html", "evidence/e"]);
    assert_eq!(evidence["sessions"].as_array().unwrap().len(), 1);
    assert!(ended.answer()["count"].as_str().unwrap().contains("Of 1 Session opened"), "{}", ended.out);
}

/// The new text admits what was signed, but it was signed under another: only the pinned one opens it.
#[test]
fn the_pinned_policy_is_the_one_that_was_signed() {
    let new = with_rule("");
    let mut desk = Desk::new(Company::with_policy(OPEN, &new));
    let mut case = desk.opened("a", |_| (), one);
    case.company = desk.company.take().expect("a company");
    // The log's operator carries the pinned text instead of the one that was signed.
    let bytes = case.remade_with(|content| content.policy = Policy::compiled_in().text().to_owned());
    std::fs::write(desk.evidence("b"), bytes).expect("written");
    desk.company = Some(std::mem::replace(&mut case.company, Company::new(OPEN)));
    let other = Company::new(OPEN);
    // Everything is that company's but the policy that is pinned.
    let mut trust = desk.company.as_ref().expect("a company").trust_file();
    trust.trust.policy = other.trust.policy.clone();
    desk.write("trust.json", &serde_json::to_string(&trust).expect("JSON"));
    desk.write("old", Policy::compiled_in().text());
    let ended = desk.with_trust(&new);
    assert_eq!((ended.well, ended.code()), (false, "rejected".to_owned()));
    assert_eq!(ended.answer()["evidence"]["sessions"], json!([]));
    let why = |n: usize| ended.answer()["evidence"]["rejected"][n]["why"].as_str().unwrap().to_owned();
    assert!(why(0).contains("policy: not the pinned one"), "{}", why(0));
    assert!(why(1).contains("policy: none leads to the one that the request names"), "{}", why(1));
}

#[test]
fn nothing_is_asked_without_what_pins_the_first_policy() {
    let mut desk = Desk::new(Company::new(OPEN));
    desk.opened("a", |_| (), one);
    desk.write("new", &with_rule(""));
    let refused = |more: &[&str]| {
        let ended = desk.diff(&[more, &["--json"]].concat());
        assert!(!ended.well && !ended.out.contains("sessions"), "{}", ended.out);
        ended.code()
    };
    assert_eq!(refused(&["--evidence", "evidence"]), "no-trust");
    assert_eq!(refused(&["--evidence", "evidence", "--trust", "old"]), "file");
    assert_eq!(refused(&["--evidence", "absent", "--trust", "trust.json"]), "file");
    std::fs::create_dir(desk.folder.path().join("empty")).expect("a folder");
    assert_eq!(refused(&["--evidence", "empty", "--trust", "trust.json"]), "no-evidence");
    let alone = desk.diff(&["--trust", "trust.json"]);
    assert!(!alone.well && alone.err.contains("--evidence"), "{}", alone.err);
    assert!(Path::new(&desk.evidence("a")).exists());
}
