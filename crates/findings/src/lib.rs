//! What in a Recording somebody should look at, and why, in words. Rules are data: Sigma, against what an exchange and a
//! Session are here.

mod answer;
mod context;
mod earlier;
mod exchange;
mod room;
mod rules;
mod sentence;
mod watch;

pub use context::Context;
pub use earlier::Earlier;
pub use room::Room;
pub use rules::{RuleError, Rules};
pub use watch::{Looked, Watch};

#[cfg(test)]
mod tests;
