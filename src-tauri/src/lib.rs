//! The desktop app's shell: windows, the system browser and the session window over [`desktop::Engine`], which does
//! the work.
//!
//! What it is not: it decides nothing, verifies nothing and keeps nothing.

mod asked;
mod automation;
mod bell;
pub mod bindings;
mod browser;
mod commands;
#[cfg(target_os = "linux")]
mod drawing;
mod instance;
mod lasting;
mod leaving;
mod link;
mod memory;
mod notices;
mod question;
mod replay;
mod session;
#[cfg(target_os = "linux")]
mod silence;
mod start;
mod stopping;
mod tray;
pub mod updates;
mod windows;

pub use start::{Start, start_of};
pub use windows::{context, run};
