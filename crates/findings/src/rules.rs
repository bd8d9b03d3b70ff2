use serde_json::{Map, Value};
use sigma_rust::{Event, Rule as Sigma};

use wire::finding::Weight;

use crate::sentence;

/// Rules that Recordings are held to.
#[derive(Debug)]
pub struct Rules(Vec<Rule>);

/// One rule: Sigma, with a name and a sentence of its own.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) weight: Weight,
    about: About,
    sentence: String,
    /// It draws: of so many Sessions that it is about, one is to be reviewed.
    pub(crate) one_in: Option<u64>,
    sigma: Sigma,
}

/// What a rule looks at: its `logsource.category`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Exchange,
    Session,
}

/// Why a text is not a rule.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    #[error("not a Sigma rule: {0}")]
    NotSigma(String),
    #[error("the rule needs a name of its own, in a-z, 0-9 and hyphens: “{0}”")]
    NoName(String),
    #[error("{0}: its level is none of low, medium, high")]
    NoLevel(String),
    #[error("{0}: its logsource has the product countersign and the category exchange or session, and nothing else")]
    OtherSource(String),
    #[error("{0}: it has no sentence, or a brace that does not close")]
    NoSentence(String),
    #[error("{0}: there is no “{1}” to speak of")]
    NoSuchField(String, String),
    #[error(
        "{0}: one_in is a whole number of at least 1, and belongs to a rule of the category session with the level low"
    )]
    NoShare(String),
}

const COMPILED_IN: &[&str] = &[
    include_str!("../rules/bulk-read.yml"),
    include_str!("../rules/drawn.yml"),
    include_str!("../rules/drawn-administer.yml"),
    include_str!("../rules/drawn-changes.yml"),
    include_str!("../rules/export.yml"),
    include_str!("../rules/extended.yml"),
    include_str!("../rules/first-time-here.yml"),
    include_str!("../rules/many-organizations.yml"),
    include_str!("../rules/outside-hours.yml"),
    include_str!("../rules/recorder-silent.yml"),
    include_str!("../rules/recording-gap.yml"),
    include_str!("../rules/refused-again.yml"),
    include_str!("../rules/refused-attempts.yml"),
    include_str!("../rules/unnamed-write.yml"),
    include_str!("../rules/unusual-day.yml"),
    include_str!("../rules/unusual-volume.yml"),
];

/// What an exchange has, as [`crate::exchange`] says it.
const OF_AN_EXCHANGE: &[&str] = &[
    "method",
    "path",
    "query",
    "write",
    "named",
    "status",
    "request_bytes",
    "answer_bytes",
    "content_type",
    "download",
    "records",
    "refused",
    "cut",
];
/// What a Session has, as [`crate::watch`] says it.
const OF_A_SESSION: &[&str] = &[
    "scope",
    "reason",
    "minutes",
    "weekday",
    "minute",
    "first_here",
    "exchanges",
    "writes",
    "unnamed_writes",
    "refused",
    "records",
    "answer_bytes",
    "times_usual",
    "usual_exchanges",
    "usual_for",
    "sessions_day",
    "organizations_day",
    "exchanges_day",
    "refused_day",
    "day_times_usual",
    "usual_exchanges_day",
    "extensions",
    "pages",
    "silent_pages",
    "missing_batches",
    "ended",
];

/// What makes of a rule one that draws.
const ONE_IN: &str = "one_in";

impl Rules {
    /// Those that are compiled in.
    ///
    /// # Errors
    /// [`RuleError`]: never, while the tests are green.
    pub fn compiled_in() -> Result<Self, RuleError> {
        Self::read(COMPILED_IN.iter().copied())
    }

    /// Reads one rule from each text.
    ///
    /// # Errors
    /// [`RuleError`] of the first that is none.
    pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, RuleError> {
        let mut rules: Vec<Rule> = Vec::new();
        for text in texts {
            let rule = Rule::read(text)?;
            if rules.iter().any(|other| other.name == rule.name) {
                return Err(RuleError::NoName(rule.name));
            }
            rules.push(rule);
        }
        Ok(Self(rules))
    }

    pub(crate) fn about(&self, about: About) -> impl Iterator<Item = &Rule> {
        self.0.iter().filter(move |rule| rule.about == about)
    }
}

impl Rule {
    fn read(text: &str) -> Result<Self, RuleError> {
        let sigma = sigma_rust::rule_from_yaml(text).map_err(|e| RuleError::NotSigma(e.to_string()))?;
        let name = sigma.name.clone().unwrap_or_default();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err(RuleError::NoName(name));
        }
        // The crate has no name for its levels outside of itself.
        let weight = match sigma.level.as_ref().map(|level| format!("{level:?}")).as_deref() {
            Some("Low") => Weight::Note,
            Some("Medium") => Weight::Look,
            Some("High") => Weight::Stop,
            _ => return Err(RuleError::NoLevel(name)),
        };
        let source = &sigma.logsource;
        let (product, category) = (source.product.as_deref(), source.category.as_deref());
        let about = match (product, category, &source.service) {
            (Some("countersign"), Some("exchange"), None) => About::Exchange,
            (Some("countersign"), Some("session"), None) => About::Session,
            _ => return Err(RuleError::OtherSource(name)),
        };
        let sentence = sigma.custom_fields.get("sentence").and_then(|s| s.as_str()).unwrap_or_default().to_owned();
        let Some(spoken_of) = sentence::names(&sentence).filter(|_| !sentence.trim().is_empty()) else {
            return Err(RuleError::NoSentence(name));
        };
        let known = |field: &str| about.has(field) || field == ONE_IN && sigma.custom_fields.contains_key(ONE_IN);
        if let Some(unknown) = spoken_of.into_iter().find(|field| !known(field)) {
            return Err(RuleError::NoSuchField(name, unknown.to_owned()));
        }
        let one_in = match sigma.custom_fields.get(ONE_IN) {
            None => None,
            Some(share) => {
                let share = share.as_u64().filter(|n| *n >= 1 && about == About::Session && weight == Weight::Note);
                Some(share.ok_or_else(|| RuleError::NoShare(name.clone()))?)
            }
        };
        Ok(Self { name, weight, about, sentence, one_in, sigma })
    }

    /// What it says of something with these fields, when it is about that.
    pub(crate) fn says(&self, event: &Event, fields: &Map<String, Value>) -> Option<String> {
        self.sigma.is_match(event).then(|| self.sentence_of(fields))
    }
}

impl Rule {
    fn sentence_of(&self, fields: &Map<String, Value>) -> String {
        let Some(one_in) = self.one_in else { return sentence::filled(&self.sentence, fields) };
        let mut fields = fields.clone();
        fields.insert(ONE_IN.to_owned(), one_in.into());
        sentence::filled(&self.sentence, &fields)
    }
}

impl About {
    fn has(self, field: &str) -> bool {
        let all = match self {
            Self::Exchange => OF_AN_EXCHANGE,
            Self::Session => OF_A_SESSION,
        };
        all.contains(&field)
    }
}
