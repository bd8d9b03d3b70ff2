use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::{scope, sleep},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::{
    Cast,
    door::{Door, Way},
};
use crate::{services::Part, story::Stage};

const PEOPLE: &str = "https://payroll.test/o/delmar-foods/people?q=";
const PATIENCE: Duration = Duration::from_secs(45);
/// Each with its name in the step.
const PARTS: [(Part, &str); 5] = [
    (Part::Audit, "the audit service"),
    (Part::Broker, "the broker"),
    (Part::Gateway, "the gateway"),
    (Part::Provider, "the identity provider"),
    (Part::Payroll, "the payroll service"),
];

/// Every program is killed once while the Session is used. Answers the marks of what it answered meanwhile: each of
/// these exchanges has to be in the recording.
pub(super) fn tell(stage: &mut Stage, cast: &Cast, door: &mut Door, request: &str) -> anyhow::Result<Vec<String>> {
    let mut marks = Vec::new();
    for (part, name) in PARTS {
        let Stage { steps, desk, services, .. } = &mut *stage;
        let before = cast.ines.entries(desk)?;
        let what = format!("kill -9 of {name}: no entry is lost, and the session goes on");
        let answered = steps.measure(&what, || {
            let begin = Instant::now();
            let crashed = used_meanwhile(&door.way, &format!("{part:?}"), || services.crash(part))?;
            let back = begin.elapsed();
            holds_on(desk, cast, &before)?;
            is_the_same(desk, cast, door, request)?;
            let figure =
                format!("{:.1} s until it answers again, {} pages meanwhile", back.as_secs_f64(), crashed.len());
            Ok((crashed, figure))
        })?;
        marks.extend(answered);
    }
    let before = cast.ines.entries(&stage.desk)?;
    stage.steps.take("kill -9 of Mara's own program: the same session is there when she comes back", || {
        let (session, ends_at) = (door.session.clone(), door.ends_at);
        door.kill()?;
        ensure!(door.ask(PEOPLE, &[]).is_err(), "the door outlived its program");
        *door = Door::open(&stage.desk, &stage.logs, &cast.mara, request, "session-1-again")?;
        ensure!(door.session == session, "another session was opened: {} after {session}", door.session);
        ensure!(door.ends_at == ends_at, "its end moved from {ends_at} to {}", door.ends_at);
        ensure!(door.ask(PEOPLE, &[])?.status == 200, "the service does not answer");
        holds_on(&stage.desk, cast, &before)
    })?;
    Ok(marks)
}

/// Pages are asked for without a pause while `crash` takes something away, until one is answered after it. Answers the
/// marks of those that were.
fn used_meanwhile(way: &Way, name: &str, crash: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Vec<String>> {
    let (has_crashed, is_enough) = (AtomicBool::new(false), AtomicBool::new(false));
    scope(|threads| {
        let asking = threads.spawn(|| {
            let (mut marks, mut after) = (Vec::new(), 0);
            let end = Instant::now() + PATIENCE;
            for number in 0.. {
                let is_after = has_crashed.load(Ordering::SeqCst);
                let mark = format!("{name}-{number}");
                if way.ask(&format!("{PEOPLE}{mark}"), &[]).is_ok_and(|answer| answer.status == 200) {
                    marks.push(mark);
                    after += u32::from(is_after);
                }
                if after > 2 || is_enough.load(Ordering::SeqCst) {
                    return Ok(marks);
                }
                if Instant::now() > end {
                    bail!("the session did not go on within {PATIENCE:?}");
                }
            }
            Ok(marks)
        });
        sleep(Duration::from_millis(300));
        let crashed = crash();
        has_crashed.store(true, Ordering::SeqCst);
        is_enough.store(crashed.is_err(), Ordering::SeqCst);
        let marks = asking.join().map_err(|_| anyhow::anyhow!("asking stopped"))?;
        crashed?;
        marks
    })
}

/// Every entry that was acknowledged before is there, at its place and unaltered, and the log is one that continues it.
fn holds_on(desk: &crate::desk::Desk, cast: &Cast, before: &[Value]) -> anyhow::Result<()> {
    let after = cast.ines.entries(desk)?;
    for entry in before {
        let kept = after.iter().find(|one| one["index"] == entry["index"]);
        let kept = kept.with_context(|| format!("entry {} is lost", entry["index"]))?;
        ensure!(kept["leaf"] == entry["leaf"], "entry {} was {entry} and is {kept}", entry["index"]);
    }
    let log = cast.ines.says(desk, &["check-log"])?;
    ensure!(log["verdict"] == "intact", "the log: {log}");
    Ok(())
}

fn is_the_same(desk: &crate::desk::Desk, cast: &Cast, door: &Door, request: &str) -> anyhow::Result<()> {
    let view = cast.mara.says(desk, &["requests", request])?;
    ensure!(view["state"] == "open", "the request is {}", view["state"]);
    ensure!(view["session"] == door.session.as_str(), "the session is {} now", view["session"]);
    ensure!(view["sessionEndsAt"] == door.ends_at, "it ends at {} now, not at {}", view["sessionEndsAt"], door.ends_at);
    Ok(())
}
