use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::Cast;
use crate::{desk::Desk, story::Stage};

/// Everything that must have left an entry by now.
const KINDS: [&str; 12] = [
    "signed-in",
    "enrolled",
    "request-signed",
    "second-factor-refused",
    "call-refused",
    "approved",
    "session-opened",
    "exchange-refused",
    "session-ended",
    "recording-sealed",
    "session-viewed",
    "review-signed",
];

/// The reviewer finds, looks, signs and proves.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast, session: &str) -> anyhow::Result<()> {
    let evidence = stage.folder.join("session.evidence");
    let Stage { steps, desk, folder, .. } = stage;
    steps.take("Ines finds the session, with both signatures and its proof checked here", || {
        let page = cast.ines.says(desk, &["sessions", "--organization", "delmar-foods"])?;
        let found = page["sessions"].as_array().is_some_and(|list| list.iter().any(|one| one["id"] == session));
        ensure!(found, "the session is not in {page}");
        let detail = cast.ines.says(desk, &["session", session])?;
        ensure!(detail["proof"]["verified"] == true, "the proof: {}", detail["proof"]);
        ensure!(detail["request"]["left"]["check"] == "checks-out", "the left half: {}", detail["request"]["left"]);
        ensure!(
            detail["request"]["right"][0]["check"] == "checks-out",
            "the right half: {}",
            detail["request"]["right"]
        );
        Ok(())
    })?;
    steps.take("She goes through its recording", || {
        let recording = cast.ines.says(desk, &["recording", session])?;
        let exchanges = recording["exchanges"].as_array().context("no exchanges")?;
        let refused = exchanges.iter().filter(|one| one["refused"].as_str().is_some_and(|why| !why.is_empty())).count();
        ensure!(exchanges.len() >= 3 && refused >= 1, "{} exchanges, {refused} refused", exchanges.len());
        Ok(())
    })?;
    steps.take("Mara may not review her own session; Ines signs that there is nothing to report", || {
        let review = ["review", session, "nothing-to-report", "--note", "Two pages read, as the ticket says."];
        cast.mara.is_refused(desk, &review, &["missing-role"])?;
        let detail = cast.ines.says(desk, &review)?;
        ensure!(
            detail["reviews"].as_array().is_some_and(|reviews| reviews.len() == 1),
            "the reviews: {}",
            detail["reviews"]
        );
        Ok(())
    })?;
    steps.take("Every step and every refusal is an entry of the log, and the log is intact", || {
        let kinds = all_kinds(desk, cast)?;
        for kind in KINDS {
            ensure!(kinds.iter().any(|known| known == kind), "no {kind} among {kinds:?}");
        }
        let log = cast.ines.says(desk, &["check-log"])?;
        ensure!(log["verdict"] == "intact", "the log: {log}");
        Ok(())
    })?;
    steps.take("The evidence verifies offline, with the trust file alone", || {
        cast.ines.says(desk, &["evidence", session, "--out", &evidence.to_string_lossy()])?;
        verify(desk, cast, folder, &evidence)?;
        Ok(())
    })?;
    steps.take("With any byte changed it does not", || refuses_changes(desk, cast, folder, &evidence))
}

fn verify(desk: &Desk, cast: &Cast, folder: &Path, file: &Path) -> anyhow::Result<Value> {
    let trust = folder.join("trust.json");
    cast.mara.says(desk, &["verify", "--trust", &trust.to_string_lossy(), &file.to_string_lossy()])
}

fn refuses_changes(desk: &Desk, cast: &Cast, folder: &Path, evidence: &Path) -> anyhow::Result<()> {
    let whole = std::fs::read(evidence)?;
    let changed = folder.join("state/changed.evidence");
    for part in 0..24 {
        let at = whole.len() * part / 24 + part % 7;
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&changed, bytes)?;
        ensure!(verify(desk, cast, folder, &changed).is_err(), "byte {at} of {} may be changed", whole.len());
    }
    Ok(())
}

fn all_kinds(desk: &Desk, cast: &Cast) -> anyhow::Result<Vec<String>> {
    let mut kinds = Vec::new();
    let mut before: Option<u64> = None;
    loop {
        let page = match before {
            Some(index) => cast.ines.says(desk, &["entries", "--before", &index.to_string()])?,
            None => cast.ines.says(desk, &["entries"])?,
        };
        let entries = page.as_array().context("entries")?;
        kinds.extend(entries.iter().filter_map(|entry| entry["kind"].as_str().map(str::to_owned)));
        match entries.last().and_then(|entry| entry["index"].as_u64()) {
            Some(index) if index > 0 => before = Some(index),
            _ => return Ok(kinds),
        }
    }
}
