//! The package on a Debian with nothing else in it: it installs, its window paints, and it goes without a trace.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{commands, desk::Desk, folders, packages, story::screen::Screen};

const RELEASE: &str = "bookworm";
const TOOLS: [&str; 3] = ["debootstrap", "unshare", "Xvfb"];
/// Nobody in particular, and not root.
const SOMEBODY: &str = "1000:1000";
const PATIENCE: Duration = Duration::from_secs(60);
/// A window without a page has far fewer.
const COLOURS: usize = 200;
/// Mounts that end with the process: what it needs of the system, and nothing of ours.
const INSIDE: &str = r#"
mount -t proc proc "$0/proc" && mount -t tmpfs shm "$0/dev/shm" && mount -t tmpfs run "$0/run" && chmod 1777 "$0/run" "$0/dev/shm" &&
exec chroot "$@""#;

/// Leaves `target/bare/window.png`.
pub fn prove(package: &Path) -> anyhow::Result<()> {
    if !packages::is_root() {
        bail!("an empty Debian can only be made by root");
    }
    if let Some(missing) = TOOLS.iter().find(|tool| !commands::exists(tool)) {
        bail!("{missing} is missing: apt-get install debootstrap util-linux xvfb");
    }
    let folder = folders::target().join("bare");
    folders::fresh(&folder)?;
    let root = Root(folder.join("root"));
    println!("making an empty Debian in {}", root.0.display());
    commands::output(Command::new("debootstrap").args(["--variant=minbase", RELEASE]).arg(&root.0))?;
    let before = root.files()?;
    root.install(package)?;
    let picture = folder.join("window.png");
    let colours = root.paint(&folder, &picture)?;
    root.run(&["dpkg", "--purge", "countersign"])?;
    let left: Vec<_> = root.files()?.lines().filter(|path| path.contains("countersign")).map(str::to_owned).collect();
    if !left.is_empty() || before.contains("countersign") {
        bail!("the package left something behind: {left:?}");
    }
    println!("on an empty Debian it installs, paints {colours} colours ({}) and goes", picture.display());
    std::fs::remove_dir_all(&root.0).context("the empty Debian cannot be removed")
}

struct Root(PathBuf);

impl Root {
    fn command(&self, chroot: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--ipc", "sh", "-c", INSIDE]).arg(&self.0);
        let (options, program): (Vec<&str>, Vec<&str>) =
            chroot.iter().copied().partition(|word| word.starts_with("--userspec"));
        command.args(options).arg(&self.0).args(program).env_clear();
        command
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("LC_ALL", "C");
        command
    }

    fn run(&self, words: &[&str]) -> anyhow::Result<String> {
        commands::output(&mut self.command(words))
    }

    /// Through this computer's own way to the packages, and with what the empty one has in mind.
    fn install(&self, package: &Path) -> anyhow::Result<()> {
        let archives = self.0.join("var/cache/apt/archives");
        let option = |name: &str, path: &Path| format!("{name}={}", path.display());
        let mut fetch = Command::new("apt-get");
        fetch.args(["install", "-qq", "-y", "--no-install-recommends", "--download-only"]);
        fetch.args(["-o", &option("Dir::State::status", &self.0.join("var/lib/dpkg/status"))]);
        fetch.args(["-o", &option("Dir::Cache::archives", &archives)]).arg(package);
        commands::output(&mut fetch).context("what the package depends on cannot be fetched")?;
        std::fs::copy(package, archives.join("countersign.deb"))?;
        // What has to be configured before others are unpacked is, by the next round.
        let round = "dpkg --install /var/cache/apt/archives/*.deb";
        self.run(&["sh", "-c", &[round; 3].join(" || ")]).map(drop)
    }

    fn files(&self) -> anyhow::Result<String> {
        let listed = ["-xdev", "-path", "./var/cache/apt", "-prune", "-o", "-path", "./tmp", "-prune", "-o", "-print"];
        commands::output(Command::new("find").arg(".").args(listed).current_dir(&self.0))
    }

    /// Starts the window as somebody who is not root, and waits until it has a page.
    fn paint(&self, folder: &Path, picture: &Path) -> anyhow::Result<usize> {
        let mut desk = Desk::apart(&folder.join("state"), &folder.join("logs"))?;
        let screen = Screen::start(&mut desk)?;
        let home = self.0.join("tmp/somebody");
        std::fs::create_dir_all(&home)?;
        commands::output(Command::new("chown").arg(SOMEBODY).arg(&home))?;
        let user = format!("--userspec={SOMEBODY}");
        let mut start = self.command(&[&user, "countersign"]);
        start.env("DISPLAY", screen.display()).env("HOME", "/tmp/somebody").env("XDG_RUNTIME_DIR", "/tmp/somebody");
        desk.keep("countersign", &mut start, "")?;
        let window = screen.window("Countersign")?;
        let end = Instant::now() + PATIENCE;
        loop {
            screen.picture(&window, picture)?;
            let colours = commands::output(Command::new("identify").args(["-format", "%k"]).arg(picture))?;
            match colours.trim().parse() {
                Ok(colours) if colours >= COLOURS => return Ok(colours),
                _ if Instant::now() > end => bail!("the window stays empty: {}", picture.display()),
                _ => sleep(Duration::from_millis(500)),
            }
        }
    }
}
