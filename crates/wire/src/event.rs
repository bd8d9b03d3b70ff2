use std::collections::BTreeMap;

use domain::{Digest, OrgId, SessionId, UnixMillis};
use serde::{Deserialize, Serialize};

/// The fact of an entry one of whose signers was shown another log, and what it says.
pub const SIGNER_SAW: &str = "signer-saw";
pub const ANOTHER_LOG: &str = "another-log";
/// The log could not be asked, or contradicts what the service itself saw of it.
pub const NOT_COMPARED: &str = "not-compared";

/// What happened. The words are the ones in the log, in SQL and on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    LogStarted,
    ProviderKeysSeen,
    SignedIn,
    SignInRefused,
    /// A secret was given out that its first code makes good.
    SecondFactorBegun,
    SecondFactorEnrolled,
    SecondFactorPassed,
    SecondFactorRefused,
    SecondFactorLocked,
    /// Another secret took the place of a confirmed one.
    SecondFactorReplaced,
    /// An administrator's statement voided one.
    SecondFactorReset,
    RecoveryCodeUsed,
    RecoveryCodesMade,
    Enrolled,
    EnrolmentRefused,
    RequestSigned,
    RequestRefused,
    RequestWithdrawn,
    RequestExpired,
    Approved,
    Denied,
    DecisionRefused,
    Revoked,
    PolicyProposed,
    PolicyAdopted,
    PolicyRefused,
    BreakGlassProposed,
    BreakGlassRefused,
    /// Two administrators signed in advance who may open what in an emergency.
    BreakGlassFiled,
    /// A Session opened by it.
    BreakGlassUsed,
    /// Somebody is to be told.
    NoticeMade,
    /// A person was given what they are told.
    NoticeSeen,
    /// An Organization's contact took it.
    NoticeDelivered,
    NoticeFailed,
    ForgettingProposed,
    ForgettingRefused,
    /// Two administrators signed it: the Organization's key is destroyed, and every Recording of it.
    OrganizationForgotten,
    SessionOpened,
    /// The gateway told the broker that a Grant opened, extended or ended a Session, and the request followed.
    GrantChanged,
    SessionResumed,
    SessionExtended,
    SessionRefused,
    ExchangeRefused,
    /// Frames of it came in: once for each Recording and hour, with the number of the batch.
    RecordingGrows,
    RecordingPaused,
    RecordingGap,
    RecordingSealed,
    /// The rules have looked at a sealed Recording.
    RecordingExamined,
    /// Its key is destroyed: it was kept for as long as the policy says.
    RecordingExpired,
    SessionEnded,
    /// Somebody was shown a list, or one thing of it: once for each person or service, thing and hour.
    Viewed,
    SessionViewed,
    /// A part of the list of Sessions was given out to be kept.
    SessionsExported,
    /// Somebody begins to watch a Session that runs.
    SessionWatched,
    /// A reviewer signed to have it shown what marks stand for.
    RevealProposed,
    RevealRefused,
    /// A second person signed the same: the values may be read for a while.
    MarksRevealed,
    /// They were given to whoever proposed it.
    MarksRead,
    ReviewSigned,
    ReviewRefused,
    EvidenceMade,
    CallRefused,
    /// A desktop reported what it refused by itself.
    RefusedOnDesktop,
    /// A certificate of a service or of the CA that it believes ends in 30, 7 or 1 days, or has ended.
    CertificateExpires,
    /// A witness outside says that it saw a longer log, or another one.
    WitnessContradicts,
}

/// Who wrote an Event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    Broker,
    Gateway,
    Audit,
}

/// One leaf of the log. Its bytes are this struct as `serde_json` writes it: members in this order, maps sorted,
/// no white space. At most 65,535 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// 1.
    pub v: u8,
    /// When the audit service took it, in Unix milliseconds; never before the leaf in front of it.
    pub at: UnixMillis,
    pub kind: EventKind,
    pub source: Source,
    pub organization: Option<OrgId>,
    pub session: Option<SessionId>,
    /// SHA-256 of each statement (compact JWS) that it is about.
    pub statements: Vec<Digest>,
    /// Facts that name nobody: codes, counts, digests.
    pub facts: BTreeMap<String, String>,
    /// For each personal field the SHA-256 of its 32-byte salt followed by its UTF-8 bytes.
    pub sealed: BTreeMap<String, Digest>,
}

/// What a service asks the audit service to write down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Append {
    pub kind: EventKind,
    pub organization: Option<OrgId>,
    pub session: Option<SessionId>,
    /// The statements themselves, compact; the log keeps their digests, the store keeps them. An `enrolled` append
    /// also carries the PK token of whoever signed the `enrol`: from these two the audit service knows who is enrolled.
    pub statements: Vec<String>,
    pub facts: BTreeMap<String, String>,
    /// Personal fields in the clear: names, persons, justifications. Sealed before they are stored.
    pub personal: BTreeMap<String, String>,
    /// When given, a second append with the same text is refused with 409 `already-taken`.
    pub unique: Option<String>,
}

impl Append {
    /// An append of this kind with nothing else in it.
    #[must_use]
    pub fn new(kind: EventKind) -> Self {
        Self {
            kind,
            organization: None,
            session: None,
            statements: Vec::new(),
            facts: BTreeMap::new(),
            personal: BTreeMap::new(),
            unique: None,
        }
    }

    /// With one more fact.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// With one more personal field.
    #[must_use]
    pub fn personal(mut self, name: &str, value: impl Into<String>) -> Self {
        self.personal.insert(name.to_owned(), value.into());
        self
    }

    /// With one more statement.
    #[must_use]
    pub fn statement(mut self, compact: impl Into<String>) -> Self {
        self.statements.push(compact.into());
        self
    }

    /// About this Organization.
    #[must_use]
    pub fn organization(mut self, id: &OrgId) -> Self {
        self.organization = Some(id.clone());
        self
    }

    /// About this Session.
    #[must_use]
    pub fn session(mut self, id: &SessionId) -> Self {
        self.session = Some(id.clone());
        self
    }
}

/// Proof that an Event stands in the log: the exact leaf, its place, the path to a signed Checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub index: u64,
    /// The exact bytes of the leaf: an [`Event`] in JSON.
    pub leaf: String,
    /// RFC 9162 inclusion path, from the leaf up.
    pub inclusion: Vec<Digest>,
    /// The signed note of the Checkpoint that the path leads to.
    pub checkpoint: String,
}
