use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{Cast, session::Held};
use crate::story::{Stage, verifier};

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
pub(super) fn tell(stage: &mut Stage, cast: &Cast, held: &Held) -> anyhow::Result<()> {
    let session = held.session.as_str();
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
    steps.measure(
        "She goes through its recording: every page that was answered is in it, and every refusal",
        || {
            let recording = cast.ines.says(desk, &["recording", session])?;
            let exchanges = recording["exchanges"].as_array().context("no exchanges")?;
            let refused =
                exchanges.iter().filter(|one| one["refused"].as_str().is_some_and(|why| !why.is_empty())).count();
            ensure!(refused >= 6, "{} exchanges, {refused} refused", exchanges.len());
            for mark in &held.marks {
                let end = format!("?q={mark}");
                let is_it = |one: &&Value| one["path"].as_str().is_some_and(|path| path.ends_with(&end));
                let one =
                    exchanges.iter().find(is_it).with_context(|| format!("the page {mark} is not in the recording"))?;
                ensure!(one["status"] == 200, "the page {mark}: {one}");
            }
            ensure!(recording["gaps"].as_array().is_some_and(Vec::is_empty), "gaps: {}", recording["gaps"]);
            Ok((
                (),
                format!("{} exchanges, {refused} refused, {} pages around crashes", exchanges.len(), held.marks.len()),
            ))
        },
    )?;
    steps.take("Mara may not review her own session; Ines signs that there is nothing to report", || {
        let review = ["review", session, "nothing-to-report", "--note", "Two pages read, as the ticket says."];
        cast.mara.is_refused(desk, &review, "missing-role")?;
        let detail = cast.ines.says(desk, &review)?;
        ensure!(
            detail["reviews"].as_array().is_some_and(|reviews| reviews.len() == 1),
            "the reviews: {}",
            detail["reviews"]
        );
        Ok(())
    })?;
    steps.take("Every step and every refusal is an entry of the log, and the log is intact", || {
        let entries = cast.ines.entries(desk)?;
        for kind in KINDS {
            ensure!(entries.iter().any(|entry| entry["kind"] == kind), "no {kind} in the log");
        }
        let log = cast.ines.says(desk, &["check-log"])?;
        ensure!(log["verdict"] == "intact", "the log: {log}");
        Ok(())
    })?;
    steps.take("The evidence verifies without us: another program, the trust file alone", || {
        cast.ines.says(desk, &["evidence", session, "--out", &evidence.to_string_lossy()])?;
        let (trust, file) = (folder.join("trust.json"), evidence.to_string_lossy().into_owned());
        cast.mara.says(desk, &["verify", "--trust", &trust.to_string_lossy(), &file])?;
        verifier::accepts(&trust, &evidence, &folder.join("session.html"))
    })?;
    steps.take("So does everything of the Organization in one file", || {
        let file = folder.join("delmar-foods.evidence");
        let asked = ["evidence", "--organization", "delmar-foods", "--from", "2020-01-01", "--to", "2100-01-01"];
        cast.ines.says(desk, &[&asked[..], &["--out", &file.to_string_lossy()]].concat())?;
        verifier::accepts(&folder.join("trust.json"), &file, &folder.join("delmar-foods.html"))
    })?;
    steps.take("With any byte changed it does not", || refuses_changes(folder, &evidence))
}

fn refuses_changes(folder: &Path, evidence: &Path) -> anyhow::Result<()> {
    let whole = std::fs::read(evidence)?;
    let changed = folder.join("state/changed.evidence");
    for part in 0..24 {
        let at = whole.len() * part / 24 + part % 7;
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&changed, bytes)?;
        verifier::rejects(&folder.join("trust.json"), &changed)
            .with_context(|| format!("byte {at} of {}", whole.len()))?;
    }
    Ok(())
}
