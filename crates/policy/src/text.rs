use domain::{Digest, OrgId, misleads};
use jiff::tz::TimeZone;
use statement::sha256;

use crate::bounds::{self, MAX_TEXT};
use crate::engine::Rules;
use crate::heading::Heading;
use crate::{Rule, Wishes};

/// The compiled-in policy's exact bytes.
const COMPILED_IN: &str = include_str!("../default.policy");
/// Between the heading and the rules.
const LINE: &str = "\n---\n";

/// A policy: its text, its digest, its heading and its rules.
#[derive(Debug, Clone)]
pub struct Policy {
    text: String,
    digest: Digest,
    heading: Heading,
    pub(crate) zone: TimeZone,
    pub(crate) rules: Rules,
}

/// Why a text is not a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("longer than 128 KiB")]
    TooLarge,
    #[error("it holds a character that can mislead a reader")]
    Misleads,
    #[error("no line of three hyphens between heading and rules")]
    NoLine,
    #[error("the heading is not one in JSON: {0}")]
    Heading(#[from] serde_json::Error),
    #[error("versions begin with 1")]
    NoVersion,
    #[error("no such time zone: {0}")]
    NoTimeZone(String),
    #[error("not in lower case: “{0}”")]
    NotLowerCase(String),
    #[error("more than 200 rules, one of more than 4 KiB, or more than 24 brackets in one another")]
    TooDeep,
    #[error("the rules are not Cedar: {0}")]
    NotCedar(String),
    #[error("a rule speaks of what there is not: {0}")]
    NotOfTheSchema(String),
    #[error("rule {0} of the text needs an @id of its own, in a-z, 0-9 and hyphens")]
    NoId(usize),
    #[error("the rule “{0}” needs a @sentence of 1 to 200 characters, on one line")]
    NoSentence(String),
}

impl Policy {
    /// The policy that is compiled in: the first one of every installation.
    #[must_use]
    pub fn compiled_in() -> Self {
        static READ: std::sync::LazyLock<Policy> = std::sync::LazyLock::new(|| {
            Policy::read(COMPILED_IN).unwrap_or_else(|_| unreachable!("a test reads the compiled-in policy"))
        });
        READ.clone()
    }

    /// Reads a policy's text.
    ///
    /// # Errors
    /// [`PolicyError`] when it has another form, or says something that cannot be checked.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_TEXT {
            return Err(PolicyError::TooLarge);
        }
        if text.chars().any(|c| c != '\n' && misleads(c)) {
            return Err(PolicyError::Misleads);
        }
        let (heading, cedar) = text.split_once(LINE).ok_or(PolicyError::NoLine)?;
        let (heading, zone) = Heading::read(heading)?;
        bounds::check(cedar)?;
        let rules = Rules::read(cedar)?;
        Ok(Self { text: text.to_owned(), digest: sha256(text), heading, zone, rules })
    }

    /// The exact text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the exact text: what statements name.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    #[must_use]
    pub fn heading(&self) -> &Heading {
        &self.heading
    }

    /// The rules, in the order of the text.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        self.rules.all()
    }

    pub(crate) fn wishes(&self, organization: Option<&OrgId>) -> Option<&Wishes> {
        organization.and_then(|id| self.heading.organizations.get(id))
    }
}

#[cfg(test)]
mod tests;
