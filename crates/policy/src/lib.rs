//! The policy in force: which Scope a reason opens, for how long at most, and how many people countersign.
//!
//! Its exact text has a digest, and signers name that digest; broker, gateway and desktop evaluate the same rules, each
//! for itself. What it is not: it verifies no signature, reads no clock, and cannot lift the bounds that a gateway pins.

mod evaluate;
mod text;

pub use evaluate::{Allowed, Ask, PolicyRefusal};
pub use text::{Policy, PolicyError, Rule};
