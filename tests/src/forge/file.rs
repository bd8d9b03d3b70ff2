//! Evidence files as the log's own operator makes them.

use std::collections::BTreeMap;

use checkpoint::LogVerifier;
use domain::UnixSeconds;
use serde_json::Value;
use statement::sha256;
use wire::event::{Append, EventKind, Source};
use wire::evidence::{About, Content, Evidence, PeriodContent, ShownHead, heads_digest};

use super::{Case, Company, Log};

impl Case {
    /// The file about these Sessions, of the day around the first one.
    #[must_use]
    pub fn period(&mut self, sessions: Vec<Content>) -> (PeriodContent, Vec<u8>) {
        let day = sessions.first().map_or(self.good.opened_at, |first| first.opened_at) - 1;
        let organization = self.company.ask().organization.id;
        let content = PeriodContent { organization, from: day - 43_200, to: day + 43_200, sessions };
        let bytes = self.period_file(&content, |append| append);
        (content, bytes)
    }

    /// The file of this content, with what the log's operator writes down of it changed so.
    #[must_use]
    pub fn period_file(&mut self, content: &PeriodContent, change: impl FnOnce(Append) -> Append) -> Vec<u8> {
        let made = (change(period_event(content)), self.good.opened_at + 4000);
        file(&mut self.company.log, content, made, &[])
    }

    /// And with these heads, which witnesses cosigned.
    #[must_use]
    pub fn period_file_with(&mut self, content: &PeriodContent, notes: &[String]) -> Vec<u8> {
        let made = (period_event(content), self.good.opened_at + 4000);
        file(&mut self.company.log, content, made, notes)
    }

    /// The file with these heads, which witnesses cosigned.
    #[must_use]
    pub fn cosigned(&mut self, notes: &[String]) -> Vec<u8> {
        file(&mut self.company.log, &self.content, made_event(&self.content), notes)
    }
}

/// The Evidence file of this content: its digest goes into the log, and the file carries the receipt.
#[must_use]
pub fn remade(company: &mut Company, content: &Content) -> Vec<u8> {
    file(&mut company.log, content, made_event(content), &[])
}

fn period_event(content: &PeriodContent) -> Append {
    Append::new(EventKind::EvidenceMade)
        .organization(&content.organization)
        .fact("from", content.from.to_string())
        .fact("to", content.to.to_string())
        .fact("sessions", content.sessions.len().to_string())
}

/// What the audit service writes down of a file about a Session.
#[must_use]
pub fn made_event(content: &Content) -> (Append, UnixSeconds) {
    (Append::new(EventKind::EvidenceMade).session(&content.session), content.opened_at + 4000)
}

/// A file of any kind, as the log's own operator makes it after this entry, which names what is in it; with these notes, cosigned
/// or not, in the place of the heads of their sizes. Of what signers had seen, what is of this log is shown.
#[must_use]
pub fn file<C: About>(log: &mut Log, content: &C, (made, at): (Append, UnixSeconds), cosigned: &[String]) -> Vec<u8> {
    let verifier = LogVerifier::parse(&log.verifier_key()).expect("a log's key");
    let value = serde_json::to_value(content).expect("plain structs");
    let (entries, seen) = (content.entries().to_string(), content.seen());
    let content = serde_json::to_string(content).expect("plain structs");
    let size_of = |note: &String| verifier.open(note).ok().map(|head| head.size);
    let of_entries = notes_in(&value).into_iter().filter_map(|note| Some((size_of(&note)?, note)));
    let mut notes: BTreeMap<u64, String> = of_entries.collect();
    let is_own = |note: &String| size_of(note).is_some_and(|size| size > 0 && log.checkpoint_of(size) == *note);
    notes.extend(seen.into_iter().filter(is_own).filter_map(|note| Some((size_of(&note)?, note))));
    notes.extend(cosigned.iter().map(|note| (size_of(note).expect("a note of this log"), note.clone())));
    let notes: Vec<(u64, String)> = notes.into_iter().rev().collect();
    let mut made = made.fact("heads", heads_digest(notes.iter().map(|(_, note)| note.as_str())).to_string());
    made.facts.entry("entries".to_owned()).or_insert(entries);
    made.facts.entry("content".to_owned()).or_insert_with(|| sha256(&content).to_string());
    let index = log.append(Source::Audit, &made, at * 1000);
    let (made, size) = (log.receipt(index), log.size());
    let tied = |(from, checkpoint): (u64, String)| ShownHead { consistency: log.path(from, size), checkpoint };
    let heads = notes.into_iter().map(tied).collect();
    let file = Evidence { format: C::FORMAT.to_owned(), content, heads, made };
    serde_json::to_vec(&file).expect("plain structs")
}

/// The Checkpoint of every receipt in a content.
fn notes_in(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(notes_in).collect(),
        Value::Object(members) => {
            let own = members.get("checkpoint").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(notes_in)).collect()
        }
        _ => Vec::new(),
    }
}
