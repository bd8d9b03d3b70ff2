use domain::legible;
use serde::Serialize;
use serde::de::DeserializeOwned;
use statement::sha256;
use wire::event::{EventKind, Receipt, Source};
use wire::evidence::{About, Evidence, FORGOTTEN_FORMAT, PERIOD_FORMAT, SESSION_FORMAT};

use crate::Rejected;
use crate::log::{Entry, Log};
use crate::place::place;
use crate::rejected::require;

/// No Evidence file is longer, in bytes.
const MAX_FILE: usize = 64 * 1024 * 1024;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    Period,
    Forgotten,
}

/// The file taken apart: its content's exact text, and the receipt that answers for it.
pub(crate) fn read(bytes: &[u8]) -> Result<(Kind, Evidence), Rejected> {
    require(bytes.len() <= MAX_FILE, "file", "larger than an Evidence file may be")?;
    let text = std::str::from_utf8(bytes).map_err(|_| Rejected::new("file", "not UTF-8"))?;
    let file: Evidence = canonical(text, "file")?;
    let kind = match file.format.as_str() {
        SESSION_FORMAT => Kind::Session,
        PERIOD_FORMAT => Kind::Period,
        FORGOTTEN_FORMAT => Kind::Forgotten,
        other => return Err(Rejected::new("file, format", format!("“{}” is none that is read here", legible(other)))),
    };
    Ok((kind, file))
}

/// The entry that answers for a file.
pub(crate) fn check_made(made: &Receipt, log: &mut Log) -> Result<Entry, Rejected> {
    let entry = log.prove_made(made)?;
    require(entry.event.kind == EventKind::EvidenceMade, "receipt", "its entry is not evidence-made")?;
    require(entry.event.source == Source::Audit, "receipt", "its entry is not the audit service's")?;
    Ok(entry)
}

/// No entry was taken out of which nothing else in the file tells.
pub(crate) fn check_entries<C: About>(content: &C, made: &Entry) -> Result<(), Rejected> {
    let as_many = made.fact("entries") == Some(content.entries().to_string().as_str());
    require(as_many, "entries", "not as many as the log's entry for this file says")
}

/// The log says that exactly this content was made. Asked when every part has held by itself, so that the part which was changed
/// is named before this says that something was.
pub(crate) fn check_whole(content: &str, entry: &Entry) -> Result<(), Rejected> {
    let digest = sha256(content);
    require(entry.fact("content") == Some(digest.as_str()), "content", "not what the log's entry names")
}

/// Reads `text` and refuses any other spelling than the one that writing it again gives.
pub(crate) fn canonical<T: DeserializeOwned + Serialize>(text: &str, part: &str) -> Result<T, Rejected> {
    let value: T = serde_json::from_str(text)
        .map_err(|e| Rejected::new(at(part, text, offset(text, &e)), "not of the expected shape"))?;
    let again = serde_json::to_string(&value).map_err(|_| Rejected::new(part, "cannot be written again"))?;
    let differs = || text.bytes().zip(again.bytes()).take_while(|(one, other)| one == other).count();
    if again == text {
        Ok(value)
    } else {
        Err(Rejected::new(at(part, text, differs()), "not in its canonical spelling"))
    }
}

fn at(part: &str, text: &str, offset: usize) -> String {
    match place(text, offset).as_str() {
        "" => part.to_owned(),
        place => format!("{part}, {place}"),
    }
}

/// Of the byte that could not be read.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    before + error.column().saturating_sub(1)
}
