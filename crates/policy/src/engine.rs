//! Cedar, and what is made sure of around it: a schema of our own, and an error that is a refusal.

pub(crate) mod facts;
mod read;

use std::sync::LazyLock;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicyId, PolicySet, Request, Schema};

use crate::widens::Form;

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

    /// Each rule as a proof looks at it, in the order of the text.
    pub(crate) fn forms(&self) -> Vec<Form> {
        let mut policies: Vec<&cedar_policy::Policy> = self.set.policies().collect();
        policies.sort_by_key(|p| place(p.id()));
        policies.into_iter().map(Form::of).collect()
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
