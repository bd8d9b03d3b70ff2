//! The audit service: the append-only log of Events, Recordings, reviews, evidence. Its API is `wire::audit`'s table;
//! its log follows C2SP tlog-tiles and tlog-checkpoint.
//!
//! What it is not: it grants nothing, is no witness of itself (it shows its heads to those that are), and does not hide recordings from whoever runs it.

mod activity;
mod adopting;
mod audit;
mod chain;
mod config;
mod contacts;
mod error;
mod examining;
mod extending;
mod forgetting;
mod issuer;
mod looking;
#[cfg(feature = "measure")]
pub mod measure;
mod noted;
mod opening;
mod page;
mod people;
mod permitting;
mod problem;
mod read_up_to;
mod reading;
mod retention;
mod returning;
mod revealing;
mod reviewing;
mod roster;
mod routes;
mod saw;
mod sealing;
mod segmenter;
mod segments;
mod sequencer;
mod silence;
mod so_far;
mod start;
mod store;
mod tally;
mod tile;
mod trace;
mod vault;
mod watches;
mod watching;
mod witnesses;
mod wrapping;

pub use config::{Config, ContactConfig, KeyServiceConfig, WitnessConfig};
pub use error::{Error, StoreError};
pub use start::{run, run_renewing};
pub use wrapping::rewrap;

#[cfg(test)]
mod tests;
