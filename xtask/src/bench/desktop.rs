//! `cargo xtask bench desktop`: what the app takes of a computer, beside an empty window of the same kind and a browser.

mod case;
mod memory;
mod picture;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{commands, desk::Desk, folders, packages, process::Process};
use case::Case;
use picture::Framebuffer;

/// Each is started so often, in turn with the others.
const RUNS: usize = 7;
/// Until its memory is looked at.
const SETTLING: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);
const BROWSER: &str = "chromium";
/// The goal for what people download.
const PACKAGE_GOAL: f64 = 20.0;

/// What is started.
struct Subject {
    name: &'static str,
    start: Box<dyn Fn(&Desk) -> Command>,
    seen: Vec<Seen>,
}

/// One start.
struct Seen {
    milliseconds: f64,
    mebibytes: f64,
}

/// Measures, prints a table and writes it.
pub fn run(out: &Path) -> anyhow::Result<()> {
    packages::ensure()?;
    let arguments = ["build", "--quiet", "--release", "-p", "countersign", "--bins", "--example", "empty"];
    commands::run(&folders::root(), &commands::cargo(), &arguments)?;
    let folder = folders::target().join("bench/desktop");
    folders::fresh(&folder)?;
    let mut desk = Desk::apart(&folder.join("state"), &folder.join("logs"))?;
    let framebuffer = display(&mut desk, &folder)?;
    let mut subjects = subjects(&folder)?;
    // One start that is not counted fills the disk's cache and makes the profiles.
    for turn in 0..=RUNS {
        for subject in &mut subjects {
            let seen = see(&desk, &framebuffer, subject, &folder.join("logs"))?;
            println!("{:<24} {:>6.0} ms {:>8.1} MiB", subject.name, seen.milliseconds, seen.mebibytes);
            if turn > 0 {
                subject.seen.push(seen);
            }
        }
    }
    let cases = cases(&subjects)?;
    for case in &cases {
        println!("{case}");
    }
    fs::write(out, serde_json::to_vec_pretty(&cases)?)?;
    Ok(())
}

/// A screen whose picture lies in a file.
fn display(desk: &mut Desk, folder: &Path) -> anyhow::Result<Framebuffer> {
    let mut xvfb = desk.command("Xvfb");
    xvfb.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-fbdir"]).arg(folder);
    let server = desk.keep("display", &mut xvfb, "")?;
    let number = server.wait(PATIENCE, |text| {
        text.lines().find(|line| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
    })?;
    desk.set("DISPLAY", &format!(":{number}"));
    desk.set("GDK_BACKEND", "x11");
    Framebuffer::open(&folder.join("Xvfb_screen0"))
}

fn subjects(folder: &Path) -> anyhow::Result<Vec<Subject>> {
    let subject = |name, start| Subject { name, start, seen: Vec::new() };
    let profiles = folder.join("profiles");
    let mut subjects = vec![
        subject("Countersign", starting(folders::shipped("countersign"), vec!["--data-dir".into(), profiles])),
        subject("an empty Tauri window", starting(folders::shipped("examples/empty"), Vec::new())),
    ];
    if commands::exists(BROWSER) {
        let page = folders::root().join("src-tauri/examples/empty/page/index.html");
        let mut arguments =
            ["--no-first-run", "--no-default-browser-check", "--window-position=0,0"].map(PathBuf::from).to_vec();
        arguments.push("--window-size=1280,800".into());
        arguments.push(format!("--user-data-dir={}", folder.join("browser").display()).into());
        if packages::is_root() {
            arguments.push("--no-sandbox".into());
        }
        arguments.push(format!("file://{}", page.display()).into());
        subjects.push(subject("Chromium", starting(BROWSER.into(), arguments)));
    } else {
        println!("skipped: {BROWSER} is not here to be measured beside");
    }
    Ok(subjects)
}

fn starting(program: PathBuf, arguments: Vec<PathBuf>) -> Box<dyn Fn(&Desk) -> Command> {
    Box::new(move |desk| {
        let mut command = desk.command(&program);
        command.args(&arguments);
        command
    })
}

fn see(desk: &Desk, framebuffer: &Framebuffer, subject: &Subject, logs: &Path) -> anyhow::Result<Seen> {
    framebuffer.wait_until_empty(PATIENCE)?;
    let from = Instant::now();
    let process = Process::start("subject", &mut (subject.start)(desk), logs, "")?;
    let stands =
        framebuffer.stands(from, PATIENCE).with_context(|| format!("{}:\n{}", subject.name, process.tail()))?;
    sleep(SETTLING);
    let bytes = memory::of_all(process.id())?;
    if bytes == 0 {
        bail!("{} is not there any more:\n{}", subject.name, process.tail());
    }
    Ok(Seen { milliseconds: stands.as_secs_f64() * 1e3, mebibytes: bytes as f64 / f64::from(1 << 20) })
}

fn cases(subjects: &[Subject]) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    if let [ours, others @ ..] = subjects {
        for other in others {
            let both = || ours.seen.iter().zip(&other.seen);
            let short = if other.name == "Chromium" { "chromium" } else { "empty" };
            let times: Vec<_> = both().map(|(a, b)| (a.milliseconds, b.milliseconds)).collect();
            let sizes: Vec<_> = both().map(|(a, b)| (a.mebibytes, b.mebibytes)).collect();
            cases.push(Case::of(&format!("start/{short}"), other.name, "ms", &times));
            cases.push(Case::of(&format!("memory/{short}"), other.name, "MiB", &sizes));
        }
    }
    let packed = fs::read_dir(folders::target().join("packages"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()));
    match packed.into_iter().find(|path| path.extension().is_some_and(|end| end == "deb")) {
        Some(package) => {
            let megabytes = package.metadata()?.len() as f64 / 1e6;
            cases.push(Case::of("package/deb", "the goal", "MB", &[(megabytes, PACKAGE_GOAL)]));
        }
        None => println!("skipped: package/deb needs `cargo xtask release` before"),
    }
    Ok(cases)
}
