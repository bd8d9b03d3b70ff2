//! The gateway as it runs: real TLS, the real client, real statements; the audit service, the broker, the identity
//! provider and the service behind it are small ones of the tests, which can be told to fail.

mod audit;
mod bundle;
mod endings;
mod heads;
mod opening;
mod person;
mod recording_rule;
mod rig;
mod service;
mod streams;
mod traffic;
