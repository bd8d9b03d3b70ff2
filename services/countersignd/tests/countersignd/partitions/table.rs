use crate::relay::{CUTS, Cut};

/// What is found while a way is cut.
pub struct Row {
    pub way: &'static str,
    pub cuts: &'static [Cut],
    /// A new request, the log's head, a page asked for after 3 s, and an opening.
    pub answers: [&'static str; 4],
    /// The live connection.
    pub stream: &'static str,
}

const fn row(way: &'static str, cuts: &'static [Cut], answers: [&'static str; 4], stream: &'static str) -> Row {
    Row { way, cuts, answers, stream }
}

const FORWARD: &[Cut] = &[Cut::There];
const DEAF: &[Cut] = &[Cut::Back, Cut::Both, Cut::Late];
const RESET: &[Cut] = &[Cut::Reset];

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row("gateway>broker",  &CUTS,   ["ok", "ok", "ok", "broker-unreachable"], "lease-lost"),
    row("gateway>audit",   &CUTS,   ["ok", "ok", "no-answer", "audit-unreachable"], "stands"),
    row("broker>audit",    &CUTS,   ["audit-unreachable", "ok", "ok", "-"], "flows"),
    row("desktop>broker",  &CUTS,   ["unreachable", "ok", "ok", "-"], "flows"),
    row("desktop>gateway", FORWARD, ["ok", "ok", "no-answer", "unreachable"], "flows"),
    row("desktop>gateway", DEAF,    ["ok", "ok", "no-answer", "unreachable"], "stands"),
    row("desktop>gateway", RESET,   ["ok", "ok", "no-answer", "unreachable"], "breaks"),
    row("desktop>audit",   &CUTS,   ["ok", "unreachable", "ok", "-"], "flows"),
    row("gateway>service", FORWARD, ["ok", "ok", "upstream-unreachable", "-"], "flows"),
    row("gateway>service", DEAF,    ["ok", "ok", "upstream-unreachable", "-"], "stands"),
    row("gateway>service", RESET,   ["ok", "ok", "upstream-unreachable", "-"], "breaks"),
    row("all>provider",    &CUTS,   ["ok", "ok", "ok", "-"], "flows"),
];

pub fn expected(way: &str, cut: Cut) -> &'static Row {
    TABLE.iter().find(|row| row.way == way && row.cuts.contains(&cut)).unwrap()
}
