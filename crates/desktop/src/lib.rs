//! The engine of the desktop app and of its command line.

pub mod door;
pub mod view;
