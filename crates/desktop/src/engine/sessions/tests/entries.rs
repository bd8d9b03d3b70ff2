use wire::audit::LogEntry;

use super::super::entries::prove;
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
