use std::{path::Path, time::Duration};

use anyhow::ensure;

use super::{Scene, Seats, by, expiry, session};
use crate::story::{
    Stage,
    hostile::{Hostile, ORGANIZATION, OTHER},
};

const TITLE: &str = "Harbour Lane Books · Countersign";
const PATIENCE: Duration = Duration::from_secs(180);
/// The page's name for what it wants to keep.
const TAKEN: &str = "countersign-hostile.bin";

/// The page of an Organization is hostile, in a real session window.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats, hostile: &Hostile) -> anyhow::Result<()> {
    let asked = ["KP-48301", "Their start page behaves strangely; I look at it."];
    let request = expiry::granted(scene, seats, ORGANIZATION, &asked, ["read", "--minutes=10"])?;
    let mara = &seats.mara.window;
    scene.stage.steps.take("mara opens an Organization whose page is hostile", || {
        mara.click(&expiry::open_button(&request))?;
        session::wait_until("the page did not begin", || Ok(!hostile.reports().is_empty()))
    })?;
    let window = scene.screen.window(TITLE)?;
    let before = session::refusals(&scene.stage.desk, seats)?.len();
    scene.stage.steps.measure("it reaches no command, no port of this computer, no foreign host, no file", || {
        session::wait_for(PATIENCE, "the page did not try everything", || Ok(hostile.is_done()))?;
        let attempts = hostile.judge()?;
        Ok(((), format!("{attempts} attempts")))
    })?;
    scene.screen.picture(&window, &scene.file("25-hostile"))?;
    let Stage { steps, desk, services, .. } = &mut *scene.stage;
    steps.take("what it tried with other Organizations is in the log, and nothing of them was served", || {
        let served = session::served(&services.served, OTHER)?;
        ensure!((served.requests, served.bytes) == (0, 0), "{} bytes of {OTHER} were served", served.bytes);
        session::wait_until("its refusals are not in the log", || Ok(session::refusals(desk, seats)?.len() > before))
    })?;
    let folder = scene.stage.folder.clone();
    scene.stage.steps.take("it left no file behind, and the app still answers", || {
        ensure!(!holds(&folder, TAKEN), "the page's download is on disk");
        mara.click(&by("nav-access"))?;
        mara.read("Harbour Lane Books")?;
        mara.see(&format!("//*[@data-testid='row-{request}']//*[@data-testid='return-session']"))
    })?;
    seats.hostile_request = Some(request);
    Ok(())
}

fn holds(folder: &Path, name: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        entry.file_name() == name || (is_folder && holds(&entry.path(), name))
    })
}
