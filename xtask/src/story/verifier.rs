//! The program `countersign-verify`, as an auditor runs it.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context as _, ensure};

use crate::folders;

/// It accepts this file of a Session that was countersigned, and leaves its summary there.
pub fn accepts(trust: &Path, file: &Path, summary: &Path) -> anyhow::Result<()> {
    accepts_saying("countersigned exactly this request", trust, file, summary)
}

/// It accepts this file, and its summary says so.
pub(super) fn accepts_saying(words: &str, trust: &Path, file: &Path, summary: &Path) -> anyhow::Result<()> {
    let answer = run(trust, file, &["--html", &summary.to_string_lossy()])?;
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    ensure!(answer.status.code() == Some(0) && said.starts_with("VERIFIED."), "{}: {said}", answer.status);
    let page = std::fs::read_to_string(summary)?;
    ensure!(page.contains(words), "the summary does not say: {words}");
    Ok(())
}

/// It rejects this file and names a part of it.
pub(super) fn rejects(trust: &Path, file: &Path) -> anyhow::Result<()> {
    let answer = run(trust, file, &["--json"])?;
    ensure!(answer.status.code() == Some(1), "it was not rejected: {}", answer.status);
    let said: serde_json::Value = serde_json::from_slice(&answer.stdout)?;
    ensure!(said["rejected"]["part"].as_str().is_some_and(|part| !part.is_empty()), "no part is named: {said}");
    Ok(())
}

fn run(trust: &Path, file: &Path, more: &[&str]) -> anyhow::Result<Output> {
    Command::new(folders::program("countersign-verify"))
        .arg("--trust")
        .arg(trust)
        .args(more)
        .arg(file)
        .output()
        .context("countersign-verify cannot be started")
}
