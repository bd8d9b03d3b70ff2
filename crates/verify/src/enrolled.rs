use std::collections::BTreeMap;

use domain::Digest;
use statement::{Trust, sha256, verify_enrol_factor};
use wire::event::{EventKind, Source};
use wire::evidence::{Content, ProvenEnrolment};

use crate::Rejected;
use crate::log::{Entry, Log};
use crate::opening::Opened;
use crate::rejected::require;
use crate::story::{Story, check_personal};

/// Where each `enrol` statement of the file stands in the log.
pub(crate) struct Enrolled(BTreeMap<Digest, u64>);

impl Enrolled {
    /// Whether this statement stood in the log before that entry.
    pub(crate) fn before(&self, enrol: &str, index: u64) -> bool {
        self.0.get(&sha256(enrol)).is_some_and(|at| *at < index)
    }
}

/// Proves the entry of every `enrol` statement, and the code that its signer gave for exactly it. Those of the bundle
/// stand before the opening; which of the others count for a review is asked there.
pub(crate) fn verify(
    content: &Content,
    opened: &Opened,
    story: &Story,
    log: &mut Log,
    trust: &Trust,
) -> Result<Enrolled, Rejected> {
    let enrols = story.bundles(opened).flat_map(|b| &b.enrols).chain(&content.reviewer_enrols);
    let enrolled = prove(enrols, &content.enrolled, log, trust)?;
    let before = opened.bundle.enrols.iter().all(|enrol| enrolled.before(enrol, story.opened.index));
    require(before, "enrolments", "one was written down after the opening")?;
    for extended in &story.extensions {
        let before = extended.bundle.enrols.iter().all(|enrol| enrolled.before(enrol, extended.index));
        require(before, "enrolments", "one was written down after the extension that it counts for")?;
    }
    Ok(enrolled)
}

/// Proves the entry and the code of each of these, and of nothing else.
pub(crate) fn prove<'a>(
    enrols: impl Iterator<Item = &'a String>,
    entries: &[ProvenEnrolment],
    log: &mut Log,
    trust: &Trust,
) -> Result<Enrolled, Rejected> {
    let wanted: BTreeMap<Digest, &String> = enrols.map(|enrol| (sha256(enrol), enrol)).collect();
    let mut found = BTreeMap::new();
    let mut last = None;
    for proven in entries {
        let entry = log.prove(&proven.entry.receipt)?;
        require(last.is_none_or(|last| entry.index > last), &entry.part(), "not in the log's order")?;
        last = Some(entry.index);
        check_personal(&entry, &proven.entry)?;
        let (digest, enrol) = enrol_of(&entry, &wanted)?;
        check_code(enrol, &entry, proven, trust)?;
        let first = found.insert(digest, entry.index).is_none();
        require(first, &entry.part(), "an enrolment stands in the log twice")?;
    }
    require(found.len() == wanted.len(), "enrolments", "the log's entry of one is not in the file")?;
    Ok(Enrolled(found))
}

/// The broker's entry of exactly one of the statements.
fn enrol_of<'a>(entry: &Entry, wanted: &BTreeMap<Digest, &'a String>) -> Result<(Digest, &'a str), Rejected> {
    let part = entry.part();
    require(entry.event.kind == EventKind::Enrolled, &part, "not of an enrolment")?;
    require(entry.event.source == Source::Broker, &part, "the enrolment was written by another service")?;
    let mut named = entry.event.statements.iter().filter_map(|digest| wanted.get_key_value(digest));
    match (named.next(), named.next()) {
        (Some((digest, enrol)), None) => Ok((digest.clone(), enrol)),
        _ => Err(Rejected::new(part, "of no enrolment, or of several, in this file")),
    }
}

fn check_code(enrol: &str, entry: &Entry, proven: &ProvenEnrolment, trust: &Trust) -> Result<(), Rejected> {
    let part = "code for an enrolment";
    let named = entry.fact("attestation") == Some(sha256(&proven.attestation).as_str());
    require(named, part, "not the one that the log names")?;
    verify_enrol_factor(enrol, &proven.attestation, trust).map_err(|refusal| Rejected::new(part, refusal))
}
