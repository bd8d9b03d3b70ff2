use std::time::{Duration, Instant};

use axum::body::Body;
use http_body_util::BodyExt as _;
use serde_json::json;
use statement::sha256;
use wire::event::EventKind;

use super::world::{Account, World};

pub(crate) struct Stream(Body, String);

impl Stream {
    pub(crate) async fn open(w: &World, who: &Account) -> Self {
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

    /// Whether the stream is over, whatever was still said.
    pub(crate) async fn ended(&mut self) -> bool {
        let rest = async { while self.0.frame().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(2), rest).await.is_ok()
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
async fn whoever_falls_behind_is_cut_and_fetches_again_when_they_are_back() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut to_mara = Stream::open(&w, &mara).await;
    let id = w.ask(&mara).await;
    for _ in 0..400 {
        w.broker.changed(&id).await.expect("pushed");
    }
    assert!(to_mara.ended().await, "nothing is kept for them beyond the bound");
    // `open` asserts the fresh hello.
    let mut again = Stream::open(&w, &mara).await;
    w.broker.changed(&id).await.expect("pushed");
    assert!(again.next().await.is_some_and(|push| push.contains("waiting")));
}

#[tokio::test]
async fn a_new_request_is_heard_of_at_once_by_every_approver() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut streams = Vec::new();
    for n in 0..4 {
        let approver = w.admitted(&format!("e-20{n}"), &["approver"]).await;
        streams.push(Stream::open(&w, &approver).await);
    }
    for _ in 0..5 {
        let statement = w.sign(&mara, w.request(), 3600);
        let began = Instant::now();
        assert_eq!(w.post(&mara, "/v1/requests", json!({ "statement": statement })).await.0, 200);
        for stream in &mut streams {
            let push = stream.next().await.expect("a push");
            assert!(push.contains(sha256(&statement).as_str()), "{push}");
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn what_happened_while_nobody_listened_is_there_after_the_hello() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    drop(Stream::open(&w, &tomasz).await);
    let missed = w.ask(&mara).await;
    // From the moment of the connection on nothing is lost, even before the first byte is read.
    let answer = w.send(w.prepared(&tomasz, "GET", "/v1/stream", None)).await;
    let next = w.ask(&mara).await;
    let mut stream = Stream(answer.into_body(), String::new());
    assert_eq!(stream.next().await.as_deref(), Some(r#"{"kind":"hello"}"#), "which means: fetch everything again");
    let (_, inbox) = w.get(&tomasz, "/v1/requests?view=inbox").await;
    assert!(inbox.as_array().expect("list").iter().any(|r| r["id"] == json!(missed)));
    assert!(stream.next().await.is_some_and(|push| push.contains(next.as_str())));
}

#[tokio::test]
async fn a_quiet_stream_says_that_it_lives() {
    let w = World::new().await;
    let mut stream = Stream::open(&w, &w.ben).await;
    let frame = tokio::time::timeout(Duration::from_secs(8), stream.0.frame()).await.expect("in time").expect("frame");
    assert!(frame.expect("frame").into_data().expect("data").starts_with(b":"), "a comment, not a push");
}

#[tokio::test]
async fn places_for_streams_are_few_and_come_back() {
    let w = World::new().await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(Stream::open(&w, &w.ben).await);
    }
    assert_eq!(w.get(&w.ben, "/v1/stream").await.1["code"], "too-many-streams");
    assert_eq!(w.log.last().kind, EventKind::CallRefused);
    assert_eq!(w.get(&w.ben, "/v1/me").await.0, 200, "calls go on");
    drop(streams.pop());
    Stream::open(&w, &w.ben).await;
}

#[tokio::test]
async fn m_12_the_person_and_every_administrator_hear_what_becomes_of_a_second_factor() {
    let w = World::new().await;
    let mut mara = w.admitted("e-100", &["engineer"]).await;
    let second = w.stranger("e-100", "e-100", &["engineer"]);
    w.enrol(&second).await;
    let third = w.stranger("e-100", "e-100", &["engineer"]);
    w.get(&third, "/v1/me").await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let mut told = Stream::open(&w, &second).await;
    let mut to_ben = Stream::open(&w, &w.ben).await;
    let mut to_third = Stream::open(&w, &third).await;
    let mut to_tomasz = Stream::open(&w, &tomasz).await;

    let body = json!({"with": "recovery-code", "code": mara.recovery[0]});
    let (_, start) = w.post(&mara, "/v1/second-factor/replace", body).await;
    mara.seed = start["secret"].as_str().map(str::to_owned);
    let confirm = json!({"code": w.next_code(&mara), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&mara, "/v1/second-factor/confirm", confirm).await.0, 200);
    let make = json!({"code": w.next_code(&mara)});
    assert_eq!(w.post(&mara, "/v1/recovery-codes", make).await.0, 200);
    let reset = statement::ResetFactor {
        person: domain::PersonId("e-100".into()),
        reason: "The phone fell into the sea.".into(),
    };
    let reset = w.sign(&w.ben, reset, 300);
    let mfa = w.attestation(&w.ben, &reset).await;
    assert_eq!(w.post(&w.ben, "/v1/factor-resets", json!({"statement": reset, "mfa": mfa})).await.0, 204);

    for change in ["recovery-code-used", "replaced", "recovery-codes-made", "reset"] {
        let push = format!(r#"{{"kind":"second-factor","person":"e-100","change":"{change}"}}"#);
        assert_eq!(told.next().await, Some(push.clone()));
        assert_eq!(to_ben.next().await, Some(push));
    }
    assert_eq!(to_third.next().await, None, "nobody has enrolled this one");
    assert_eq!(to_tomasz.next().await, None);
}
