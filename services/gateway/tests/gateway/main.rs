//! The gateway as it runs: real TLS, the real client, real statements; the audit service, the broker, the identity
//! provider and the service behind it are small ones of the tests, which can be told to fail.

mod audit;
mod break_glass;
mod bundle;
mod crashes;
mod disks;
mod document;
mod endings;
mod extending;
mod floods;
mod heads;
mod limits;
mod masking;
mod opening;
mod own_device;
mod person;
mod policies;
mod proofs;
mod recording_rule;
mod refusals;
mod revoking;
mod rig;
mod roles;
mod rotation;
mod saw;
mod secrets;
mod service;
mod streams;
mod traffic;
mod watched;
