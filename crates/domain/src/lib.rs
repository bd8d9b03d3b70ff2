//! The nouns of Countersign: identifiers, Scope, reason category, durations, and the states that a request goes through.
//!
//! Ground floor: no IO, no async, no randomness, no cryptography. The one trait here, [`Clock`], is how every
//! other part is handed the time. It is not a place for wire shapes or SQL.

mod clock;
mod ids;
mod organization;
mod person;
mod reason;
mod role;
mod scope;
mod text;

pub use clock::{Clock, FixedClock, SystemClock, UnixMillis, UnixSeconds};
pub use ids::{Digest, IdError, OrgId, SessionId};
pub use organization::Organization;
pub use person::PersonId;
pub use reason::ReasonCategory;
pub use role::Role;
pub use scope::Scope;
pub use text::{legible, misleads, shown};
