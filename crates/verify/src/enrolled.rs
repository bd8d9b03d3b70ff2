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

pub(crate) const PART: &str = "enrolments";
const CODE: &str = "code for an enrolment";

/// Where each `enrol` statement of the file stands in the log.
pub(crate) struct Enrolled(BTreeMap<Digest, u64>);

impl Enrolled {
    /// Whether this statement stood in the log before that entry.
    pub(crate) fn before(&self, enrol: &str, index: u64) -> bool {
        self.0.get(&sha256(enrol)).is_some_and(|at| *at < index)
    }
}

/// A proven entry, and the code that it names.
pub(crate) struct Entered<'a> {
    entry: Entry,
    attestation: &'a str,
}

/// Proves each entry, and that the code beside it is the one that it names.
pub(crate) fn read<'a>(proven: &'a [ProvenEnrolment], log: &mut Log) -> Result<Vec<Entered<'a>>, Rejected> {
    let one = |one: &'a ProvenEnrolment| {
        let entry = log.prove(&one.entry.receipt)?;
        check_personal(&entry, &one.entry)?;
        let named = entry.fact("attestation") == Some(sha256(&one.attestation).as_str());
        require(named, CODE, &format!("not the one that the log names in {}", entry.part()))?;
        Ok(Entered { entry, attestation: &one.attestation })
    };
    proven.iter().map(one).collect()
}

/// Holds every `enrol` statement to its entry, and to the code that its signer gave for exactly it. Those of the bundle
/// stand before the opening; which of the others count for a review is asked there.
pub(crate) fn verify(
    content: &Content,
    opened: &Opened,
    story: &Story,
    entered: &[Entered<'_>],
    trust: &Trust,
) -> Result<Enrolled, Rejected> {
    let enrols = story.bundles(opened).flat_map(|b| &b.enrols).chain(&content.reviewer_enrols);
    let enrolled = prove(enrols, entered, trust)?;
    let before = opened.bundle.enrols.iter().all(|enrol| enrolled.before(enrol, story.opened.index));
    require(before, PART, "one was written down after the opening")?;
    for extended in &story.extensions {
        let before = extended.bundle.enrols.iter().all(|enrol| enrolled.before(enrol, extended.index));
        require(before, PART, "one was written down after the extension that it counts for")?;
    }
    Ok(enrolled)
}

/// Each of these has its entry and its code, and there is nothing else.
pub(crate) fn prove<'a>(
    enrols: impl Iterator<Item = &'a String>,
    entered: &[Entered<'_>],
    trust: &Trust,
) -> Result<Enrolled, Rejected> {
    let wanted: BTreeMap<Digest, &String> = enrols.map(|enrol| (sha256(enrol), enrol)).collect();
    check_entered(wanted.values().copied(), entered)?;
    let mut found = BTreeMap::new();
    let mut last = None;
    for Entered { entry, attestation } in entered {
        require(last.is_none_or(|last| entry.index > last), &entry.part(), "not in the log's order")?;
        last = Some(entry.index);
        let (digest, enrol) = enrol_of(entry, &wanted)?;
        verify_enrol_factor(enrol, attestation, trust).map_err(|refusal| Rejected::new(CODE, refusal))?;
        let first = found.insert(digest, entry.index).is_none();
        require(first, &entry.part(), "an enrolment stands in the log twice")?;
    }
    Ok(Enrolled(found))
}

/// Each of these has an entry that names it.
pub(crate) fn check_entered<'a>(
    enrols: impl IntoIterator<Item = &'a String>,
    entered: &[Entered<'_>],
) -> Result<(), Rejected> {
    let all = enrols.into_iter().map(sha256).all(|enrol| entered.iter().any(|one| one.entry.names(&enrol)));
    require(all, PART, "the log's entry of one is not in the file")
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
