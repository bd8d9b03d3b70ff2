use domain::{Digest, SessionId, UnixMillis, UnixSeconds};
use policy::Policies;
use statement::{Bundle, Opening, base64url_decode, sha256};
use wire::event::{EventKind, Source};
use wire::evidence::{Content, ProvenEvent};
use wire::join::TrustFile;

use crate::Rejected;
use crate::break_glass::{self, ByBreakGlass};
use crate::extensions::{self, Extended};
use crate::log::{Entry, Log};
use crate::opening::Opened;
use crate::rejected::require;

/// The gateway's time at the opening and the audit service's may differ by this, in seconds.
const CLOCKS_APART: i64 = 60;

/// The Session's entries, each proven, in the log's order.
pub(crate) struct Story {
    pub(crate) entries: Vec<Entry>,
    pub(crate) opened: Entry,
    /// As it was opened.
    pub(crate) first_end: UnixSeconds,
    /// In the log's order.
    pub(crate) extensions: Vec<Extended>,
    /// From the pinned policy to the newest that it was opened or extended under.
    pub(crate) policies: Policies,
    pub(crate) by_break_glass: Option<ByBreakGlass>,
    /// Personal fields that were not opened: destroyed with their key.
    pub(crate) forgotten: usize,
}

impl Story {
    /// When the Session had to end, with everything that extended it.
    pub(crate) fn ends_at(&self) -> UnixSeconds {
        self.extensions.last().map_or(self.first_end, |last| last.ends_at)
    }

    /// The signatures that the Session rests on: what opened it, then what extended it.
    pub(crate) fn openings<'a>(&'a self, opened: &'a Opened) -> impl Iterator<Item = &'a Opening> {
        std::iter::once(&opened.opening).chain(self.extensions.iter().map(|e| &e.opening))
    }

    /// And the bundles that hold them.
    pub(crate) fn bundles<'a>(&'a self, opened: &'a Opened) -> impl Iterator<Item = &'a Bundle> {
        std::iter::once(&opened.bundle).chain(self.extensions.iter().map(|e| &e.bundle))
    }

    pub(crate) fn of(&self, kind: EventKind) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |e| e.event.kind == kind)
    }
}

/// The entries of one Session, each proven, and what they name in the file is what is there.
pub(crate) struct Logged {
    pub(crate) entries: Vec<Entry>,
    pub(crate) opened: Entry,
    forgotten: usize,
}

/// Proves every entry, and holds the content to what they name; nothing of what was signed is looked at.
pub(crate) fn prove(content: &Content, log: &mut Log) -> Result<Logged, Rejected> {
    let mut forgotten = 0;
    let mut entries = Vec::with_capacity(content.events.len());
    for proven in &content.events {
        let entry = log.prove(&proven.receipt)?;
        check_personal(&entry, proven)?;
        forgotten += entry.event.sealed.len() - proven.personal.len();
        entries.push(entry);
    }
    let opened = single(&entries, EventKind::SessionOpened, Source::Audit, "the opening")?
        .ok_or_else(|| Rejected::new("entries", "the opening is not among them"))?
        .clone();
    check_named(&opened, content)?;
    extensions::named(content, &entries)?;
    Ok(Logged { entries, opened, forgotten })
}

/// The opening in the log is of this bundle and these circumstances.
fn check_named(opened: &Entry, content: &Content) -> Result<(), Rejected> {
    for (part, name, value) in [
        ("bundle", "bundle", sha256(&content.bundle_json).to_string()),
        ("TLS key", "tls-client", content.tls_client.to_string()),
        ("time of the opening", "opened-at", content.opened_at.to_string()),
        ("provider keys", "provider-keys", sha256(&content.provider_keys).to_string()),
    ] {
        let holds = opened.fact(name) == Some(value.as_str());
        require(holds, part, &format!("the opening in the log, {}, has another {name}", opened.part()))?;
    }
    require(
        opened.event.session.as_ref() == Some(&content.session),
        "session",
        "the opening in the log is of another Session",
    )
}

