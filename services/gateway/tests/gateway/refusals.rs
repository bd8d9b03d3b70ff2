//! No refusal is silent: each leaves an Event with its code, and every code of the gateway is walked here or named with
//! the test that does.

use std::collections::BTreeSet;
use std::path::Path;

use domain::{ReasonCategory, Scope};
use statement::Bundle;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wire::event::EventKind;

use crate::bundle::Wish;
use crate::person::Person;
use crate::rig::Rig;

/// Codes that this walk does not reach. Every refused opening goes through `Life::open`, every refused exchange through
/// `Carrier::note_refusal`; both write the Event whatever the code is.
const ELSEWHERE: [(&str, &str); 21] = [
    ("already-taken", "opening.rs, crashes.rs"),
    ("audit-refused", "as every refused opening"),
    ("audit-unreachable", "opening.rs, crashes.rs"),
    ("broker-unreachable", "as every refused opening"),
    ("end-not-kept", "endings.rs"),
    ("handshake-too-slow", "floods.rs"),
    ("log-broken", "opening.rs"),
    ("no-assertion", "as every refused exchange: the key cannot sign"),
    ("no-rule", "authorise/tests.rs"),
    ("no-spool", "endings.rs, disks.rs"),
    ("not-writable", "a value of our own that cannot be JSON"),
    ("other-policy", "policies.rs"),
    ("provider-unreachable", "as every refused opening"),
    ("session-file-broken", "endings.rs"),
    ("too-many-connections", "floods.rs"),
    ("too-slow", "heads.rs"),
    ("unasked-upgrade", "as every refused exchange"),
    ("unpacks-to-too-much", "exchange/coding.rs"),
    ("upstream-slow", "as every refused exchange"),
    ("websocket-answer", "as every refused exchange"),
    ("websocket-frame", "socket/frames.rs"),
];

/// Codes as they stand in the sources: the first word of each refusal that is made there.
fn codes_in(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            codes_in(&path, codes);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for made in ["Refused::new(", "refused(", "fault(", "bad("] {
                codes.extend(text.split(made).skip(1).filter_map(code));
            }
            if path.ends_with("head/error.rs") {
                codes.extend(text.split("Self::").skip(1).filter_map(|t| code(t.split_once("=> ")?.1)));
            }
        }
    }
}

/// The code in `403, "code", …` or `"code", …`.
fn code(behind: &str) -> Option<String> {
    let behind = behind.trim_start();
    let behind = behind.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(',').trim_start();
    let word = behind.strip_prefix('"')?.split('"').next()?;
    let is_one = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    is_one.then(|| word.to_owned())
}

async fn say(person: &Person, bytes: &[u8]) {
    let mut stream = person.connect().await;
    stream.write_all(bytes).await.unwrap();
    let _ = stream.shutdown().await;
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
}

/// Heads that are not clear, as somebody without a Session sends them.
async fn unclear_heads(person: &Person) {
    let host = "Host: a\r\n";
    let long = "a".repeat(100_000);
    let many = "X: y\r\n".repeat(300);
    let heads = [
        format!("GET  / HTTP/1.1\r\n{host}\r\n"),
        format!("GET / HTTP/1.0\r\n{host}\r\n"),
        format!("TRACE / HTTP/1.1\r\n{host}\r\n"),
        format!("GET http://a/ HTTP/1.1\r\n{host}\r\n"),
        format!("GET /{} HTTP/1.1\r\n{host}\r\n", &long[..10_000]),
        format!("GET / HTTP/1.1\r\n{host}X: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{host}{many}\r\n"),
        "GET / HTTP/1.1\nHost: a\n\n".to_owned(),
        format!("GET / HTTP/1.1\r\n{host}X: a\r\n b\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{host}X y: a\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{host}X: a\u{1}b\r\n\r\n"),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        format!("POST / HTTP/1.1\r\n{host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Content-Length: +1\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: gzip\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{host}Content-Length: 1\r\n\r\na"),
        format!("POST / HTTP/1.1\r\n{host}Content-Length: 1\r\nExpect: more\r\n\r\na"),
    ];
    for head in heads {
        say(person, head.as_bytes()).await;
    }
}

