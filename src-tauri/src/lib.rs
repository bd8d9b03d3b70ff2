//! The desktop app's shell: windows, the system browser and the session window over [`desktop::Engine`], which does
//! the work. It decides nothing and keeps no secret of its own.

pub mod bindings;
mod browser;
mod commands;
mod session;
mod standin;
