use std::collections::BTreeMap;
use std::fmt;

use ::policy::{Policy, in_words};
use domain::{Digest, OrgId, ReasonCategory, Scope, legible};
use serde::Serialize;

use crate::policy_change::offers::{Offered, table};
use crate::policy_change::shown::{ShownRule, Waited, Wished};

/// A policy in words.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    name: String,
    version: u64,
    digest: Digest,
    time_zone: String,
    waiting: Waited,
    recording_days: u32,
    organizations: BTreeMap<OrgId, Wished>,
    rules: Vec<ShownRule>,
    offers: Vec<Offered>,
}

impl Shown {
    pub(super) fn of(policy: &Policy) -> Self {
        let heading = policy.heading();
        Self {
            name: heading.name.clone(),
            version: heading.version,
            digest: policy.digest().clone(),
            time_zone: heading.time_zone.clone(),
            waiting: heading.waiting.waits().into(),
            recording_days: heading.retention.days(),
            organizations: heading.organizations.iter().map(|(id, w)| (id.clone(), w.into())).collect(),
            rules: policy.rules().iter().map(ShownRule::from).collect(),
            offers: table(policy),
        }
    }
}

impl fmt::Display for ShownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = if self.forbids { "forbids" } else { "permits" };
        write!(f, "{:<28} {effect}  {}", self.id, legible(&self.sentence))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, version {}", legible(&self.name), self.version)?;
        writeln!(f, "Digest     {}\nTime zone  {}", self.digest, legible(&self.time_zone))?;
        let Waited { ask, approve } = &self.waiting;
        writeln!(f, "Waiting    {ask} before a person's second computer asks, {approve} before it countersigns")?;
        writeln!(f, "Retention  a Recording is destroyed {} days after its Session", self.recording_days)?;
        writeln!(f, "\nWhat Organizations wish")?;
        if self.organizations.is_empty() {
            writeln!(f, "  None is named.")?;
        }
        for (id, wished) in &self.organizations {
            writeln!(f, "  {id}: {wished}")?;
        }
        writeln!(f, "\nRules")?;
        for rule in &self.rules {
            writeln!(f, "  {rule}")?;
        }
        writeln!(f, "\nWhat an engineer is offered: the longest duration, and how many countersign")?;
        write!(f, "{}", rows(&self.offers))
    }
}

fn rows(offers: &[Offered]) -> String {
    let cell = |reason: ReasonCategory, scope: Scope| {
        let offer = offers.iter().find(|o| o.reason == reason && o.scope == scope);
        let mark = |o: &Offered| if o.always { "" } else { "*" };
        offer.map_or_else(
            || "no".to_owned(),
            |o| format!("{}, {}{}", in_words(o.max_duration_seconds), o.countersigners, mark(o)),
        )
    };
    let row = |first: &str, cells: [String; 4]| {
        let cells: String = cells.iter().map(|cell| format!("  {cell:<12}")).collect();
        format!("  {first:<25}{}\n", cells.trim_end())
    };
    let head = row("", Scope::ALL.map(|scope| scope.label().to_owned()));
    let body = ReasonCategory::ALL.map(|reason| row(reason.label(), Scope::ALL.map(|scope| cell(reason, scope))));
    let some_hours = offers.iter().any(|o| !o.always);
    let note = if some_hours { "  * the most of any hour of the week; others offer less, or nothing\n" } else { "" };
    format!("{head}{}{note}", body.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_in_words() {
        let shown = Shown::of(&Policy::compiled_in()).to_string();
        let table = shown.split("how many countersign\n").nth(1).expect("a table");
        let expected = "                             Diagnostics   Read          Read & write  Administer
  Customer-reported problem  4 h, 1        2 h, 1        1 h, 1        no
  Security incident          4 h, 1        4 h, 1        2 h, 1        1 h, 2
  Legal disclosure           no            2 h, 2        no            no
  Maintenance                4 h, 1        2 h, 1        1 h, 1        1 h, 2
  Data-subject request       2 h, 1        1 h, 1        30 min, 1     no
";
        assert_eq!(table, expected);
        assert!(shown.starts_with("Countersign default policy, version 1\nDigest     "), "{shown}");
        assert!(shown.contains(Policy::compiled_in().digest().as_str()));
        assert!(
            shown.contains("\n  one-other-person             permits  One other person countersigns.\n"),
            "{shown}"
        );
        assert!(shown.contains("\n  externals-do-not-decide      forbids  Members"), "{shown}");
    }

    #[test]
    fn what_is_offered_at_some_hours_is_marked() {
        let rule = r#"@id("by-day") @sentence("By day.") forbid(principal, action == Action::"request", resource)
            when { context.scope == 1 && (context.weekday > 5 || context.minute < 480) };"#;
        let policy = Policy::read(&format!("{}{rule}", Policy::compiled_in().text())).expect("a policy");
        let shown = Shown::of(&policy).to_string();
        assert!(
            shown.contains("  Maintenance                4 h, 1        2 h, 1*       1 h, 1        1 h, 2\n"),
            "{shown}"
        );
        assert!(shown.contains("\n  * the most of any hour of the week"), "{shown}");
    }

    #[test]
    fn wishes_are_said_and_draw_no_line_of_ours() {
        let text = Policy::compiled_in().text().replace(
            "\"organizations\": {}",
            r#""organizations": {"fjord": {"region": "eu", "labels": ["bank", "x\ny"], "refuses_employers": ["acme gmbh"],
            "refuses_countries": ["us"]}, "kinloch-hotels": {}}"#,
        );
        let text = text.replace("Countersign default policy", "A\\u001b[2J\\nDigest     forged");
        let shown = Shown::of(&Policy::read(&text).expect("a policy")).to_string();
        let wishes =
            "  fjord: region eu; labels bank, x\u{FFFD}y; refuses people of acme gmbh; refuses people who work in us\n";
        assert!(shown.contains(wishes), "{shown}");
        assert!(shown.contains("\n  kinloch-hotels: nothing\n"), "{shown}");
        assert_eq!(shown.lines().filter(|line| line.starts_with("Digest")).count(), 1, "{shown}");
        assert!(!shown.contains('\u{1b}'));
    }
}
