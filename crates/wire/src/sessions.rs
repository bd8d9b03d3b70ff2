//! What Sessions are looked for by, and in which order: the words of the filters stand here and nowhere else. A token is written
//! `key:value`; `!` in front of the value means not, `>` at least, `<` at most and `^` begins. Tokens stand on lines of their own.

mod token;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use token::{FindingWord, Length, Op, ReviewWord, SHORTEST_BEGINNING, Token, TokenError, What};

/// Tokens in one filter.
pub const MOST_TOKENS: usize = 24;
/// Of what is looked for in the text of Sessions, in bytes.
pub const LONGEST_TEXT: usize = 200;
/// Sessions in one page of a list…
pub const LARGEST_PAGE: u32 = 200;
/// …and in one of an export.
pub const EXPORT_PAGE: u32 = 1_000;
/// Sessions in one export.
pub const MOST_EXPORTED: u64 = 100_000;
/// Up to here Sessions are counted one by one, whatever they are looked for by.
pub const COUNTED_TO: u64 = 10_000;

/// The tokens of a filter: of one key any value may fit, of several keys each has to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens(pub Vec<Token>);

impl FromStr for Tokens {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let tokens: Vec<Token> = text.lines().map(Token::from_str).collect::<Result<_, _>>()?;
        if tokens.len() > MOST_TOKENS { Err(TokenError::TooMany) } else { Ok(Self(tokens)) }
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Token::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// In which order Sessions are listed. Each has its own backwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// As they stand in the log, backwards.
    #[default]
    Newest,
    Oldest,
    /// Those that run come last.
    Longest,
    /// [`Self::Longest`] backwards: those that run come first.
    Shortest,
    /// By the Findings that weigh most; those that nobody has looked at come last.
    Findings,
    /// [`Self::Findings`] backwards: those that nobody has looked at come first.
    FindingsLast,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 6] =
        [Self::Newest, Self::Oldest, Self::Longest, Self::Shortest, Self::Findings, Self::FindingsLast];

    /// Whether something else than the place in the log decides first. A [`Cursor`] holds it then.
    #[must_use]
    pub const fn is_by_value(self) -> bool {
        !matches!(self, Self::Newest | Self::Oldest)
    }

    /// Whether the smallest comes first.
    #[must_use]
    pub const fn rises(self) -> bool {
        matches!(self, Self::Oldest | Self::Shortest | Self::FindingsLast)
    }
}

/// Where a page ends: the place of its last Session in the log, and what it was ordered by where that is something else. Opaque to
/// whoever gives it back; one that is made up only begins elsewhere in the same list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub index: u64,
    pub value: Option<i64>,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{value}.{}", self.index),
            None => write!(f, "{}", self.index),
        }
    }
}

impl FromStr for Cursor {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let number = |text: &str| text.parse().ok().filter(|n: &i64| n.to_string() == text).ok_or(TokenError::Cursor);
        let (value, index) = match text.split_once('.') {
            Some((value, index)) => (Some(number(value)?), index),
            None => (None, text),
        };
        let index = number(index)?.try_into().map_err(|_| TokenError::Cursor)?;
        Ok(Self { index, value })
    }
}

#[cfg(test)]
mod tests;
