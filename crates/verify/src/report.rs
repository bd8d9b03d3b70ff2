use std::fmt;

use domain::{Digest, Organization, SessionId, UnixSeconds};
use policy::Policies;
use serde::Serialize;
use statement::{ReviewVerdict, Terms};
use wire::event::{EventKind, Receipt};
use wire::evidence::Content;

use crate::break_glass::{self, ByBreakGlass};
use crate::extensions::Extended;
use crate::log::{Entry, Log};
use crate::opening::Opened;
use crate::reviews::Reviewed;
use crate::story::Story;
use crate::witnessed::{self, Seen};

/// What an Evidence file proves about one Session, and what it does not, in plain sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub session: SessionId,
    pub organization: Organization,
    pub proven: Vec<String>,
    pub not_proven: Vec<String>,
    #[serde(skip)]
    pub(crate) opened_entry: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Session {} in {} ({})", self.session, self.organization.name, self.organization.id)?;
        listed(f, &self.proven, &self.not_proven)
    }
}

pub(crate) fn listed(f: &mut fmt::Formatter<'_>, proven: &[String], not_proven: &[String]) -> fmt::Result {
    for (title, sentences) in [("Proven", proven), ("Not proven by this file", not_proven)] {
        writeln!(f, "\n{title}:")?;
        sentences.iter().try_for_each(|sentence| writeln!(f, "  - {sentence}"))?;
    }
    Ok(())
}

/// The log's heads that the file shows.
pub(crate) struct Heads<'a> {
    pub(crate) made: &'a Receipt,
    pub(crate) log: &'a Log,
    /// The largest that a signer had verified.
    pub(crate) seen: Option<u64>,
    /// What pinned witnesses saw.
    pub(crate) witnesses: &'a [Seen],
}

pub(crate) fn write(
    content: &Content,
    opened: &Opened,
    story: &Story,
    adopted: &[String],
    reviews: &[Reviewed],
    heads: &Heads<'_>,
) -> Report {
    let mut proven = signatures(opened);
    proven.extend(adopted.iter().cloned());
    proven.extend(session(content, story, opened.opening.request().statement.digest()));
    proven.extend(recording_sealed(content, story));
    proven.extend(story.of(EventKind::RecordingExpired).map(expired));
    proven.extend(reviews.iter().map(review));
    if story.by_break_glass.is_some() && !reviews.is_empty() {
        proven.push(ByBreakGlass::duty(true).to_owned());
    }
    proven.push(format!(
        "The log “{}” answers for every byte of this file with entry {}, under a Checkpoint of {} entries that its \
         pinned key signed.",
        heads.log.name(),
        heads.made.index,
        heads.log.size(),
    ));
    proven.extend(witnessed::sentences(heads.witnesses, heads.log).0);
    let legible = |sentences: Vec<String>| sentences.iter().map(|s| domain::legible(s)).collect();
    Report {
        session: content.session.clone(),
        organization: opened.opening.organization().clone(),
        proven: legible(proven),
        not_proven: legible(not_proven(content, story, reviews, heads)),
        opened_entry: story.opened.index,
    }
}

fn signatures(opened: &Opened) -> Vec<String> {
    let opening = &opened.opening;
    let (request, who) = (&opening.request().statement, &opening.request().identity);
    let asked = request.body();
    let mut sentences = vec![format!(
        "{} ({}) signed a request at {}: {} of {} ({}). Reason: {}. Ticket: {}.",
        who.name,
        who.person,
        time(request.payload().iat),
        granted(Terms { duration_seconds: asked.duration_seconds, scope: asked.scope }),
        asked.organization.name,
        asked.organization.id,
        asked.reason.label(),
        asked.ticket,
    )];
    sentences.extend(opening.decisions().iter().map(|d| {
        format!(
            "{} ({}), another person on another Device, countersigned exactly this request at {}: {}.",
            d.identity.name,
            d.identity.person,
            time(d.statement.payload().iat),
            granted(d.statement.body().terms),
        )
    }));
    sentences.extend(opening.break_glass().into_iter().flat_map(break_glass::signatures));
    sentences.push(
        "The pinned identity provider signed each of them in, bound to the Device key that signed here, and \
         administrators had enrolled these Devices: each enrolment stood in the log before, with a code for exactly it."
            .to_owned(),
    );
    sentences.push(format!(
        "The {} policy allows it and asks for {} {}.",
        whose(&opened.policies, &opened.trust().policy),
        opened.approvals,
        if opened.approvals == 1 { "approval" } else { "approvals" },
    ));
    sentences
}

/// The one that everybody pins, or one that two administrators put in its place.
fn whose(policies: &Policies, named: &Digest) -> &'static str {
    let adopted = policies.named(named).is_some_and(|p| p.adopted.is_some());
    if adopted { "adopted" } else { "pinned" }
}

fn session(content: &Content, story: &Story, request: &Digest) -> Vec<String> {
    let mut sentences = vec![format!(
        "Request, every approval and the opening stand in the log in this order; the opening is entry {}, at {}, and \
         had to end at {}.",
        story.opened.index,
        time(content.opened_at),
        time(story.first_end),
    )];
    sentences.extend(story.by_break_glass.iter().flat_map(ByBreakGlass::sentences));
    sentences.extend(story.extensions.iter().map(|e| extended(e, &story.policies)));
    let refused = story.of(EventKind::ExchangeRefused).count();
    if refused > 0 {
        sentences.push(format!("The gateway logged {refused} refused requests during the Session."));
    }
    let grants = || story.extensions.iter().map(|e| e.opening.request().statement.digest()).chain([request]);
    let of_this = |entry: &&Entry| grants().any(|request| entry.fact("request") == Some(request.as_str()));
    for revoked in story.of(EventKind::Revoked).filter(of_this) {
        let at = time(revoked.event.at.div_euclid(1000));
        sentences.push(format!("A revocation of its Grant was logged at {at}, entry {}.", revoked.index));
    }
    for ended in story.of(EventKind::SessionEnded) {
        let reason = ended.fact("reason").unwrap_or("no reason given");
        let at = time(ended.event.at.div_euclid(1000));
        sentences.push(format!("Its end ({reason}) was logged at {at}, entry {}.", ended.index));
    }
    sentences
}

