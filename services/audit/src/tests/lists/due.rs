//! What must be reviewed: the reviewer's queue.

use super::*;
use crate::error::{Error, StoreError};
use crate::tests::world::by_hand;

async fn due(t: &Three) -> String {
    let found = t.found(&filter("review:due")).await;
    let list: Sessions = t.w.get_person(&t.w.ines, "/v1/sessions").await.json();
    let told = list.sessions.iter().filter(|one| one.due).count();
    assert_eq!(told, found.len(), "each row says what the filter finds");
    found
}

#[tokio::test]
async fn what_no_rule_has_looked_at_is_due_and_what_was_drawn_stays_so_until_it_is_reviewed() {
    let t = three().await;
    assert_eq!(due(&t).await, "k", "a note alone calls for no review");
    ended(&t.w, &t.cobalt, 70, 0).await;
    assert_eq!(due(&t).await, "ck", "nobody has looked yet");
    examined(&t.w, &t.cobalt, "cobalt-health", Weighed { stop: 0, look: 0, note: 1 }, true).await;
    assert_eq!(due(&t).await, "ck", "it was drawn");
    t.reviewed(&t.cobalt, ReviewVerdict::NothingToReport).await;
    t.reviewed(&t.kinloch, ReviewVerdict::Flagged).await;
    assert_eq!(due(&t).await, "");
    t.w.restart().await;
}

#[tokio::test]
async fn what_was_not_drawn_leaves_the_queue_with_the_look() {
    let t = three().await;
    ended(&t.w, &t.cobalt, 70, 0).await;
    examined(&t.w, &t.cobalt, "cobalt-health", Weighed::default(), false).await;
    assert_eq!((due(&t).await, t.found(&filter("review:open")).await), ("k".into(), "cdk".into()));
}

/// Whoever has the file takes nothing out of the queue.
#[tokio::test]
async fn what_the_rules_came_to_is_held_to_the_log() {
    for sql in [
        "UPDATE examined SET drawn = 0; UPDATE listed SET drawn = 0 WHERE drawn = 1",
        "UPDATE examined SET stop = 0; UPDATE listed SET stop = 0 WHERE stop > 0",
        "UPDATE examined SET idx = idx - 1",
        "UPDATE listed SET drawn = 0 WHERE drawn = 1",
        "UPDATE listed SET lapsed = 1",
        "UPDATE listed SET break_glass = 1",
        "DELETE FROM examined",
    ] {
        let t = three().await;
        ended(&t.w, &t.cobalt, 70, 0).await;
        examined(&t.w, &t.cobalt, "cobalt-health", Weighed::default(), true).await;
        let begun = t.w.restart_after(async |folder| by_hand(folder, sql).await).await;
        assert!(matches!(begun, Err(Error::Store(StoreError::Damaged(_)))), "{sql}: {:?}", begun.err());
    }
}

#[tokio::test]
async fn what_is_to_be_looked_at_is_due_whether_it_was_drawn_or_not() {
    let t = three().await;
    ended(&t.w, &t.cobalt, 70, 0).await;
    examined(&t.w, &t.cobalt, "cobalt-health", Weighed { stop: 0, look: 1, note: 0 }, false).await;
    assert_eq!(due(&t).await, "ck");
}
