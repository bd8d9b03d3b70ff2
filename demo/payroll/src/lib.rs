//! Kestrel Payroll: a made-up payroll application with several Organizations, to try Countersign on and to test it
//! against. It has no sign-in of its own: every request needs the gateway's `countersign-assertion`, and once a Session
//! it fetches the bundle and the receipt behind it and verifies both itself, against keys that it pins.
//!
//! What it is not: a real payroll. Its people are drawn from a seed, its state is in memory, and no Organization's data
//! leaves it for a request that was made for another.

mod admission;
mod api;
mod certificate;
mod company;
mod flash;
mod form;
mod guard;
mod html;
mod live;
mod names;
mod options;
mod pages;
mod router;
mod sample;
mod served;
mod tls;

pub use admission::{Admission, Distrust, Pinned, Proof};
pub use options::Options;
pub use router::{prepare, run};
