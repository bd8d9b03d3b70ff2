//! The story in the real windows.

mod access;
mod entering;
mod replay;
mod session;

use std::path::PathBuf;

use super::{Stage, people::Person, screen::Screen, webdriver::Page};

/// One person with a phone, in front of a window.
pub struct Seat {
    pub person: Person,
    pub window: Page,
}

/// Everybody who goes on after the administrator let them in.
pub struct Seats {
    pub mara: Seat,
    pub tomasz: Seat,
    pub ines: Seat,
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

    pub fn file(&self, name: &str) -> PathBuf {
        self.stage.folder.join(format!("{name}.png"))
    }
}

/// Tells it from the first start to the signed review.
///
/// # Errors
/// The first step's that failed.
pub fn tell(stage: &mut Stage) -> anyhow::Result<()> {
    let mut scene = entering::screen(stage)?;
    let mut seats = entering::tell(&mut scene)?;
    access::tell(&mut scene, &mut seats)?;
    session::tell(&mut scene, &mut seats)?;
    replay::tell(&mut scene, &mut seats)
}

/// An element by the name that it has for tests.
fn by(name: &str) -> String {
    format!("//*[@data-testid='{name}']")
}
