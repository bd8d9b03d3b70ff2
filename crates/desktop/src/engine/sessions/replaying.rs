use std::sync::Arc;

use client::AuditClient;
use domain::SessionId;
use recording::{Captured, Frame, Manifest, Mismatch};
use wire::audit::{Frames, SessionDetail};
use wire::broker::LocalCode;

use super::session_id;
use crate::Engine;
use crate::engine::Inner;
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::replay::{BOUNDS, Bounds, Replay, TooLarge};
use crate::view::{RecordingCheck, RecordingView, UiError};

/// What is said in the place of a Recording.
const DESTROYED: &str = "This Recording was kept for as long as the policy says, and was destroyed then, as the log says. What was \
                         signed, and every entry about it, are there still.";

/// What was watched live is remembered here until the sealed Recording is held to it.
const NOT_AS_SHOWN: &str =
    "This Recording is not what was shown while the Session ran: a frame that you watched was changed or left out.";

impl Engine {
    /// The Recording of a Session, for replay. What is sealed is held, part by part, against the manifest that the log
    /// names; what is not, is shown as running. Looking at it is an entry in the log.
    ///
    /// # Errors
    /// [`UiError`]: `recording-too-large` when not even its list of requests fits into memory.
    pub async fn recording(&self, id: &str) -> Result<RecordingView, UiError> {
        let id = session_id(id)?;
        let (joined, audit) = self.inner.audit().await?;
        let detail = audit.session(&id).await.map_err(call("the audit service"))?;
        let view = self.inner.replay(&joined, &audit, &id, &detail, BOUNDS).await?;
        if view.check == RecordingCheck::DoesNotMatch {
            let organization = Some(detail.summary.organization.id.clone());
            self.inner.report(LocalCode::RecordingAltered, None, organization);
        }
        Ok(view)
    }
}

impl Inner {
    pub(super) async fn replay(
        &self,
        joined: &Joined,
        audit: &AuditClient,
        id: &SessionId,
        detail: &SessionDetail,
        bounds: Bounds,
    ) -> Result<RecordingView, UiError> {
        let manifest = match self.manifest(joined, id, detail).await {
            Ok(manifest) => manifest,
            Err(error) if matches!(error.code.as_str(), "does-not-match" | "not-in-the-log") => {
                return Ok(nothing(error.message));
            }
            Err(error) => return Err(error),
        };
        match self.expiry(joined, id, detail).await {
            Ok(None) => {}
            Ok(Some(_)) => return Ok(Replay::new(BOUNDS).done(RecordingCheck::Destroyed, DESTROYED)),
            Err(error) if error.code == "does-not-match" => return Ok(nothing(error.message)),
            Err(error) => return Err(error),
        }
        match manifest {
            Some(manifest) => self.sealed(audit, id, manifest, bounds).await,
            None => unsealed(audit, id, detail.summary.ended_at.is_some(), bounds).await,
        }
    }

    /// One segment after the other, each held to the manifest, and to what was shown of it while it ran, before anything of it
    /// counts.
    async fn sealed(
        &self,
        audit: &AuditClient,
        id: &SessionId,
        manifest: Manifest,
        bounds: Bounds,
    ) -> Result<RecordingView, UiError> {
        if manifest.frames > bounds.frames {
            return Err(too_large(TooLarge));
        }
        let manifest = Arc::new(manifest);
        let mut replay = Replay::new(bounds);
        let seen = self.live().seen.get(id).cloned().unwrap_or_default();
        let mut shown = 0;
        for (place, entry) in manifest.segments.iter().enumerate() {
            let lines = audit.segment(id, entry.number).await.map_err(call("the audit service"))?;
            match seen.held(entry.first_frame, &lines) {
                Some(held) => shown += held,
                None => return Ok(nothing(NOT_AS_SHOWN.into())),
            }
            match held(&manifest, place, lines).await? {
                Ok(frames) => replay.take(&frames).map_err(too_large)?,
                Err(mismatch) => {
                    return Ok(nothing(format!("This Recording is not the one that was sealed: {mismatch}.")));
                }
            }
        }
        if shown < seen.count() {
            return Ok(nothing(NOT_AS_SHOWN.into()));
        }
        self.live().seen.remove(id);
        Ok(whole(replay, &manifest))
    }

