use super::kept::{frames, kept_with};
use super::*;

#[tokio::test]
async fn a_sealed_recording_is_replayed_once_every_frame_is_the_manifests() {
    let kept = kept().await;
    let view = kept.replay().await;
    assert_eq!((view.check, view.live), (RecordingCheck::ChecksOut, false), "{}", view.detail);
    assert_eq!((view.exchanges.len(), view.pages[0].events, view.gaps.len()), (2, 8, 0));
    let asked: Vec<String> = kept.stored().asked.iter().filter(|p| p.contains("segments")).cloned().collect();
    assert_eq!(asked.len(), 2, "one segment after the other: {asked:?}");
}

#[tokio::test]
async fn a_recording_with_parts_that_never_came_says_so() {
    let kept = kept_with(|manifest| manifest.missing_batches = vec![3, 9]).await;
    let view = kept.replay().await;
    assert_eq!((view.check, view.gaps.len()), (RecordingCheck::Incomplete, 2), "{}", view.detail);
    assert!(view.gaps[1].detail.contains("Batch 9"));

    let kept = kept_with(|manifest| manifest.frames += 1).await;
    let view = kept.replay().await;
    assert_eq!(
        (view.check, view.exchanges.len()),
        (RecordingCheck::DoesNotMatch, 0),
        "a manifest that does not add up"
    );
}

#[tokio::test]
async fn a_running_recording_and_one_without_its_seal_are_shown_as_such() {
    let kept = kept().await;
    let mut detail = kept.detail.clone();
    (detail.sealed, detail.manifest, detail.summary.ended_at) = (None, None, None);
    let view = kept.replay_of(&detail).await;
    assert_eq!((view.check, view.live), (RecordingCheck::Running, true));
    assert_eq!((view.exchanges.len(), view.pages[0].events), (2, 8), "page by page, all of it");
    assert!(view.gaps[0].detail.contains("Batch 7") && view.detail.contains("nothing in the log"));

    detail.summary.ended_at = Some(NOW + 30);
    let view = kept.replay_of(&detail).await;
    assert_eq!((view.check, view.live), (RecordingCheck::Incomplete, false));
    assert!(view.detail.contains("not sealed"));
}

#[tokio::test]
async fn running_frames_that_come_twice_or_in_another_order_are_not_shown() {
    let kept = kept().await;
    let mut detail = kept.detail.clone();
    (detail.sealed, detail.manifest, detail.summary.ended_at) = (None, None, None);
    let good = frames().concat();
    let twice = [&good[..2], &good[1..]].concat();
    let mut swapped = good.clone();
    swapped.swap(6, 7);
    for frames in [twice, swapped] {
        kept.stored().frames = frames;
        let view = kept.replay_of(&detail).await;
        assert_eq!((view.check, view.pages.len()), (RecordingCheck::DoesNotMatch, 0));
    }
}

#[tokio::test]
async fn a_recording_beyond_the_bounds_is_refused_before_it_is_fetched() {
    let kept = kept().await;
    let bounds = crate::replay::Bounds { bytes: usize::MAX / 4, frames: 9 };
    let inner = &kept.engine.inner;
    let error = inner.replay(&kept.joined, &kept.audit, &kept.id, &kept.detail, bounds).await.unwrap_err();
    assert_eq!(error.code, "recording-too-large");
    assert!(kept.stored().asked.iter().all(|p| !p.contains("segments")));

    let mut detail = kept.detail.clone();
    (detail.sealed, detail.manifest) = (None, None);
    let error = inner.replay(&kept.joined, &kept.audit, &kept.id, &detail, bounds).await.unwrap_err();
    assert_eq!(error.code, "recording-too-large", "one that is not sealed stops at the bound");
}
