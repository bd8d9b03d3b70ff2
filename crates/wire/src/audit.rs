//! The audit service's API. Services call over mutual TLS; people with the DPoP-bound PK token as at the broker, plus
//! [`crate::MFA_HEADER`] with the broker's attestation of the sign-in. Errors are [`crate::problem::Problem`].
//!
//! | call | who | body → answer |
//! |---|---|---|
//! | `GET /v1/time` | anybody | → [`Time`] |
//! | `GET /checkpoint` | anybody | → the signed note with the cosignatures of it, text |
//! | `GET /tile/{path}` | people, services | C2SP tlog-tiles: `{level}/{n…}`, `entries/{n…}` |
//! | `GET /v1/inclusion?index=&size=` | people, services | → [`Inclusion`] |
//! | `GET /v1/consistency?from=&to=` | anybody | → [`Consistency`] |
//! | `GET /v1/provider-keys` | anybody | → [`ProviderKeySets`] |
//! | `GET /v1/me/revocation` | whoever is signed in, revoked or not | → [`OwnRevocation`]: of the Device that calls |
//! | `GET /v1/policies` | people, services | → [`crate::policies::LoggedPolicies`] |
//! | `POST /v1/policies` | broker | `statement::Adoption` → [`crate::event::Receipt`] |
//! | `GET /v1/break-glass` | broker | → [`crate::break_glass::LoggedPermissions`] |
//! | `POST /v1/break-glass` | broker | `statement::BreakGlassPermission` → [`crate::event::Receipt`] |
//! | `GET /v1/forgettings` | people, services | → [`crate::forgetting::LoggedForgettings`] |
//! | `POST /v1/forgettings` | broker | `statement::Forgetting` → [`crate::event::Receipt`] of `organization-forgotten` |
//! | `GET /v1/notices` | people | → [`crate::break_glass::Notices`]: the caller's own; leaves a `notice-seen` Event for each new one |
//! | `GET /v1/duties` | reviewers | → [`Sessions`] that were opened by break-glass and wait for a review |
//! | `POST /v1/events` | services | [`crate::event::Append`] → [`crate::event::Receipt`] |
//! | `GET /v1/events?before=&limit=` | reviewers | → [`Events`], newest first |
//! | `POST /v1/recordings` | gateway | [`OpenRecording`] → [`crate::event::Receipt`], the same one for the very same call again; or 409 `already-taken` |
//! | `GET /v1/grants/{request}` | gateway | → [`TakenGrant`]: the Recording that this Grant opened, or 404 `no-session` |
//! | `GET /v1/recordings/{session}` | gateway | → [`RecordingState`] |
//! | `POST /v1/recordings/{session}/batches/{number}` | gateway | sealed batch (octets) → [`Acknowledged`] |
//! | `POST /v1/recordings/{session}/extensions` | gateway | [`ExtendRecording`] → [`crate::event::Receipt`] of `session-extended`, the same one for the same bundle again; or 409 `already-taken` |
//! | `POST /v1/recordings/{session}/end` | gateway | [`EndRecording`] → [`crate::event::Receipt`] of `recording-sealed` |
//! | `GET /v1/sessions?organization=&person=&scope=&from=&to=&filter=&text=&order=&cursor=&limit=` | reviewers; others see their own | → [`Sessions`] |
//! | `GET /v1/sessions/count?…` | as above, of the same query | → [`SessionCount`] |
//! | `POST /v1/sessions/export` | reviewers | [`ExportSessions`] → [`ExportedSessions`]; leaves a `sessions-exported` Event first |
//! | `GET /v1/sessions/{session}` | as above | → [`SessionDetail`]; 410 `organization-forgotten` |
//! | `GET /v1/sessions/{session}/frames?stream=exchanges\|dom[&from=<frame>]` | reviewers | → [`Frames`]; leaves a `session-viewed` Event; 409 `somebody-inside` while a gateway has the Session open |
//! | `GET /v1/sessions/{session}/segments/{number}` | reviewers | → the exact JSON lines of one segment of a sealed Recording, octets, whose SHA-256 is `SegmentEntry::plain`; leaves a `session-viewed` Event |
//! | `POST /v1/sessions/{session}/watches` | reviewers, not of their own Session | → [`crate::event::Receipt`] of `session-watched`, whose entry names the watch; 409 `not-running` |
//! | `GET /v1/sessions/{session}/watches/{watch}?from=<frame>` | the watcher | → [`crate::watching::Part`], as soon as something came, within a second |
//! | `POST /v1/watched` | gateway | [`crate::watching::OpenNow`] → [`crate::watching::Watched`] |
//! | `POST /v1/sessions/{session}/reviews` | reviewers who signed neither side | [`crate::broker::SignedStatement`] → [`crate::event::Receipt`] |
//! | `GET /v1/reveals` | reviewers, approvers | → [`crate::revealing::RevealList`] of the last day |
//! | `POST /v1/reveals` | reviewers, approvers | [`crate::revealing::NewReveal`] → [`crate::event::Receipt`] of `reveal-proposed`, or of `marks-revealed` for the second signature |
//! | `GET /v1/reveals/{reveal}` | the reviewer who proposed it | → [`crate::revealing::RevealedMarks`]; leaves a `marks-read` Event first; 409 `reveal-over` after 15 minutes |
//! | `POST /v1/sessions/{session}/evidence` | reviewers | → the Evidence file, octets |
//! | `POST /v1/evidence` | reviewers | [`PeriodEvidence`] → the Evidence file, octets |
//! | `POST /v1/cosignatures` | people | [`NewCosignature`] → [`Witnesses`] |
//! | `GET /v1/witnesses` | people | → [`Witnesses`] |

mod lists;
mod log;
mod recordings;
mod revoked;
mod session;
mod witnesses;

pub use lists::{
    ExportSessions, ExportedSessions, PeriodEvidence, SessionCount, SessionSummary, Sessions, WhichSessions,
};
pub use log::{
    Consistency, ConsistencyOf, Events, Inclusion, InclusionOf, LogEntry, LoggedKeys, ProviderKeySets, Sealed, Time,
    WhichEvents, hashes,
};
pub use recordings::{Acknowledged, EndRecording, ExtendRecording, OpenRecording, RecordingState, TakenGrant};
pub use revoked::{LoggedRevocation, OwnRevocation};
pub use session::{Frames, ReviewView, SessionDetail, Stream, WhichFrames};
pub use witnesses::{DeviceWitness, NewCosignature, OutsideWitness, WitnessTrouble, Witnesses};
