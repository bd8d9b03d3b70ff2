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
    run("drive", &plan, &world.folder(app))
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
    run("compare", &plan, &world.folder(app))?;
    Ok(serde_json::from_slice(&std::fs::read(result)?)?)
}

/// Seeks in a Session of two hours that nobody had, in the real player.
pub fn seek(folder: &Path) -> anyhow::Result<Vec<Seek>> {
    let result = folder.join("seek.json");
    run("seek", &json!({ "result": result }), folder)?;
    Ok(serde_json::from_slice(&std::fs::read(result)?)?)
}

/// What it is to do goes through a file: the door's secret is no argument that every process may read.
fn run(what: &str, plan: &Value, folder: &Path) -> anyhow::Result<()> {
    let file = folder.join(format!("{what}.plan.json"));
    std::fs::write(&file, plan.to_string())?;
    commands::run(&root().join("ui"), "node", &["browser/replay.mjs", what, &file.to_string_lossy()])
}
