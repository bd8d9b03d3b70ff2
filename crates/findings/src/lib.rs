//! What in a Recording somebody should look at, and why, in words. Rules are data: Sigma, against what an exchange and a
//! Session are here.

mod answer;
mod context;
mod exchange;
mod rules;
mod sentence;
mod watch;

pub use context::Context;
pub use rules::{RuleError, Rules};
pub use watch::Watch;

#[cfg(test)]
mod tests;
