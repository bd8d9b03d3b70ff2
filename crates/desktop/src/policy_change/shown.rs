//! Parts of a policy as they are told.

use std::fmt;

use ::policy::{Rule, Wishes, in_words};
use domain::legible;
use serde::Serialize;
use statement::Waits;

/// What an Organization wishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wished {
    region: Option<String>,
    labels: Vec<String>,
    refuses_employers: Vec<String>,
    refuses_countries: Vec<String>,
}

/// How long what is new waits, in words.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Waited {
    pub(crate) ask: String,
    pub(crate) approve: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ShownRule {
    pub(crate) id: String,
    pub(crate) sentence: String,
    pub(crate) forbids: bool,
}

impl From<Waits> for Waited {
    fn from(waits: Waits) -> Self {
        Self { ask: in_words(waits.ask_seconds), approve: in_words(waits.approve_seconds) }
    }
}

impl From<&Wishes> for Wished {
    fn from(wishes: &Wishes) -> Self {
        let list = |of: &std::collections::BTreeSet<String>| of.iter().cloned().collect();
        Self {
            region: wishes.region.clone(),
            labels: list(&wishes.labels),
            refuses_employers: list(&wishes.refuses_employers),
            refuses_countries: list(&wishes.refuses_countries),
        }
    }
}

impl From<&Rule> for ShownRule {
    fn from(rule: &Rule) -> Self {
        Self { id: rule.id.clone(), sentence: rule.sentence.clone(), forbids: rule.forbids }
    }
}

impl fmt::Display for Wished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |what: &str, of: &[String]| (!of.is_empty()).then(|| format!("{what} {}", of.join(", ")));
        let parts = [
            self.region.as_ref().map(|region| format!("region {region}")),
            list("labels", &self.labels),
            list("refuses people of", &self.refuses_employers),
            list("refuses people who work in", &self.refuses_countries),
        ];
        let said: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(&if said.is_empty() { "nothing".to_owned() } else { legible(&said.join("; ")) })
    }
}
