//! What is held of pages that are hard to record, beside how they look: the record of the exchanges is whole, and what was
//! not seen is said.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::Value;

/// One page as the browser saw it, from `pages.json`.
#[derive(Debug, Deserialize)]
struct Page {
    name: String,
    /// Its path as it was asked for.
    path: String,
    /// What the page says when it works, and whether it said so.
    works: bool,
    /// A part of what replay has to say is missing; empty when it is to show everything.
    unseen: String,
}

/// Every page worked, was recorded as an exchange, and what was not seen of it is among the gaps.
///
/// # Errors
/// The first thing that is not so.
pub fn hold(folder: PathBuf, recording: &Path) -> anyhow::Result<()> {
    let recording: Value = serde_json::from_slice(&std::fs::read(recording)?)?;
    let pages: Vec<Page> = serde_json::from_slice(&std::fs::read(folder.join("pages.json"))?)?;
    ensure!(!pages.is_empty(), "no page was visited");
    let list = |name: &str| recording[name].as_array().cloned().with_context(|| format!("a Recording without {name}"));
    let (exchanges, gaps) = (list("exchanges")?, list("gaps")?);
    for Page { name, path, works, unseen } in pages {
        ensure!(works, "{name}: the page did not work");
        let exchange = exchanges.iter().find(|exchange| exchange["path"] == path.as_str());
        let exchange = exchange.with_context(|| format!("{name}: {path} is not in the record"))?;
        ensure!(exchange["status"] == 200 && exchange["cut"] == "", "{name}: {exchange}");
        let said = |gap: &Value| gap["detail"].as_str().is_some_and(|detail| detail.contains(&unseen));
        ensure!(unseen.is_empty() || gaps.iter().any(said), "{name}: nothing says \"{unseen}\" in {gaps:?}");
    }
    Ok(())
}
