use domain::{Digest, SessionId, UnixMillis, UnixSeconds};
use statement::{base64url_decode, sha256};
use wire::event::{EventKind, Source};
use wire::evidence::{Content, ProvenEvent};

use crate::Rejected;
use crate::log::{Entry, Log};
use crate::opening::Opened;
use crate::rejected::require;

/// The gateway's time at the opening and the audit service's may differ by this, in seconds.
const CLOCKS_APART: i64 = 60;

/// The Session's entries, each proven, in the log's order.
pub(crate) struct Story {
    pub(crate) entries: Vec<Entry>,
    pub(crate) opened: Entry,
    pub(crate) ends_at: UnixSeconds,
    /// Personal fields that were not opened: destroyed with their key.
    pub(crate) forgotten: usize,
}

impl Story {
    pub(crate) fn of(&self, kind: EventKind) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |e| e.event.kind == kind)
    }

    /// The only entry of its kind, if there is one.
    pub(crate) fn single(&self, kind: EventKind, source: Source, what: &str) -> Result<Option<&Entry>, Rejected> {
        single(&self.entries, kind, source, what)
    }
}

/// Proves every entry and checks that request, Approvals and opening stand in the log in this order.
pub(crate) fn verify(content: &Content, opened: &Opened, log: &mut Log, made: &Entry) -> Result<Story, Rejected> {
    let (entries, forgotten) = prove(content, log)?;
    check_order(&entries, made)?;
    for entry in &entries {
        check_subject(entry, &content.session, opened)?;
    }
    let opening = single(&entries, EventKind::SessionOpened, Source::Audit, "the opening")?
        .ok_or_else(|| Rejected::new("entries", "the opening is not among them"))?
        .clone();
    let ends_at = check_opened(&opening, content, opened)?;
    check_before(&entries, &opening, opened)?;
    Ok(Story { entries, opened: opening, ends_at, forgotten })
}

fn prove(content: &Content, log: &mut Log) -> Result<(Vec<Entry>, usize), Rejected> {
    let mut forgotten = 0;
    let mut entries = Vec::with_capacity(content.events.len());
    for proven in &content.events {
        let entry = log.prove(&proven.receipt)?;
        check_personal(&entry, proven)?;
        forgotten += entry.event.sealed.len() - proven.personal.len();
        entries.push(entry);
    }
    Ok((entries, forgotten))
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

fn check_subject(entry: &Entry, session: &SessionId, opened: &Opened) -> Result<(), Rejected> {
    let of_session = entry.event.session.as_ref();
    require(of_session.is_none_or(|s| s == session), &entry.part(), "about another Session")?;
    let organization = entry.event.organization.as_ref();
    let same = organization.is_none_or(|o| *o == opened.opening.organization().id);
    require(same, &entry.part(), "about another Organization")?;
    let named = |digest: &Digest| entry.names(digest) || entry.event.facts.values().any(|v| v == digest.as_str());
    let own = of_session.is_some() || own_statements(opened).any(named);
    require(own, &entry.part(), "about nothing of this Session")
}

fn own_statements(opened: &Opened) -> impl Iterator<Item = &Digest> {
    let opening = &opened.opening;
    std::iter::once(opening.request().statement.digest())
        .chain(opening.decisions().iter().map(|d| d.statement.digest()))
        .chain([opening.open().digest()])
}

/// The entry is about exactly this bundle, as the gateway saw it. Answers when the Session had to end.
fn check_opened(entry: &Entry, content: &Content, opened: &Opened) -> Result<UnixSeconds, Rejected> {
    let terms = opened.opening.terms();
    let scope = serde_json::to_value(terms.scope).map_err(|e| Rejected::new(entry.part(), e))?;
    let expected = [
        ("bundle", sha256(&content.bundle_json).to_string()),
        ("tls-client", content.tls_client.to_string()),
        ("opened-at", content.opened_at.to_string()),
        ("provider-keys", sha256(&content.provider_keys).to_string()),
        ("policy", opened.trust().policy.to_string()),
        ("scope", scope.as_str().unwrap_or_default().to_owned()),
    ];
    for (name, value) in &expected {
        let holds = entry.fact(name) == Some(value.as_str());
        require(holds, &entry.part(), &format!("the opening in the log has another {name}"))?;
    }
    require(entry.event.session.as_ref() == Some(&content.session), &entry.part(), "the opening of another Session")?;
    require(
        entry.event.statements.iter().eq(own_statements(opened)),
        &entry.part(),
        "the opening of other statements",
    )?;
    let logged_at = entry.event.at.div_euclid(1000);
    let apart = logged_at.checked_sub(content.opened_at).and_then(i64::checked_abs);
    require(apart.is_some_and(|s| s <= CLOCKS_APART), &entry.part(), "opened at another time than it was logged")?;
    let ends_at = entry.fact("ends-at").and_then(|t| t.parse::<UnixSeconds>().ok());
    let longest = content.opened_at.saturating_add(terms.duration_seconds);
    ends_at
        .filter(|&end| end > content.opened_at && end <= longest)
        .ok_or_else(|| Rejected::new(entry.part(), "open for longer than was granted"))
}

/// The request and every Approval were in the log before the opening.
fn check_before(entries: &[Entry], opening: &Entry, opened: &Opened) -> Result<(), Rejected> {
    let request = opened.opening.request().statement.digest();
    let asked = single(entries, EventKind::RequestSigned, Source::Broker, "the request")?
        .filter(|e| e.names(request))
        .ok_or_else(|| Rejected::new("entries", "the request is not among them"))?;
    for decision in opened.opening.decisions() {
        let mut naming = entries.iter().filter(|e| e.names(decision.statement.digest()));
        let approved = naming
            .find(|e| e.event.kind == EventKind::Approved && e.event.source == Source::Broker)
            .ok_or_else(|| Rejected::new("entries", "an Approval is not among them"))?;
        let between = approved.index > asked.index && approved.index < opening.index;
        require(between, &approved.part(), "the Approval does not stand between request and opening")?;
    }
    Ok(())
}

fn single<'a>(
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
