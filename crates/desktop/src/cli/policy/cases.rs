//! A file of asks, in TOML, with what is expected of the policy.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use ::policy::{Ask, Decider, Policy, Somebody};
use domain::{OrgId, ReasonCategory, Role, Scope, UnixSeconds, legible};
use serde::Deserialize;
use statement::{Factor, Terms};

use crate::cli::files::read;
use crate::fault::fault;
use crate::policy_change::outcome::Outcome;
use crate::view::UiError;

/// When asks are made that do not say when: a Tuesday, 10:00 in UTC.
const TUESDAY: UnixSeconds = 1_780_394_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    ask: Vec<Case>,
}

/// One ask.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// For people who read what differs.
    pub(super) name: String,
    reason: ReasonCategory,
    scope: Scope,
    minutes: Option<i64>,
    seconds: Option<i64>,
    organization: Option<OrgId>,
    #[serde(default)]
    ticket: String,
    at: Option<toml::value::Datetime>,
    code_age_seconds: Option<i64>,
    #[serde(default)]
    requester: Who,
    /// Who countersigns what was asked; without it the policy is asked how many it takes, of the right people.
    countersigners: Option<Vec<Who>>,
    pub(super) expect: Option<Expect>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Who {
    person: Option<String>,
    /// `engineer` for who asks and `approver` for who countersigns, where none are named.
    roles: Option<Vec<Role>>,
    groups: Vec<String>,
    employer: Option<String>,
    country: Option<String>,
    address: Option<IpAddr>,
}

/// What the policy has to say.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Expect {
    /// With so many countersigners at least.
    Allowed(u32),
    /// The code of the refusal, or the id of the rule that refuses.
    Refused(String),
}

impl Expect {
    pub(super) fn is_met_by(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Allowed(expected), Outcome::Allowed(countersigners)) => expected == countersigners,
            (Self::Refused(word), Outcome::Refused(refused)) => {
                refused.code == word || refused.rule.as_ref() == Some(word)
            }
            _ => false,
        }
    }

    pub(super) fn words(&self) -> String {
        match self {
            Self::Allowed(countersigners) => Outcome::Allowed(*countersigners).to_string(),
            Self::Refused(word) => format!("refused by {}", legible(word)),
        }
    }
}

/// The asks of a file: at least one, each complete.
pub(super) fn cases(file: &Path) -> Result<Vec<Case>, UiError> {
    let bad = |why: &str| {
        let next = "Write the file as docs/operations/policy.md describes cases.";
        fault("not-cases", format!("{} is not a file of cases: {}", file.display(), legible(why.trim())), next)
    };
    let Cases { mut ask } = toml::from_str(&read(file)?).map_err(|e| bad(&e.to_string().replace('\n', " ")))?;
    if ask.is_empty() {
        return Err(bad("it asks nothing."));
    }
    for case in &mut ask {
        case.complete().map_err(|why| bad(&format!("“{}” {why}.", case.name)))?;
    }
    Ok(ask)
}

impl Case {
    fn complete(&mut self) -> Result<(), &'static str> {
        if self.minutes.is_some() == self.seconds.is_some() {
            return Err("needs either minutes or seconds");
        }
        if self.at.is_some() && self.at().is_none() {
            return Err("is at a time without a day, a second or an offset from UTC");
        }
        self.requester.complete("e-1001".to_owned(), Role::Engineer);
        for (n, who) in self.countersigners.iter_mut().flatten().enumerate() {
            who.complete(format!("e-{}", 2001 + n), Role::Approver);
        }
        let everybody = std::iter::once(&self.requester).chain(self.countersigners.iter().flatten());
        let people: Vec<_> = everybody.map(|who| &who.person).collect();
        let apart = people.iter().collect::<BTreeSet<_>>().len() == people.len();
        if apart { Ok(()) } else { Err("is countersigned by somebody twice, or by who asks") }
    }

    /// What `policy` says to it.
    pub(super) fn under(&self, policy: &Policy) -> Outcome {
        let factor = self.code_age_seconds.map(|age_seconds| Factor {
            method: "totp".to_owned(),
            age_seconds,
            address: self.requester.address,
        });
        let ask = Ask {
            requester: self.requester.somebody(),
            organization: self.organization.as_ref(),
            reason: self.reason,
            scope: self.scope,
            duration_seconds: self.duration_seconds(),
            ticket: &self.ticket,
            at: self.at().unwrap_or(TUESDAY),
            factor: factor.as_ref(),
        };
        let Some(countersigners) = &self.countersigners else { return policy.evaluate(&ask).into() };
        let terms = Terms { duration_seconds: ask.duration_seconds, scope: ask.scope };
        let somebody = countersigners.iter().map(Who::somebody);
        let decided: Vec<Decider<'_>> =
            somebody.map(|who| Decider { who, terms, at: ask.at, factor: "totp" }).collect();
        policy.would_admit(&ask, terms, &decided).into()
    }

    fn duration_seconds(&self) -> i64 {
        self.seconds.or(self.minutes.map(|m| m.saturating_mul(60))).unwrap_or(0)
    }

    fn at(&self) -> Option<UnixSeconds> {
        let at: jiff::Timestamp = self.at.as_ref()?.to_string().parse().ok()?;
        Some(at.as_second())
    }
}

impl Who {
    /// Fills in what was left out, and spells texts as sign-ins are compared.
    fn complete(&mut self, person: String, role: Role) {
        let fold = |text: &mut String| *text = text.trim().to_lowercase();
        self.person.get_or_insert(person);
        self.roles.get_or_insert(vec![role]);
        self.person
            .iter_mut()
            .chain(&mut self.groups)
            .chain(&mut self.employer)
            .chain(&mut self.country)
            .for_each(fold);
    }

    fn somebody(&self) -> Somebody<'_> {
        Somebody {
            person: self.person.as_deref().unwrap_or_default(),
            roles: self.roles.as_deref().unwrap_or_default(),
            groups: &self.groups,
            employer: self.employer.as_deref(),
            country: self.country.as_deref(),
            address: self.address,
        }
    }
}
