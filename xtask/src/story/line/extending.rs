use std::{thread::sleep, time::Duration};

use anyhow::{Context as _, ensure};
use domain::{Clock as _, SystemClock};

use super::{
    Cast,
    door::Door,
    session::{HOME, LIVES_ON},
    setup,
};
use crate::{
    process::Process,
    story::{Stage, verifier},
};

/// How long the Session is countersigned for at first, in seconds.
const FIRST: i64 = 20;
/// What is asked for in it, in seconds.
const MORE: i64 = 15;

/// A Session goes on for as long as a second person countersigns, under the same WebSocket, and not for longer.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast) -> anyhow::Result<()> {
    let request = stage.steps.take("A session is countersigned for 20 seconds", || {
        let mut ask = setup::request("delmar-foods").to_vec();
        ask[8] = "--seconds=20";
        let view = cast.mara.says(&stage.desk, &ask)?;
        let id = view["id"].as_str().context("a request without an id")?.to_owned();
        let code = cast.adaeze.code()?;
        cast.adaeze.says(&stage.desk, &["approve", &id, "--code", &code])?;
        cast.mara.is_refused(&stage.desk, &["extend", &id], "not-open-here")?;
        Ok(id)
    })?;
    let mut door = Door::open(&stage.desk, &stage.logs, &cast.mara, &request, "session-more")?;
    let mut socket = door.listen(&format!("{HOME}live"), &stage.logs)?;
    socket.wait(Duration::from_secs(10), |text| text.contains(" 101 ").then_some(()))?;
    let more = asks(stage, cast, &request)?;
    stage.steps.take("Tomasz reads how much more, since when and how much in all, and countersigns", || {
        let text = cast.tomasz.reads(&stage.desk, &["requests", &more])?;
        for words in ["asks for more time in a Session that is open", "15 s more", "35 s in all"] {
            ensure!(text.contains(words), "“{words}” is not in: {text}");
        }
        let code = cast.tomasz.code()?;
        let view = cast.tomasz.says(&stage.desk, &["approve", &more, "--code", &code])?;
        ensure!(view["state"] == "approved", "the request is {}", view["state"]);
        Ok(())
    })?;
    goes_on(stage, cast, &mut door, &mut socket, &more)?;
    is_proven(stage, cast, &door.session)
}

/// Mara asks on the command line, while another process of hers has the door open.
fn asks(stage: &mut Stage, cast: &Cast, request: &str) -> anyhow::Result<String> {
    let Stage { steps, desk, .. } = stage;
    steps.take("Mara asks for more than policy allows in all: nothing is signed; then for 15 seconds more", || {
        cast.mara.is_refused(desk, &["extend", request, "--seconds=7190"], "duration-out-of-policy")?;
        let view = cast.mara.says(desk, &["extend", request, "--seconds=15"])?;
        ensure!(view["state"] == "waiting", "the request is {}", view["state"]);
        ensure!(view["durationSeconds"] == FIRST + MORE, "it comes to {}", view["durationSeconds"]);
        let id = view["id"].as_str().context("a request without an id")?.to_owned();
        let approve = ["approve", &id, "--code", &cast.mara.wrong_code()?];
        cast.mara.is_refused(desk, &approve, "same-person")?;
        Ok(id)
    })
}

fn goes_on(stage: &mut Stage, cast: &Cast, door: &mut Door, socket: &mut Process, more: &str) -> anyhow::Result<()> {
    let first_end = door.ends_at;
    stage.steps.take(
        "Her program hands it over by itself; the WebSocket and the pages go past the first end",
        || {
            let ends_at = door.goes_on_until(Duration::from_secs(10))?;
            ensure!(ends_at == first_end + MORE, "it ends at {ends_at}, not at {}", first_end + MORE);
            door.ends_at = ends_at;
            while SystemClock.now() <= first_end + 1 {
                sleep(Duration::from_millis(100));
            }
            ensure!(socket.is_running()?, "the WebSocket was cut at the first end");
            let page = door.ask(HOME, &[])?;
            ensure!(page.status == 200 && page.body.contains("Delmar Foods"), "{}: {}", page.status, page.body);
            let view = cast.mara.says(&stage.desk, &["requests", more])?;
            ensure!(view["endedBy"] == "extended" && view["session"] == door.session.as_str(), "the request: {view}");
            Ok(())
        },
    )?;
    stage.steps.measure("At the second end it is over, within a second", || {
        socket.finish(Duration::from_secs(40))?;
        let late = SystemClock.now_millis() - door.ends_at * 1000;
        ensure!((0..=LIVES_ON).contains(&late), "the WebSocket died {late} ms after the end");
        let reason = door.ended_by(Duration::from_secs(10))?;
        ensure!(reason == "expired", "it was ended by {reason}");
        Ok(((), format!("{late} ms after its end")))
    })
}

fn is_proven(stage: &mut Stage, cast: &Cast, session: &str) -> anyhow::Result<()> {
    let Stage { steps, desk, folder, .. } = stage;
    steps.take("Its evidence verifies, and names who asked for more time and who countersigned it", || {
        let (file, page) = (folder.join("extended.evidence"), folder.join("extended.html"));
        let detail = cast.ines.says(desk, &["session", session])?;
        ensure!(detail["proof"]["verified"] == true, "the proof: {}", detail["proof"]);
        cast.ines.says(desk, &["evidence", session, "--out", &file.to_string_lossy()])?;
        verifier::accepts(&folder.join("trust.json"), &file, &page)?;
        let said = std::fs::read_to_string(&page)?;
        for words in ["asked for more time", "Tomasz"] {
            ensure!(said.contains(words), "the summary does not say “{words}”");
        }
        let entries = cast.ines.entries(desk)?;
        ensure!(entries.iter().any(|entry| entry["kind"] == "session-extended"), "the log does not name it");
        Ok(())
    })
}
