//! Whether rules allow anything that other rules do not. It is proven rule by rule and never guessed from samples: every
//! rule that permits has to permit no more than one of before, and every rule that forbade has to be forbidden at least as
//! much by one of now. What is not proven may widen.

mod proof;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::proof::Proof;
use crate::{Policy, Rule};

/// A rule that may allow something more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widens<'a> {
    /// It permits, and no rule of before is known to permit as much.
    Permits(&'a Rule),
    /// It stood in the way before, and no rule of now is known to do so as much.
    StoodInTheWay(&'a Rule),
}

/// A rule, as far as a proof looks at it.
pub(crate) struct Form {
    forbids: bool,
    /// Principal, action and resource.
    head: [Value; 3],
    condition: Value,
    /// It adds or multiplies, and could fail over that: then it refuses everything, whether it permits or forbids.
    reckons: bool,
    /// Everything that is named in it, attributes and kinds of entities among them; `None` for a rule that could name anything.
    names: Option<BTreeSet<String>>,
}

impl Policy {
    /// The rules by which this text may allow something that `before` does not; none when the rules are known to allow nothing
    /// more. What the headings say is not looked at.
    #[must_use]
    pub fn widens<'a>(&'a self, before: &'a Self) -> Vec<Widens<'a>> {
        let (now, then) = (self.rules.forms(), before.rules.forms());
        let mut proof = Proof::default();
        let permits = self.rules().iter().zip(&now).filter(|(rule, form)| {
            let as_much = |of: &Form| !of.forbids && proof.narrower(form, of);
            !rule.forbids && !then.iter().any(as_much)
        });
        let mut widens: Vec<Widens<'_>> = permits.map(|(rule, _)| Widens::Permits(rule)).collect();
        let gone = before.rules().iter().zip(&then).filter(|(rule, form)| {
            let stays = now.iter().any(|of| of.same(form));
            let as_much = |of: &Form| of.forbids && proof.narrower(form, of);
            !stays && (form.reckons || rule.forbids && !now.iter().any(as_much))
        });
        widens.extend(gone.map(|(rule, _)| Widens::StoodInTheWay(rule)));
        widens
    }

    /// The rules that speak of one of these attributes or kinds of entities, however they spell it.
    #[must_use]
    pub fn speaking_of(&self, words: &[&str]) -> Vec<&Rule> {
        let speaks =
            |form: &Form| form.names.as_ref().is_none_or(|names| words.iter().any(|word| names.contains(*word)));
        let rules = self.rules().iter().zip(self.rules.forms());
        rules.filter(|(_, form)| speaks(form)).map(|(rule, _)| rule).collect()
    }
}

impl Form {
    /// What Cedar says a rule is. A rule that it cannot say is like no other.
    pub(crate) fn of(rule: &cedar_policy::Policy) -> Self {
        let forbids = rule.effect() == cedar_policy::Effect::Forbid;
        let Ok(json) = rule.to_json() else {
            return Self { forbids, head: Default::default(), condition: Value::Null, reckons: true, names: None };
        };
        let mut names = BTreeSet::new();
        named(&json, &mut names);
        let head = ["principal", "action", "resource"].map(|part| json[part].clone());
        let each = json["conditions"].as_array().map_or(&[][..], Vec::as_slice).iter().map(|one| {
            let body = one["body"].clone();
            if one["kind"] == "unless" { json!({ "!": { "arg": body } }) } else { body }
        });
        let condition = each.reduce(|left, right| json!({ "&&": { "left": left, "right": right } }));
        let condition = condition.unwrap_or(Value::Bool(true));
        Self { forbids, head, reckons: proof::reckons(&condition), condition, names: Some(names) }
    }

    fn same(&self, other: &Self) -> bool {
        !self.condition.is_null()
            && self.forbids == other.forbids
            && self.head == other.head
            && self.condition == other.condition
    }
}

fn named(json: &Value, names: &mut BTreeSet<String>) {
    match json {
        Value::String(name) => drop(names.insert(name.clone())),
        Value::Array(all) => all.iter().for_each(|one| named(one, names)),
        Value::Object(members) => members.values().for_each(|one| named(one, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
