use std::{thread::sleep, time::Duration};

use anyhow::{Context as _, ensure};

use super::{
    Scene, Seats, by, expiry,
    revealing::mark_in,
    session::{self, ACCOUNT, FIRST_PERSON, ORGANIZATION, PEOPLE, SETTLED, TITLE},
};

/// What replaces the account number that stands there.
const TYPED: [&str; 12] = ["ctrl+a", "9", "0", "8", "7", "6", "5", "4", "3", "2", "1", "Return"];
const DIFFERENCE: &str = "//*[@data-testid='difference']//tbody/tr";

/// Mara changes one field in a Session of its own, and Ines reads in its replay what stood there before.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let asked = ["KP-48240", "The bank sent October back: this account has a digit too many."];
    let request = expiry::granted(scene, seats, ORGANIZATION, &asked, ["read-write", "--minutes=30"])?;
    let (mara, screen, service) = (&seats.mara, &scene.screen, &scene.stage.services.served);
    let changed = scene.file("24-changed");
    scene.stage.steps.take("mara opens it, and saves another account number of a person", || {
        let (open, before) = (screen.windows(TITLE), session::served(service, ORGANIZATION)?);
        mara.window.click(&expiry::open_button(&request))?;
        let window = screen.window_beside(TITLE, &open)?;
        session::wait_until("the service served nothing", || {
            Ok(session::served(service, ORGANIZATION)?.requests > before.requests)
        })?;
        sleep(SETTLED);
        session::asks(screen, &window, service, PEOPLE)?;
        session::asks(screen, &window, service, FIRST_PERSON)?;
        session::press_at(screen, &window, ACCOUNT, &TYPED)?;
        session::wait_until("nothing was saved", || {
            Ok(session::served(service, ORGANIZATION)?.writes == before.writes + 1)
        })?;
        sleep(SETTLED);
        screen.picture(&window, &changed)
    })?;
    let desk = &scene.stage.desk;
    let session = scene.stage.steps.take("she ends it from Access", || {
        let end = format!("//*[@data-testid='row-{request}']//*[@data-testid='end-session']");
        mara.window.click(&end)?;
        mara.window.click(&by("confirm-end"))?;
        mara.window.gone(&end)?;
        let view = mara.person.says(desk, &["requests", &request])?;
        view["session"].as_str().map(str::to_owned).context("a request without a session")
    })?;
    let ines = &seats.ines.window;
    scene.stage.steps.take(
        "ines replays it, opens the change, and reads what stood there and what was sent",
        || {
            ines.click(&by("nav-sessions"))?;
            ines.click(&format!("{}/*[3]", by(&format!("row-{session}"))))?;
            ines.read_within("proven", Duration::from_secs(20))?;
            ines.click(&by("replay"))?;
            ines.see("//*[@data-testid='stage'][@data-phase='loaded']")?;
            ines.click("//button[@class='ev'][i[@class='k-w']]")?;
            let cell = |which: &str| ines.text(&format!("{DIFFERENCE}[1]/{which}"));
            let (field, stood, sent) = (cell("th")?, cell("td[1]")?, cell("td[2]")?);
            ensure!(field == "account" && ines.count(DIFFERENCE)? == 1, "{field} differs, and not the account alone");
            // Account numbers are masked here: two numbers have two marks.
            ensure!(mark_in(&stood)?.1 != mark_in(&sent)?.1, "both are {sent}");
            ines.script("document.querySelector(\"[data-testid='difference']\").scrollIntoView({ block: 'center' })")
                .map(drop)
        },
    )?;
    scene.pictures(&seats.ines, "24-difference")
}
