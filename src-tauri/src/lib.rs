//! The desktop app's shell: windows, the system browser and the session window over [`desktop::Engine`], which does
//! the work.
//!
//! What it is not: it decides nothing, verifies nothing and keeps nothing.

pub mod bindings;
mod browser;
mod commands;
mod notices;
mod replay;
mod session;
mod start;
mod windows;

pub use start::{Start, start_of};
pub use windows::{context, run};
