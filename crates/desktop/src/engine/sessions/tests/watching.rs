use serde_json::{Value, json};

use super::kept::{frames, lines};
use super::*;
use crate::view::{UiError, WatchedView};

/// What the audit service answers a watcher who asked from `from` on.
fn part(frames: &[Frame], from: u64) -> (u16, Value) {
    let next = frames.last().map_or(from, |f| f.seq + 1);
    let lines = String::from_utf8(lines(frames)).unwrap();
    (200, json!({ "lines": lines, "next": next, "untold": false, "over": false }))
}

impl Kept {
    /// Asks as often as there are parts.
    async fn watched(&self, parts: Vec<(u16, Value)>) -> Result<Vec<WatchedView>, UiError> {
        let count = parts.len();
        self.stored().parts = parts.into();
        self.engine.inner.live().seen.insert(self.id.clone(), Arc::default());
        let mut watching = Watching::of(7);
        let mut views = Vec::new();
        for _ in 0..count {
            views.push(self.engine.inner.ask(&self.joined, &self.audit, &self.id, &mut watching).await?);
        }
        Ok(views)
    }
}

#[tokio::test]
async fn what_comes_is_shown_part_by_part_and_the_sealed_recording_is_held_to_it() {
    let kept = kept().await;
    let all = frames().concat();
    let views = kept.watched(vec![part(&all[..3], 0), part(&[], 3), part(&all[3..], 3)]).await.unwrap();
    let shown: Vec<(usize, u32)> =
        views.iter().map(|v| (v.part.exchanges.len(), v.part.pages.iter().map(|p| p.events).sum())).collect();
    assert_eq!(shown, [(1, 2), (0, 0), (1, 6)], "each once");
    assert!(views.iter().all(|v| v.part.live && v.part.check == RecordingCheck::Running));
    let asked = kept.stored().asked.iter().filter(|p| p.contains("/watches/7?from=")).cloned().collect::<Vec<_>>();
    assert!(asked[1].ends_with("from=3") && asked[2].ends_with("from=3"), "{asked:?}");
    assert_eq!(kept.replay().await.check, RecordingCheck::ChecksOut);
    assert!(kept.engine.inner.live().seen.is_empty(), "it was held, and is forgotten");
}

#[tokio::test]
async fn what_was_shown_and_is_sealed_otherwise_is_not_replayed_as_true() {
    let all = frames().concat();
    let mut other = all.clone();
    other[2].content = Captured::Page { page: "p1".into(), events: vec![json!({ "made": "up" })] };
    let mut beyond = all.clone();
    beyond.push(Frame { seq: 10, ..all[9].clone() });
    for (what, shown) in [("another frame", other), ("one that was left out", beyond)] {
        let kept = kept().await;
        kept.watched(vec![part(&shown, 0)]).await.unwrap();
        for _ in 0..2 {
            let view = kept.replay().await;
            assert_eq!((view.check, view.exchanges.len()), (RecordingCheck::DoesNotMatch, 0), "{what}");
            assert!(view.detail.contains("while the Session ran"), "{}", view.detail);
        }
    }
}

#[tokio::test]
async fn what_is_not_in_order_is_not_shown() {
    let kept = kept().await;
    let all = frames().concat();
    let mut swapped = all.clone();
    swapped.swap(6, 7);
    let twice = [&all[..2], &all[1..]].concat();
    let (_, good) = part(&all, 0);
    let with = |name: &str, value: Value| {
        let mut part = good.clone();
        part[name] = value;
        vec![(200, part)]
    };
    let text = good["lines"].as_str().unwrap().to_owned();
    for (what, parts) in [
        ("another order", vec![part(&swapped, 0)]),
        ("twice", vec![part(&twice, 0)]),
        ("again", vec![part(&all[..4], 0), part(&all[2..6], 4)]),
        ("it says that more came", with("next", json!(11))),
        ("it says that less came", with("next", json!(9))),
        ("no frames", with("lines", json!("{}\n"))),
        ("half a frame", with("lines", json!(text[..text.len() - 1]))),
        ("nothing, and further", vec![(200, json!({ "lines": "", "next": 5, "untold": false, "over": false }))]),
    ] {
        let error = kept.watched(parts).await.map(drop).unwrap_err();
        assert_eq!(error.code, "does-not-match", "{what}");
    }
}

#[tokio::test]
async fn frames_that_never_came_are_said() {
    let kept = kept().await;
    let all = frames().concat();
    let views = kept.watched(vec![part(&all[2..4], 0), part(&all[7..], 4)]).await.unwrap();
    assert!(
        views[0].part.gaps[0].detail.contains("Frames 0 to 1")
            && views[1].part.gaps[0].detail.contains("Frames 4 to 6")
    );
}

#[tokio::test]
async fn a_watch_whose_entry_is_another_one_is_none() {
    let kept = kept().await;
    let refused = kept.engine.inner.begin_watch(&kept.joined, &kept.audit, &kept.id).await;
    assert_eq!(refused.unwrap_err().code, "other-receipt");
    let gone = wire::problem::Problem::new(404, "no-watch", "There is none.", "Begin to watch again.");
    let gone = (404, serde_json::to_value(gone).unwrap());
    assert_eq!(kept.watched(vec![gone]).await.map(drop).unwrap_err().code, "other-receipt", "nor is one begun again");
}
