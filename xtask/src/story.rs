//! The story that must run, told twice: over the command line, then in the real windows.

pub mod line;
mod page;
mod people;
mod step;

pub use step::Steps;
