use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use domain::{Clock as _, SystemClock};

use super::{Cast, door::Door, setup};
use crate::{http::Client, story::Stage};

const HOME: &str = "https://payroll.test/o/delmar-foods/";
const OTHER: &str = "kinloch-hotels";

/// A Session is opened, used, held to its terms, ended; a second one runs out. Answers the first one's id.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast, request: &str) -> anyhow::Result<String> {
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
    stage.steps.take("She ends the session, and the door is gone", || {
        cast.mara.says(&stage.desk, &["end", request])?;
        let reason = door.ended_by(Duration::from_secs(10))?;
        ensure!(reason == "ended-by-requester", "it was ended by {reason}");
        ensure!(door.ask(HOME, &[]).is_err(), "the door still answers");
        Ok(())
    })?;
    runs_out(stage, cast)?;
    Ok(door.session)
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
    stage.steps.take("It runs out, and its open WebSocket dies within a second", || {
        let mut door = Door::open(&stage.desk, &stage.logs, &cast.mara, &request, "session-2")?;
        let mut socket = door.listen(&format!("{HOME}live"), &stage.logs)?;
        socket.wait(Duration::from_secs(10), |text| text.contains(" 101 ").then_some(()))?;
        let begin = Instant::now();
        socket.finish(Duration::from_secs(40))?;
        let late = SystemClock.now() - door.ends_at;
        if !(-1..=2).contains(&late) {
            bail!("the WebSocket lived {:?}, until {late} s after the end", begin.elapsed());
        }
        let reason = door.ended_by(Duration::from_secs(10))?;
        ensure!(reason == "expired", "it was ended by {reason}");
        Ok(())
    })
}
