use std::{
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use domain::{Clock as _, SystemClock};

use super::{Scene, Seats, by, session};

const SECONDS: &str = "--seconds=25";
const ORGANIZATION: &str = "delmar-foods";
/// The longest that anything of a Session may outlive it, in milliseconds.
const LIVES_ON: i64 = 1000;
/// The state of a connection that is up, in `/proc/net/tcp`.
const ESTABLISHED: &str = "01";

/// A second Session that nobody ends: its page listens to the service's live feed when its time is up.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let asked = ["KP-48222", "The live feed stopped yesterday; I watch it for a moment."];
    let request = granted(scene, seats, ORGANIZATION, &asked, ["read", SECONDS])?;
    let (mara, service) = (&seats.mara, scene.stage.services.served.clone());
    let port = scene.stage.services.ports.payroll();
    let ends_at = scene.stage.steps.take("mara opens it, and the page's live feed runs", || {
        mara.window.click(&open_button(&request))?;
        let before = session::served(&service, ORGANIZATION)?.bytes;
        session::wait_until("the page did not arrive", || Ok(session::served(&service, ORGANIZATION)?.bytes > before))?;
        sleep(Duration::from_secs(3));
        let feed = session::served(&service, ORGANIZATION)?.bytes;
        session::wait_until(
            "the live feed says nothing",
            || Ok(session::served(&service, ORGANIZATION)?.bytes > feed),
        )?;
        ensure!(connections(port)? > 0, "the feed has no connection to the service");
        let view = mara.person.says(&scene.stage.desk, &["requests", &request])?;
        view["sessionEndsAt"].as_i64().context("a session without an end")
    })?;
    scene.stage.steps.measure("its time is up: the open WebSocket dies within a second", || {
        let limit = Instant::now() + Duration::from_secs(60);
        while connections(port)? > 0 {
            ensure!(Instant::now() < limit, "the connection to the service is still up");
            sleep(Duration::from_millis(20));
        }
        let late = SystemClock.now_millis() - ends_at * 1000;
        ensure!((0..=LIVES_ON).contains(&late), "the connection to the service was cut {late} ms after the end");
        let bytes = session::served(&service, ORGANIZATION)?.bytes;
        sleep(Duration::from_secs(2));
        ensure!(session::served(&service, ORGANIZATION)?.bytes == bytes, "the feed goes on");
        Ok(((), format!("{late} ms after its end")))
    })?;
    scene.stage.steps.take("mara's window says that it ran out", || {
        mara.window.gone(&by("return-session"))?;
        let view = mara.person.says(&scene.stage.desk, &["requests", &request])?;
        ensure!(view["endedBy"] == "expired", "it was ended by {}", view["endedBy"]);
        Ok(())
    })
}

/// Mara asks from a terminal beside her window, Tomasz countersigns in his. Answers the request.
pub(super) fn granted(
    scene: &mut Scene<'_>,
    seats: &mut Seats,
    organization: &str,
    [ticket, justification]: &[&str; 2],
    [scope, duration]: [&str; 2],
) -> anyhow::Result<String> {
    let desk = &scene.stage.desk;
    let request =
        scene.stage.steps.take(&format!("mara asks for {organization} from a terminal beside her window"), || {
            let form = [
                "request",
                organization,
                "--ticket",
                ticket,
                "--justification",
                justification,
                "--scope",
                scope,
                duration,
            ];
            let view = seats.mara.person.says(desk, &form)?;
            view["id"].as_str().map(str::to_owned).context("a request without an id")
        })?;
    let tomasz = &mut seats.tomasz;
    scene.stage.steps.take("tomasz countersigns it", || {
        tomasz.window.click(&by("nav-approvals"))?;
        tomasz.window.click(&by(&format!("row-{request}")))?;
        tomasz.window.read(justification)?;
        let code = tomasz.person.code()?;
        tomasz.window.fill(&by("code-field"), &code)?;
        tomasz.window.click(&by("countersign"))?;
        seats.mara.window.see(&open_button(&request))
    })?;
    Ok(request)
}

pub(super) fn open_button(request: &str) -> String {
    format!("//*[@data-testid='row-{request}']//*[@data-testid='open-session']")
}

/// How many connections to this port of loopback are up.
fn connections(port: u16) -> anyhow::Result<usize> {
    let remote = format!(":{port:04X}");
    let table = fs::read_to_string("/proc/net/tcp")?;
    Ok(table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.len() > 3 && fields[2].ends_with(&remote) && fields[3] == ESTABLISHED)
        .count())
}
