use std::time::Duration;

use anyhow::{Context as _, ensure};
use domain::{Clock as _, SystemClock};

use super::{Cast, crashes, door::Door, setup};
use crate::{http::Client, story::Stage};

pub(super) const HOME: &str = "https://payroll.test/o/delmar-foods/";
const OTHER: &str = "kinloch-hotels";

/// The longest that anything of a Session may outlive it, in milliseconds.
pub(super) const LIVES_ON: i64 = 1000;

/// What the reviewer has to find afterwards.
pub(super) struct Held {
    pub session: String,
    /// What stood in the query of pages that were answered while programs were killed.
    pub marks: Vec<String>,
}

/// A Session is opened, used, held to its terms, survives what is killed around it, is ended; a second one runs out.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast, request: &str) -> anyhow::Result<Held> {
    let mut door = stage
        .steps
        .take("Mara opens the session", || Door::open(&stage.desk, &stage.logs, &cast.mara, request, "session-1"))?;
    stage.steps.take("She reads a page", || {
        let page = door.ask(HOME, &[])?;
        ensure!(page.status == 200 && page.body.contains("Delmar Foods"), "{}: {}", page.status, page.body);
        let people = door.ask(&format!("{HOME}people"), &[])?;
        ensure!(people.status == 200, "{}: {}", people.status, people.body);
        Ok(())
    })?;
    stage.steps.take("A write is refused with a page that says why", || {
        let answer = door.ask(&format!("{HOME}people"), &["-H", "Accept: text/html", "--data", "name=Nobody"])?;
        ensure!(answer.status == 403 && answer.body.contains("Read"), "{}: {}", answer.status, answer.body);
        Ok(())
    })?;
    stage.steps.take("Another Organization is refused by path, header and parameter", || {
        refuses_others(&door)?;
        let served = Client::default().ask("GET", &stage.services.served, "", "")?;
        let served: serde_json::Value = serde_json::from_str(&served.body)?;
        ensure!(served["organizations"][OTHER]["requests"] == 0, "the service was asked for it: {served}");
        Ok(())
    })?;
    stage.steps.take("Without the door's secret there is no door; no other host is behind it", || {
        ensure!(door.ask("https://example.com/", &[]).is_err(), "the door led to another host");
        ensure!(door.without_secret()?.ask(HOME, &[]).is_err(), "the door opened without its secret");
        Ok(())
    })?;
    let marks = crashes::tell(stage, cast, &mut door, request)?;
    stage.steps.take("She ends the session, and the door is gone", || {
        cast.mara.says(&stage.desk, &["end", request])?;
        let reason = door.ended_by(Duration::from_secs(10))?;
        ensure!(reason == "ended-by-requester", "it was ended by {reason}");
        ensure!(door.ask(HOME, &[]).is_err(), "the door still answers");
        Ok(())
    })?;
    runs_out(stage, cast)?;
    Ok(Held { session: door.session, marks })
}

fn refuses_others(door: &Door) -> anyhow::Result<()> {
    let other = format!("https://payroll.test/o/{OTHER}/");
    let header = format!("X-Organization: {OTHER}");
    let attempts: [(&str, &[&str]); 5] = [
        (&other, &[]),
        (HOME, &["-H", &header]),
        (&format!("{HOME}people?organization={OTHER}"), &[]),
        (&format!("{HOME}people?org={OTHER}"), &[]),
        (&format!("https://payroll.test/o/delmar-foods/..%2f{OTHER}/"), &["--path-as-is"]),
    ];
    for (address, more) in attempts {
        let answer = door.ask(address, more)?;
        let refused = (400..500).contains(&answer.status) && !answer.body.contains("Kinloch Hotels");
        ensure!(refused, "{address} {more:?}: {}: {}", answer.status, answer.body);
    }
    Ok(())
}

fn runs_out(stage: &mut Stage, cast: &mut Cast) -> anyhow::Result<()> {
    let request = stage.steps.take("A second session is asked for and countersigned, for 20 seconds", || {
        let mut ask = setup::request("delmar-foods").to_vec();
        ask[8] = "--seconds=20";
        let view = cast.mara.says(&stage.desk, &ask)?;
        let id = view["id"].as_str().context("a request without an id")?.to_owned();
        let code = cast.adaeze.code()?;
        cast.adaeze.says(&stage.desk, &["approve", &id, "--code", &code])?;
        Ok(id)
    })?;
    stage.steps.measure("It runs out, and its open WebSocket dies within a second", || {
        let mut door = Door::open(&stage.desk, &stage.logs, &cast.mara, &request, "session-2")?;
        let mut socket = door.listen(&format!("{HOME}live"), &stage.logs)?;
        socket.wait(Duration::from_secs(10), |text| text.contains(" 101 ").then_some(()))?;
        socket.finish(Duration::from_secs(40))?;
        let late = SystemClock.now_millis() - door.ends_at * 1000;
        ensure!((0..=LIVES_ON).contains(&late), "the WebSocket died {late} ms after the end");
        let reason = door.ended_by(Duration::from_secs(10))?;
        ensure!(reason == "expired", "it was ended by {reason}");
        Ok(((), format!("{late} ms after its end")))
    })
}
