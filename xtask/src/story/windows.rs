//! The story in the real windows.

mod access;
mod alone;
mod awake;
mod changing;
mod entering;
mod escape;
mod expiry;
mod extending;
mod new_key;
mod replay;
mod revealing;
mod session;
mod stopping;

use std::path::PathBuf;

use super::{Stage, hostile::Hostile, people::Person, screen::Screen, webdriver::Page};
use crate::{desk::Desk, folders};

/// One person with a phone, in front of a window.
pub struct Seat {
    pub person: Person,
    pub window: Page,
}

/// Everybody who goes on after the administrator let them in.
pub struct Seats {
    pub ben: Seat,
    pub mara: Seat,
    /// Her other account, on another computer.
    pub mara_again: Option<Seat>,
    pub tomasz: Seat,
    pub ines: Seat,
    /// What opened the hostile service's Session.
    pub hostile_request: Option<String>,
}

/// What a scene needs beside the people.
pub struct Scene<'a> {
    pub stage: &'a mut Stage,
    pub screen: Screen,
    /// The system browser writes the address here that it was asked to open.
    asked: PathBuf,
}

impl Scene<'_> {
    /// Leaves a picture of a window's page.
    pub fn picture(&self, seat: &Seat, name: &str) -> anyhow::Result<()> {
        seat.window.picture(&self.file(name))
    }

    /// As [`Self::picture`], and once more in the other theme.
    pub fn pictures(&self, seat: &Seat, name: &str) -> anyhow::Result<()> {
        self.picture(seat, name)?;
        seat.window.theme("dark")?;
        self.picture(seat, &format!("{name}-dark"))?;
        seat.window.theme("light")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.stage.folder.join(format!("{name}.png"))
    }
}

/// Walks the whole story from a clean state: from the first start to the signed review, and then with a service that is
/// hostile.
///
/// # Errors
/// The first step's that failed.
pub fn walk(folder: PathBuf) -> anyhow::Result<()> {
    folders::fresh(&folder)?;
    let hostile = Hostile::start(&folder.join("state"), &folder.join("logs"))?;
    let target = [hostile.target.clone()];
    let mut stage = Stage::set(folder, &target, Desk::apart)?;
    let mut scene = entering::screen(&mut stage)?;
    let mut seats = entering::tell(&mut scene)?;
    access::tell(&mut scene, &mut seats)?;
    session::tell(&mut scene, &mut seats)?;
    new_key::tell(&mut scene, &mut seats)?;
    expiry::tell(&mut scene, &mut seats)?;
    replay::tell(&mut scene, &mut seats)?;
    changing::tell(&mut scene, &mut seats)?;
    revealing::tell(&mut scene, &mut seats)?;
    escape::tell(&mut scene, &mut seats, &hostile)?;
    awake::tell(&mut scene, &mut seats)?;
    alone::tell(&mut scene, &mut seats)
}

/// An element by the name that it has for tests.
fn by(name: &str) -> String {
    format!("//*[@data-testid='{name}']")
}
