//! Everything that is signed in Countersign, and the one parser and verifier of it.
//!
//! Statements are compact JWS (RFC 7515) with ES256 by a Device key; a Device key is bound to a person by a
//! PK token (an OpenID Connect ID token whose nonce commits to the key, after OpenPubkey's idea). Desktop, broker,
//! gateway, audit service, the demo's service and the evidence verifier all call this crate, so that no two of them
//! can read the same bytes differently. It refuses on form (size, strict base64url, closed header, exact `typ`)
//! before it looks at a signature.
//!
//! What it is not: it does no IO, reads no clock, fetches no keys and knows nothing of policy. Whether the log that
//! a signer saw is consistent with ours is checked by the caller, who alone can ask the log ([`seen_in`], [`Opening::seen`]).

mod administrators;
mod adoption;
mod b64;
mod break_glass;
mod bundle;
mod dpop;
mod enrolment;
mod extension;
mod factor;
mod forget;
mod id_token;
mod jwk;
mod jws;
mod key;
mod kinds;
mod known;
mod opening;
mod pk_token;
mod provider;
mod refusal;
mod reset;
mod reveal;
mod revoke;
mod seen;
mod trust;
#[cfg(test)]
mod vectors;
mod waiting;
mod witness_key;

pub use adoption::{Adopted, Adoption, verify_adopt, verify_adoption};
pub use b64::{decode as base64url_decode, encode as base64url, sha256};
pub use break_glass::{
    BreakGlassPermission, Permitted, SignedBreakGlass, check_use, verify_break_glass, verify_permission,
};
pub use bundle::{Bundle, Directory};
pub use dpop::{DpopProof, dpop_proof, verify_dpop};
pub use enrolment::Enrolments;
pub use extension::{Extension, OpenSession, verify_extension};
pub use factor::{verify_enrol_factor, verify_factor_for};
pub use forget::{Forgetting, Forgotten, verify_forget, verify_forgetting};
pub use id_token::check_id_token;
pub use jwk::EcJwk;
pub use jws::{Payload, Signed, Unverified, sign};
pub use key::{DeviceKey, KeyError};
pub use kinds::{
    Adopt, BreakGlass, Decision, Enrol, Extends, Forget, Kind, Lease, MAX_MARKS, MAX_SESSIONS, Mfa, MfaPurpose,
    Request, ResetFactor, Reveal, Review, ReviewVerdict, Revoke, Revoked, SessionOpen, Terms, Verdict, Withdraw,
    WitnessKey,
};
pub use known::{KnownKeys, PastKeys, SeenKeys};
pub use opening::{
    Factor, Opening, Signer, verify_attested, verify_decision, verify_mfa, verify_open, verify_request, verify_resume,
};
pub use pk_token::{CicHeader, Identity, PkToken, nonce_for};
pub use provider::ProviderKeys;
pub use refusal::Refusal;
pub use reset::{verify_reset, verify_reset_factor};
pub use reveal::{Revealed, Revealing, verify_reveal, verify_revealing};
pub use revoke::{verify_kept_revoke, verify_revoke};
pub use seen::seen_in;
pub use trust::{Limits, PolicyClaims, Trust};
pub use waiting::{ADMINISTRATORS_WAIT, Waits};
pub use witness_key::{check_witness_key, device_witness, verify_witness_key};
