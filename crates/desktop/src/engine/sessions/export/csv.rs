//! Lines of a file that spreadsheets open (RFC 4180): no cell is a formula, and none breaks its line.

use domain::{UnixSeconds, legible};
use wire::audit::SessionSummary;
use wire::forgetting::ForgottenSession;

use crate::show::label;

const HEADS: [&str; 24] = [
    "Session",
    "Opened (UTC)",
    "Ended (UTC)",
    "Length in seconds",
    "Organization id",
    "Organization",
    "Person id",
    "Person",
    "Countersigned by",
    "Scope",
    "Reason",
    "Ticket",
    "Requests",
    "Changes",
    "Refused",
    "Findings: stop",
    "Findings: look",
    "Findings: note",
    "Review",
    "Ended by",
    "Break-glass",
    "Recording destroyed (UTC)",
    "Organization forgotten",
    "Must be reviewed",
];

/// What makes a spreadsheet take a cell for a formula, also behind what it leaves away.
const ACTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

pub(super) fn head() -> String {
    row(&HEADS.map(String::from))
}

pub(super) fn line(one: &SessionSummary) -> String {
    let number = |n: u64| n.to_string();
    let weight =
        |of: fn(wire::finding::Weighed) -> u64| one.findings.map(|found| number(of(found))).unwrap_or_default();
    row(&[
        one.session.to_string(),
        time(Some(one.opened_at)),
        time(one.ended_at),
        one.ended_at.map(|end| (end - one.opened_at).max(0).to_string()).unwrap_or_default(),
        one.organization.id.to_string(),
        one.organization.name.clone(),
        one.person.0.clone(),
        one.name.clone(),
        one.approvers.join(", "),
        label(&one.scope),
        label(&one.reason),
        one.ticket.clone(),
        number(one.exchanges),
        number(one.writes),
        number(one.refused),
        weight(|found| found.stop),
        weight(|found| found.look),
        weight(|found| found.note),
        one.review.map(|review| label(&review)).unwrap_or_default(),
        one.ended_by.clone().unwrap_or_default(),
        if one.break_glass.is_some() { "yes" } else { "no" }.into(),
        time(one.expired_at),
        "no".into(),
        if one.due { "yes" } else { "no" }.into(),
    ])
}

/// What the log has left of it.
pub(super) fn forgotten(one: &ForgottenSession) -> String {
    let mut cells = HEADS.map(|_| String::new());
    cells[0] = one.session.to_string();
    cells[1] = time(Some(one.opened_at));
    cells[2] = time(one.ended_at);
    cells[4] = one.organization.to_string();
    cells[9] = label(&one.scope);
    cells[22] = "yes".into();
    row(&cells)
}

fn row(cells: &[String; 24]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// Ids begin with any of their letters: they are text behind a sign, as everything is that could act.
pub(super) fn quoted(cell: &str) -> String {
    let acts = cell.trim_start_matches([' ', '\u{a0}', '\n', '"', '\'']).starts_with(ACTS) || cell.starts_with(ACTS);
    let sign = if acts { "'" } else { "" };
    format!("\"{sign}{}\"", legible(cell).replace('"', "\"\""))
}

fn time(at: Option<UnixSeconds>) -> String {
    at.and_then(|at| jiff::Timestamp::from_second(at).ok()).map(|at| at.to_string()).unwrap_or_default()
}
