//! A service stands still: what is not recorded does not pass, and what waited goes on without a gap.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use super::{
    marks::{HOME, Kind},
    proof,
    report::{Case, Report},
    role::Role,
    world::{Held, PATIENCE, World},
};
use crate::process::Process;

const SECONDS: [u64; 3] = [1, 3, 8];
/// The recording rule's bound: beyond it no byte passes.
pub const MAX_LAG: Duration = Duration::from_secs(2);
/// How late a byte may be seen that was on its way.
const LATE: Duration = Duration::from_millis(500);

/// Sweeps one role.
pub fn sweep(world: &mut World, role: Role, report: &mut Report) -> anyhow::Result<()> {
    let mut held = world.open()?;
    let mut socket = held.door.listen(&format!("{HOME}live"), &world.stage.logs)?;
    socket.wait(Duration::from_secs(10), |text| text.contains(" 101 ").then_some(()))?;
    for seconds in SECONDS {
        let what = format!("SIGSTOP for {seconds} s");
        report.take(&what, |case| stop(world, role, &mut held, &socket, Duration::from_secs(seconds), case))?;
    }
    report.take("the recording in the end", |case| {
        if role == Role::Audit {
            ensure!(socket.is_running()?, "the WebSocket was cut");
        }
        proof::end(world, held, case)
    })
}

fn stop(
    world: &mut World,
    role: Role,
    held: &mut Held,
    socket: &Process,
    long: Duration,
    case: &mut Case,
) -> anyhow::Result<()> {
    held.marks.label(&format!("{}-stop-{}", role.name(), long.as_secs()));
    world.heads.keep(&world.verifier)?;
    // The gateway is what bytes pass through: while it stands still there is nothing to wait for.
    let bound = if role == Role::Audit { MAX_LAG } else { Duration::ZERO };
    world.roles.signal(role, "STOP")?;
    let stopped = Instant::now();
    let (mut length, mut last_byte) = (socket.text().len(), stopped);
    while stopped.elapsed() < long {
        let now = socket.text().len();
        if now != length {
            (length, last_byte) = (now, Instant::now());
        }
        sleep(Duration::from_millis(20));
    }
    let before = held.marks.answered();
    world.roles.signal(role, "CONT")?;
    let went_on = Instant::now();
    held.marks.more(4, PATIENCE).context("after SIGCONT")?;
    let back = went_on.elapsed();
    let meanwhile: Vec<_> = before.iter().filter(|one| one.at > stopped).collect();
    let unrecorded = meanwhile.iter().filter(|one| one.kind == Kind::Write && one.asked_at > stopped).count();
    ensure!(unrecorded == 0, "{unrecorded} writes were answered that nobody had acknowledged");
    let last_answer = meanwhile.iter().map(|one| one.at).max().unwrap_or(stopped);
    for (what, at) in [("an answer", last_answer), ("a byte of the WebSocket", last_byte)] {
        let after = at.duration_since(stopped);
        ensure!(after <= bound + LATE, "{what} passed {:.2} s after the stop", after.as_secs_f64());
    }
    let heads = world.hold_log()?;
    case.found = format!(
        "the last answer passed after {:.2} s, the last byte of the WebSocket after {:.2} s, no write; {:.2} s after \
         SIGCONT it went on; {heads} heads consistent",
        last_answer.duration_since(stopped).as_secs_f64(),
        last_byte.duration_since(stopped).as_secs_f64(),
        back.as_secs_f64()
    );
    Ok(())
}