/// Checks that request, Approvals and opening stand in the log in this order, and say what was signed.
pub(crate) fn verify(
    content: &Content,
    opened: &Opened,
    logged: Logged,
    made: &Entry,
    trust: &TrustFile,
) -> Result<Story, Rejected> {
    let Logged { entries, opened: opening, forgotten } = logged;
    check_order(&entries, made)?;
    let more = extensions::named(content, &entries)?;
    let own: Vec<Digest> = own_statements(&opened.opening).cloned().chain(named_by_extensions(content)?).collect();
    for entry in &entries {
        check_subject(entry, &content.session, opened, &own)?;
    }
    let first_end = check_opened(&opening, content, opened)?;
    check_before(&entries, &opening, &opened.opening)?;
    let by_break_glass = break_glass::verify(content, &entries, &opening, &opened.opening)?;
    let (extensions, policies) = extensions::verify(content, opened, (&entries, &more), (&opening, first_end), trust)?;
    let story = Story { entries, opened: opening, first_end, extensions, policies, by_break_glass, forgotten };
    check_ended(&story)?;
    Ok(story)
}

/// The gateway's end of the Session lies within the time that the signatures gave.
fn check_ended(story: &Story) -> Result<(), Rejected> {
    for ended in story.of(EventKind::SessionEnded) {
        let Some(at) = ended.fact("ended-at") else { continue };
        let within = at.parse::<UnixSeconds>().is_ok_and(|at| at <= story.ends_at());
        require(within, &ended.part(), "ended later than was granted")?;
    }
    Ok(())
}

/// Each opened field is the one whose digest the leaf holds.
pub(crate) fn check_personal(entry: &Entry, proven: &ProvenEvent) -> Result<(), Rejected> {
    for (name, field) in &proven.personal {
        let salt = base64url_decode(field.salt.as_str()).map_err(|e| Rejected::new(entry.part(), e))?;
        let opened = sha256([salt.as_slice(), field.value.as_bytes()].concat());
        let holds = entry.event.sealed.get(name) == Some(&opened);
        require(holds, &entry.part(), "a personal field is not the one that the log holds")?;
    }
    Ok(())
}

/// Indices rise, times never fall, and the file was made last.
fn check_order(entries: &[Entry], made: &Entry) -> Result<(), Rejected> {
    let mut before: Option<(u64, UnixMillis)> = None;
    for entry in entries.iter().chain([made]) {
        if let Some((index, at)) = before {
            require(entry.index > index, &entry.part(), "not in the log's order")?;
            require(entry.event.at >= at, &entry.part(), "older than the entry before it")?;
        }
        before = Some((entry.index, entry.event.at));
    }
    Ok(())
}

fn check_subject(entry: &Entry, session: &SessionId, opened: &Opened, own: &[Digest]) -> Result<(), Rejected> {
    let of_session = entry.event.session.as_ref();
    require(of_session.is_none_or(|s| s == session), &entry.part(), "about another Session")?;
    let organization = entry.event.organization.as_ref();
    let same = organization.is_none_or(|o| *o == opened.opening.organization().id);
    require(same, &entry.part(), "about another Organization")?;
    let named = |digest: &Digest| entry.names(digest) || entry.event.facts.values().any(|v| v == digest.as_str());
    let own = of_session.is_some() || own.iter().any(named);
    require(own, &entry.part(), "about nothing of this Session")
}

/// What the extensions' bundles hold; verified with each of them later.
fn named_by_extensions(content: &Content) -> Result<Vec<Digest>, Rejected> {
    let mut named = Vec::new();
    for signed in &content.extensions {
        let bundle: Bundle = serde_json::from_str(&signed.bundle_json)
            .map_err(|_| Rejected::new("extension", "its bundle is not of the expected shape"))?;
        named.extend(std::iter::once(&bundle.request).chain(&bundle.decisions).chain([&bundle.open]).map(sha256));
    }
    Ok(named)
}

