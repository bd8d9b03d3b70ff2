//! From a text to its rules, and everything that keeps it from being rules.

use std::str::FromStr as _;

use cedar_policy::{Effect, PolicySet, ValidationMode, Validator};
use domain::misleads;

use super::{Rule, Rules, place, schema};
use crate::bounds;
use crate::{PolicyError, Problems};

impl Rules {
    /// Reads rules, and validates them in strict mode; a warning counts as an error. `first_line` is the number of
    /// their first line in the whole text.
    pub(crate) fn read(cedar: &str, first_line: usize) -> Result<Self, Problems> {
        bounds::check(cedar)?;
        let set = PolicySet::from_str(cedar).map_err(|e| not_cedar(cedar, first_line, &e.to_string()))?;
        if set.templates().next().is_some() {
            return Err(PolicyError::NotCedar("templates are not used here".to_owned()).into());
        }
        let mut policies: Vec<&cedar_policy::Policy> = set.policies().collect();
        policies.sort_by_key(|p| place(p.id()));
        let mut problems = not_of_the_schema(&set, &policies);
        let mut rules: Vec<Rule> = Vec::with_capacity(policies.len());
        for (n, policy) in policies.iter().enumerate() {
            match named(n, policy) {
                Ok(rule) if rules.iter().any(|r| r.id == rule.id) => problems.push(PolicyError::NoId(n + 1)),
                Ok(rule) => rules.push(rule),
                Err(problem) => problems.push(problem),
            }
        }
        let groups = groups(&policies);
        Problems::of(problems).map_or_else(|| Ok(Self { numbers: numbers(cedar), rules, groups, set }), Err)
    }
}

/// Which rules cannot be parsed, each with the line that it begins in; `whole` is what the parser says of all of them.
fn not_cedar(cedar: &str, first_line: usize, whole: &str) -> Problems {
    let each = bounds::pieces(cedar).into_iter().filter_map(|(line, piece)| {
        let error = PolicySet::from_str(piece).err()?;
        Some(PolicyError::NotCedar(format!("{error}, in the rule of line {}", first_line + line)))
    });
    Problems::of(each.collect()).unwrap_or_else(|| PolicyError::NotCedar(whole.to_owned()).into())
}

fn not_of_the_schema(set: &PolicySet, policies: &[&cedar_policy::Policy]) -> Vec<PolicyError> {
    let result = Validator::new(schema().clone()).validate(set, ValidationMode::Strict);
    let errors = result.validation_errors().map(|e| (e.policy_id(), e.to_string()));
    let mut found: Vec<_> =
        errors.chain(result.validation_warnings().map(|w| (w.policy_id(), w.to_string()))).collect();
    found.sort_by_key(|(id, _)| place(id));
    let mut problems = found.into_iter().map(|(id, said)| {
        let id_of = |p: &&cedar_policy::Policy| p.annotation("id").map_or(String::new(), |id| format!(" (“{id}”)"));
        let (place, own) = (place(id), format!("for policy `{id}`, "));
        let named = policies.get(place).map(id_of).unwrap_or_default();
        let said = said.strip_prefix(&own).unwrap_or(&said);
        PolicyError::NotOfTheSchema(format!("rule {}{named}, {said}", place.saturating_add(1)))
    });
    let mut all: Vec<PolicyError> = problems.by_ref().collect();
    if all.is_empty() && !result.validation_passed_without_warnings() {
        all.push(PolicyError::NotOfTheSchema(String::new()));
    }
    all
}

fn named(n: usize, policy: &cedar_policy::Policy) -> Result<Rule, PolicyError> {
    let kebab = |id: &&str| {
        let bytes = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        bytes && (1..=64).contains(&id.len())
    };
    let id = policy.annotation("id").filter(kebab).ok_or(PolicyError::NoId(n + 1))?.to_owned();
    let readable = |s: &&str| (1..=200).contains(&s.trim().chars().count()) && !s.chars().any(misleads);
    let sentence = policy.annotation("sentence").filter(readable);
    let sentence = sentence.ok_or_else(|| PolicyError::NoSentence(id.clone()))?.to_owned();
    let cedar = bounds::without_annotations(&policy.to_string()).to_owned();
    Ok(Rule { id, sentence, forbids: policy.effect() == Effect::Forbid, cedar })
}

fn groups(policies: &[&cedar_policy::Policy]) -> Vec<String> {
    let literals = policies.iter().flat_map(|p| p.entity_literals());
    let named = literals.filter(|uid| uid.type_name().basename() == "Group");
    let mut groups: Vec<String> = named.map(|uid| uid.id().unescaped().to_owned()).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn numbers(cedar: &str) -> Vec<i64> {
    let digits = cedar.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<i64>().ok());
    let mut numbers: Vec<i64> = digits.flat_map(|n| [n, n.saturating_sub(1)]).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers.dedup();
    numbers
}
