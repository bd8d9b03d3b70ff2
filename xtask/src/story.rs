//! The story that must run, told twice: over the command line, then in the real windows.

pub mod line;
mod page;
mod people;
mod screen;
mod stage;
mod step;
mod webdriver;
pub mod windows;

pub use stage::Stage;
pub use step::Steps;
