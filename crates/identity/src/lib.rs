//! OpenID Connect as Countersign uses it: the keys that an issuer publishes ([`ProviderSource`], for services and
//! desktops alike) and the desktop's sign-in ([`SignIn`]: authorization code, PKCE S256, loopback redirect; RFC 8252,
//! RFC 9700, RFC 9207).
//!
//! It also reads the key sets of before, as the audit service logged them ([`logged_keys`]).
//!
//! What it is not: it decides nothing about persons or roles. Whether an ID token makes somebody anybody is decided
//! by `statement::PkToken::verify` alone. It stores nothing, keeps no refresh token and knows no keyring.

mod error;
mod fetch;
mod logged;
mod sign_in;
mod source;

pub use error::{IdentityError, SignInError};
pub use fetch::http_client;
pub use logged::logged_keys;
pub use sign_in::{SignIn, SignInPlan};
pub use source::ProviderSource;

#[cfg(test)]
mod fake;
