//! A disk without room: a tmpfs in a mount namespace of our own, so that nothing of it outlives us.

use std::{
    fs::File,
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};

use super::{
    proof,
    report::{Case, Report},
    role::Role,
    stop::MAX_LAG,
    world::{Held, PATIENCE, World},
};
use crate::commands;

const APART: &str = "COUNTERSIGN_FAULTS_APART";
/// What fits into it beside what is there already.
const ROOM_MIB: u64 = 48;
/// How long it stays full.
const FULL: Duration = Duration::from_secs(6);
/// What was asked so long after the disk was full is not answered before there is room.
const AT_ONCE: Duration = Duration::from_millis(500);
/// When a full disk is noticed at the latest.
const NOTICED: Duration = Duration::from_secs(90);
/// A pause of this length ends the Session.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// Goes on in a mount namespace of its own, where what is mounted goes with us.
///
/// # Errors
/// Where that is not allowed.
pub fn go_apart() -> anyhow::Result<()> {
    if std::env::var_os(APART).is_some() {
        return Ok(());
    }
    let may = Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|answer| answer.status.success());
    ensure!(may, "the sweeps `full` mount a small disk, which takes root: run this as root, or add `--without full`");
    let mut apart = Command::new("unshare");
    apart.args(["--mount", "--propagation", "private"]).arg(std::env::current_exe()?).args(std::env::args_os().skip(1));
    Err(apart.env(APART, "1").exec()).context("unshare cannot be started")
}

/// Sweeps one role.
pub fn sweep(world: &mut World, role: Role, all: bool, report: &mut Report) -> anyhow::Result<()> {
    let folder = world.roles.folder(role);
    report.take("its folder is a small disk", |_| {
        world.roles.kill(role)?;
        mount(&folder)?;
        world.roles.start(role)
    })?;
    let held = world.open()?;
    report.take("the disk is full, then has room again", |case| fills(world, role, &held, case))?;
    report.take("killed while it is full", |case| killed(world, role, &held, case))?;
    report.take("the recording in the end", |case| proof::end(world, held, case))?;
    if all {
        let held = world.open()?;
        report.take("the disk is full for longer than a session may pause", |case| ends(world, role, held, case))?;
    }
    world.roles.kill(role)?;
    unmount(&folder)?;
    world.roles.start(role)
}

fn fills(world: &mut World, role: Role, held: &Held, case: &mut Case) -> anyhow::Result<()> {
    held.marks.label(&format!("{}-full", role.name()));
    world.heads.keep(&world.verifier)?;
    let events = paused(world)?.len();
    let full = fill(&world.roles.folder(role))?;
    let (filled, noticed) = (Instant::now(), notices(world, role)?);
    sleep(FULL);
    let last = passed_after(held, role, noticed)?;
    drop(full);
    let made_room = Instant::now();
    held.marks.more(4, PATIENCE).context("after there was room")?;
    let back = made_room.elapsed();
    let code = said(world, events)?;
    let heads = world.hold_log()?;
    case.found = format!(
        "noticed {:.2} s after it was full, the last answer {:.2} s after that; the Event says {code}; {:.2} s after \
         there was room it went on; {heads} heads consistent",
        noticed.duration_since(filled).as_secs_f64(),
        last.as_secs_f64(),
        back.as_secs_f64()
    );
    Ok(())
}

/// A role that dies with a full disk comes back when there is room.
fn killed(world: &mut World, role: Role, held: &Held, case: &mut Case) -> anyhow::Result<()> {
    held.marks.label(&format!("{}-full-killed", role.name()));
    let full = fill(&world.roles.folder(role))?;
    notices(world, role)?;
    world.roles.kill(role)?;
    world.roles.begin(role, None)?;
    let status = world.roles.ended_within(role, Duration::from_secs(3))?;
    drop(full);
    world.roles.kill(role)?;
    let heads = world.settle(role, held)?;
    let started = status.map_or("it started".to_owned(), |status| format!("it refused to start ({status})"));
    case.found = format!("{started}; with room it went on; {heads} heads consistent");
    Ok(())
}

