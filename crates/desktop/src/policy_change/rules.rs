//! What two texts say differently, apart from what follows from it.

use std::fmt;

use ::policy::{Heading, Policy, Rule};
use domain::legible;
use serde::Serialize;

use super::shown::{ShownRule, Waited, Wished};

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RuleChange {
    Added(ShownRule),
    Removed(ShownRule),
    #[serde(rename_all = "camelCase")]
    Changed {
        old: ShownRule,
        new: ShownRule,
        /// Its Cedar is another.
        conditions: bool,
    },
    /// The same rules in another order, which decides whose sentence is read where several forbid.
    Order,
}

/// Something of the heading; nothing where a text does not have it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct HeadingChange {
    what: String,
    old: Option<String>,
    new: Option<String>,
}

pub(crate) fn rules(old: &Policy, new: &Policy) -> Vec<RuleChange> {
    let find = |of: &Policy, id: &str| of.rules().iter().find(|rule| rule.id == id).cloned();
    let removed = old.rules().iter().filter(|rule| find(new, &rule.id).is_none());
    let mut changes: Vec<RuleChange> = removed.map(|rule| RuleChange::Removed(rule.into())).collect();
    changes.extend(new.rules().iter().filter_map(|rule| match find(old, &rule.id) {
        None => Some(RuleChange::Added(rule.into())),
        Some(before) if before == *rule => None,
        Some(before) => {
            let conditions = before.cedar != rule.cedar;
            Some(RuleChange::Changed { old: (&before).into(), new: rule.into(), conditions })
        }
    }));
    let common = |of: &Policy, other: &Policy| -> Vec<String> {
        let kept = of.rules().iter().filter(|rule| find(other, &rule.id).is_some());
        kept.map(|Rule { id, .. }| id.clone()).collect()
    };
    if common(old, new) != common(new, old) {
        changes.push(RuleChange::Order);
    }
    changes
}

fn waits(heading: &Heading) -> Waited {
    heading.waiting.waits().into()
}

fn days(heading: &Heading) -> String {
    heading.retention.days().to_string()
}

pub(crate) fn heading(old: &Heading, new: &Heading) -> Vec<HeadingChange> {
    let plain = [
        ("name", old.name.clone(), new.name.clone()),
        ("version", old.version.to_string(), new.version.to_string()),
        ("time zone", old.time_zone.clone(), new.time_zone.clone()),
        ("wait before asking", waits(old).ask, waits(new).ask),
        ("wait before countersigning", waits(old).approve, waits(new).approve),
        ("days until a Recording is destroyed", days(old), days(new)),
    ];
    let mut changes: Vec<HeadingChange> = plain
        .into_iter()
        .map(|(what, old, new)| HeadingChange { what: what.into(), old: Some(old), new: Some(new) })
        .collect();
    let wished = |of: &Heading, id| of.organizations.get(id).map(|w| Wished::from(w).to_string());
    let all: std::collections::BTreeSet<_> = old.organizations.keys().chain(new.organizations.keys()).collect();
    changes.extend(all.into_iter().map(|id| HeadingChange {
        what: format!("wishes of {id}"),
        old: wished(old, id),
        new: wished(new, id),
    }));
    changes.retain(|change| change.old != change.new);
    changes
}

impl fmt::Display for RuleChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(rule) => write!(f, "added    {rule}"),
            Self::Removed(rule) => write!(f, "removed  {rule}"),
            Self::Changed { old, new, conditions } => {
                write!(f, "changed  {new}")?;
                match (old.sentence == new.sentence, *conditions) {
                    (true, _) => write!(f, "\n           Its conditions are others; its sentence is the same."),
                    (false, true) => write!(f, "\n           It said: {}", legible(&old.sentence)),
                    (false, false) => {
                        write!(
                            f,
                            "\n           It said: {}\n           Its conditions are the same.",
                            legible(&old.sentence)
                        )
                    }
                }
            }
            Self::Order => write!(f, "The rules stand in another order: where several forbid, the first one is read."),
        }
    }
}

impl fmt::Display for HeadingChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = legible(&self.what);
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{what}: {} instead of {}", legible(new), legible(old)),
            (None, Some(new)) => write!(f, "{what}: {}, which is new", legible(new)),
            (Some(old), None) => write!(f, "{what}: gone, it was {}", legible(old)),
            (None, None) => Ok(()),
        }
    }
}
