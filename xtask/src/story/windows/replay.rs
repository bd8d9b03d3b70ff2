use std::time::Duration;

use anyhow::Context as _;

use super::{Scene, Seats, by};
use crate::story::verifier;

/// Ines finds the Session, replays it, signs her review, and takes the evidence.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let ines = &seats.ines.window;
    let sessions = scene.file("19-sessions");
    scene.stage.steps.take("ines finds the session", || {
        ines.click(&by("nav-sessions"))?;
        ines.read("Sessions")?;
        std::thread::sleep(Duration::from_secs(2));
        ines.picture(&sessions)?;
        ines.click("//*[starts-with(@data-testid,'row-')]/*[3]")?;
        ines.read_within("proven", Duration::from_secs(20))
    })?;
    scene.picture(&seats.ines, "19-sessions")?;
    scene.stage.steps.take("the recorded pages play, beside both signatures and the proof", || {
        ines.click(&by("replay"))?;
        ines.see("//*[@data-testid='stage'][@data-phase='loaded']")?;
        ines.read("In the log, unaltered")?;
        std::thread::sleep(Duration::from_secs(3));
        Ok(())
    })?;
    scene.picture(&seats.ines, "20-replay")?;
    scene.stage.steps.take("the list of requests stands beside them", || {
        ines.click(&by("view-requests"))?;
        ines.read("/o/delmar-foods/")
    })?;
    scene.picture(&seats.ines, "21-replay-requests")?;
    scene.stage.steps.take("ines signs that there is nothing to report", || {
        ines.click(&by("mark-reviewed"))?;
        ines.fill("//*[@id='review-note']", "Two pages read, as the ticket says.")?;
        ines.click(&by("sign-review"))?;
        ines.see(&by("review-state"))
    })?;
    scene.picture(&seats.ines, "22-reviewed")?;
    let evidence = scene.stage.folder.join("session.evidence");
    let trust = scene.stage.folder.join("trust.json");
    let summary = scene.stage.folder.join("session.html");
    scene.stage.steps.take("ines saves the evidence, and another program verifies it offline", || {
        ines.click(&by("make-evidence"))?;
        let saved = ines.text(&by("evidence-saved"))?;
        let path = saved.split_whitespace().find(|word| word.starts_with('/')).context("no path")?;
        std::fs::copy(path, &evidence)?;
        verifier::accepts(&trust, &evidence, &summary)
    })?;
    scene.stage.steps.take("the audit log is intact on her computer", || {
        ines.click(&by("nav-log"))?;
        ines.read("The log is intact.")
    })?;
    scene.picture(&seats.ines, "23-audit-log")?;
    scene.stage.steps.take("every step is an entry", || {
        ines.click(&by("tab-entries"))?;
        ines.read("Session opened")
    })?;
    scene.picture(&seats.ines, "24-entries")
}
