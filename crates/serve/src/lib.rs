//! The edge that the broker and the audit service share: TLS 1.3 with client certificates of the internal CA, limits
//! on connections, heads, bodies and time, problem details (RFC 9457), and people who prove possession of their Device key
//! (RFC 9449) with a PK token in the place of an access token; and the form in which each service lists its calls.
//!
//! What it is not: it does not know which Devices are enrolled, which second factors were passed, or any route.

pub mod call;
mod caller;
pub mod certificates;
pub mod config;
mod hourly;
mod json;
mod listen;
#[cfg(feature = "schema")]
pub mod openapi;
mod peer;
mod problem;
mod replay;
pub mod room;
pub mod tls;
#[cfg(feature = "schema")]
pub mod walk;
mod words;

pub use caller::{Authenticator, Caller, Denied};
pub use hourly::{CalledBy, Hourly, Hours, Known};
pub use json::JsonBody;
pub use listen::{BODY_LIMIT, Limits, serve, serve_within};
pub use peer::{Peer, Service};
pub use problem::{NOWHERE, ProblemResponse};
use problem::{no_such_call, wrong_method};
pub use replay::{Replay, Replays};
pub use words::refused;
