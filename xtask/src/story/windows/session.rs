use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{Scene, Seats, by};
use crate::http::Client;

/// Long enough for a page to be painted.
const SETTLED: Duration = Duration::from_secs(2);
const PEOPLE: (u32, u32) = (44, 188);
const SETTINGS: (u32, u32) = (48, 296);
const END: (u32, u32) = (1211, 25);
const ORGANIZATION: &str = "Delmar Foods · Countersign";

/// The session window: judged by its picture and by what the service served, since it lets nobody drive it.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let mara = &seats.mara.window;
    let service = scene.stage.services.served.clone();
    let before = served(&service)?;
    scene
        .stage
        .steps
        .take("mara opens the session, and its window shows the Organization", || mara.click(&by("open-session")))?;
    let screen = &scene.screen;
    let window = scene.stage.steps.take("the Organization's page arrives through the gateway", || {
        let window = screen.window(ORGANIZATION)?;
        wait_until("the service served nothing", || Ok(served(&service)? > before))?;
        sleep(SETTLED);
        Ok(window)
    })?;
    screen.picture(&window, &scene.file("13-session"))?;
    scene.picture(&seats.mara, "14-in-session")?;
    goes_on(scene, &window, &service)?;
    ends(scene, seats, &window)
}

/// By pointer, as a person would: the places are those of the picture.
fn goes_on(scene: &mut Scene<'_>, window: &str, service: &str) -> anyhow::Result<()> {
    let screen = &scene.screen;
    scene.stage.steps.take("mara goes to the people of the Organization", || {
        let before = served(service)?;
        screen.click(window, PEOPLE.0, PEOPLE.1)?;
        wait_until("the service was not asked", || Ok(served(service)? > before))?;
        sleep(SETTLED);
        Ok(())
    })?;
    screen.picture(window, &scene.file("15-session-people"))?;
    scene.stage.steps.take("what Read does not allow is refused in the page", || {
        screen.click(window, SETTINGS.0, SETTINGS.1)?;
        sleep(SETTLED);
        Ok(())
    })?;
    screen.picture(window, &scene.file("16-session-refused"))
}

fn ends(scene: &mut Scene<'_>, seats: &Seats, window: &str) -> anyhow::Result<()> {
    let (screen, mara) = (&scene.screen, &seats.mara.window);
    scene.stage.steps.take("mara ends the session from its bar, and the Organization's page is gone", || {
        screen.click(window, END.0, END.1)?;
        sleep(SETTLED);
        screen.click(window, END.0, END.1)?;
        mara.gone(&by("return-session"))?;
        sleep(SETTLED);
        Ok(())
    })?;
    screen.picture(window, &scene.file("17-session-ended"))?;
    scene.picture(&seats.mara, "18-access-after")
}

fn wait_until(why: &str, happened: impl Fn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let end = Instant::now() + Duration::from_secs(20);
    while !happened()? {
        if Instant::now() > end {
            bail!("{why}");
        }
        sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn served(service: &str) -> anyhow::Result<u64> {
    let answer = Client::default().ask("GET", service, "", "")?;
    let served: Value = serde_json::from_str(&answer.body)?;
    served["organizations"]["delmar-foods"]["requests"].as_u64().context("a count")
}
