use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::{Scene, Seats, by, extending, stopping};
use crate::{desk::Desk, http::Client, story::Stage};

/// Long enough for a page to be painted.
pub(super) const SETTLED: Duration = Duration::from_secs(2);
/// The page's upper left corner, below the bar: before everything that can be reached by keys.
const CORNER: (u32, u32) = (4, 60);
/// The service's own menu stands first on each of its pages.
const MENU: usize = 5;
pub(super) const PEOPLE: usize = 2;
const SETTINGS: usize = 5;
/// Behind the menu: the field and the button of the search, then the first person.
pub(super) const FIRST_PERSON: usize = MENU + 3;
/// Behind the menu on a person's page.
pub(super) const ACCOUNT: usize = MENU + 1;
/// In the bar, whose first row has one height at all times.
pub(super) const BACK: (u32, u32) = (359, 25);
const END: (u32, u32) = (1211, 25);
pub(super) const TITLE: &str = "Delmar Foods · Countersign";
pub(super) const ORGANIZATION: &str = "delmar-foods";

/// The session window: judged by its picture, by what the service served and by what the log says, since it lets nobody
/// drive it.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let mara = &seats.mara.window;
    let service = scene.stage.services.served.clone();
    let before = served(&service, ORGANIZATION)?.requests;
    scene
        .stage
        .steps
        .take("mara opens the session, and its window shows the Organization", || mara.click(&by("open-session")))?;
    let screen = &scene.screen;
    let window = scene.stage.steps.take("the Organization's page arrives through the gateway", || {
        let window = screen.window(TITLE)?;
        wait_until("the service served nothing", || Ok(served(&service, ORGANIZATION)?.requests > before))?;
        sleep(SETTLED);
        Ok(window)
    })?;
    screen.picture(&window, &scene.file("13-session"))?;
    scene.pictures(&seats.mara, "14-in-session")?;
    let (screen, dark) = (&scene.screen, scene.file("13-session-dark"));
    scene.stage.steps.take("the session's bar is dark when the app is", || {
        mara.theme("dark")?;
        sleep(SETTLED);
        screen.picture(&window, &dark)?;
        mara.theme("light")
    })?;
    goes_on(scene, seats, &window, &service)?;
    stopping::tell(scene, seats, &window, &service)?;
    extending::tell(scene, seats, &window)?;
    ends(scene, seats, &window)
}

/// By keys, as a person without a pointer would: what is reached follows from the page's order, not from places.
fn goes_on(scene: &mut Scene<'_>, seats: &Seats, window: &str, service: &str) -> anyhow::Result<()> {
    scene
        .stage
        .steps
        .take("mara goes to the people of the Organization", || asks(&scene.screen, window, service, PEOPLE))?;
    scene.screen.picture(window, &scene.file("15-session-people"))?;
    scene.stage.steps.take("she opens a person's page", || asks(&scene.screen, window, service, FIRST_PERSON))?;
    let refused = scene.file("16-session-refused");
    let (screen, Stage { steps, desk, .. }) = (&scene.screen, &mut *scene.stage);
    let before = refusals(desk, seats)?.len();
    steps.take("saving what stands there is refused: Read writes nothing", || {
        reach(screen, window, ACCOUNT)?;
        sleep(SETTLED);
        wait_until("no refusal in the log", || Ok(refusals(desk, seats)?.len() == before + 1))?;
        let count = served(service, ORGANIZATION)?;
        ensure!(count.writes == 0, "the service wrote {} times", count.writes);
        Ok(())
    })?;
    screen.picture(window, &refused)?;
    steps.take("and so is a page that Read does not reach", || {
        screen.click(window, BACK.0, BACK.1)?;
        sleep(SETTLED);
        reach(screen, window, SETTINGS)?;
        wait_until("no refusal in the log", || Ok(refusals(desk, seats)?.len() == before + 2))
    })
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

/// Goes to the link of this number and follows it; the service has to be asked.
pub(super) fn asks(
    screen: &crate::story::screen::Screen,
    window: &str,
    service: &str,
    number: usize,
) -> anyhow::Result<()> {
    let before = served(service, ORGANIZATION)?.requests;
    reach(screen, window, number)?;
    wait_until("the service was not asked", || Ok(served(service, ORGANIZATION)?.requests > before))?;
    sleep(SETTLED);
    Ok(())
}

/// Presses Enter on whatever the keys reach as this number.
fn reach(screen: &crate::story::screen::Screen, window: &str, number: usize) -> anyhow::Result<()> {
    press_at(screen, window, number, &["Return"])
}

/// Presses these keys where the keys reach what has this number.
pub(super) fn press_at(
    screen: &crate::story::screen::Screen,
    window: &str,
    number: usize,
    keys: &[&str],
) -> anyhow::Result<()> {
    screen.click(window, CORNER.0, CORNER.1)?;
    screen.press(window, &[vec!["Tab"; number].as_slice(), keys].concat())
}

/// The log's entries of what was refused in Sessions.
pub(super) fn refusals(desk: &Desk, seats: &Seats) -> anyhow::Result<Vec<Value>> {
    let entries = seats.ines.person.entries(desk)?;
    Ok(entries.into_iter().filter(|entry| entry["kind"] == "exchange-refused").collect())
}

pub(super) fn wait_until(why: &str, happened: impl Fn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    wait_for(Duration::from_secs(20), why, happened)
}

pub(super) fn wait_for(limit: Duration, why: &str, happened: impl Fn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let end = Instant::now() + limit;
    while !happened()? {
        if Instant::now() > end {
            bail!("{why}");
        }
        sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// What the service counts of one Organization.
pub(super) struct Served {
    pub requests: u64,
    pub bytes: u64,
    pub writes: u64,
}

pub(super) fn served(service: &str, organization: &str) -> anyhow::Result<Served> {
    let answer = Client::default().ask("GET", service, "", "")?;
    let served: Value = serde_json::from_str(&answer.body)?;
    let count = &served["organizations"][organization];
    let number = |name: &str| count[name].as_u64().with_context(|| format!("no {name} of {organization} in {served}"));
    Ok(Served { requests: number("requests")?, bytes: number("bytes")?, writes: number("writes")? })
}