    /// Holds every segment to the manifest in the log, without keeping any.
    pub(super) async fn check_recording(
        &self,
        joined: &Joined,
        audit: &AuditClient,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<(), UiError> {
        let Some(manifest) = self.manifest(joined, id, detail).await?.map(Arc::new) else {
            return Err(super::altered("it is not sealed"));
        };
        for (place, entry) in manifest.segments.iter().enumerate() {
            let lines = audit.segment(id, entry.number).await.map_err(call("the audit service"))?;
            if let Err(mismatch) = held(&manifest, place, lines).await? {
                return Err(super::altered(&mismatch.to_string()));
            }
        }
        Ok(())
    }

    /// The manifest, once it is proven to be the one in the log; `None` while nothing was sealed.
    async fn manifest(
        &self,
        joined: &Joined,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<Option<Manifest>, UiError> {
        self.opening(joined, id, detail).await?;
        match (&detail.sealed, &detail.manifest) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return Err(super::altered("its manifest is shown without an entry in the log")),
            (Some(_), _) => self.sealing(joined, id, detail).await?,
        }
        match &detail.manifest {
            Some(manifest) if manifest.is_orderly() => Ok(Some(manifest.clone())),
            _ => Err(super::altered("its manifest contradicts itself")),
        }
    }
}

/// Reading a segment takes a moment: it happens beside the rest.
async fn held(manifest: &Arc<Manifest>, place: usize, lines: Vec<u8>) -> Result<Result<Vec<Frame>, Mismatch>, UiError> {
    let manifest = manifest.clone();
    let reading = tokio::task::spawn_blocking(move || {
        manifest.segments.get(place).map(|entry| recording::hold(&manifest, entry, &lines))
    });
    let read = reading.await.ok().flatten();
    read.ok_or_else(|| fault("unexpected", "The Recording could not be read.", "Start Countersign again."))
}

fn whole(mut replay: Replay, manifest: &Manifest) -> RecordingView {
    for batch in &manifest.missing_batches {
        replay.missing(&format!("Batch {batch} was made and never came."));
    }
    for (first, last) in manifest.missing_frames() {
        replay.missing(&format!("Frames {first} to {last} never came."));
    }
    let gaps = manifest.missing_batches.len() + manifest.missing_frames().len();
    if gaps == 0 {
        return replay.done(RecordingCheck::ChecksOut, "Every frame is one that the log's manifest names.");
    }
    replay.done(RecordingCheck::Incomplete, "What is here is what was sealed, but parts of the Recording never came.")
}

/// Page by page, of a Recording that nothing in the log answers for yet.
async fn unsealed(audit: &AuditClient, id: &SessionId, over: bool, bounds: Bounds) -> Result<RecordingView, UiError> {
    let mut replay = Replay::new(bounds);
    let mut missing = std::collections::BTreeSet::new();
    for stream in ["exchanges", "dom"] {
        let (mut from, mut next) = (0, Some(0));
        while let Some(page) = next {
            let page = audit.frames(id, stream, page).await.map_err(call("the audit service"))?;
            let Some(after) = in_order(&page, stream, from) else {
                return Ok(nothing("The frames of this Recording come twice, or in another order.".into()));
            };
            replay.take(&page.frames).map_err(too_large)?;
            missing.extend(page.missing_batches);
            (from, next) = (after, page.next);
        }
    }
    for batch in missing {
        replay.missing(&format!("Batch {batch} was made and has not come."));
    }
    if over {
        let detail = "The Session is over and its Recording was not sealed: its end may be missing, and nothing in the \
                      log answers for what is here.";
        return Ok(replay.done(RecordingCheck::Incomplete, detail));
    }
    Ok(replay.done(RecordingCheck::Running, "Still being recorded: nothing in the log answers for these frames yet."))
}

/// The number after the last frame, when all frames are of this stream and each comes after the one before it.
fn in_order(page: &Frames, stream: &str, from: u64) -> Option<u64> {
    page.frames.iter().try_fold(from, |next, frame| {
        let of_stream = matches!(frame.content, Captured::Page { .. }) == (stream == "dom");
        (of_stream && frame.seq >= next).then(|| frame.seq.saturating_add(1))
    })
}

/// Nothing of it is replayed as true.
fn nothing(detail: String) -> RecordingView {
    Replay::new(BOUNDS).done(RecordingCheck::DoesNotMatch, detail)
}

fn too_large(_: TooLarge) -> UiError {
    fault(
        "recording-too-large",
        "This Recording is longer than this computer can hold at once; nothing of it was kept.",
        "Review the Session from its Evidence file, and ask who runs the audit service for the Recording in parts.",
    )
}
