use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Frame, Manifest, SegmentEntry, lines};

/// How the JSON lines that somebody was handed differ from the segment that a manifest describes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Another segment of the same Recording.
    #[error("segment {found} stands in the place of segment {expected}")]
    OtherSegment { expected: u64, found: u64 },
    #[error("segment {0} is not made of frames")]
    NotFrames(u64),
    #[error("segment {segment} lacks {frames} of its frames")]
    Missing { segment: u64, frames: u64 },
    #[error("segment {segment} holds {frames} frames twice")]
    Doubled { segment: u64, frames: u64 },
    #[error("the frames of segment {0} are not in their order")]
    Reordered(u64),
    #[error("segment {0} holds frames that are not its own")]
    Borrowed(u64),
    /// The numbers are right and the words are not.
    #[error("a frame of segment {0} was changed, or is of another recording")]
    Changed(u64),
}

/// The frames of one segment, once its exact JSON lines are the ones that the manifest names.
///
/// # Errors
/// [`Mismatch`], naming what is wrong as far as it shows.
pub fn hold(manifest: &Manifest, entry: &SegmentEntry, text: &[u8]) -> Result<Vec<Frame>, Mismatch> {
    let found = URL_SAFE_NO_PAD.encode(digest(&SHA256, text));
    if entry.plain.as_str() != found {
        return Err(difference(manifest, entry, &found, text));
    }
    let frames = lines::read(text).map_err(|_| Mismatch::NotFrames(entry.number))?;
    let described = frames.first().is_some_and(|f| f.seq == entry.first_frame) && frames.len() as u64 == entry.frames;
    if described { Ok(frames) } else { Err(Mismatch::Changed(entry.number)) }
}

/// What is wrong with lines whose digest is another.
fn difference(manifest: &Manifest, entry: &SegmentEntry, found: &str, text: &[u8]) -> Mismatch {
    let segment = entry.number;
    if let Some(other) = manifest.segments.iter().find(|s| s.plain.as_str() == found) {
        return Mismatch::OtherSegment { expected: segment, found: other.number };
    }
    let lines = text.split_inclusive(|b| *b == b'\n');
    let Ok(frames) = lines.map(serde_json::from_slice::<Frame>).collect::<Result<Vec<_>, _>>() else {
        return Mismatch::NotFrames(segment);
    };
    let own = entry.first_frame..entry.first_frame.saturating_add(entry.frames);
    if frames.iter().any(|f| !own.contains(&f.seq)) {
        return Mismatch::Borrowed(segment);
    }
    let different = frames.iter().map(|f| f.seq).collect::<BTreeSet<_>>().len() as u64;
    if frames.len() as u64 > different {
        return Mismatch::Doubled { segment, frames: frames.len() as u64 - different };
    }
    if different < entry.frames {
        return Mismatch::Missing { segment, frames: entry.frames - different };
    }
    if frames.is_sorted_by_key(|f| f.seq) { Mismatch::Changed(segment) } else { Mismatch::Reordered(segment) }
}

#[cfg(test)]
mod tests {
    use domain::{Digest, SessionId};

    use super::*;
    use crate::Captured;

    fn frame(seq: u64, detail: &str) -> Frame {
        Frame { seq, at: 1_800_000_000_000, content: Captured::Note { code: "n".into(), detail: detail.into() } }
    }

    fn page(seq: u64) -> Frame {
        // Numbers that only an exact copy of the text keeps.
        let event = serde_json::json!({ "timestamp": 1_800_000_000_000.123_4_f64, "x": 0.1 + 0.2, "y": 1e300 });
        Frame { seq, at: 7, content: Captured::Page { page: "p".into(), events: vec![event] } }
    }

    fn digest_of(bytes: &[u8]) -> Digest {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes)).parse().expect("43 characters")
    }

    fn sealed(segments: &[Vec<Frame>]) -> (Manifest, Vec<Vec<u8>>) {
        let session: SessionId = format!("{}A", "s".repeat(42)).parse().expect("an id");
        let texts: Vec<Vec<u8>> = segments.iter().map(|frames| lines::write(frames).expect("writes")).collect();
        let entry = |(number, (frames, text)): (u64, (&Vec<Frame>, &Vec<u8>))| SegmentEntry {
            number,
            first_frame: frames[0].seq,
            frames: frames.len() as u64,
            bytes: 1,
            sealed: digest_of(b"sealed"),
            plain: digest_of(text),
        };
        let segments: Vec<SegmentEntry> = (0..).zip(segments.iter().zip(&texts)).map(entry).collect();
        let frames = segments.iter().map(|s| s.frames).sum();
        (Manifest { session, segments, frames, exchanges: 0, missing_batches: Vec::new() }, texts)
    }

    fn whole() -> Vec<Vec<Frame>> {
        vec![(0..4).map(|n| frame(n, "first")).collect(), vec![page(4), frame(5, "b"), frame(6, "c")]]
    }

    #[test]
    fn what_was_sealed_is_held_to_be_what_it_is() {
        let (manifest, texts) = sealed(&whole());
        for (entry, (text, frames)) in manifest.segments.iter().zip(texts.iter().zip(whole())) {
            assert_eq!(hold(&manifest, entry, text), Ok(frames));
        }
        assert!(manifest.is_orderly());
    }

    #[test]
    fn every_changed_byte_is_seen() {
        let (manifest, texts) = sealed(&whole());
        for at in 0..texts[1].len() {
            let mut text = texts[1].clone();
            text[at] ^= 1;
            assert!(hold(&manifest, &manifest.segments[1], &text).is_err(), "byte {at}");
        }
        for length in 0..texts[1].len() {
            assert!(hold(&manifest, &manifest.segments[1], &texts[1][..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let (manifest, texts) = sealed(&whole());
        let entry = &manifest.segments[1];
        let held = |frames: &[Frame]| hold(&manifest, entry, &lines::write(frames).expect("writes")).unwrap_err();
        let own = whole().remove(1);
        assert_eq!(hold(&manifest, entry, &texts[0]), Err(Mismatch::OtherSegment { expected: 1, found: 0 }));
        assert_eq!(hold(&manifest, entry, b"{}\n"), Err(Mismatch::NotFrames(1)));
        assert_eq!(held(&own[..2]), Mismatch::Missing { segment: 1, frames: 1 });
        assert_eq!(held(&[&own[..], &own[2..]].concat()), Mismatch::Doubled { segment: 1, frames: 1 });
        assert_eq!(held(&[own[1].clone(), own[0].clone(), own[2].clone()]), Mismatch::Reordered(1));
        assert_eq!(held(&[own[0].clone(), frame(5, "other words"), own[2].clone()]), Mismatch::Changed(1));
        assert_eq!(held(&[own[0].clone(), frame(0, "first"), own[2].clone()]), Mismatch::Borrowed(1));
    }

    #[test]
    fn a_manifest_that_contradicts_itself_shows() {
        let (good, _) = sealed(&whole());
        let changes: [fn(&mut Manifest); 5] = [
            |m| m.segments[1].number = 2,
            |m| m.segments[1].first_frame = 3,
            |m| m.segments[1].frames = 0,
            |m| m.segments.swap(0, 1),
            |m| m.frames += 1,
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut manifest = good.clone();
            change(&mut manifest);
            assert!(!manifest.is_orderly(), "{n}");
        }
        let mut gap = good;
        gap.segments[1].first_frame = 9;
        assert!(gap.is_orderly());
        assert_eq!(gap.missing_frames(), [(4, 8)]);
    }
}
