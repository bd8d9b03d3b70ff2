//! What is left of a Session whose Organization was forgotten: the log's entries, and who had it forgotten.

use std::sync::Arc;

use statement::{Forgotten, KnownKeys, PastKeys, ProviderKeys, verify_forgetting};
use wire::event::{EventKind, Source};
use wire::evidence::{About as _, ForgottenContent};
use wire::forgetting::is_forgotten_by;
use wire::join::TrustFile;

use crate::log::{Entry, Log};
use crate::rejected::require;
use crate::report::{Heads, by_word_alone, time};
use crate::story::{check_personal, single};
use crate::{Made, Proof, Proven, Rejected, Report, enrolled, file, witnessed};

const PART: &str = "forgetting";

pub(crate) fn verify(content: &str, trust: &TrustFile, log: &mut Log, made: &Made<'_>) -> Result<Proven, Rejected> {
    let content: ForgottenContent = file::canonical(content, "content")?;
    let same = made.entry.event.session.as_ref() == Some(&content.session);
    require(same, "session", "the log's entry for this file is about another Session")?;
    let entries = entries(&content, log)?;
    let entry = log.prove(&content.forgotten.receipt)?;
    check_personal(&entry, &content.forgotten)?;
    let entered = enrolled::read(&content.enrolled, log)?;
    let at = entry.event.at.div_euclid(1000);
    let forgotten = verify_forgetting(&content.forgetting, &trust.trust, pinned(trust)?, at)
        .map_err(|refusal| Rejected::new(PART, refusal))?;
    require(is_forgotten_by(&entry.event, &forgotten), &entry.part(), "not of what the administrators signed")?;
    require(at < forgotten.good_until(), &entry.part(), "carried out when the signatures had expired")?;
    let enrols = &content.forgetting.enrols;
    let stood = enrolled::prove(enrols.iter(), &entered, &trust.trust)?;
    let before = enrols.iter().all(|enrol| stood.before(enrol, entry.index));
    require(before, PART, "an administrator's enrolment was written down afterwards")?;
    let organization = &forgotten.body().organization.id;
    let other = entries.iter().find(|entry| entry.event.organization.as_ref() != Some(organization));
    if let Some(entry) = other {
        return Err(Rejected::new(entry.part(), "about another Organization"));
    }
    let opened = single(&entries, EventKind::SessionOpened, Source::Audit, "the opening")?
        .ok_or_else(|| Rejected::new("entries", "the opening is not among them"))?;
    let sealed = single(&entries, EventKind::RecordingSealed, Source::Audit, "the seal of the recording")?
        .ok_or_else(|| Rejected::new("entries", "the seal of the recording is not among them"))?;
    let in_order = opened.index < sealed.index && sealed.index < entry.index;
    require(in_order, &entry.part(), "destroyed before the Session was over")?;
    file::check_entries(&content, made.entry)?;
    log.check_seen(content.seen().iter().map(String::as_str))?;
    let seen = log.check_seen(forgotten.signers().iter().map(|s| s.statement.payload().seen.as_str()))?;
    let heads = Heads { made: made.receipt, log, seen, witnesses: made.seen };
    let report = report(&content, (opened, sealed, &entry), &forgotten, &heads);
    Ok(Proven { proof: Proof::Session(report), sessions: Vec::new() })
}

/// The issuer's keys as the trust file pins them; what is signed here lasts, and so do they.
fn pinned(trust: &TrustFile) -> Result<KnownKeys, Rejected> {
    let read = |jwks: &str| ProviderKeys::from_jwks(jwks.as_bytes()).map_err(|why| Rejected::new("trust file", why));
    let mut past = Vec::new();
    let mut current = None;
    for one in &trust.provider_keys {
        let keys = Arc::new(read(&one.jwks)?);
        match one.until {
            Some(until) => past.push(PastKeys { keys, until }),
            None => current = Some(keys),
        }
    }
    past.sort_by_key(|set| set.until);
    let current = current.or_else(|| past.last().map(|set| set.keys.clone()));
    Ok(KnownKeys::new(current.ok_or_else(|| Rejected::new("trust file", "it pins no keys of the issuer"))?, past))
}

/// Of this Session, in the log's order.
fn entries(content: &ForgottenContent, log: &mut Log) -> Result<Vec<Entry>, Rejected> {
    let mut entries: Vec<Entry> = Vec::with_capacity(content.events.len());
    for proven in &content.events {
        let entry = log.prove(&proven.receipt)?;
        check_personal(&entry, proven)?;
        let own = entry.event.session.as_ref() == Some(&content.session);
        require(own, &entry.part(), "about another Session")?;
        let later = entries.last().is_none_or(|before| before.index < entry.index);
        require(later, &entry.part(), "not in the log's order")?;
        entries.push(entry);
    }
    Ok(entries)
}

fn report(
    content: &ForgottenContent,
    (opened, sealed, entry): (&Entry, &Entry, &Entry),
    forgotten: &Forgotten,
    heads: &Heads<'_>,
) -> Report {
    let body = forgotten.body();
    let at = |entry: &Entry| time(entry.event.at.div_euclid(1000));
    let mut proven = vec![
        format!(
            "A Session of Scope {} was opened in this Organization at {}, entry {}; its recording was sealed at {}, entry {}.",
            opened.fact("scope").unwrap_or("unknown"),
            at(opened),
            opened.index,
            at(sealed),
            sealed.index,
        ),
        format!(
            "What was recorded was destroyed on purpose at {}, entry {}: two administrators had the Organization {} ({}) \
             forgotten. Their justification: {}",
            at(entry),
            entry.index,
            body.organization.name,
            body.organization.id,
            body.justification,
        ),
    ];
    proven.extend(forgotten.signers().iter().map(|s| {
        format!(
            "{} ({}), another person on another Device than the other one, signed exactly this at {}, with a code for it.",
            s.identity.name,
            s.identity.person,
            time(s.statement.payload().iat),
        )
    }));
    proven.push(format!(
        "The log “{}” answers for every byte of this file with entry {}, under a Checkpoint of {} entries that its \
         pinned key signed.",
        heads.log.name(),
        heads.made.index,
        heads.log.size(),
    ));
    let (seen, unseen) = witnessed::sentences(heads.witnesses, heads.log);
    proven.extend(seen);
    let mut not_proven = vec![
        "Who opened it, who countersigned it and what was done: that was sealed under the key that is destroyed. An Evidence \
         file that was made before proves it still."
            .to_owned(),
    ];
    not_proven.extend(unseen);
    not_proven.extend(by_word_alone(heads));
    let legible = |sentences: Vec<String>| sentences.iter().map(|s| domain::legible(s)).collect();
    Report {
        session: content.session.clone(),
        organization: body.organization.clone(),
        proven: legible(proven),
        not_proven: legible(not_proven),
        opened_entry: opened.index,
    }
}
