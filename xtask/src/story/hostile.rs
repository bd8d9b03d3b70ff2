//! A service of the story's own whose page tries everything that it should not be able to do.

mod service;
mod traps;

pub use service::{Hostile, ORGANIZATION, OTHER};
