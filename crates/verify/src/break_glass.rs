use std::collections::BTreeSet;

use domain::Digest;
use statement::{Opening, Permitted};
use wire::break_glass::is_counted;
use wire::event::{EventKind, Source};
use wire::evidence::Content;

use crate::Rejected;
use crate::log::Entry;
use crate::rejected::require;
use crate::report::time;
use crate::story::single;

/// What belongs to break-glass and to nothing else.
const KINDS: [EventKind; 6] = [
    EventKind::BreakGlassFiled,
    EventKind::BreakGlassUsed,
    EventKind::NoticeMade,
    EventKind::NoticeSeen,
    EventKind::NoticeDelivered,
    EventKind::NoticeFailed,
];

/// How the log tells that a Session was opened by break-glass.
pub(crate) struct ByBreakGlass {
    /// The entry of the permission.
    filed: u64,
    /// Which use of it this was.
    number: String,
    /// Whom the audit service told, as far as their names were not forgotten.
    told: Vec<String>,
    persons: usize,
    seen: usize,
    contact: Contact,
}

enum Contact {
    None,
    NotTaken,
    /// In this entry.
    Taken(u64),
}

/// Holds the entries to what was signed: the permission was filed before, its use is counted, and everybody who was to be told
/// stands there. A Session that was countersigned has none of it.
pub(crate) fn verify(
    content: &Content,
    entries: &[Entry],
    opened: &Entry,
    opening: &Opening,
) -> Result<Option<ByBreakGlass>, Rejected> {
    require(is_counted(&opened.event, opening), &opened.part(), "another break-glass permission than was signed")?;
    let own: Vec<&Entry> = entries.iter().filter(|e| KINDS.contains(&e.event.kind)).collect();
    let Some(permitted) = opening.break_glass() else {
        return match own.first() {
            Some(entry) => Err(Rejected::new(entry.part(), "of break-glass, and the Session was countersigned")),
            None => Ok(None),
        };
    };
    for entry in own.iter().filter(|e| e.event.kind != EventKind::BreakGlassFiled) {
        require(entry.event.source == Source::Audit, &entry.part(), "was written by another service")?;
        require(entry.event.session.is_some(), &entry.part(), "about no Session")?;
        require(entry.index > opened.index, &entry.part(), "stands before the opening")?;
    }
    let filed = check_filed(entries, opened, permitted)?;
    let used = single(entries, EventKind::BreakGlassUsed, Source::Audit, "the use of the permission")?
        .ok_or_else(|| Rejected::new("entries", "the use of the break-glass permission is not among them"))?;
    let same = |name: &str, of: &str| used.fact(name).is_some() && used.fact(name) == opened.fact(of);
    let counted = same("permission", "break-glass")
        && same("use", "use")
        && used.fact("uses") == Some(permitted.body().uses.to_string().as_str());
    require(counted, &used.part(), "the use of another permission, or another use")?;
    let notices = Notices::read(content, entries);
    let said = |name: &str| used.fact(name).unwrap_or_default();
    let whole = said("told") == notices.persons.len().to_string()
        && (said("contact") == "configured") == (notices.contacts.len() == 1)
        && notices.contacts.len() <= 1;
    require(whole, "notices", "not those that the log says were made")?;
    notices.check_done(entries)?;
    let seen = notices.done(entries, EventKind::NoticeSeen, &notices.persons).len();
    let taken = notices.done(entries, EventKind::NoticeDelivered, &notices.contacts);
    Ok(Some(ByBreakGlass {
        filed,
        number: said("use").to_owned(),
        persons: notices.persons.len(),
        told: notices.told,
        seen,
        contact: match (notices.contacts.is_empty(), taken.first()) {
            (true, _) => Contact::None,
            (false, None) => Contact::NotTaken,
            (false, Some(index)) => Contact::Taken(*index),
        },
    }))
}

/// Exactly this permission stood in the log before it was used.
fn check_filed(entries: &[Entry], opened: &Entry, permitted: &Permitted) -> Result<u64, Rejected> {
    let filed = single(entries, EventKind::BreakGlassFiled, Source::Audit, "the break-glass permission")?
        .ok_or_else(|| Rejected::new("entries", "the break-glass permission is not among them"))?;
    let statements = permitted.signers().iter().map(|s| s.statement.digest());
    let right =
        filed.event.statements.iter().eq(statements) && filed.fact("permission") == Some(permitted.id().as_str());
    require(right, &filed.part(), "of another break-glass permission")?;
    require(filed.index < opened.index, &filed.part(), "the permission was filed after it was used")?;
    Ok(filed.index)
}

