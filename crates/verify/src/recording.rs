use domain::Digest;
use recording::Manifest;
use statement::sha256;
use wire::event::{EventKind, Source};
use wire::evidence::Content;

use crate::Rejected;
use crate::log::Entry;
use crate::rejected::require;
use crate::story::Story;

/// A Recording whose manifest stands in the log.
pub(crate) struct SealedRecording<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) digest: Digest,
}

/// The manifest is the one that `recording-sealed` names; neither without the other.
pub(crate) fn verify<'a>(content: &Content, story: &'a Story) -> Result<Option<SealedRecording<'a>>, Rejected> {
    let sealed = story.single(EventKind::RecordingSealed, Source::Audit, "the seal of the recording")?;
    let (entry, manifest) = match (sealed, &content.manifest) {
        (None, None) => return Ok(None),
        (Some(entry), Some(manifest)) => (entry, manifest),
        (Some(entry), None) => return Err(Rejected::new(entry.part(), "its manifest is not in the file")),
        (None, Some(_)) => return Err(Rejected::new("manifest", "no entry of the log names it")),
    };
    let json = serde_json::to_vec(manifest).map_err(|e| Rejected::new("manifest", e))?;
    let digest = sha256(json);
    require(entry.fact("manifest") == Some(digest.as_str()), "manifest", "not the one that the log names")?;
    require(manifest.session == content.session, "manifest", "of another Session")?;
    require(entry.event.session.as_ref() == Some(&content.session), &entry.part(), "the seal of another Session")?;
    require(entry.index > story.opened.index, &entry.part(), "sealed before it was opened")?;
    check_segments(manifest)?;
    Ok(Some(SealedRecording { entry, digest }))
}

/// Segments count from 0, do not overlap, and hold as many frames as the manifest says.
fn check_segments(manifest: &Manifest) -> Result<(), Rejected> {
    let (mut next, mut frames) = (0_u64, 0_u64);
    for (number, segment) in (0_u64..).zip(&manifest.segments) {
        let follows = segment.number == number && segment.first_frame >= next;
        require(follows, "manifest", "its segments do not follow each other")?;
        next = segment.first_frame.saturating_add(segment.frames);
        frames = frames.saturating_add(segment.frames);
    }
    require(frames == manifest.frames, "manifest", "its segments do not hold all frames")
}
