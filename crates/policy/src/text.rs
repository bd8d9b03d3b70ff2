use domain::{Digest, OrgId, UnixSeconds, misleads};
use jiff::tz::TimeZone;
use statement::sha256;

use crate::bounds::MAX_TEXT;
use crate::engine::Rules;
use crate::heading::{Heading, Moment};
use crate::{PolicyError, Problems, Rule, Wishes};

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
        Self::check(text).map_err(|problems| problems.first)
    }

    /// As [`Self::read`], for whoever writes a text: looks for everything that is wrong with it.
    ///
    /// # Errors
    /// [`Problems`], as far as each can be seen beside the others.
    pub fn check(text: &str) -> Result<Self, Problems> {
        if text.len() > MAX_TEXT {
            return Err(PolicyError::TooLarge.into());
        }
        if text.chars().any(|c| c != '\n' && misleads(c)) {
            return Err(PolicyError::Misleads.into());
        }
        let (heading, cedar) = text.split_once(LINE).ok_or(PolicyError::NoLine)?;
        let first_line = heading.matches('\n').count() + 3;
        match (Heading::read(heading), Rules::read(cedar, first_line)) {
            (Ok((heading, zone)), Ok(rules)) => {
                Ok(Self { text: text.to_owned(), digest: sha256(text), heading, zone, rules })
            }
            (Err(heading), Err(rules)) => Err(heading.and(rules)),
            (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => Err(problems),
        }
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

    /// Groups that the rules name.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        self.rules.groups()
    }

    /// The heading's time zone.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Weekday, 1 is Monday, and minute of the day in the heading's time zone; `None` for a second that no calendar has.
    #[must_use]
    pub fn weekday_and_minute(&self, second: UnixSeconds) -> Option<(u8, u16)> {
        let moment = Moment::at(second, &self.zone)?;
        Some((u8::try_from(moment.weekday).ok()?, u16::try_from(moment.minute).ok()?))
    }

    pub(crate) fn wishes(&self, organization: Option<&OrgId>) -> Option<&Wishes> {
        organization.and_then(|id| self.heading.organizations.get(id))
    }
}

#[cfg(test)]
mod tests;