struct Notices {
    persons: BTreeSet<u64>,
    contacts: BTreeSet<u64>,
    told: Vec<String>,
}

impl Notices {
    fn read(content: &Content, entries: &[Entry]) -> Self {
        let mut notices = Self { persons: BTreeSet::new(), contacts: BTreeSet::new(), told: Vec::new() };
        for (entry, proven) in entries.iter().zip(&content.events) {
            if entry.event.kind != EventKind::NoticeMade {
                continue;
            }
            if entry.fact("to") == Some("contact") {
                notices.contacts.insert(entry.index);
            } else {
                notices.persons.insert(entry.index);
                notices.told.extend(proven.personal.get("told").map(|field| field.value.clone()));
            }
        }
        notices
    }

    /// What was seen or taken is one of these, once, and stands behind it.
    fn check_done(&self, entries: &[Entry]) -> Result<(), Rejected> {
        let mut done = BTreeSet::new();
        for entry in entries {
            let of = match entry.event.kind {
                EventKind::NoticeSeen => &self.persons,
                EventKind::NoticeDelivered => &self.contacts,
                _ => continue,
            };
            let notice = notice_of(entry).filter(|notice| of.contains(notice) && *notice < entry.index);
            require(notice.is_some_and(|n| done.insert(n)), &entry.part(), "of no notice that was made, or once more")?;
        }
        Ok(())
    }

    /// The entries of this kind about one of those.
    fn done(&self, entries: &[Entry], kind: EventKind, of: &BTreeSet<u64>) -> Vec<u64> {
        let of_kind = entries.iter().filter(|e| e.event.kind == kind);
        of_kind.filter(|e| notice_of(e).is_some_and(|n| of.contains(&n))).map(|e| e.index).collect()
    }
}

fn notice_of(entry: &Entry) -> Option<u64> {
    entry.fact("notice").and_then(|text| text.parse().ok())
}

/// Who signed what in advance.
pub(crate) fn signatures(permitted: &Permitted) -> Vec<String> {
    let body = permitted.body();
    let named = |all: Vec<String>| all.join(", ");
    let mut sentences = vec![format!(
        "Nobody countersigned this request: it was opened by break-glass. Two administrators had signed in advance that {} may \
         open {}, at most {}, {} in all, from {} until {}. Their reason: {}",
        named(body.persons.iter().map(|p| p.0.clone()).collect()),
        named(body.organizations.iter().map(|o| format!("{} ({})", o.name, o.id)).collect()),
        crate::report::granted(statement::Terms { duration_seconds: body.duration_seconds, scope: body.scope }),
        if body.uses == 1 { "one Session".to_owned() } else { format!("{} Sessions", body.uses) },
        time(body.from),
        time(body.until),
        body.reason,
    )];
    sentences.extend(permitted.signers().iter().map(|s| {
        format!(
            "{} ({}), another person on another Device, signed exactly this permission in advance at {}, with a code for it.",
            s.identity.name,
            s.identity.person,
            time(s.statement.payload().iat),
        )
    }));
    sentences
}

impl ByBreakGlass {
    /// That it was filed and counted, and who was told.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let names = if self.told.is_empty() { String::new() } else { format!(" ({})", self.told.join(", ")) };
        let contact = match self.contact {
            Contact::None => "The Organization had no contact that it could tell.".to_owned(),
            Contact::NotTaken => "The Organization’s contact has not taken the notice yet.".to_owned(),
            Contact::Taken(index) => format!("The Organization’s contact took the notice, entry {index}."),
        };
        vec![
            format!(
                "The permission stood in the log before, entry {}; this was use {} of it, which the log has once.",
                self.filed, self.number
            ),
            format!(
                "The audit service itself made a notice for each of {} people who were not asked{names}; {} of them had been \
                 given theirs when this file was made. {contact}",
                self.persons, self.seen
            ),
        ]
    }

    /// Whether the duty that it left is done.
    pub(crate) fn duty(reviewed: bool) -> &'static str {
        if reviewed {
            "The review that break-glass asks for was made, by somebody who neither used the permission nor signed it."
        } else {
            "That anybody else has looked at it: it was opened by break-glass, and stands as a duty until somebody has."
        }
    }
}

/// The statements of a permission, beside those of the request.
pub(crate) fn statements(opening: &Opening) -> impl Iterator<Item = &Digest> {
    opening.break_glass().into_iter().flat_map(Permitted::signers).map(|s| s.statement.digest())
}
