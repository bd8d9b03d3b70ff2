//! The story that must run, told twice: over the command line, then in the real windows.

mod hostile;
pub mod line;
mod page;
pub mod people;
pub mod screen;
mod stage;
mod step;
pub mod verifier;
mod webdriver;
pub mod windows;

pub use stage::Stage;
pub use step::Steps;

use crate::{desk::Desk, folders};

/// Who tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Which {
    /// People in terminals.
    Line,
    /// People in front of windows.
    Windows,
}

/// Walks a story from a clean state to its last step.
///
/// # Errors
/// The first step's that failed.
pub fn walk(which: Which) -> anyhow::Result<()> {
    match which {
        Which::Line => {
            let folder = folders::demo().join("line");
            folders::fresh(&folder)?;
            line::tell(&mut Stage::set(folder, &[], Desk::apart)?)
        }
        Which::Windows => windows::walk(folders::demo()),
    }
}
