use std::time::{Duration, Instant};

use domain::Scope;
use recording::Captured;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use wire::event::EventKind;

use crate::audit::Mood;
use crate::bundle::Wish;
use crate::person::Person;
use crate::rig::Rig;

async fn socket(person: &Person, origin: &str) -> (TlsStream<TcpStream>, String) {
    let mut stream = person.connect().await;
    let head = format!(
        "GET /o/kinloch-hotels/feed HTTP/1.1\r\nHost: payroll.test\r\nOrigin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            break;
        }
        answer.extend_from_slice(&byte);
    }
    (stream, String::from_utf8(answer).unwrap())
}

fn masked(text: &str) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let payload = text.bytes().zip(mask.iter().cycle()).map(|(b, m)| b ^ m);
    [0x81, 0x80 | u8::try_from(text.len()).unwrap()].into_iter().chain(mask).chain(payload).collect()
}

#[tokio::test]
async fn g_18_a_websocket_dies_with_its_session() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish { seconds: 3, ..Wish::default() }).await;
    let began = Instant::now();
    let (mut stream, head) = socket(&person, "https://payroll.test").await;
    assert!(head.starts_with("HTTP/1.1 101") && !head.to_lowercase().contains("extensions"), "{head}");
    let mut got = Vec::new();
    while let Ok(Ok(n)) = tokio::time::timeout(Duration::from_secs(5), stream.read_buf(&mut got)).await {
        if n == 0 {
            break;
        }
        let _ = stream.write_all(&[0x89, 0x80, 0, 0, 0, 0]).await;
    }
    let lived = began.elapsed();
    assert!(lived > Duration::from_millis(1_500) && lived < Duration::from_millis(4_000), "{lived:?}");
    assert!(String::from_utf8_lossy(&got).matches("tick").count() > 5);
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 403);
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    assert!(rig.audit.contents().iter().any(|c| matches!(c, Captured::Socket { from_person: false, text: true, .. })));
    assert!(
        rig.audit.contents().iter().any(|c| matches!(c, Captured::Done { cut: Some(why), .. } if why == "expired"))
    );
}

#[tokio::test]
async fn g_19_a_streaming_answer_is_cut_at_the_end() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish { seconds: 3, ..Wish::default() }).await;
    let began = Instant::now();
    let answer = person.get("/o/kinloch-hotels/drip").await;
    assert!(answer.closed && answer.body.len() > 50);
    assert!(began.elapsed() < Duration::from_millis(4_000), "{:?}", began.elapsed());
}

#[tokio::test]
async fn g_21_other_origins_open_no_websocket() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    for origin in ["https://evil.test", "http://payroll.test", "null"] {
        let (_, head) = socket(&person, origin).await;
        assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    }
    assert!(rig.service.arrived().is_empty());
}

#[tokio::test]
async fn messages_of_a_person_wait_for_their_record_and_need_the_scope() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish { scope: Scope::ReadWrite, ..Wish::default() }).await;
    let (mut stream, _) = socket(&person, "https://payroll.test").await;
    stream.write_all(&masked("one")).await.unwrap();
    rig.until("one", |r| *r.service.messages.lock().unwrap() == ["one"]).await;
    rig.audit.set(Mood::Silent);
    stream.write_all(&masked("two")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(*rig.service.messages.lock().unwrap(), ["one"], "a message was forwarded without its record");

    let rig = Rig::new().await;
    let reader = rig.inside(Wish::default()).await;
    let (mut stream, head) = socket(&reader, "https://payroll.test").await;
    assert!(head.starts_with("HTTP/1.1 101"));
    stream.write_all(&masked("three")).await.unwrap();
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut rest)).await.expect("it is closed");
    assert!(rig.service.messages.lock().unwrap().is_empty());
}

#[tokio::test]
async fn g_09_bytes_before_the_upgrade_are_not_forwarded() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let early = "GET /o/kinloch-hotels/feed HTTP/1.1\r\nHost: payroll.test\r\nOrigin: https://payroll.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nGET /o/kinloch-hotels/smuggled HTTP/1.1\r\n";
    assert_eq!(person.raw(early.as_bytes()).await.code(), "bytes-before-upgrade");
    assert!(rig.service.arrived().is_empty());
}
