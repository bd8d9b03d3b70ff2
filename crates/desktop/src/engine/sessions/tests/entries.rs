use wire::audit::LogEntry;

use super::super::asked;
use super::super::entries::prove;
use super::kept::{receipts, signer};
use super::*;

fn page(kept: &Kept) -> Vec<LogEntry> {
    let entry = |r: &Receipt| LogEntry {
        index: r.index,
        leaf: r.leaf.clone(),
        event: serde_json::from_str(&r.leaf).unwrap(),
        personal: BTreeMap::new(),
    };
    kept.stored().entries.iter().rev().map(entry).collect()
}

#[tokio::test]
async fn l_09_a_page_of_entries_is_shown_only_as_the_log_hashes_it_and_without_gaps() {
    let kept = kept().await;
    let checkpoint = kept.joined.log.check().await.unwrap();
    let good = page(&kept);
    assert_eq!(prove(&kept.audit, &checkpoint, 2, &good).await.unwrap().len(), 2);
    prove(&kept.audit, &checkpoint, 1, &good[1..]).await.unwrap();
    let changes: [(&str, fn(&mut Vec<LogEntry>)); 6] = [
        ("another leaf", |p| p[1].leaf = p[1].leaf.replace("opened-at\":\"1", "opened-at\":\"2")),
        ("the newest left out", |p| drop(p.remove(0))),
        ("the oldest left out", |p| drop(p.pop())),
        ("nothing", Vec::clear),
        ("another order", |p| p.reverse()),
        ("one under the other's number", |p| p[0].leaf = p[1].leaf.clone()),
    ];
    for (name, change) in changes {
        let mut page = good.clone();
        change(&mut page);
        let error = prove(&kept.audit, &checkpoint, 2, &page).await.unwrap_err();
        assert_eq!(error.code, "not-in-the-log", "{name}");
    }
}

/// What was asked is read from proven entries only.
#[tokio::test]
async fn l_09_what_was_asked_is_read_from_the_whole_log() {
    let policy = &Policy::compiled_in().digest().clone();
    let taken = asked::tests::asked(0, "600", policy, None);
    let refused = asked::tests::asked(1, "7201", policy, Some("duration-out-of-policy"));
    let entries = receipts(&signer(), [taken.leaf.clone(), refused.leaf.clone()]);
    let kept = kept_under(&entries[0].checkpoint).await;
    let path = "/v1/events?before=2&limit=100".to_owned();
    let shows = |events: &[&LogEntry]| {
        let events = events.iter().map(|e| (*e).clone()).collect();
        let page = wire::audit::Events { events, size: 2 };
        kept.stored().others.insert(path.clone(), serde_json::to_value(page).unwrap());
    };
    kept.stored().entries = entries.to_vec();
    kept.joined.log.check().await.unwrap();
    shows(&[&refused, &taken]);
    let (asks, _) = asked::read(&kept.joined, &kept.audit, NOW, NOW + 100).await.unwrap();
    assert_eq!(asks.iter().map(|ask| ask.index).collect::<Vec<_>>(), [0, 1]);
    let (asks, _) = asked::read(&kept.joined, &kept.audit, NOW + 1, NOW + 100).await.unwrap();
    assert_eq!(asks.iter().map(|ask| ask.index).collect::<Vec<_>>(), [1]);
    for wrong in [&[&taken][..], &[&refused], &[&taken, &refused]] {
        shows(wrong);
        let error = asked::read(&kept.joined, &kept.audit, NOW, NOW + 100).await.unwrap_err();
        assert_eq!(error.code, "not-in-the-log");
    }
}
