//! What is held of pages that are hard to record, beside how they look: the record of the exchanges is whole, and what was
//! not seen is said.

use std::path::Path;

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

/// Every page worked, was recorded as an exchange, and replay says what was not seen of it.
///
/// # Errors
/// The first thing that is not so.
pub fn hold(folder: &Path, recording: &Path, said: &[String]) -> anyhow::Result<()> {
    let recording: Value = serde_json::from_slice(&std::fs::read(recording)?)?;
    let pages: Vec<Page> = serde_json::from_slice(&std::fs::read(folder.join("pages.json"))?)?;
    ensure!(!pages.is_empty(), "no page was visited");
    let exchanges = recording["exchanges"].as_array().context("a Recording without exchanges")?;
    for Page { name, path, works, unseen } in pages {
        ensure!(works, "{name}: the page did not work");
        let exchange = exchanges.iter().find(|exchange| exchange["path"] == path.as_str());
        let exchange = exchange.with_context(|| format!("{name}: {path} is not in the record"))?;
        ensure!(exchange["status"] == 200 && exchange["cut"] == "", "{name}: {exchange}");
        let is_said = unseen.is_empty() || said.iter().any(|detail| detail.contains(&unseen));
        ensure!(is_said, "{name}: nothing says \"{unseen}\" in {said:?}");
    }
    Ok(())
}
