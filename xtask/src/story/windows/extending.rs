use std::{thread::sleep, time::Duration};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{Scene, Seats, by, session};
use crate::{desk::Desk, story::people::Person};

/// Extend in the bar's first row, which has one height at all times.
const EXTEND: (u32, u32) = (1097, 25);
/// The first of what is offered, in seconds.
const MORE: i64 = 900;
/// Long enough for a page to be painted.
const SETTLED: Duration = Duration::from_secs(2);

/// Mara asks for more time in her session's own bar, and Tomasz countersigns what his sheet says.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats, window: &str) -> anyhow::Result<()> {
    let (screen, mara) = (&scene.screen, &seats.mara);
    let (asking, waiting) = (scene.file("16-extend-asking"), scene.file("16-extend-waiting"));
    let desk = &scene.stage.desk;
    let more = scene.stage.steps.take("mara asks for a quarter of an hour more in the session's bar", || {
        screen.click(window, EXTEND.0, EXTEND.1)?;
        sleep(SETTLED);
        screen.picture(window, &asking)?;
        screen.press(window, &["Return"])?;
        session::wait_until("nobody asked for more time", || Ok(asked(desk, &mara.person)?.is_some()))?;
        let found = asked(desk, &mara.person)?.context("a request for more time")?;
        ensure!(found["extends"]["moreSeconds"] == MORE, "it asks for {}", found["extends"]);
        sleep(SETTLED);
        screen.picture(window, &waiting)?;
        Ok(found)
    })?;
    let id = more["id"].as_str().context("an id")?.to_owned();
    let tomasz = &mut seats.tomasz;
    scene.stage.steps.take("tomasz reads that it extends, and by how much, and countersigns it", || {
        tomasz.window.click(&by("nav-approvals"))?;
        tomasz.window.click(&by(&format!("row-{id}")))?;
        tomasz.window.read("This extends a session that is open.")?;
        let added = tomasz.window.text(&by("added"))?;
        ensure!(added == "15 min", "the sheet says {added}");
        Ok(())
    })?;
    scene.picture(&seats.tomasz, "16-extend-sheet")?;
    let (screen, desk, extended) = (&scene.screen, &scene.stage.desk, scene.file("16-extended"));
    let (mara, tomasz) = (&seats.mara, &mut seats.tomasz);
    scene.stage.steps.take("the session goes on for a quarter of an hour more, by itself", || {
        let code = tomasz.person.code()?;
        tomasz.window.fill(&by("code-field"), &code)?;
        tomasz.window.click(&by("countersign"))?;
        let of = more["extends"]["request"].as_str().context("a session's request")?;
        let end = more["extends"]["endsAt"].as_i64().context("an end")? + MORE;
        session::wait_until("the session was not extended", || {
            Ok(mara.person.says(desk, &["requests", of])?["sessionEndsAt"] == end)
        })?;
        sleep(SETTLED);
        screen.picture(window, &extended)
    })
}

/// The request for more time that waits for a second person.
fn asked(desk: &Desk, mara: &Person) -> anyhow::Result<Option<Value>> {
    let own = mara.says(desk, &["requests", "mine"])?;
    let waits = |one: &&Value| one["extends"].is_object() && one["state"] == "waiting";
    Ok(own.as_array().and_then(|all| all.iter().find(waits).cloned()))
}
