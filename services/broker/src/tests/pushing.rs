use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;

use super::world::{Account, World};

struct Stream(Body, String);

impl Stream {
    async fn open(w: &World, who: &Account) -> Self {
        let answer = w.send(w.prepared(who, "GET", "/v1/stream", None)).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let mut stream = Self(answer.into_body(), String::new());
        assert_eq!(stream.next().await.as_deref(), Some(r#"{"kind":"hello"}"#));
        stream
    }

    /// The next push, or nothing within the two seconds that a push may take.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let data = event.strip_prefix("data: ").map(str::to_owned);
                self.1 = rest.to_owned();
                if data.is_some() {
                    return data;
                }
                continue;
            }
            let frame = tokio::time::timeout(Duration::from_millis(1500), self.0.frame()).await.ok()??;
            let bytes = frame.expect("frame").into_data().expect("data");
            self.1.push_str(std::str::from_utf8(&bytes).expect("utf-8"));
        }
    }
}

#[tokio::test]
async fn approver_and_requester_hear_of_each_step_and_nobody_else() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let other = w.admitted("e-101", &["engineer"]).await;
    let mut to_mara = Stream::open(&w, &mara).await;
    let mut to_tomasz = Stream::open(&w, &tomasz).await;
    let mut to_other = Stream::open(&w, &other).await;
    let id = w.ask(&mara).await;
    let waiting = format!(r#"{{"kind":"request","id":"{id}","state":"waiting"}}"#);
    assert_eq!(to_tomasz.next().await, Some(waiting.clone()));
    assert_eq!(to_mara.next().await, Some(waiting));
    w.deny(&tomasz, &id).await;
    let denied = format!(r#"{{"kind":"request","id":"{id}","state":"denied"}}"#);
    assert_eq!(to_tomasz.next().await, Some(denied.clone()));
    assert_eq!(to_mara.next().await, Some(denied));
    assert_eq!(to_other.next().await, None);
}

#[tokio::test]
async fn whoever_waits_hears_of_the_enrolment_and_then_of_requests() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut to_ben = Stream::open(&w, &w.ben).await;
    let tomasz = w.stranger("e-200", "tomasz", &["approver"]);
    let mut to_tomasz = Stream::open(&w, &tomasz).await;
    assert_eq!(to_ben.next().await.as_deref(), Some(r#"{"kind":"enrolment"}"#));
    w.ask(&mara).await;
    assert_eq!(to_tomasz.next().await, None, "not enrolled: not even that there is a request");
    w.enrol(&tomasz).await;
    assert_eq!(to_tomasz.next().await.as_deref(), Some(r#"{"kind":"enrolment"}"#));
    let id = w.ask(&mara).await;
    assert_eq!(to_tomasz.next().await, Some(format!(r#"{{"kind":"request","id":"{id}","state":"waiting"}}"#)));
}

#[tokio::test]
async fn whoever_falls_behind_is_told_to_fetch_again() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut to_mara = Stream::open(&w, &mara).await;
    let id = w.ask(&mara).await;
    for _ in 0..400 {
        w.broker.changed(&id).await.expect("pushed");
    }
    assert_eq!(to_mara.next().await.as_deref(), Some(r#"{"kind":"hello"}"#));
    assert!(to_mara.next().await.is_some_and(|push| push.contains("waiting")), "and the newest after that");
}

#[tokio::test]
async fn places_for_streams_are_few_and_come_back() {
    let w = World::new().await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(Stream::open(&w, &w.ben).await);
    }
    assert_eq!(w.get(&w.ben, "/v1/stream").await.1["code"], "too-many-streams");
    assert_eq!(w.get(&w.ben, "/v1/me").await.0, 200, "calls go on");
    drop(streams.pop());
    Stream::open(&w, &w.ben).await;
}
