//! The engine of the desktop app and of its command line: joining, signing in, enrolling, asking, countersigning,
//! opening, replaying, proving. [`Engine`] has a method for each thing that a window or a terminal can do, and both go
//! through the same checks; everything that is shown was verified on this computer.
//!
//! What it is not: it knows no window and no Tauri. It has no powers beyond the person's Device key and sign-in, and
//! keeps no secret outside the keyring and files that a key from there seals.

pub mod cli;
pub mod door;
mod engine;
mod fault;
mod indenture;
mod issuer;
mod joined;
mod log;
mod policy_change;
mod profile;
mod replay;
mod show;
pub mod view;

pub use cli::data_dir;
pub use engine::{Engine, EngineConfig, Passage, verify_file};

#[cfg(test)]
mod fake;
#[cfg(test)]
mod world;
