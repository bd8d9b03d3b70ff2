//! The broker's API. Every call carries `Authorization: DPoP <PK token>` and `DPoP: <proof>`; errors are
//! [`crate::problem::Problem`]. Times are Unix seconds.
//!
//! | call | body → answer |
//! |---|---|
//! | `GET /v1/me` | → [`Me`]; a Device's first call also makes its pending enrolment |
//! | `GET /v1/me/devices` | → `Vec<OwnDevice>`: the caller's own, newest first |
//! | `POST /v1/second-factor` | → [`SecondFactorStart`]; only while none is confirmed |
//! | `POST /v1/second-factor/replace` | [`Replacement`] → [`SecondFactorStart`]; the old one stays until the new one is confirmed |
//! | `POST /v1/second-factor/confirm` | [`Code`] → [`Confirmed`]: a sign-in's attestation, and recovery codes |
//! | `POST /v1/recovery-codes` | [`OldCode`] → [`RecoveryCodes`]; those of before are void |
//! | `POST /v1/factor-resets` | [`NewReset`] → 204; administrators |
//! | `POST /v1/codes` | [`Code`] → [`Attestation`] for the sign-in or for one statement |
//! | `GET /v1/enrolments` | → `Vec<PendingEnrolment>`; administrators |
//! | `POST /v1/enrolments` | [`NewEnrolment`] → 204 |
//! | `GET /v1/organizations` | → `Vec<domain::Organization>` |
//! | `POST /v1/requests` | [`SignedStatement`] (`request`) → [`RequestView`] |
//! | `GET /v1/requests?view=mine\|inbox\|decided` | → `Vec<RequestView>`, newest first |
//! | `GET /v1/requests/{digest}` | → [`RequestView`] |
//! | `POST /v1/requests/{digest}/decisions` | [`NewDecision`] → [`RequestView`] |
//! | `POST /v1/requests/{digest}/withdraw` | [`SignedStatement`] (`withdraw`) → [`RequestView`] |
//! | `GET /v1/requests/{digest}/materials` | → [`Materials`]: what a bundle needs; requester of an approved request |
//! | `POST /v1/revocations` | [`NewRevocation`] → 204; who may, `statement::verify_revoke` says |
//! | `GET /v1/policies` | → [`crate::policies::PolicyList`] |
//! | `POST /v1/policies` | [`crate::policies::NewPolicy`] → [`crate::policies::PolicyList`]; administrators |
//! | `GET /v1/break-glass` | → [`crate::break_glass::PermissionList`] |
//! | `POST /v1/break-glass` | [`crate::break_glass::NewPermission`] → [`crate::break_glass::PermissionList`]; administrators |
//! | `GET /v1/forgettings` | → [`crate::forgetting::ForgettingList`] |
//! | `POST /v1/forgettings` | [`crate::forgetting::NewForgetting`] → [`crate::forgetting::ForgettingList`]; administrators |
//! | `GET /v1/devices` | → `Vec<DeviceView>`; administrators |
//! | `POST /v1/refusals` | [`LocalRefusal`] → 204; an Event says it under the caller's identity |
//! | `GET /v1/stream` | server-sent events, each `data:` a [`Push`] |
//! | `POST /v1/leases` | mutual TLS, gateway: [`LeaseRequest`] → [`Leases`] |
//! | `POST /v1/session-changes` | mutual TLS, gateway: [`SessionChange`] → 204 |

mod factors;
mod people;
mod refusals;
mod requests;
mod sessions;

pub use factors::{
    Attestation, Code, Confirmed, FactorChange, FactorView, NewReset, OldCode, RecoveryCodes, ReplacedWith,
    Replacement, SecondFactorStart,
};
pub use people::{DeviceView, Me, NewEnrolment, NewRevocation, OwnDevice, PendingEnrolment, Push};
pub use refusals::{LocalCode, LocalRefusal};
pub use requests::{
    DecisionView, Materials, NewDecision, RequestList, RequestState, RequestView, SignedStatement, WhichRequests,
};
pub use sessions::{LeaseFor, LeaseRequest, Leases, SessionChange};
