//! How the policies that a Session was opened and extended under came to be in force.

use domain::{Digest, UnixSeconds};
use policy::{InForce, Policies};
use statement::{KnownKeys, Trust, sha256};
use wire::evidence::{Content, ProvenPolicy};
use wire::policies::is_entry_of;

use crate::Rejected;
use crate::enrolled;
use crate::log::{Entry, Log};
use crate::opening::Opened;
use crate::rejected::require;
use crate::report::time;
use crate::story::{Story, check_personal};

const PART: &str = "policy";

/// The pinned policy alone: the chain begins with it.
pub(crate) fn pinned(content: &Content, trust: &Trust) -> Result<Policies, Rejected> {
    require(sha256(&content.policy) == trust.policy, PART, "not the pinned one")?;
    Policies::pinned(trust, &content.policy).map_err(|why| Rejected::new(PART, why))
}

/// The chain as far as what was signed under this policy at this moment: two administrators adopted each of the others by
/// then.
pub(crate) fn until(
    content: &Content,
    chain: &Policies,
    named: &Digest,
    keys: &KnownKeys,
    at: UnixSeconds,
) -> Result<Policies, Rejected> {
    let taken = chain.all().len().saturating_sub(1);
    let mut rest = content.policies.iter().skip(taken).map(|proven| &proven.adoption);
    chain.until(named, &mut rest, keys, at).map_err(|why| Rejected::new(PART, why))
}

/// Proves where each stands in the log: before what was signed under it, and behind what was signed under one before it.
/// Answers what is to be said about it.
pub(crate) fn logged(
    content: &Content,
    opened: &Opened,
    story: &Story,
    log: &mut Log,
) -> Result<Vec<String>, Rejected> {
    let adopted = story.policies.all().iter().skip(1);
    require(adopted.len() == content.policies.len(), PART, "nothing was signed under one of them")?;
    let mut sentences = Vec::new();
    let mut before = None;
    for (place, (proven, in_force)) in content.policies.iter().zip(adopted).enumerate() {
        let entry = log.prove(&proven.entry.receipt)?;
        check_entry(&entry, proven, in_force)?;
        check_personal(&entry, &proven.entry)?;
        let part = entry.part();
        require(before.is_none_or(|before| entry.index > before), &part, "not in the log's order")?;
        check_place(&entry, place + 1, opened, story)?;
        before = Some(entry.index);
        let enrols = &proven.adoption.enrols;
        let entered = enrolled::read(&proven.enrolled, log)?;
        let enrolled = enrolled::prove(enrols.iter(), &entered, opened.trust())?;
        let stood = enrols.iter().all(|enrol| enrolled.before(enrol, entry.index));
        require(stood, PART, "an administrator's enrolment was written down after the adoption")?;
        sentences.extend(sentence(&entry, in_force));
    }
    Ok(sentences)
}

/// The opening and each extension was signed under the policy that was in force, as far as the file shows.
fn check_place(entry: &Entry, place: usize, opened: &Opened, story: &Story) -> Result<(), Rejected> {
    let signed = std::iter::once((&opened.opening, story.opened.index, "opening"))
        .chain(story.extensions.iter().map(|e| (&e.opening, e.index, "extension")));
    for (opening, index, what) in signed {
        let named = &opening.request().statement.body().policy;
        let of_this = story.policies.all().iter().skip(place).any(|p| p.policy.digest() == named);
        let (in_order, why) = if of_this {
            (entry.index < index, format!("the policy was adopted after the {what}"))
        } else {
            (entry.index > index, format!("the policy that the {what} names was replaced before it"))
        };
        require(in_order, &entry.part(), &why)?;
    }
    Ok(())
}

/// The entry is about exactly this adoption.
fn check_entry(entry: &Entry, proven: &ProvenPolicy, in_force: &InForce) -> Result<(), Rejected> {
    let about = is_entry_of(&entry.event, &proven.adoption, in_force.policy.heading().version);
    require(about, &entry.part(), "not of this adopted policy")
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
