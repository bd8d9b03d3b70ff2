//! One person's flood is that person's own: others go on, and the Session can still be ended.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use wire::event::EventKind;

use crate::bundle::Wish;
use crate::person::{Person, read};
use crate::rig::Rig;

const SOON: Duration = Duration::from_secs(3);

/// Connections that begin to say something and never come to an end.
async fn slow(person: &Person, begun: &str, count: usize) -> Vec<TlsStream<TcpStream>> {
    let mut held = Vec::new();
    for _ in 0..count {
        if let Ok(mut stream) = person.try_connect().await {
            let _ = stream.write_all(begun.as_bytes()).await;
            held.push(stream);
        }
    }
    held
}

#[tokio::test]
async fn t26_300_slow_connections_of_one_person_do_not_stop_another() {
    let rig = Rig::new().await;
    let greedy = rig.inside(Wish::default()).await;
    let other = rig.inside(Wish { organization: "delmar-foods", ..Wish::default() }).await;
    let half = "POST /o/kinloch-hotels/write HTTP/1.1\r\nHost: payroll.test\r\nContent-Length: 9000\r\n\r\na";
    let _held = slow(&greedy, half, 300).await;

    let began = Instant::now();
    assert_eq!(other.get("/o/delmar-foods/data").await.status, 200);
    let newcomer = rig.inside(Wish::default()).await;
    assert_eq!(newcomer.get("/o/kinloch-hotels/data").await.status, 200);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());

    // Beyond its share, the flooding Session is refused pages and can still be seen and ended.
    assert_eq!(greedy.get("/o/kinloch-hotels/data").await.code(), "too-many-connections");
    let began = Instant::now();
    assert_eq!(greedy.status().await["open"], true);
    assert_eq!(greedy.call("POST", "/v1/session/end", "").await.json()["open"], false);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    rig.until("told", |r| r.audit.codes(EventKind::ExchangeRefused).contains(&"too-many-connections".to_owned())).await;
}

#[tokio::test]
async fn t26_connections_that_never_shake_hands_stop_nobody() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let mut held = Vec::new();
    for _ in 0..300 {
        held.push(TcpStream::connect(&rig.address).await.unwrap());
    }
    let began = Instant::now();
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    assert_eq!(person.call("POST", "/v1/session/end", "").await.json()["open"], false);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn t26_strangers_stop_nobody_and_do_not_fill_the_log() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let stranger = rig.person();
    let _held = slow(&stranger, "GET /v1/session HTTP/1.1\r\nHost: a", 150).await;
    let began = Instant::now();
    for _ in 0..30 {
        assert_eq!(stranger.call("GET", "/v1/session", "").await.code(), "no-session");
    }
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    assert_eq!(rig.inside(Wish::default()).await.status().await["open"], true);
    assert!(began.elapsed() < 2 * SOON, "{:?}", began.elapsed());
    assert_eq!(rig.audit.codes(EventKind::CallRefused), ["no-session"], "thirty are one entry, and a count later");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_given_up() {
    let rig = Rig::new().await;
    let mut stream = TcpStream::connect(&rig.address).await.unwrap();
    stream.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    let began = Instant::now();
    let mut rest = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await;
    assert!((9..13).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    rig.until("told", |r| r.audit.codes(EventKind::CallRefused) == ["handshake-too-slow"]).await;
}

#[tokio::test]
async fn a_connection_is_kept_and_answers_one_request_after_another() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let mut stream = person.connect().await;
    for _ in 0..3 {
        stream.write_all(b"GET /o/kinloch-hotels/data HTTP/1.1\r\nHost: payroll.test\r\n\r\n").await.unwrap();
        assert_eq!(read(&mut stream).await.status, 200);
    }
}

#[tokio::test]
async fn whoever_has_nothing_to_say_is_not_listened_to_for_long() {
    let rig = Rig::new().await;
    let nobody = Person::without_certificate(&rig.ca_pem, &rig.address);
    let large = "a".repeat(2_000);
    assert_eq!(nobody.call("POST", "/v1/sessions", &large).await.code(), "body-too-large");
    assert_eq!(rig.person().call("POST", "/v1/session/end", &large).await.code(), "body-too-large");
    assert_eq!(rig.person().call("POST", "/v1/sessions", &large).await.code(), "malformed");
}

#[tokio::test]
async fn anonymous_questions_about_health_ask_nobody_else_each_time() {
    let rig = Rig::new().await;
    let nobody = Person::without_certificate(&rig.ca_pem, &rig.address);
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(nobody.call("GET", "/v1/health", "").await.json()["ready"], true);
    }
    let asked = rig.audit.state.lock().unwrap().asked_for_time;
    assert!(u64::from(asked) <= 1 + began.elapsed().as_secs(), "{asked}");
}

#[tokio::test]
async fn events_that_wait_are_appended_before_a_stop() {
    let mut rig = Rig::new().await;
    rig.audit.state.lock().unwrap().refuse_events = Some(EventKind::CallRefused);
    assert_eq!(rig.person().call("GET", "/v1/session", "").await.code(), "no-session");
    let audit = rig.audit.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        audit.state.lock().unwrap().refuse_events = None;
    });
    rig.stop().await;
    assert_eq!(rig.audit.codes(EventKind::CallRefused), ["no-session"]);
}
