//! Shapes that travel between the programs: JSON bodies of the broker, gateway and audit service, the Event that is
//! a leaf of the log, the join file, and the Evidence bundle. No behaviour beyond reading and writing them, but for
//! [`extension`], [`forgetting`], [`revealing`] and [`break_glass::is_counted`]: five programs hold an entry of the log to what was signed, and none may read it another way.

pub mod asked;
pub mod audit;
pub mod break_glass;
pub mod broker;
pub mod event;
pub mod evidence;
pub mod extension;
pub mod finding;
pub mod forgetting;
pub mod gateway;
pub mod join;
pub mod policies;
pub mod problem;
pub mod revealing;
pub mod sessions;
pub mod watching;

/// The header that carries the broker's sign-in attestation to the audit service.
pub const MFA_HEADER: &str = "countersign-mfa";
/// The header that carries the gateway's assertion to the service.
pub const ASSERTION_HEADER: &str = "countersign-assertion";
