//! What must hold of a Session in the end, whatever happened to the services in it.

use std::{
    collections::HashMap,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::{
    marks::{Answered, Kind},
    report::Case,
    world::{Held, PATIENCE, World},
};
use crate::story::verifier;

/// A recording is sealed after this at the latest: the gateway tries again after half a minute at most.
const SEALED: Duration = Duration::from_secs(75);
/// The one kind of gap that misses nothing.
const PAUSED: &str = "The page was paused; nothing passed.";
/// The audit service's codes for a Recording that is not whole yet, or becomes so at this moment.
const NOT_YET: [&str; 2] = ["somebody-inside", "changed-meanwhile"];
/// Notes that a recording holds about its own gateway.
const NOTES: [&str; 2] = [PAUSED, "The page was paused until the end."];

/// Ends the Session and holds what is left of it to the invariant. Both roles have to run.
pub fn end(world: &mut World, mut held: Held, case: &mut Case) -> anyhow::Result<()> {
    let answered = std::mem::replace(&mut held.marks, super::marks::Marks::none()).stop();
    world.people.mara.says(&world.stage.desk, &["end", &held.request])?;
    let reason = held.door.ended_by(PATIENCE)?;
    ensure!(reason == "ended-by-requester", "the session was ended by {reason}");
    prove(world, &held, &answered, case)
}

/// Every exchange that was answered is in the sealed Recording as it was answered, every write that reached the
/// Organization's service is in it, nothing is missing between; the log is the one that everybody saw; and the verifier
/// accepts the Evidence.
pub fn prove(world: &mut World, held: &Held, answered: &[Answered], case: &mut Case) -> anyhow::Result<()> {
    let session = held.door.session.clone();
    let recording = sealed(world, &session)?;
    std::fs::write(world.stage.folder.join("recording.json"), serde_json::to_vec(&recording)?)?;
    ensure!(recording["check"] == "checks-out", "the recording: {} {}", recording["check"], recording["detail"]);
    let gaps = recording["gaps"].as_array().context("no list of gaps")?;
    for gap in gaps {
        ensure!(NOTES.iter().any(|note| gap["detail"] == *note), "a gap: {gap}");
    }
    let exchanges = recording["exchanges"].as_array().context("no exchanges")?;
    holds_answers(exchanges, answered)?;
    holds_written(exchanges, world.written()? - held.written)?;
    let heads = world.hold_log()?;
    let evidence = world.stage.folder.join("session.evidence");
    world.people.ines.says(&world.stage.desk, &["evidence", &session, "--out", &evidence.to_string_lossy()])?;
    let trust = world.stage.folder.join("trust.json");
    verifier::accepts(&trust, &evidence, &world.stage.folder.join("session.html"))?;
    case.found = format!(
        "{} answers, all of {} in a recording of {} exchanges with {} pauses, {heads} heads consistent, evidence verified",
        answered.len(),
        answered.len(),
        exchanges.len(),
        gaps.len()
    );
    Ok(())
}

/// Waits until nothing is recorded any more. Until then somebody is inside, for all that the audit service was told.
fn sealed(world: &World, session: &str) -> anyhow::Result<Value> {
    let end = Instant::now() + SEALED;
    loop {
        let said = world.people.ines.says(&world.stage.desk, &["recording", session]);
        let is_over = match &said {
            Ok(recording) => recording["check"] == "checks-out" || recording["check"] == "does-not-match",
            Err(error) => !NOT_YET.iter().any(|code| format!("{error:#}").contains(code)),
        };
        if is_over || Instant::now() > end {
            return said;
        }
        sleep(Duration::from_millis(300));
    }
}

fn holds_answers(exchanges: &[Value], answered: &[Answered]) -> anyhow::Result<()> {
    let mark = |one: &Value| Some(one["path"].as_str()?.split_once("?q=")?.1.to_owned());
    let by_mark: HashMap<String, &Value> = exchanges.iter().filter_map(|one| Some((mark(one)?, one))).collect();
    let lost: Vec<_> = answered.iter().filter(|one| !by_mark.contains_key(&one.mark)).map(|one| &*one.mark).collect();
    ensure!(
        lost.is_empty(),
        "{} of {} answers are not in the recording: {}",
        lost.len(),
        answered.len(),
        lost[..lost.len().min(20)].join(" ")
    );
    for one in answered {
        let Some(kept) = by_mark.get(&one.mark) else { bail!("{} is lost", one.mark) };
        let is_refused = one.kind == Kind::Refused;
        let says_so = kept["refused"].as_str().is_some_and(|why| !why.is_empty());
        ensure!(says_so == is_refused, "{} is recorded as another kind: {kept}", one.mark);
        if is_refused {
            continue;
        }
        ensure!(kept["status"] == 200, "{} was answered, and the recording says {kept}", one.mark);
        ensure!(kept["write"] == (one.kind == Kind::Write), "{} is recorded as another kind: {kept}", one.mark);
        let body = kept["body"].as_str().unwrap_or_default();
        ensure!(!body.is_empty(), "the answer to {} was whole, and the recording has none of it: {kept}", one.mark);
    }
    Ok(())
}

/// No write reached the Organization's service that is not in the Recording. A read may: it is forwarded at once, and a gateway
/// that is killed then has shown nothing of it to anybody.
fn holds_written(exchanges: &[Value], served: u64) -> anyhow::Result<()> {
    let is_written = |one: &&Value| one["refused"].as_str().is_some_and(str::is_empty) && one["write"] == true;
    let written = exchanges.iter().filter(is_written).count() as u64;
    ensure!(served <= written, "the service was asked to write {served} times, {written} are recorded");
    Ok(())
}
