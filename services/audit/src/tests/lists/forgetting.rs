//! L-12: what a Session was found by goes with its Organization.

use sqlx::ConnectOptions as _;
use wire::audit::Sessions;
use wire::event::Receipt;

use super::{ended, filter, three};
use crate::error::{Error, StoreError};
use crate::tests::world::{World, away, by_hand};
use crate::vault::Owner;

async fn number(w: &World, sql: &'static str) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(w.folder.path().join("audit.sqlite"));
    let mut connection = options.connect().await.expect("opens");
    sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut connection).await.expect("reads").0
}

fn file_holds(w: &World, bytes: &[u8]) -> bool {
    ["audit.sqlite", "audit.sqlite-wal"].iter().any(|name| {
        std::fs::read(w.folder.path().join(name)).is_ok_and(|file| file.windows(bytes.len()).any(|part| part == bytes))
    })
}

#[tokio::test]
async fn l_12_the_marks_of_a_forgotten_organization_are_gone_and_find_nothing() {
    let t = three().await;
    let audit = t.w.service.audit.upgrade().expect("it runs");
    let vault = audit.reader.vault();
    let owner = Owner("kinloch-hotels".into());
    let ticket = vault.ticket_mark(&owner, "SUP-4711").expect("a key");
    let person = vault.mark(&domain::PersonId("p-mara".into())).expect("a key");
    assert!(file_holds(&t.w, &ticket) && file_holds(&t.w, &person), "they were there");
    let sofia = t.w.sofia().await;
    t.w.forget(&t.w.forgetting(&away("kinloch-hotels"), [&t.w.ben, &sofia])).await.json::<Receipt>();
    assert!(!file_holds(&t.w, &ticket), "no copy is left");
    assert!(matches!(vault.ticket_mark(&owner, "SUP-4711"), Err(StoreError::Forgotten)), "nobody can make it again");
    const LEFT: &str = "SELECT COUNT(*) FROM listed WHERE organization = 'kinloch-hotels' \
         AND (person_mark <> x'' OR reason_mark <> x'' OR ticket_mark <> x'')";
    assert_eq!(number(&t.w, LEFT).await, 0);
    assert_eq!(number(&t.w, "SELECT COUNT(*) FROM people").await, 1, "whoever was nowhere else is not known any more");
    for (tokens, found) in [
        ("", 1),
        ("organization:kinloch-hotels", 1),
        ("finding:stop", 1),
        ("review:due", 0),
        ("ticket:sup-4711", 0),
        ("person:p-mara", 0),
        ("person:!nobody", 1),
        ("reason:customer-reported-problem", 0),
    ] {
        let list: Sessions = t.w.get_person(&t.w.ines, &format!("/v1/sessions?{}", filter(tokens))).await.json();
        assert_eq!(list.forgotten.len(), found, "{tokens}");
    }
    let list: Sessions = t.w.get_person(&t.w.ines, "/v1/sessions?text=kinloch").await.json();
    assert_eq!((list.forgotten.len(), list.sessions.len()), (0, 1));
    assert_eq!(t.found_by(&t.w.mara, "").await, "", "nor does she find it herself");
    drop(audit);
    t.w.restart().await;
}

#[tokio::test]
async fn a_list_that_was_changed_by_hand_is_damage() {
    for sql in [
        "UPDATE listed SET review = 'reviewed' WHERE review = 'open'",
        "UPDATE listed SET length = 5 WHERE length > 0",
        "UPDATE listed SET stop = 0 WHERE stop > 0",
        "UPDATE listed SET changed = 0",
        "UPDATE listed SET scope = 'read'",
        "UPDATE listed SET reason_mark = x'' WHERE organization = 'delmar-foods'",
        "DELETE FROM listed WHERE organization = 'delmar-foods'",
        "INSERT INTO listed (opened_idx, organization, scope, person_mark, opened_at, ends_at) VALUES (0, 'x', 'read', x'', 0, 0)",
    ] {
        let t = three().await;
        let begun = t.w.restart_after(async |folder| by_hand(folder, sql).await).await;
        let said = begun.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(matches!(begun, Err(Error::Store(StoreError::Damaged(_)))) && said.contains("list"), "{sql}: {said}");
    }
}

#[tokio::test]
async fn sessions_of_an_earlier_version_are_marked_at_the_start() {
    let mut t = three().await;
    ended(&t.w, &t.cobalt, 70, 0).await;
    t.w.stop_for(|_| {}).await;
    by_hand(t.w.folder.path(), "UPDATE listed SET reason_mark = NULL, ticket_mark = NULL").await;
    by_hand(t.w.folder.path(), "DELETE FROM people").await;
    t.w.begin().await.expect("starts");
    for (tokens, found) in [("reason:maintenance", "d"), ("ticket:ops-7", "d"), ("person:rui", "cd")] {
        assert_eq!(t.found(&filter(tokens)).await, found, "{tokens}");
    }
}
