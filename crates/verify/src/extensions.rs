use domain::UnixSeconds;
use policy::Policies;
use statement::{Bundle, OpenSession, Opening, sha256};
use wire::event::EventKind;
use wire::evidence::{Content, SignedExtension};
use wire::extension::{ExtensionFacts, verify_logged};
use wire::join::TrustFile;

use crate::Rejected;
use crate::keys::Keys;
use crate::log::Entry;
use crate::opening::{Opened, allowed};
use crate::policies;
use crate::rejected::require;
use crate::story::{check_before, check_logged_at};

const PART: &str = "extensions";

/// More time in the Session, countersigned and written down before its end.
pub(crate) struct Extended {
    pub(crate) bundle: Bundle,
    pub(crate) opening: Opening,
    pub(crate) ends_at: UnixSeconds,
    pub(crate) index: u64,
    /// How many Approvals the policy asks for.
    pub(crate) approvals: u32,
}

/// What was signed, beside the log's entry of it.
pub(crate) type Named<'a> = Vec<(&'a Entry, &'a SignedExtension)>;

/// The log has an entry for each, in this order, and no other. Asked before the entries of what was signed for them, which one
/// that was changed would leave hanging in the air.
pub(crate) fn named<'a>(content: &'a Content, entries: &'a [Entry]) -> Result<Named<'a>, Rejected> {
    let logged: Vec<&Entry> = entries.iter().filter(|e| e.event.kind == EventKind::SessionExtended).collect();
    require(logged.len() == content.extensions.len(), PART, "not the ones that the log names")?;
    let named: Named<'a> = logged.into_iter().zip(&content.extensions).collect();
    for (entry, signed) in &named {
        let bundle = entry.fact("bundle") == Some(sha256(&signed.bundle_json).as_str());
        let keys = entry.fact("provider-keys") == Some(sha256(&signed.provider_keys).as_str());
        require(bundle, PART, &format!("the bundle is not the one that {} names", entry.part()))?;
        require(keys, PART, &format!("the provider keys are not the ones that {} names", entry.part()))?;
    }
    Ok(named)
}

/// Proves every extension in the log's order, each against the end that the ones before it gave. Answers the chain of policies
/// too, as far as they need it.
pub(crate) fn verify(
    content: &Content,
    opened: &Opened,
    (entries, named): (&[Entry], &Named<'_>),
    (opening, ends_at): (&Entry, UnixSeconds),
    trust: &TrustFile,
) -> Result<(Vec<Extended>, Policies), Rejected> {
    let mut of = OpenSession::of(&opened.opening, content.opened_at, ends_at);
    let mut policies = opened.policies.clone();
    let mut extensions = Vec::with_capacity(named.len());
    for (entry, signed) in named {
        require(entry.index > opening.index, &entry.part(), "extended before it was opened")?;
        check_open(entries, entry)?;
        let extended = one(content, signed, entry, &of, &mut policies, trust)?;
        check_before(entries, entry, &extended.opening)?;
        of.ends_at = extended.ends_at;
        extensions.push(extended);
    }
    Ok((extensions, policies))
}

fn one(
    content: &Content,
    signed: &SignedExtension,
    entry: &Entry,
    of: &OpenSession,
    policies: &mut Policies,
    trust: &TrustFile,
) -> Result<Extended, Rejected> {
    let wrong = |why: &dyn ToString| Rejected::new(entry.part(), why.to_string());
    let facts = ExtensionFacts::read(&entry.event).map_err(|why| wrong(&why))?;
    let keys = Keys::pinned_for(&signed.provider_keys, [&content.provider_keys], content, facts.extended_at, trust)?;
    let known = keys.at_opening()?;
    *policies = policies::until(content, policies, &facts.policy, &known, facts.extended_at)?;
    let in_force = policies.current();
    let extension =
        verify_logged(&entry.event, &signed.bundle_json, of, &in_force.trust, known).map_err(|why| wrong(&why))?;
    check_logged_at(entry, facts.extended_at, "extended")?;
    let bundle = serde_json::from_str(&signed.bundle_json).map_err(|why| wrong(&why))?;
    let approvals = allowed(in_force, extension.opening())?;
    let (opening, ends_at) = (extension.opening().clone(), extension.ends_at());
    Ok(Extended { bundle, opening, ends_at, index: entry.index, approvals })
}

/// Nothing in the log had ended the Session by then.
fn check_open(entries: &[Entry], entry: &Entry) -> Result<(), Rejected> {
    let over = |e: &&Entry| matches!(e.event.kind, EventKind::SessionEnded | EventKind::RecordingSealed);
    let ended = entries.iter().filter(over).any(|e| e.index < entry.index);
    require(!ended, &entry.part(), "extended after it had ended")
}
