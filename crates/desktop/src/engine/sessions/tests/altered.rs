use super::kept::{frames, lines, receipts, signer};
use super::*;

/// What the audit service hands out instead of the second segment, and how the view names it.
fn wrong_segments() -> Vec<(&'static str, Vec<u8>)> {
    let own = frames().remove(1);
    let first = frames().remove(0);
    let mut changed = own.clone();
    changed[2].content = Captured::Page { page: "p1".into(), events: vec![serde_json::json!("made up")] };
    let mut borrowed = own.clone();
    borrowed[1] = first[1].clone();
    let mut reordered = own.clone();
    reordered.swap(1, 3);
    vec![
        ("a frame of segment 1 was changed", lines(&changed)),
        ("segment 1 lacks 1 of its frames", lines(&own[..4])),
        ("the frames of segment 1 are not in their order", lines(&reordered)),
        ("segment 1 holds 1 frames twice", lines(&[&own[..], &own[4..]].concat())),
        ("segment 1 holds frames that are not its own", lines(&borrowed)),
        ("segment 0 stands in the place of segment 1", lines(&first)),
        ("segment 1 is not made of frames", b"<html>".to_vec()),
        // The same frames in another spelling: who writes them again can have changed them.
        (
            "a frame of segment 1 was changed",
            lines(&own).iter().flat_map(|b| [*b].into_iter().chain((*b == b',').then_some(b' '))).collect(),
        ),
    ]
}

#[tokio::test]
async fn r_01_to_r_06_frames_that_are_not_the_manifests_are_named_and_nothing_is_replayed() {
    let kept = kept().await;
    for (name, wrong) in wrong_segments() {
        kept.stored().segments[1] = wrong;
        let view = kept.replay().await;
        assert_eq!(view.check, RecordingCheck::DoesNotMatch, "{name}");
        assert!(view.detail.contains(name), "{name}: {}", view.detail);
        assert!(view.exchanges.is_empty() && view.pages.is_empty() && !view.live, "{name}");
    }
}

#[tokio::test]
async fn a_manifest_that_the_log_does_not_name_replays_nothing() {
    let kept = kept().await;
    let changes: [(&str, fn(&mut SessionDetail)); 7] = [
        ("another digest of a segment", |d| d.manifest.as_mut().unwrap().segments[1].plain = sha256("other")),
        ("one segment less", |d| drop(d.manifest.as_mut().unwrap().segments.pop())),
        ("no missing batch", |d| d.manifest.as_mut().unwrap().missing_batches.push(1)),
        ("another Session", |d| d.manifest.as_mut().unwrap().session = sha256("other").into()),
        ("no manifest", |d| d.manifest = None),
        ("no entry", |d| d.sealed = None),
        ("another entry", |d| d.sealed = Some(d.opened.clone())),
    ];
    for (name, change) in changes {
        let mut detail = kept.detail.clone();
        change(&mut detail);
        let view = kept.replay_of(&detail).await;
        assert_eq!(view.check, RecordingCheck::DoesNotMatch, "{name}");
        assert!(view.exchanges.is_empty() && view.pages.is_empty(), "{name}");
    }
}

/// The whole Recording of another Session, sealed and logged in its own right.
#[tokio::test]
async fn a_borrowed_recording_is_not_this_sessions() {
    let (kept, other) = (kept().await, super::kept().await);
    let mut detail = kept.detail.clone();
    detail.manifest.clone_from(&other.detail.manifest);
    let leaves = [kept.detail.opened.leaf.clone(), other.detail.sealed.as_ref().unwrap().leaf.clone()];
    let [opened, sealed] = receipts(&signer(), leaves);
    kept.stored().note.clone_from(&opened.checkpoint);
    (detail.opened, detail.sealed) = (opened, Some(sealed));
    let view = kept.replay_of(&detail).await;
    assert_eq!(view.check, RecordingCheck::DoesNotMatch, "{}", view.detail);
}
