use axum::http::Method;
use domain::Role;
use serde_json::json;
use wire::audit::{ExportedSessions, LogEntry};
use wire::event::EventKind;

use super::{Three, three};
use crate::tests::world::{Answer, Human, check_receipt};

async fn export(t: &Three, who: &Human, body: &serde_json::Value) -> Answer {
    let body = serde_json::to_vec(body).expect("json");
    t.w.person(who, Method::POST, "/v1/sessions/export", Some(body)).await
}

async fn newest(t: &Three) -> LogEntry {
    let page: wire::audit::Events = t.w.get_person(&t.w.ines, "/v1/events?limit=1").await.json();
    page.events.into_iter().next().expect("an entry")
}

#[tokio::test]
async fn whoever_takes_a_list_away_stands_in_the_log_with_what_and_how_much() {
    let t = three().await;
    let asked = json!({"filter": "person:p-rui", "order": "oldest"});
    let page: ExportedSessions = export(&t, &t.w.ines, &asked).await.json();
    let ids: Vec<_> = page.sessions.iter().map(|one| one.session.clone()).collect();
    assert_eq!((ids, page.of, page.next), (vec![t.delmar.clone(), t.cobalt.clone()], 2, None));
    let event = check_receipt(&t.w.verifier(), &page.receipt);
    assert_eq!(event.kind, EventKind::SessionsExported);
    let facts = ["sessions", "of", "from"].map(|name| event.facts[name].as_str());
    assert_eq!(facts, ["2", "2", "the beginning"]);
    assert!(!page.receipt.leaf.contains("p-rui"), "the filter names people: it is sealed");
    let entry = newest(&t).await;
    assert_eq!((entry.index, entry.personal["person"].value.as_str()), (page.receipt.index, "p-ines"));
    assert!(entry.personal["filter"].value.contains("person:p-rui"));
}

#[tokio::test]
async fn only_reviewers_export_and_a_list_that_is_none_leaves_no_export() {
    let t = three().await;
    let everything = t.w.another("p-all", &[Role::Engineer, Role::Approver, Role::Administrator]);
    t.w.enrol(&t.w.ben, &everything).await;
    let all = json!({});
    for who in [&t.rui, &t.w.tomasz, &t.w.ben, &everything] {
        assert_eq!(export(&t, who, &all).await.problem(), (403, "missing-role".into()), "{}", who.person);
    }
    for body in [
        json!({"filter": "colour:red"}),
        json!({"limit": 1}),
        json!({"cursor": "1.1"}),
        json!({"order": "cheapest"}),
        json!({"rows": 5}),
        json!([]),
    ] {
        assert_eq!(export(&t, &t.w.ines, &body).await.problem(), (400, "malformed".into()), "{body}");
        assert_eq!(newest(&t).await.event.kind, EventKind::CallRefused, "{body}");
    }
}

#[tokio::test]
async fn nothing_is_given_when_the_entry_cannot_be_written() {
    let t = three().await;
    t.w.service.writing.abort();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let answer = export(&t, &t.w.ines, &json!({})).await;
    assert_eq!(answer.problem(), (503, "storage-failed".into()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("p-rui"));
}
