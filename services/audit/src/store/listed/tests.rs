//! Along which index each list is read: a row too many costs nothing with three Sessions, and all the time with a million.

use sqlx::{QueryBuilder, Row as _, Sqlite};
use wire::audit::WhichSessions;
use wire::sessions::{Cursor, Order};

use super::{Listing, text};
use crate::audit::Audit;
use crate::looking::look_among;
use crate::tests::world::world;

/// What SQLite says that it does for one of our texts.
async fn said(audit: &Audit, query: &QueryBuilder<Sqlite>) -> String {
    let text = format!("EXPLAIN QUERY PLAN {}", query.sql().as_str());
    let query = sqlx::query(sqlx::AssertSqlSafe(text));
    let rows = query.fetch_all(&audit.reader.pool).await.expect("a plan");
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
}

async fn listing(audit: &Audit, filter: &str, order: Order) -> Listing {
    let which = WhichSessions { filter: Some(filter.into()), order: Some(order), ..WhichSessions::default() };
    look_among(&audit.reader, 0, None, &which).await.expect("a list").listing
}

const FILTERS: [(&str, &str); 12] = [
    ("", "INTEGER PRIMARY KEY"),
    ("organization:!kinloch-hotels", "INTEGER PRIMARY KEY"),
    ("organization:kinloch-hotels", "listed_by_organization (organization=?"),
    ("person:p-mara", "listed_by_person (person_mark=?"),
    ("scope:!administer", "listed_by_scope (scope=?"),
    ("reason:!maintenance", "listed_by_reason (reason_mark=?"),
    ("ticket:SUP-4711", "listed_by_ticket (ticket_mark=?"),
    ("length:>10\nlength:<90", "listed_by_length_class (length_class=?"),
    ("finding:any", "listed_by_weights (weights=?"),
    ("review:recording", "listed_by_standing (standing=?"),
    ("review:due", "listed_by_standing (standing=?"),
    ("changes:no", "listed_by_changed (changed=?"),
];

#[tokio::test]
async fn no_list_in_the_order_of_the_log_is_read_through_or_sorted() {
    let w = world().await;
    w.session().await;
    let audit = w.service.audit.upgrade().expect("it runs");
    let after = Some(Cursor { index: 7, value: None });
    for (filter, index) in FILTERS {
        for (order, after) in [(Order::Newest, None), (Order::Newest, after), (Order::Oldest, after)] {
            let listing = listing(&audit, filter, order).await;
            let plan = audit.reader.plan(&listing).await.expect("a plan");
            let said = said(&audit, &text::places(&plan, after, 200)).await;
            let walks = said.contains("SCAN") || said.contains("TEMP B-TREE");
            assert!(said.contains(index) && !walks, "{filter:?}: {said}");
        }
    }
}

#[tokio::test]
async fn other_orders_go_along_an_index_of_their_own_unless_few_fit() {
    let w = world().await;
    w.session().await;
    let audit = w.service.audit.upgrade().expect("it runs");
    for (order, index) in [
        (Order::Longest, "listed_by_length (length>? AND length<?)"),
        (Order::Shortest, "listed_by_length (length>?)"),
        (Order::Findings, "listed_by_heavy (heavy>? AND heavy<?)"),
        (Order::FindingsLast, "listed_by_heavy (heavy>?)"),
    ] {
        let after = Some(Cursor { index: 7, value: Some(60) });
        for filter in ["", "organization:!kinloch-hotels", "scope:read"] {
            let listing = listing(&audit, filter, order).await;
            let mut plan = audit.reader.plan(&listing).await.expect("a plan");
            plan.few = false;
            let many = said(&audit, &text::places(&plan, after, 200)).await;
            assert!(many.contains(index) && !many.contains("SCAN") && !many.contains("TEMP"), "{filter:?}: {many}");
        }
        let listing = listing(&audit, "scope:read", order).await;
        let plan = audit.reader.plan(&listing).await.expect("a plan");
        let few = said(&audit, &text::places(&plan, after, 200)).await;
        assert!(plan.few && few.contains("listed_by_scope (scope=?"), "{few}");
    }
}

#[tokio::test]
async fn a_beginning_is_looked_up_for_each_organization() {
    let w = world().await;
    w.session().await;
    let audit = w.service.audit.upgrade().expect("it runs");
    let said = said(&audit, &QueryBuilder::new(super::tickets::BEGINNING)).await;
    for step in ["SEARCH b USING PRIMARY KEY (organization=? AND mark=?)", "SEARCH first USING INTEGER PRIMARY KEY"] {
        assert!(said.contains(step), "{said}");
    }
    assert!(said.contains("SEARCH l USING INDEX listed_by_ticket") && !said.contains("SCAN l"), "{said}");
}

#[tokio::test]
async fn counts_go_along_an_index() {
    let w = world().await;
    w.session().await;
    let audit = w.service.audit.upgrade().expect("it runs");
    for (filter, index) in FILTERS {
        let listing = listing(&audit, filter, Order::Newest).await;
        let plan = audit.reader.plan(&listing).await.expect("a plan");
        let said = said(&audit, &text::count(&plan, 10)).await;
        let whole = filter.is_empty() && said.contains("SCAN listed USING COVERING INDEX");
        assert!(whole || said.contains(index) && !said.contains("SCAN listed"), "{filter:?}: {said}");
    }
}

#[tokio::test]
async fn the_index_is_the_one_that_fewest_fit() {
    let w = world().await;
    for organization in ["kinloch-hotels", "delmar-foods"] {
        w.open(&w.case_for(organization, domain::Scope::Read, "").await).await.json::<wire::event::Receipt>();
    }
    let audit = w.service.audit.upgrade().expect("it runs");
    for filter in ["scope:read\norganization:delmar-foods", "organization:delmar-foods\nscope:read\nchanges:no"] {
        let listing = listing(&audit, filter, Order::Newest).await;
        let plan = audit.reader.plan(&listing).await.expect("a plan");
        assert_eq!(plan.along.map(|along| along.column), Some(super::Column::Organization), "{filter}");
    }
}
