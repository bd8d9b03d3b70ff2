//! Cedar, and what is made sure of around it: a schema of our own, and an error that is a refusal.

pub(crate) mod facts;

use std::str::FromStr;
use std::sync::LazyLock;

use cedar_policy::{
    Authorizer, Context, Decision, Effect, Entities, EntityUid, PolicyId, PolicySet, Request, Schema, ValidationMode,
    Validator,
};
use domain::misleads;

use crate::PolicyError;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let read = Schema::from_cedarschema_str(include_str!("schema.cedarschema"));
    read.unwrap_or_else(|_| unreachable!("a test reads the schema")).0
});

/// One rule, as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its `@id`.
    pub id: String,
    /// Its `@sentence`: what it permits, or what somebody reads whom it refuses.
    pub sentence: String,
    pub forbids: bool,
    /// Its Cedar, as it stands in the text, without annotations.
    pub cedar: String,
}

/// The rules of a text, ready to be asked.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    set: PolicySet,
    rules: Vec<Rule>,
    numbers: Vec<i64>,
    groups: Vec<String>,
}

/// One question to the rules.
pub(crate) struct Question {
    pub(crate) principal: EntityUid,
    pub(crate) action: EntityUid,
    pub(crate) resource: EntityUid,
    pub(crate) context: Context,
    pub(crate) entities: Entities,
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Permitted,
    /// No rule permits it.
    NotPermitted,
    /// This rule forbids it, the first of the text that does.
    Forbidden(Rule),
}

/// The rules could not be asked, or one of them could not be evaluated.
#[derive(Debug)]
pub(crate) struct NoAnswer;

/// The schema that every text is validated against.
pub(crate) fn schema() -> &'static Schema {
    &SCHEMA
}

impl Rules {
    /// Reads rules that are within bounds, and validates them in strict mode; a warning counts as an error.
    pub(crate) fn read(cedar: &str) -> Result<Self, PolicyError> {
        let set = PolicySet::from_str(cedar).map_err(|e| PolicyError::NotCedar(e.to_string()))?;
        if set.templates().next().is_some() {
            return Err(PolicyError::NotCedar("templates are not used here".to_owned()));
        }
        let result = Validator::new(SCHEMA.clone()).validate(&set, ValidationMode::Strict);
        if !result.validation_passed_without_warnings() {
            let first = result.validation_errors().map(ToString::to_string);
            let first = first.chain(result.validation_warnings().map(ToString::to_string)).next();
            return Err(PolicyError::NotOfTheSchema(first.unwrap_or_default()));
        }
        let mut policies: Vec<&cedar_policy::Policy> = set.policies().collect();
        policies.sort_by_key(|p| place(p.id()));
        let mut rules: Vec<Rule> = Vec::with_capacity(policies.len());
        for (n, policy) in policies.iter().enumerate() {
            let rule = named(n, policy)?;
            if rules.iter().any(|r| r.id == rule.id) {
                return Err(PolicyError::NoId(n + 1));
            }
            rules.push(rule);
        }
        let groups = groups(&policies);
        Ok(Self { numbers: numbers(cedar), rules, groups, set })
    }

    pub(crate) fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// Whole numbers that the rules hold, largest first, each with the one before it.
    pub(crate) fn numbers(&self) -> &[i64] {
        &self.numbers
    }

    /// Groups that the rules name.
    pub(crate) fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Asks. An error anywhere is no answer: a rule that forbids could be the one that was passed over.
    pub(crate) fn ask(&self, question: Question) -> Result<Answer, NoAnswer> {
        let Question { principal, action, resource, context, entities } = question;
        let request = Request::new(principal, action, resource, context, Some(schema())).map_err(|_| NoAnswer)?;
        let response = Authorizer::new().is_authorized(&request, &self.set, &entities);
        if response.diagnostics().errors().next().is_some() {
            return Err(NoAnswer);
        }
        if response.decision() == Decision::Allow {
            return Ok(Answer::Permitted);
        }
        let first = response.diagnostics().reason().map(place).min();
        let rule = first.and_then(|n| self.rules.get(n));
        Ok(rule.map_or(Answer::NotPermitted, |rule| Answer::Forbidden(rule.clone())))
    }
}

/// The place in the text: Cedar names policies `policy0`, `policy1`… as it reads them.
fn place(id: &PolicyId) -> usize {
    let id: &str = id.as_ref();
    id.strip_prefix("policy").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX)
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
    let cedar = policy.to_string().lines().filter(|l| !l.starts_with('@')).collect::<Vec<_>>().join("\n");
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
