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

pub async fn socket(person: &Person, origin: &str) -> (TlsStream<TcpStream>, String) {
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

pub fn masked(text: &str) -> Vec<u8> {
    frame(0x81, text)
}

fn frame(first: u8, text: &str) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let payload = text.bytes().zip(mask.iter().cycle()).map(|(b, m)| b ^ m);
    [first, 0x80 | u8::try_from(text.len()).unwrap()].into_iter().chain(mask).chain(payload).collect()
}

#[tokio::test]
async fn g_14_a_message_is_judged_as_a_whole_whatever_it_is_cut_into() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish { scope: Scope::ReadWrite, ..Wish::default() }).await;
    let (mut stream, _) = socket(&person, "https://payroll.test").await;
    let parts =
        [frame(0x01, r#"{"organization":"kinl"#), frame(0x89, "x"), frame(0x80, r#"och-hotels","password":"hush"}"#)];
    stream.write_all(&parts.concat()).await.unwrap();
    let whole = r#"{"organization":"kinloch-hotels","password":"hush"}"#;
    rig.until("forwarded", |r| *r.service.messages.lock().unwrap() == [whole]).await;
    let kept = statement::base64url(whole.replace("hush", "[redacted]"));
    let is_kept =
        |c: &Captured| matches!(c, Captured::Socket { from_person: true, text: true, bytes, .. } if *bytes == kept);
    rig.until("recorded as one", |r| r.audit.contents().iter().any(is_kept)).await;

    let refused = [
        [frame(0x01, r#"{"organization":"delm"#), frame(0x80, r#"ar-foods"}"#)].concat(),
        frame(0x82, r#"{"n":1e999,"organization":"delmar-foods"}"#),
    ];
    for bytes in refused {
        let (mut stream, _) = socket(&person, "https://payroll.test").await;
        stream.write_all(&bytes).await.unwrap();
        let mut rest = Vec::new();
        let _ =
            tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut rest)).await.expect("it is closed");
    }
    assert_eq!(rig.service.messages.lock().unwrap().len(), 1);
    rig.until("told", |r| r.audit.codes(EventKind::ExchangeRefused) == ["other-organization"; 2]).await;
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

/// Connections to the service that stand, by the system's own table.
fn connections(rig: &Rig) -> usize {
    let targets = std::fs::read_to_string(rig.folder.path().join("targets.toml")).unwrap();
    let upstream = targets.lines().find_map(|l| l.strip_prefix("upstream = \"https://127.0.0.1:")).unwrap();
    let remote = format!(":{:04X}", upstream.trim_end_matches('"').parse::<u16>().unwrap());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let fields = table.lines().map(|l| l.split_whitespace().collect::<Vec<_>>());
    fields.filter(|f| f.len() > 3 && f[2].ends_with(&remote) && f[3] == "01").count()
}

#[tokio::test]
async fn g_18_not_even_a_silent_connection_outlives_its_session() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish { seconds: 600, ..Wish::default() }).await;
    let mut stream = person.connect().await;
    stream.write_all(b"GET /o/kinloch-hotels/data HTTP/1.1\r\nHost: payroll.test\r\n\r\n").await.unwrap();
    assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
    assert_eq!(connections(&rig), 1, "kept for the next request");
    rig.clock.forward(600);
    let ended = Instant::now();
    rig.until("closed", |r| connections(r) == 0).await;
    assert!(ended.elapsed() < Duration::from_secs(1), "{:?}", ended.elapsed());
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
    stream.write_all(&masked("1")).await.unwrap();
    rig.until("one", |r| *r.service.messages.lock().unwrap() == ["1"]).await;
    rig.audit.set(Mood::Silent);
    stream.write_all(&masked("2")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(*rig.service.messages.lock().unwrap(), ["1"], "a message was forwarded without its record");

    let rig = Rig::new().await;
    let reader = rig.inside(Wish::default()).await;
    let (mut stream, head) = socket(&reader, "https://payroll.test").await;
    assert!(head.starts_with("HTTP/1.1 101"));
    stream.write_all(&masked("3")).await.unwrap();
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
