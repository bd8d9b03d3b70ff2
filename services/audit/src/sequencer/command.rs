use domain::{Digest, OrgId, SessionId, UnixSeconds};
use recording::{Manifest, SegmentEntry};
use serve::ProblemResponse;
use wire::event::{Append, EventKind, Receipt, Source};

use super::{
    Holder, NewCosignature, NewExamination, NewExpiry, NewForgetting, NewPermission, NewPolicy, NewRevealing, NewSeen,
    NewUse, Signed, Swept,
};
use crate::error::StoreError;
use crate::problem;
use crate::store::{Detail, ExtensionDetail};
use crate::vault::Owner;

/// Something that is written.
pub(crate) enum Command {
    Append(Box<NewEvent>),
    Keys(Box<NewKeys>),
    Adopt(Box<NewPolicy>),
    Permit(Box<NewPermission>),
    Forget(Box<NewForgetting>),
    Expire(Box<NewExpiry>),
    Sweep(Swept),
    See(Box<NewSeen>),
    Open(Box<NewRecording>),
    Extend(Box<NewExtension>),
    Batch(Box<NewBatch>),
    Fold(Box<Fold>),
    Seal(Box<NewSeal>),
    Examine(Box<NewExamination>),
    Reveal(Box<NewRevealing>),
    Review(Box<NewReview>),
    Cosign(Box<NewCosignature>),
    /// Something outside the database could not be written: the service ends.
    Fail(StoreError),
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Done {
    /// A leaf of this transaction; becomes a receipt before anybody sees it.
    Leaf(u64),
    Receipt(Receipt),
    /// Everything below this batch is durable.
    NextBatch(u64),
    Kept,
}

/// An Event and who writes it.
pub(crate) struct NewEvent {
    pub source: Source,
    pub append: Append,
    /// Whose signature it rests on: refused once they are revoked.
    pub signer: Option<Holder>,
}

/// A Session that opens: its Event, its row, its key.
pub(crate) struct NewRecording {
    pub session: SessionId,
    pub request: Digest,
    pub device: Digest,
    /// What must stand in the log already.
    pub signed: Signed,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    pub scope: domain::Scope,
    pub detail: Detail,
    pub provider_keys: Vec<u8>,
    pub event: Append,
    /// The PK tokens of everybody in the bundle.
    pub tokens: Vec<String>,
    /// When it opens by break-glass.
    pub used: Option<NewUse>,
}

/// A Session that is extended: its Event and its row.
pub(crate) struct NewExtension {
    pub session: SessionId,
    pub organization: OrgId,
    /// Of the extension itself.
    pub request: Digest,
    /// What must stand in the log already.
    pub signed: Signed,
    pub extended_at: UnixSeconds,
    /// The end that it was verified against.
    pub ended_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    pub detail: ExtensionDetail,
    pub provider_keys: Vec<u8>,
    pub event: Append,
    pub tokens: Vec<String>,
}

/// A set of the issuer's keys that was not seen before, and the entry about it.
pub(crate) struct NewKeys {
    pub jwks: Vec<u8>,
    pub event: Append,
}

/// A batch as the gateway sealed it, already opened once and found good.
pub(crate) struct NewBatch {
    pub session: SessionId,
    pub number: u64,
    pub sealed: Vec<u8>,
    /// What its frames are as JSON.
    pub plain_bytes: u64,
    pub progress: Progress,
}

/// What the frames of a batch add to the Session's counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub exchanges: u64,
    pub writes: u64,
    pub refused: u64,
    pub activity: String,
}

/// Batches that now stand in segments, which are on disk already.
pub(crate) struct Fold {
    pub session: SessionId,
    pub batches: Vec<u64>,
    pub entries: Vec<SegmentEntry>,
    /// What marks in them stand for, sealed apart; nothing without masking.
    pub originals: Option<SealedOriginals>,
}

/// As it is stored.
pub(crate) struct SealedOriginals {
    /// Of the first batch that they came with.
    pub number: u64,
    pub sealed: Vec<u8>,
}

/// The end of a Recording.
pub(crate) struct NewSeal {
    pub organization: OrgId,
    pub manifest: Manifest,
    /// How many batches the manifest was made from.
    pub batches: u64,
    pub ended_at: UnixSeconds,
    pub reason: String,
    pub event: Append,
    /// Written in front of the sealing when batches are missing.
    pub gap: Option<Append>,
}

/// A verified review.
pub(crate) struct NewReview {
    pub session: SessionId,
    pub digest: Digest,
    pub token: Digest,
    pub verdict: &'static str,
    pub at: UnixSeconds,
    pub event: Append,
}

impl Command {
    /// Whether the database is asked or told anything before its leaves are written: all but an append that nothing in the
    /// log can refuse.
    pub fn asks(&self) -> bool {
        let Self::Append(event) = self else { return true };
        let files = matches!(event.append.kind, EventKind::Revoked | EventKind::Enrolled | EventKind::SessionResumed);
        files || event.append.unique.is_some() || event.signer.is_some()
    }

    /// Whose key it needs.
    pub fn owner(&self) -> Option<Owner> {
        match self {
            Self::Append(event) => Some(Owner::of(event.append.organization.as_ref())),
            Self::Adopt(_) | Self::Permit(_) | Self::Forget(_) | Self::Expire(_) => Some(Owner::of(None)),
            Self::See(seen) => Some(Owner::of(seen.event.organization.as_ref())),
            Self::Open(recording) => Some(Owner::of(Some(&recording.detail.organization.id))),
            Self::Extend(extension) => Some(Owner::of(Some(&extension.organization))),
            Self::Seal(seal) => Some(Owner::of(Some(&seal.organization))),
            Self::Examine(new) => Some(Owner::of(Some(&new.organization))),
            Self::Reveal(new) => Some(Owner::of(Some(&new.organization))),
            Self::Review(review) => Some(Owner::of(review.event.organization.as_ref())),
            Self::Keys(_) | Self::Batch(_) | Self::Fold(_) | Self::Sweep(_) | Self::Cosign(_) | Self::Fail(_) => None,
        }
    }
}

impl Done {
    pub fn receipt(self) -> Result<Receipt, ProblemResponse> {
        match self {
            Self::Receipt(receipt) => Ok(receipt),
            _ => Err(problem::stopped()),
        }
    }

    pub fn next_batch(self) -> Result<u64, ProblemResponse> {
        match self {
            Self::NextBatch(next) => Ok(next),
            _ => Err(problem::stopped()),
        }
    }
}