fn extended(extended: &Extended, policies: &Policies) -> String {
    let (request, terms) = (extended.opening.request(), extended.opening.terms());
    let people: Vec<String> =
        extended.opening.decisions().iter().map(|d| format!("{} ({})", d.identity.name, d.identity.person)).collect();
    format!(
        "{} asked for more time at {}: {} in all, counted from the opening. {} countersigned it, as many as the {} \
         policy asks for ({}); from entry {} on the Session had to end at {}.",
        request.identity.name,
        time(request.statement.payload().iat),
        granted(terms),
        people.join(", "),
        whose(policies, &request.statement.body().policy),
        extended.approvals,
        extended.index,
        time(extended.ends_at),
    )
}

fn recording_sealed(content: &Content, story: &Story) -> Option<String> {
    let (manifest, entry) = (content.manifest.as_ref()?, story.of(EventKind::RecordingSealed).next()?);
    Some(format!(
        "The recording was sealed at {}, entry {}: {} segments, {} frames, {} requests; the log names the digest of each \
         segment.",
        time(entry.event.at.div_euclid(1000)),
        entry.index,
        manifest.segments.len(),
        manifest.frames,
        manifest.exchanges,
    ))
}

fn expired(entry: &Entry) -> String {
    format!(
        "The recording was destroyed by retention at {}, entry {}: the policy kept recordings for {} days. What was signed, and the \
         log about it, is whole.",
        time(entry.event.at.div_euclid(1000)),
        entry.index,
        entry.fact("recording-days").unwrap_or("so many"),
    )
}

fn review(review: &Reviewed) -> String {
    let verdict = match review.verdict {
        ReviewVerdict::NothingToReport => "nothing to report",
        ReviewVerdict::Flagged => "flagged",
    };
    let (who, at) = (&review.reviewer, time(review.at));
    let index = review.index;
    format!(
        "{} ({}), who signed neither side and whose Device an administrator had enrolled, reviewed it at {at}: {verdict}. \
         Entry {index}.",
        who.name, who.person
    )
}

fn not_proven(content: &Content, story: &Story, reviews: &[Reviewed], heads: &Heads<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    match &content.manifest {
        None => sentences.push("The recording is not sealed: nothing here says what was done.".to_owned()),
        Some(manifest) => {
            let destroyed = story.of(EventKind::RecordingExpired).next().is_some();
            let kept = "What was done: the recording itself is not in this file, only its digests.";
            let gone = "What was done: the recording was destroyed, and only its digests are left.";
            sentences.push(if destroyed { gone } else { kept }.to_owned());
            if !manifest.missing_batches.is_empty() {
                let missing = manifest.missing_batches.len();
                sentences.push(format!("The recording has a gap: {missing} parts never arrived."));
            }
        }
    }
    if story.of(EventKind::SessionEnded).next().is_none() {
        sentences.push("When and why the Session ended.".to_owned());
    }
    if reviews.is_empty() {
        sentences.push("Nobody reviewed the Session before this file was made.".to_owned());
        sentences.extend(story.by_break_glass.iter().map(|_| ByBreakGlass::duty(false).to_owned()));
    }
    let taken_back = story
        .of(EventKind::RequestWithdrawn)
        .chain(story.of(EventKind::RequestExpired))
        .chain(story.of(EventKind::Denied))
        .chain(story.of(EventKind::Revoked));
    for entry in taken_back.filter(|e| e.index < story.opened.index) {
        sentences.push(format!("That it should have opened: entry {} takes the request back before.", entry.index));
    }
    if story.forgotten > 0 {
        let fields = story.forgotten;
        sentences
            .push(format!("{fields} personal fields: they have been forgotten, or were not opened for this file."));
    }
    sentences.extend(witnessed::sentences(heads.witnesses, heads.log).1);
    sentences.extend(by_word_alone(heads));
    sentences
}

pub(crate) fn by_word_alone(heads: &Heads<'_>) -> Vec<String> {
    let mut sentences = vec![
        "The times: they are those of the signers, the gateway and the audit service.".to_owned(),
        "That the administrators enrolled the right computers: they compared the keys themselves.".to_owned(),
        "The second factors: they are the broker's word, signed with its pinned key.".to_owned(),
        "That nobody who signed had been revoked: the audit service opens nothing then, and this file does not show it."
            .to_owned(),
    ];
    if heads.seen.is_none() {
        sentences.push("What the signers knew of the log: none of them names a Checkpoint.".to_owned());
    }
    sentences
}

pub(crate) fn granted(terms: Terms) -> String {
    let (minutes, seconds) = (terms.duration_seconds / 60, terms.duration_seconds % 60);
    let duration = if seconds == 0 { format!("{minutes} min") } else { format!("{} s", terms.duration_seconds) };
    format!("{} for {duration}", terms.scope.label())
}

pub(crate) fn time(at: UnixSeconds) -> String {
    jiff::Timestamp::from_second(at).map_or_else(|_| format!("second {at}"), |t| t.to_string())
}
