//! What a desktop refused by itself, and the Event that says so.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use statement::sha256;
use wire::broker::LocalCode;
use wire::event::EventKind;

use super::world::{Account, World, code};

fn own(refused: &str) -> Value {
    json!({"code": refused, "request": null, "organization": null})
}

async fn report(w: &World, who: &Account, body: Value) -> (u16, Value) {
    w.post(who, "/v1/refusals", body).await
}

#[tokio::test]
async fn a_report_is_an_event_under_the_callers_name() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let before = w.log.len();
    let id = sha256("a request");
    let body = json!({"code": "does-not-match", "request": id, "organization": "kinloch-hotels"});
    assert_eq!(report(&w, &mara, body).await, (204, Value::Null));
    let events = w.log.since(before);
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(event.kind, EventKind::RefusedOnDesktop);
    assert_eq!(event.facts["code"], "does-not-match");
    assert_eq!(event.facts["reported-by"], "desktop", "nobody takes it for the broker's own finding");
    assert_eq!(event.facts["request"], id.as_str());
    assert_eq!(event.facts["device"], mara.key.public().thumbprint().as_str());
    assert_eq!(event.personal["person"], "e-100");
    assert_eq!(event.organization.as_ref().map(|o| o.as_str()), Some("kinloch-hotels"));
    assert!(!event.facts.contains_key("count"));
}

#[tokio::test]
async fn whoever_is_not_enrolled_yet_can_report_and_learns_nothing_by_it() {
    let w = World::new().await;
    let stranger = w.stranger("e-500", "new", &["engineer"]);
    for organization in ["kinloch-hotels", "no-such-organization"] {
        let body = json!({"code": "log-key-differs", "request": null, "organization": organization});
        assert_eq!(report(&w, &stranger, body).await, (204, Value::Null), "{organization}");
    }
    assert_eq!(w.log.last().organization, None);
    assert_eq!(w.log.last().facts["code"], "log-key-differs");
}

#[tokio::test]
async fn there_is_no_free_text_in_a_report() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut with_words = own("own-request");
    with_words["comment"] = json!("call me");
    let mut no_digest = own("own-request");
    no_digest["request"] = json!("call me");
    let mut no_id = own("own-request");
    no_id["organization"] = json!("Call me!");
    for body in
        [own("something-else"), own(""), own("OwnRequest"), with_words, no_digest, no_id, json!({}), Value::Null]
    {
        let before = w.log.len();
        assert_eq!(code(&report(&w, &mara, body.clone()).await), (400, "malformed"), "{body}");
        let events = w.log.since(before);
        assert_eq!(events.len(), 1, "{body}");
        assert_eq!((events[0].kind, events[0].facts["code"].as_str()), (EventKind::CallRefused, "malformed"));
    }
    assert!("something-else".parse::<LocalCode>().is_err());
    assert_eq!("same-person".parse(), Ok(LocalCode::SamePerson));
}

#[tokio::test]
async fn a_flood_of_reports_is_counted_and_the_next_entry_says_so() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let before = w.log.len();
    for _ in 0..60 {
        assert_eq!(report(&w, &mara, own("own-request")).await.0, 204);
    }
    assert_eq!(w.log.len() - before, 20);
    assert_eq!(report(&w, &tomasz, own("same-device")).await.0, 204);
    assert_eq!(w.log.len() - before, 21, "others are not silenced by it");
    w.clock.advance(59);
    w.broker.log_floods().await.expect("logged");
    assert_eq!(w.log.len() - before, 21);
    w.clock.advance(1);
    assert_eq!(report(&w, &mara, own("stale")).await.0, 204);
    assert_eq!((w.log.last().facts["code"].as_str(), w.log.last().facts["count"].as_str()), ("stale", "40"));

    for _ in 0..30 {
        report(&w, &mara, own("stale")).await;
    }
    w.clock.advance(60);
    w.broker.log_floods().await.expect("logged");
    let last = w.log.last();
    assert_eq!(last.kind, EventKind::RefusedOnDesktop);
    assert_eq!((last.facts["code"].as_str(), last.facts["count"].as_str()), ("repeated", "11"));
    assert_eq!(last.personal["person"], "e-100", "also when nothing follows");
}

#[tokio::test]
async fn without_the_audit_service_a_report_is_not_lost() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.log.away.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(code(&report(&w, &mara, own("wrong-clock")).await), (503, "audit-unreachable"));
    }
    w.log.away.store(false, Ordering::SeqCst);
    assert_eq!(report(&w, &mara, own("wrong-clock")).await.0, 204);
    assert_eq!(w.log.last().facts["count"], "3", "it says how many it could not write");
}