fn ends(world: &mut World, role: Role, mut held: Held, case: &mut Case) -> anyhow::Result<()> {
    held.marks.label(&format!("{}-full-for-long", role.name()));
    let full = fill(&world.roles.folder(role))?;
    let noticed = notices(world, role)?;
    let reason = held.door.ended_by(LIMIT + PATIENCE)?;
    ensure!(reason == "recording-failed", "the session was ended by {reason}");
    let after = noticed.elapsed();
    ensure!(after >= LIMIT, "it was ended after {:.0} s", after.as_secs_f64());
    passed_after(&held, role, noticed)?;
    drop(full);
    let answered = std::mem::replace(&mut held.marks, super::marks::Marks::none()).stop();
    proof::prove(world, &held, &answered, case)?;
    case.found = format!("ended after {:.0} s; {}", after.as_secs_f64(), case.found);
    Ok(())
}

/// Waits until the role says that its disk is full. A file that has room inside, as a write-ahead file has, still takes what
/// fits into it.
fn notices(world: &mut World, role: Role) -> anyhow::Result<Instant> {
    let words = match role {
        Role::Audit => "the disk is full",
        Role::Gateway => "waits for room",
    };
    let (known, end) = (world.roles.text(role).matches(words).count(), Instant::now() + NOTICED);
    while world.roles.text(role).matches(words).count() == known {
        ensure!(Instant::now() < end, "the {} says nothing about its full disk", role.name());
        sleep(Duration::from_millis(10));
    }
    Ok(Instant::now())
}

/// How long after this moment the last answer passed. Reads pass while the gateway's own disk has them and the audit service is
/// not too far behind; beyond that bound none that was asked passes.
fn passed_after(held: &Held, role: Role, noticed: Instant) -> anyhow::Result<Duration> {
    let bound = if role == Role::Audit { MAX_LAG } else { Duration::ZERO };
    let answered = held.marks.answered();
    let late: Vec<_> = answered.iter().filter(|one| one.asked_at > noticed + bound + AT_ONCE).collect();
    if let Some(one) = late.first() {
        bail!("{} answers passed while the disk was full, {} first", late.len(), one.mark);
    }
    Ok(answered.iter().map(|one| one.at.saturating_duration_since(noticed)).max().unwrap_or_default())
}

/// The Events that say that a recording was paused.
fn paused(world: &World) -> anyhow::Result<Vec<serde_json::Value>> {
    let mut entries = world.people.ines.entries(&world.stage.desk)?;
    entries.retain(|entry| entry["kind"] == "recording-paused");
    Ok(entries)
}

/// Waits for another one, and answers what it says.
fn said(world: &World, before: usize) -> anyhow::Result<String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let events = paused(world)?;
        if events.len() > before {
            let text = events[0].to_string();
            let code = ["no-room", "not-acknowledged"].into_iter().find(|code| text.contains(code));
            return code.map(str::to_owned).with_context(|| format!("the Event does not say why: {text}"));
        }
        ensure!(Instant::now() < end, "no Event says that the recording was paused");
        sleep(Duration::from_millis(300));
    }
}

/// Everything that is free in it; room again when it is dropped.
struct Full(std::path::PathBuf);

impl Drop for Full {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn fill(folder: &Path) -> anyhow::Result<Full> {
    let full = Full(folder.join("filler"));
    let mut file = File::create(&full.0)?;
    for piece in [vec![0xA5; 256 * 1024], vec![0xA5; 4096]] {
        while file.write_all(&piece).is_ok() {}
    }
    Ok(full)
}

fn mount(folder: &Path) -> anyhow::Result<()> {
    let kept = folder.with_extension("kept");
    std::fs::rename(folder, &kept)?;
    std::fs::create_dir(folder)?;
    let size = format!("size={ROOM_MIB}m,mode=700");
    commands::output(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder))?;
    copy(&kept, folder)
}

fn unmount(folder: &Path) -> anyhow::Result<()> {
    let kept = folder.with_extension("kept");
    std::fs::remove_dir_all(&kept)?;
    copy(folder, &kept)?;
    commands::output(Command::new("umount").arg(folder))?;
    std::fs::remove_dir(folder)?;
    Ok(std::fs::rename(&kept, folder)?)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let from = if to.exists() { from.join(".") } else { from.to_owned() };
    commands::output(Command::new("cp").arg("-a").arg(from).arg(to)).map(drop)
}