fn own_statements(opening: &Opening) -> impl Iterator<Item = &Digest> {
    std::iter::once(opening.request().statement.digest())
        .chain(opening.decisions().iter().map(|d| d.statement.digest()))
        .chain(break_glass::statements(opening))
        .chain([opening.open().digest()])
}

/// The entry is about exactly this bundle, as the gateway saw it. Answers when the Session had to end.
fn check_opened(entry: &Entry, content: &Content, opened: &Opened) -> Result<UnixSeconds, Rejected> {
    let terms = opened.opening.terms();
    let scope = serde_json::to_value(terms.scope).map_err(|e| Rejected::new(entry.part(), e))?;
    let expected =
        [("policy", opened.trust().policy.to_string()), ("scope", scope.as_str().unwrap_or_default().to_owned())];
    for (name, value) in &expected {
        let holds = entry.fact(name) == Some(value.as_str());
        require(holds, &entry.part(), &format!("the opening in the log has another {name}"))?;
    }
    require(
        entry.event.statements.iter().eq(own_statements(&opened.opening)),
        &entry.part(),
        "the opening of other statements",
    )?;
    check_logged_at(entry, content.opened_at, "opened")?;
    let ends_at = entry.fact("ends-at").and_then(|t| t.parse::<UnixSeconds>().ok());
    let longest = content.opened_at.saturating_add(terms.duration_seconds);
    ends_at
        .filter(|&end| end > content.opened_at && end <= longest)
        .ok_or_else(|| Rejected::new(entry.part(), "open for longer than was granted"))
}

/// What the gateway says that it did at this moment was written down at about this moment.
pub(crate) fn check_logged_at(entry: &Entry, at: UnixSeconds, what: &str) -> Result<(), Rejected> {
    let apart = entry.event.at.div_euclid(1000).checked_sub(at).and_then(i64::checked_abs);
    let holds = apart.is_some_and(|s| s <= CLOCKS_APART);
    require(holds, &entry.part(), &format!("{what} at another time than it was logged"))
}

/// The request and every Approval were in the log before what they opened or extended.
pub(crate) fn check_before(entries: &[Entry], opened: &Entry, opening: &Opening) -> Result<(), Rejected> {
    let request = opening.request().statement.digest();
    let of_this = |e: &&Entry| e.event.kind == EventKind::RequestSigned && e.names(request);
    let asked: Vec<Entry> = entries.iter().filter(of_this).cloned().collect();
    let asked = single(&asked, EventKind::RequestSigned, Source::Broker, "the request")?
        .ok_or_else(|| Rejected::new("entries", "the request is not among them"))?;
    for decision in opening.decisions() {
        let mut naming = entries.iter().filter(|e| e.names(decision.statement.digest()));
        let approved = naming
            .find(|e| e.event.kind == EventKind::Approved && e.event.source == Source::Broker)
            .ok_or_else(|| Rejected::new("entries", "an Approval is not among them"))?;
        let between = approved.index > asked.index && approved.index < opened.index;
        require(between, &approved.part(), "the Approval does not stand between request and opening")?;
    }
    Ok(())
}

pub(crate) fn single<'a>(
    entries: &'a [Entry],
    kind: EventKind,
    source: Source,
    what: &str,
) -> Result<Option<&'a Entry>, Rejected> {
    let mut found = entries.iter().filter(|e| e.event.kind == kind);
    let (first, second) = (found.next(), found.next());
    if let Some(again) = second {
        return Err(Rejected::new(again.part(), format!("{what} stands in the log twice")));
    }
    if let Some(entry) = first {
        require(entry.event.source == source, &entry.part(), &format!("{what} was written by another service"))?;
    }
    Ok(first)
}
