use anyhow::{Context as _, ensure};

use super::{Scene, Seats, by};
use crate::{process, story::webdriver::Page};

/// Mara's app is killed while her Session is open; she starts it again, and the Session is there.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let request = seats.hostile_request.clone().context("no session is open")?;
    let before = seats.ines.person.entries(&scene.stage.desk)?;
    let shown = seats.mara.person.says(&scene.stage.desk, &["requests", &request])?;
    scene.stage.steps.take("kill -9 of mara's app in mid-session, and she starts it again", || {
        let app = process::child_of(seats.mara.window.driver(), "--profile").context("no process of the app")?;
        process::kill(app)?;
        seats.mara.window = Page::app(&scene.stage.desk, "mara", &scene.stage.logs)?;
        seats.mara.window.see(&by("nav-access"))
    })?;
    scene.stage.steps.take(
        "no entry is lost; the same session is there, with the same end, and she goes on",
        || {
            let after = seats.ines.person.entries(&scene.stage.desk)?;
            ensure!(
                before.iter().all(|entry| after.iter().any(|one| one["leaf"] == entry["leaf"])),
                "an entry is lost"
            );
            let mara = &seats.mara;
            mara.window.click(&by("nav-access"))?;
            mara.window.click(&format!("//*[@data-testid='row-{request}']//*[@data-testid='return-session']"))?;
            scene.screen.window("Harbour Lane Books · Countersign")?;
            let view = mara.person.says(&scene.stage.desk, &["requests", &request])?;
            for field in ["state", "session", "sessionEndsAt"] {
                ensure!(view[field] == shown[field], "{field} was {} and is {}", shown[field], view[field]);
            }
            Ok(())
        },
    )?;
    scene.stage.steps.take("she ends it from Access", || {
        let mara = &seats.mara.window;
        mara.click(&format!("//*[@data-testid='row-{request}']//*[@data-testid='end-session']"))?;
        mara.click(&by("confirm-end"))?;
        mara.gone(&by("return-session"))
    })
}
