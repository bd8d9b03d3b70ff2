use serde::Serialize;
use serde::de::DeserializeOwned;
use statement::sha256;
use wire::event::{EventKind, Receipt, Source};
use wire::evidence::Evidence;

use crate::Rejected;
use crate::log::{Entry, Log};
use crate::rejected::require;

const FORMAT: &str = "countersign-evidence/2";
const PERIOD_FORMAT: &str = "countersign-evidence-period/1";
const FORGOTTEN_FORMAT: &str = "countersign-evidence-forgotten/1";
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
        FORMAT => Kind::Session,
        PERIOD_FORMAT => Kind::Period,
        FORGOTTEN_FORMAT => Kind::Forgotten,
        _ => {
            let formats = "in another format than countersign-evidence/2, -period/1 or -forgotten/1";
            return Err(Rejected::new("file", formats));
        }
    };
    Ok((kind, file))
}

/// The log says that exactly this content was made.
pub(crate) fn check_made(content: &str, made: &Receipt, log: &mut Log) -> Result<Entry, Rejected> {
    let entry = log.prove_made(made)?;
    require(entry.event.kind == EventKind::EvidenceMade, "receipt", "its entry is not evidence-made")?;
    require(entry.event.source == Source::Audit, "receipt", "its entry is not the audit service's")?;
    let digest = sha256(content);
    require(entry.fact("content") == Some(digest.as_str()), "content", "not what the log's entry names")?;
    Ok(entry)
}

/// Reads `text` and refuses any other spelling than the one that writing it again gives.
pub(crate) fn canonical<T: DeserializeOwned + Serialize>(text: &str, part: &str) -> Result<T, Rejected> {
    let value: T = serde_json::from_str(text).map_err(|_| Rejected::new(part, "not of the expected shape"))?;
    let again = serde_json::to_string(&value).map_err(|_| Rejected::new(part, "cannot be written again"))?;
    require(again == text, part, "not in its canonical spelling")?;
    Ok(value)
}