async fn calls(rig: &Rig, stranger: &Person) {
    let nobody = Person::without_certificate(&rig.ca_pem, &rig.address);
    nobody.call("POST", "/v1/sessions", "{}").await;
    nobody.call("GET", "/v1/session", "").await;
    stranger.call("GET", "/v1/session", "").await;
    stranger.call("GET", "/v1/proof", "").await;
    stranger.call("GET", "/v1/nothing", "").await;
    let page = format!("GET /v1/health HTTP/1.1\r\nHost: {}\r\nOrigin: https://payroll.test\r\n\r\n", rig.address);
    stranger.raw(page.as_bytes()).await;
    let post = format!("POST /v1/sessions HTTP/1.1\r\nHost: {}\r\n", rig.address);
    stranger.raw(format!("{post}Content-Length: 9000000\r\n\r\n").as_bytes()).await;
    stranger.raw(format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n").as_bytes()).await;
    let mut plain = TcpStream::connect(&rig.address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let _ = plain.read_to_end(&mut Vec::new()).await;
}

async fn openings(rig: &Rig, stranger: &Person) {
    stranger.call("POST", "/v1/sessions", "{}").await;
    let open = async |wish: Wish| stranger.open(&rig.people.bundle(&wish, &stranger.certificate)).await.code();
    open(Wish { organization: "ferrous-works", ..Wish::default() }).await;
    open(Wish { name: Some("Delmar Foods"), ..Wish::default() }).await;
    open(Wish { reason: ReasonCategory::LegalDisclosure, ..Wish::default() }).await;
    open(Wish { scope: Scope::Administer, ..Wish::default() }).await;
    open(Wish { seconds: 3 * 3600, ..Wish::default() }).await;
    rig.audit.state.lock().unwrap().skew_millis = 60_000;
    open(Wish::default()).await;
    rig.audit.state.lock().unwrap().skew_millis = 0;
    let first = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &first.certificate);
    assert_eq!(first.open(&bundle).await.status, 200);
    let again = Bundle { open: rig.people.open(&bundle, &stranger.certificate), ..bundle };
    rig.audit.state.lock().unwrap().revoked = true;
    assert_eq!(stranger.open(&again).await.code(), "revoked");
    rig.audit.state.lock().unwrap().revoked = false;
}

async fn exchanges(rig: &Rig) {
    let reader = rig.inside(Wish::default()).await;
    let writer = rig.inside(Wish { scope: Scope::ReadWrite, ..Wish::default() }).await;
    let json = "Content-Type: application/json\r\n";
    reader.raw(b"GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n").await;
    for path in ["%2e%2e/", "?org=delmar-foods", "leave", "zipped", "many", "stops"] {
        reader.get(&format!("/o/kinloch-hotels/{path}")).await;
    }
    reader.get("/elsewhere").await;
    reader.get("/.countersign/other").await;
    reader.post("/o/kinloch-hotels/write", "a=b").await;
    reader.request("GET", "/o/kinloch-hotels/", "Service-Worker: script\r\n", "").await;
    reader.request("POST", "/.countersign/page", json, "{}").await;
    reader.request("POST", "/.countersign/page", json, &"a".repeat(5_000_000)).await;
    writer.request("POST", "/o/kinloch-hotels/write", json, "{\"a\":").await;
    writer.request("POST", "/o/kinloch-hotels/write", "Content-Type: text/xml\r\n", "<a/>").await;
    let socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let origin = "Origin: https://payroll.test\r\n";
    reader.request("GET", "/o/kinloch-hotels/feed", socket, "").await;
    reader.request("GET", "/o/kinloch-hotels/feed", &format!("{socket}{key}Origin: https://evil.test\r\n"), "").await;
    let head = format!("GET /o/kinloch-hotels/feed HTTP/1.1\r\nHost: payroll.test\r\n{socket}{key}{origin}\r\nahead");
    reader.raw(head.as_bytes()).await;
    reader.call("POST", "/v1/session/end", "").await;
    reader.get("/o/kinloch-hotels/").await;
}

#[tokio::test]
async fn every_refusal_leaves_an_event() {
    let rig = Rig::new().await;
    let stranger = rig.person();
    unclear_heads(&stranger).await;
    calls(&rig, &stranger).await;
    openings(&rig, &stranger).await;
    exchanges(&rig).await;

    let mut all = BTreeSet::new();
    codes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    assert!(all.len() > 60, "{all:?}");
    for (code, _) in ELSEWHERE {
        assert!(all.remove(code), "{code} is no code any more");
    }
    let told = |rig: &Rig| -> BTreeSet<String> {
        let kinds = [EventKind::CallRefused, EventKind::SessionRefused, EventKind::ExchangeRefused];
        kinds.into_iter().flat_map(|kind| rig.audit.codes(kind)).collect()
    };
    for _ in 0..150 {
        if all.is_subset(&told(&rig)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("silent: {:?}", all.difference(&told(&rig)).collect::<Vec<_>>());
}
