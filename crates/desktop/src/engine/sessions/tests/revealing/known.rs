//! What a notification is made from: what the windows were shown last, and nobody is asked for it.

use super::*;
use crate::view::Notice;

/// How often it was told that what is known is another.
fn tells(notices: &mut tokio::sync::broadcast::Receiver<Notice>) -> usize {
    std::iter::from_fn(|| notices.try_recv().ok()).filter(|notice| matches!(notice, Notice::Reveals)).count()
}

#[tokio::test]
async fn what_was_shown_last_is_known_without_asking_and_told_once() {
    let told = told(|w| vec![&w.ines], false, tomasz).await;
    let engine = &told.kept.engine;
    let mut notices = engine.notices();
    assert!(engine.known_reveals().is_empty(), "nobody asked yet");
    let shown = engine.reveals().await.unwrap();
    assert!(shown[0].may_sign);
    let asked = told.kept.stored().asked.len();
    assert_eq!((engine.known_reveals(), tells(&mut notices)), (shown.clone(), 1));
    assert_eq!(told.kept.stored().asked.len(), asked, "nobody is asked for what is known");
    assert_eq!((engine.reveals().await.unwrap(), tells(&mut notices)), (shown, 0), "the same is not told again");

    let empty = serde_json::to_value(RevealList { reveals: Vec::new() }).unwrap();
    told.kept.stored().others.insert("/v1/reveals".into(), empty);
    assert!(engine.reveals().await.unwrap().is_empty());
    assert_eq!((engine.known_reveals(), tells(&mut notices)), (Vec::new(), 1));
}

#[tokio::test]
async fn what_one_was_shown_is_known_to_nobody_who_signs_in_after() {
    let told = told(|w| vec![&w.ines], false, tomasz).await;
    let engine = &told.kept.engine;
    engine.reveals().await.unwrap();
    told.sign_in(&told.kept.world.ines);
    assert!(engine.known_reveals().is_empty(), "it was another's");
    told.sign_in(&told.kept.world.tomasz);
    assert_eq!(engine.known_reveals().len(), 1);
    engine.sign_out().await.unwrap();
    told.sign_in(&told.kept.world.tomasz);
    assert!(engine.known_reveals().is_empty(), "it went with whoever signed out");
}
