use domain::Digest;
use statement::sha256;
use wire::event::{EventKind, Source};
use wire::evidence::Content;
use wire::forgetting::is_expired_by;

use crate::Rejected;
use crate::rejected::require;
use crate::story::{Logged, single};

/// A Recording whose manifest stands in the log.
pub(crate) struct SealedRecording {
    pub(crate) index: u64,
    pub(crate) digest: Digest,
}

/// The manifest is the one that `recording-sealed` names; neither without the other.
pub(crate) fn verify(content: &Content, logged: &Logged) -> Result<Option<SealedRecording>, Rejected> {
    let single = |kind, what| single(&logged.entries, kind, Source::Audit, what);
    let sealed = single(EventKind::RecordingSealed, "the seal of the recording")?;
    let (entry, manifest) = match (sealed, &content.manifest) {
        (None, None) => {
            let expired = logged.entries.iter().find(|e| e.event.kind == EventKind::RecordingExpired);
            return expired
                .map_or(Ok(None), |e| Err(Rejected::new(e.part(), "the destroying of what was never sealed")));
        }
        (Some(entry), Some(manifest)) => (entry, manifest),
        (Some(entry), None) => return Err(Rejected::new(entry.part(), "its manifest is not in the file")),
        (None, Some(_)) => return Err(Rejected::new("manifest", "no entry of the log names it")),
    };
    let json = serde_json::to_vec(manifest).map_err(|e| Rejected::new("manifest", e))?;
    let digest = sha256(json);
    require(entry.fact("manifest") == Some(digest.as_str()), "manifest", "not the one that the log names")?;
    require(manifest.session == content.session, "manifest", "of another Session")?;
    require(entry.event.session.as_ref() == Some(&content.session), &entry.part(), "the seal of another Session")?;
    require(entry.index > logged.opened.index, &entry.part(), "sealed before it was opened")?;
    require(manifest.is_orderly(), "manifest", "its segments do not follow each other, or do not hold all frames")?;
    let expired = single(EventKind::RecordingExpired, "that the recording was destroyed")?;
    if let Some(expired) = expired {
        let right = is_expired_by(&expired.event, &content.session, &digest);
        require(right, &expired.part(), "the destroying of another recording")?;
        require(expired.index > entry.index, &expired.part(), "destroyed before it was sealed")?;
    }
    Ok(Some(SealedRecording { index: entry.index, digest }))
}
