//! A whole company in memory: an identity provider, people with Devices, the broker's attestations, a log, and the
//! bundles and Evidence files that follow from them. Everything is right; every piece is public, so that a test can
//! take it out, swap it or make it again with other keys.

mod bundle;
mod company;
mod evidence;
mod extension;
mod file;
mod forgotten;
mod glass;
mod log;
mod person;
mod provider;

pub use bundle::{Good, Moments};
pub use company::Company;
pub use evidence::{Case, adopted_event, enrolled_event, extended_event, opened_event};
pub use extension::More;
pub use file::{file, made_event, remade};
pub use glass::somebody;
pub use log::Log;
pub use person::{Account, Person};
pub use provider::Provider;

use std::sync::atomic::{AtomicU64, Ordering};

/// A fresh signing key.
#[must_use]
pub fn key() -> statement::DeviceKey {
    statement::DeviceKey::generate().expect("randomness").0
}

/// 32 bytes that no earlier call returned.
#[must_use]
pub fn fresh_bytes() -> [u8; 32] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let digest = statement::base64url_decode(statement::sha256(count.to_be_bytes()).as_str()).expect("base64url");
    digest.try_into().expect("32 bytes")
}

/// A statement's unique id.
#[must_use]
pub fn jti() -> String {
    statement::base64url(&fresh_bytes()[..16])
}
