use std::{thread::sleep, time::Duration};

use anyhow::{Context as _, bail, ensure};

use super::{
    Scene, Seats,
    session::{self, BACK, ORGANIZATION, PEOPLE, SETTLED},
};
use crate::{process, story::screen::Screen};

/// In the bar, whose first row has one height at all times.
const RELOAD: (u32, u32) = (419, 25);
/// Where the service's own menu is, below the bar whatever it says. When the bar has the window there is nothing.
const PAGE: &str = "180x500+0+160";
/// A page that would load itself again does so within this.
const BY_ITSELF: Duration = Duration::from_secs(2);

/// In a Session, the processes of the bar and of the Organization's page are killed, once each: WebKitGTK ends the app
/// itself when one ends that it has only just started.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &Seats, window: &str, service: &str) -> anyhow::Result<()> {
    let mara = &seats.mara.window;
    let app = process::child_of(mara.driver(), "--profile").context("no process of the app")?;
    let [_, bar, page] = process::pages_of(app)[..] else { bail!("pages: {:?}", process::pages_of(app)) };
    let (screen, back, looked) = (&scene.screen, scene.file("16-bar-came-back"), scene.file("looked"));
    let shown = || screen.is_drawn(window, PAGE, &looked);
    scene.stage.steps.take("the process of the session's bar is killed, and both bar and page are back", || {
        // Away from a page that was refused: asking for that one again does not reach the service.
        screen.click(window, BACK.0, BACK.1)?;
        sleep(SETTLED);
        session::asks(screen, window, service, PEOPLE)?;
        process::kill(bar)?;
        session::wait_until("no other bar", || {
            let now = process::pages_of(app);
            Ok(now.len() == 3 && !now.contains(&bar))
        })?;
        asked_again(screen, window, service)?;
        session::wait_until("the page is not back", shown)?;
        screen.picture(window, &back)
    })?;
    let stopped = scene.file("16-page-stopped");
    scene.stage.steps.take("the Organization's page's is killed: it stays away until mara loads it again", || {
        let before = session::served(service, ORGANIZATION)?.requests;
        process::kill(page)?;
        sleep(BY_ITSELF);
        ensure!(session::served(service, ORGANIZATION)?.requests == before, "it was asked for again by itself");
        session::wait_until("the page that stopped is still there", || Ok(!shown()?))?;
        screen.picture(window, &stopped)?;
        asked_again(screen, window, service)?;
        session::wait_until("the page is not back", shown)
    })
}

/// Presses Reload in the bar until the service is asked: what is pressed before there is a bar is lost.
fn asked_again(screen: &Screen, window: &str, service: &str) -> anyhow::Result<()> {
    let before = session::served(service, ORGANIZATION)?.requests;
    session::wait_until("the service was not asked again", || {
        screen.click(window, RELOAD.0, RELOAD.1)?;
        sleep(Duration::from_millis(500));
        Ok(session::served(service, ORGANIZATION)?.requests > before)
    })
}
