//! How the policy that a Session was opened under came to be in force.

use policy::{InForce, Policies};
use statement::{Trust, sha256};
use wire::event::{EventKind, Source};
use wire::evidence::{Content, ProvenPolicy};

use crate::Rejected;
use crate::enrolled;
use crate::keys::Keys;
use crate::log::{Entry, Log};
use crate::opening::Opened;
use crate::rejected::require;
use crate::report::time;
use crate::story::{Story, check_personal};

const PART: &str = "policy";

/// Follows the chain from the pinned policy: two administrators adopted each of the others.
pub(crate) fn verify(content: &Content, trust: &Trust, keys: &Keys) -> Result<Policies, Rejected> {
    require(sha256(&content.policy) == trust.policy, PART, "not the pinned one")?;
    let pinned = Policies::pinned(trust, &content.policy).map_err(|why| Rejected::new(PART, why))?;
    let known = keys.at_opening()?;
    content.policies.iter().try_fold(pinned, |chain, next| {
        chain.follow(&next.adoption, &known, content.opened_at).map_err(|why| Rejected::new(PART, why))
    })
}

/// Proves that each stood in the log before the Session opened. Answers what is to be said about it.
pub(crate) fn logged(
    content: &Content,
    opened: &Opened,
    story: &Story,
    log: &mut Log,
) -> Result<Vec<String>, Rejected> {
    let mut sentences = Vec::new();
    let mut before = None;
    for (proven, in_force) in content.policies.iter().zip(opened.policies.all().iter().skip(1)) {
        let entry = log.prove(&proven.entry.receipt)?;
        check_entry(&entry, proven, in_force)?;
        check_personal(&entry, &proven.entry)?;
        let part = entry.part();
        require(before.is_none_or(|before| entry.index > before), &part, "not in the log's order")?;
        require(entry.index < story.opened.index, &part, "the policy was adopted after the opening")?;
        before = Some(entry.index);
        let enrols = &proven.adoption.enrols;
        let enrolled = enrolled::prove(enrols.iter(), &proven.enrolled, log, opened.trust())?;
        let stood = enrols.iter().all(|enrol| enrolled.before(enrol, entry.index));
        require(stood, PART, "an administrator's enrolment was written down after the adoption")?;
        sentences.extend(sentence(&entry, in_force));
    }
    Ok(sentences)
}

/// The entry is about exactly this adoption.
fn check_entry(entry: &Entry, proven: &ProvenPolicy, in_force: &InForce) -> Result<(), Rejected> {
    let part = entry.part();
    let of_kind = entry.event.kind == EventKind::PolicyAdopted && entry.event.source == Source::Broker;
    require(of_kind, &part, "not of an adopted policy")?;
    let version = in_force.policy.heading().version.to_string();
    let same = entry.fact("policy") == Some(in_force.policy.digest().as_str())
        && entry.fact("version") == Some(version.as_str())
        && entry.event.statements.iter().eq(proven.adoption.statements.iter().map(sha256).collect::<Vec<_>>().iter());
    require(same, &part, "of another policy")
}

fn sentence(entry: &Entry, in_force: &InForce) -> Option<String> {
    let (adopted, _) = in_force.adopted.as_ref()?;
    let names = adopted.signers().iter().map(|s| format!("{} ({})", s.identity.name, s.identity.person));
    Some(format!(
        "{} adopted version {} of the policy at {}, entry {}, in the place of the one before it.",
        names.collect::<Vec<_>>().join(" and "),
        in_force.policy.heading().version,
        time(entry.event.at.div_euclid(1000)),
        entry.index,
    ))
}
