//! A screen that nobody sees: a display with a window manager, pointer, keys and pictures.

use std::{
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{commands, desk::Desk};

/// Where the windows are drawn.
pub struct Screen {
    display: String,
}

impl Screen {
    /// Starts it on the desk; everything that the desk starts from here on draws there.
    pub fn start(desk: &mut Desk) -> anyhow::Result<Self> {
        let mut xvfb = desk.command("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"]);
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
        let end = Instant::now() + Duration::from_secs(15);
        loop {
            let found = self.pointer(&["search", "--onlyvisible", "--name", title]);
            if let Some(id) = found.ok().and_then(|ids| ids.lines().last().map(str::to_owned)) {
                return Ok(id);
            }
            if Instant::now() > end {
                bail!("no window is called \"{title}\"");
            }
            sleep(Duration::from_millis(100));
        }
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
