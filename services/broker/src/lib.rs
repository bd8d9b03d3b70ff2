//! The broker: Access Requests and their decisions, enrolments, one-time codes and their attestations, notices to
//! desktops, leases for the gateway. Its API is `wire::broker`; state is in SQLite; every step stands in the audit log
//! before it has an effect.
//!
//! What it is not: an authority on who may enter. Its views carry the signed statements, PK tokens and enrolments, so
//! that everybody verifies for themselves; all that its own key signs is that a code was right and that a Session may
//! live another 15 s.

mod admission;
mod asked;
mod attest;
mod attested;
mod broker;
mod clocks;
mod config;
mod expiry;
mod extending;
mod factor;
mod fields;
mod finishing;
mod floods;
mod judging;
mod ledger;
mod life;
mod noting;
mod permitting;
mod policies;
mod problems;
mod pushes;
mod recovery;
mod reports;
mod revoking;
mod routes;
mod run;
mod saw;
mod seal;
mod store;
mod streams;
#[cfg(test)]
mod tests;
mod unwritten;
mod view;

pub use config::{Config, ConfigError};
pub use run::{Error, run, run_renewing};
