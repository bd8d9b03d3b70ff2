//! The policy: who may ask for what on which Organization, when, and who countersigns.
//!
//! A policy is one text: a heading in JSON, a line of three hyphens, and rules in Cedar (<https://docs.cedarpolicy.com>)
//! against a schema that is ours. The text's digest is what signers name. Desktop and broker [`Policy::evaluate`] for
//! advice; who opens a Grant, or verifies that it was opened, asks [`Policy::admit`] from signed facts alone. An error
//! in a rule is a refusal.
//!
//! What it is not: it verifies no signature, reads no clock, and no text lifts what is below it: another person's
//! Approval, a duration of 1 s to 24 h, and the bounds that a gateway pins.

mod admit;
mod ask;
mod bounds;
mod engine;
mod evaluate;
mod heading;
mod policies;
mod problem;
mod refusal;
mod text;
mod widens;

pub use ask::{Ask, Decider, Somebody};
pub use engine::Rule;
pub use evaluate::{Allowed, Offer};
pub use heading::{Heading, Retention, Waiting, Wishes};
pub use policies::{InForce, NotAdopted, Policies};
pub use problem::{PolicyError, Problems};
pub use refusal::{PolicyRefusal, in_words};
pub use text::Policy;
pub use widens::Widens;
