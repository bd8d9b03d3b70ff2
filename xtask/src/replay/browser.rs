//! The browser's part, which is TypeScript: it shares the browser, the pictures and the player with the tests of the UI.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    apps::App,
    report::{Report, Seek},
    session::{Held, World},
};
use crate::{commands, folders::root};

/// Uses the application through the door, and leaves a picture of each marked moment.
pub fn drive(world: &World, app: App, held: &Held, loads: u32) -> anyhow::Result<()> {
    let plan = json!({
        "app": app.name(),
        "folder": world.folder(app),
        "proxy": held.door.way.proxy,
        "certificate": held.door.way.certificate,
        "start": held.door.start,
        "loads": loads,
    });
    run("drive", &plan)
}

/// Plays the Recording in the real player, and compares.
pub fn compare(world: &World, app: App, recording: &Path) -> anyhow::Result<Report> {
    let result = world.result(app);
    let plan = json!({
        "app": app.name(),
        "organization": app.organization(),
        "folder": world.folder(app),
        "recording": recording,
        "result": result,
    });
    run("compare", &plan)?;
    Ok(serde_json::from_slice(&std::fs::read(result)?)?)
}

/// Seeks in a Session of two hours that nobody had, in the real player.
pub fn seek(folder: &Path) -> anyhow::Result<Vec<Seek>> {
    let result = folder.join("seek.json");
    run("seek", &json!({ "result": result }))?;
    Ok(serde_json::from_slice(&std::fs::read(result)?)?)
}

fn run(what: &str, plan: &Value) -> anyhow::Result<()> {
    commands::run(&root().join("ui"), "node", &["browser/replay.mjs", what, &plan.to_string()])
}
