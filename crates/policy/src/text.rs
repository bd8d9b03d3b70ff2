use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Digest, ReasonCategory, Scope};
use serde::{Deserialize, Serialize};

/// The compiled-in policy's exact bytes.
const COMPILED_IN: &str = include_str!("../default.json");
/// No rule can open an Organization for longer than this, in seconds.
const LONGEST_SECONDS: i64 = 24 * 3600;

/// What one reason opens at one Scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub reason: ReasonCategory,
    pub scope: Scope,
    /// The longest Session, in seconds.
    pub max_duration_seconds: i64,
    /// How many people other than the requester have to countersign.
    pub approvals: u32,
}

/// A policy: its text, its digest and its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    text: String,
    digest: Digest,
    rules: Vec<Rule>,
}

/// Why a text is not a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("not a policy in JSON: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("policy version {0} is not known here")]
    UnknownVersion(u32),
    #[error("a rule asks for no approval, or for a duration that is not between 1 s and 24 h")]
    OutOfBounds,
    #[error("two rules speak about the same reason and Scope")]
    Ambiguous,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[expect(dead_code, reason = "the name is for people who read the text")]
    name: String,
    version: u32,
    rules: Vec<Rule>,
}

impl Policy {
    /// The policy that is compiled in.
    #[must_use]
    pub fn compiled_in() -> Self {
        Self::read(COMPILED_IN).unwrap_or_else(|_| unreachable!("a test reads the compiled-in policy"))
    }

    /// Reads a policy's text.
    ///
    /// # Errors
    /// [`PolicyError`] when it has another form, or a rule that must not exist.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        let document: Document = serde_json::from_str(text)?;
        if document.version != 1 {
            return Err(PolicyError::UnknownVersion(document.version));
        }
        let mut spoken = BTreeSet::new();
        for rule in &document.rules {
            if rule.approvals < 1 || !(1..=LONGEST_SECONDS).contains(&rule.max_duration_seconds) {
                return Err(PolicyError::OutOfBounds);
            }
            if !spoken.insert((rule.reason.label(), rule.scope)) {
                return Err(PolicyError::Ambiguous);
            }
        }
        Ok(Self { text: text.to_owned(), digest: sha256(text), rules: document.rules })
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

    /// The rules, in the order of the text.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

fn sha256(text: &str) -> Digest {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(hash).parse().unwrap_or_else(|_| unreachable!("32 bytes make 43 characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_policy_reads_and_keeps_its_text() {
        let policy = Policy::compiled_in();
        assert_eq!(policy.text(), COMPILED_IN);
        assert_eq!(policy.rules().len(), 15);
        assert_eq!(policy.digest().as_str().len(), 43);
    }

    #[test]
    fn one_changed_byte_is_another_policy() {
        let longer = COMPILED_IN.replacen("7200", "7201", 1);
        let other = Policy::read(&longer).expect("still a policy");
        assert_ne!(other.digest(), Policy::compiled_in().digest());
    }

    #[test]
    fn texts_that_are_no_policy() {
        let with = |rule: &str| format!(r#"{{"name":"x","version":1,"rules":[{rule}]}}"#);
        let good = r#"{"reason":"maintenance","scope":"read","max_duration_seconds":60,"approvals":1}"#;
        assert!(Policy::read(&with(good)).is_ok());
        assert!(matches!(Policy::read(&with(&good.replace(":1}", ":0}"))), Err(PolicyError::OutOfBounds)));
        assert!(matches!(Policy::read(&with(&good.replace("60", "0"))), Err(PolicyError::OutOfBounds)));
        assert!(matches!(Policy::read(&with(&good.replace("60", "86401"))), Err(PolicyError::OutOfBounds)));
        assert!(matches!(Policy::read(&with(&format!("{good},{good}"))), Err(PolicyError::Ambiguous)));
        assert!(matches!(Policy::read(&with(&good.replace("read", "*"))), Err(PolicyError::Malformed(_))));
        assert!(matches!(
            Policy::read(&with(good).replace("\"version\":1", "\"version\":2")),
            Err(PolicyError::UnknownVersion(2))
        ));
    }
}
