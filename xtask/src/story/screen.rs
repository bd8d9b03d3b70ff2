//! A screen that nobody sees: a display with a window manager, pointer, keys and pictures.

use std::{
    collections::HashSet,
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{commands, desk::Desk};

/// Whatever is written or drawn on a page has more colours.
const PLAIN: usize = 16;

/// Where the windows are drawn.
pub struct Screen {
    display: String,
}

impl Screen {
    /// Starts it on the desk; everything that the desk starts from here on draws there.
    pub fn start(desk: &mut Desk) -> anyhow::Result<Self> {
        let mut xvfb = desk.command("Xvfb");
        // Without repeating keys: on a machine that is slow to let one go, a letter would come twice.
        xvfb.args(["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp", "-r"]);
        let server = desk.keep("display", &mut xvfb, "")?;
        let number = server.wait(Duration::from_secs(15), |text| {
            text.lines()
                .find(|line| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()))
                .map(str::to_owned)
        })?;
        let display = format!(":{number}");
        desk.set("DISPLAY", &display);
        desk.set("GDK_BACKEND", "x11");
        let mut manager = desk.command("openbox");
        desk.keep("window-manager", &mut manager, "")?;
        Ok(Self { display })
    }

    /// What programs of other surroundings find it by.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Waits for a window whose title holds this text, and answers its id.
    pub fn window(&self, title: &str) -> anyhow::Result<String> {
        self.window_beside(title, &[])
    }

    /// As [`Self::window`], for one that is none of those before.
    pub fn window_beside(&self, title: &str, before: &[String]) -> anyhow::Result<String> {
        let end = Instant::now() + Duration::from_secs(15);
        loop {
            if let Some(id) = self.windows(title).into_iter().rfind(|id| !before.contains(id)) {
                return Ok(id);
            }
            if Instant::now() > end {
                bail!("no window is called \"{title}\"");
            }
            sleep(Duration::from_millis(100));
        }
    }

    /// The ids of all windows now whose title holds this text.
    pub fn windows(&self, title: &str) -> Vec<String> {
        // The program fails when it finds none.
        let found = self.pointer(&["search", "--onlyvisible", "--name", title]).unwrap_or_default();
        found.lines().map(str::to_owned).collect()
    }

    /// Brings a window to the front and clicks at this place in it.
    pub fn click(&self, window: &str, x: u32, y: u32) -> anyhow::Result<()> {
        self.pointer(&["windowactivate", "--sync", window])?;
        self.pointer(&["mousemove", "--window", window, &x.to_string(), &y.to_string(), "click", "1"]).map(drop)
    }

    /// Brings a window to the front and presses these keys, as `xdotool` calls them.
    pub fn press(&self, window: &str, keys: &[&str]) -> anyhow::Result<()> {
        self.pointer(&["windowactivate", "--sync", window])?;
        for key in keys {
            self.pointer(&["key", "--delay", "40", key])?;
        }
        Ok(())
    }

    /// Brings a window to the front and types.
    pub fn types(&self, window: &str, text: &str) -> anyhow::Result<()> {
        self.pointer(&["windowactivate", "--sync", window])?;
        self.pointer(&["type", "--delay", "30", text]).map(drop)
    }

    /// Whether a window shows something within these bounds, as ImageMagick writes them, and no plain area.
    pub fn is_drawn(&self, window: &str, bounds: &str, file: &Path) -> anyhow::Result<bool> {
        let mut import = Command::new("import");
        import.env("DISPLAY", &self.display).args(["-window", window, "-crop", bounds, "-depth", "8"]);
        commands::output(import.arg(format!("rgb:{}", file.display()))).context("no picture")?;
        let points = std::fs::read(file)?;
        std::fs::remove_file(file)?;
        Ok(points.chunks_exact(3).collect::<HashSet<_>>().len() > PLAIN)
    }

    /// Leaves a picture of one window as it is painted.
    pub fn picture(&self, window: &str, file: &Path) -> anyhow::Result<()> {
        self.pointer(&["windowactivate", "--sync", window])?;
        sleep(Duration::from_millis(300));
        let mut import = Command::new("import");
        import.env("DISPLAY", &self.display).args(["-window", window]).arg(file);
        commands::output(&mut import).map(drop).context("no picture")
    }

    fn pointer(&self, arguments: &[&str]) -> anyhow::Result<String> {
        commands::output(Command::new("xdotool").env("DISPLAY", &self.display).args(arguments))
    }
}
