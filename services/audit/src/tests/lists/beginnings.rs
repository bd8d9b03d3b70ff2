//! A ticket is found by its beginning, as far as somebody may see it, and no longer than its Organization is there.

use sqlx::ConnectOptions as _;
use wire::audit::Sessions;
use wire::event::Receipt;

use super::{Three, filter, opened, three};
use crate::tests::world::{away, by_hand};
use crate::vault::Owner;

async fn number(t: &Three, sql: &'static str) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(t.w.folder.path().join("audit.sqlite"));
    let mut connection = options.connect().await.expect("opens");
    sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut connection).await.expect("reads").0
}

#[tokio::test]
async fn a_ticket_is_found_by_its_beginning() {
    let t = three().await;
    for (tokens, found) in [
        ("ticket:^OPS", "d"),
        ("ticket:^ops-", "d"),
        ("ticket:^ OPS-7 ", "d"),
        ("ticket:^ops-77", ""),
        ("ticket:^ps-7", ""),
        ("ticket:^sup-4", "ck"),
        ("ticket:^sup-4\norganization:cobalt-health", "c"),
        ("ticket:^sup\norganization:!cobalt-health", "k"),
        ("ticket:^sup\nticket:^ops", "cdk"),
        ("ticket:^sup\nticket:OPS-7\nticket:!kp-1", "cdk"),
        ("ticket:^sup\nticket:!sup-4711", ""),
        ("ticket:^%__", ""),
    ] {
        assert_eq!(t.found(&filter(tokens)).await, found, "{tokens:?}");
        assert_eq!(t.count(&filter(tokens)).await, (found.len() as u64, false), "{tokens:?}");
    }
}

#[tokio::test]
async fn whoever_sees_their_own_sessions_learns_of_nobody_elses_tickets() {
    let t = three().await;
    // The first Session with this ticket is Mara's.
    let again = t.w.case_by(&t.rui, "kinloch-hotels", |_| ()).await;
    let again = opened(&t.w, again).await;
    assert_eq!(t.found_by(&t.rui, &filter("ticket:^sup-4")).await, "?c", "{again}");
    assert_eq!(t.found_by(&t.w.mara, &filter("ticket:^ops")).await, "");
    for number in 0..70 {
        let one = t.w.case_by(&t.rui, "delmar-foods", |request| request.ticket = format!("RUN-{number}"));
        opened(&t.w, one.await).await;
    }
    assert_eq!(t.refused(&filter("ticket:^run")).await, (400, "too-wide".into()));
    assert_eq!(t.found(&filter("ticket:^run-6")).await.len(), 11);
    let path = format!("/v1/sessions?{}", filter("ticket:^run"));
    let list: Sessions = t.w.get_person(&t.w.mara, &path).await.json();
    assert_eq!(list.sessions.len(), 0, "nor how many there are");
}

#[tokio::test]
async fn l_12_no_beginning_of_a_forgotten_organizations_ticket_is_left() {
    let t = three().await;
    let audit = t.w.service.audit.upgrade().expect("it runs");
    let owner = Owner("kinloch-hotels".into());
    let mark = audit.reader.vault().beginning_mark(&owner, "sup-4").expect("a key");
    let held = || {
        ["audit.sqlite", "audit.sqlite-wal"].iter().any(|name| {
            let file = std::fs::read(t.w.folder.path().join(name)).unwrap_or_default();
            file.windows(mark.len()).any(|part| part == mark)
        })
    };
    assert!(held(), "it was there");
    let sofia = t.w.sofia().await;
    t.w.forget(&t.w.forgetting(&away("kinloch-hotels"), [&t.w.ben, &sofia])).await.json::<Receipt>();
    assert!(!held(), "no copy is left");
    const LEFT: &str = "SELECT COUNT(*) FROM ticket_beginnings WHERE organization = 'kinloch-hotels'";
    assert_eq!(number(&t, LEFT).await, 0);
    assert!(audit.reader.vault().beginning_mark(&owner, "sup-4").is_err(), "nobody can make it again");
    assert_eq!(t.found(&filter("ticket:^sup-4")).await, "c");
}

#[tokio::test]
async fn beginnings_of_an_earlier_version_are_made_at_the_start() {
    let mut t = three().await;
    t.w.stop_for(|_| {}).await;
    by_hand(t.w.folder.path(), "DELETE FROM ticket_beginnings").await;
    by_hand(t.w.folder.path(), "UPDATE listed SET reason_mark = NULL WHERE reason_mark <> x''").await;
    t.w.begin().await.expect("starts");
    for (tokens, found) in [("ticket:^ops", "d"), ("ticket:^sup", "ck"), ("reason:maintenance", "d")] {
        assert_eq!(t.found(&filter(tokens)).await, found, "{tokens}");
    }
    let once = number(&t, "SELECT COUNT(*) FROM ticket_beginnings WHERE organization = 'delmar-foods'").await;
    assert_eq!(once, 2, "ops and ops-");
}
