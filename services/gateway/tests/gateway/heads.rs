//! The head reader's cases once more, over the wire: refused, answered, closed, and nothing forwarded.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::bundle::Wish;
use crate::rig::Rig;

#[tokio::test]
async fn unclear_requests_are_refused_and_the_connection_closed() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish { scope: domain::Scope::ReadWrite, ..Wish::default() }).await;
    let next = "0\r\n\r\nGET /o/kinloch-hotels/smuggled HTTP/1.1\r\nHost: payroll.test\r\n\r\n";
    let post = "POST /o/kinloch-hotels/write HTTP/1.1\r\nHost: payroll.test\r\n";
    let cases = [
        (
            "g_01",
            format!("{post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n{next}"),
            400,
            "length-and-coding",
        ),
        (
            "g_02",
            format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n{next}"),
            400,
            "length-and-coding",
        ),
        ("g_03", format!("{post}Transfer-Encoding: xchunked\r\n\r\n{next}"), 400, "transfer-encoding"),
        ("g_04", format!("{post}Content-Length: 5\r\nContent-Length: 5\r\n\r\n{next}"), 400, "content-length"),
        ("g_05", format!("{post}Content-Length: +5\r\n\r\n{next}"), 400, "content-length"),
        ("g_08", format!("GET /o/kinloch-hotels/ HTTP/1.0\r\nHost: payroll.test\r\n\r\n{next}"), 505, "http-version"),
        ("g_17", format!("CONNECT /x HTTP/1.1\r\nHost: payroll.test\r\n\r\n{next}"), 405, "method"),
        ("g_30", format!("{post}{}\r\n{next}", "X: y\r\n".repeat(200)), 431, "too-many-headers"),
        ("chunks", format!("{post}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n{next}"), 400, "chunked-coding"),
        ("bare", "GET / HTTP/1.1\nHost: payroll.test\n\n".to_owned(), 400, "bare-line-end"),
    ];
    for (name, bytes, status, code) in cases {
        let mut stream = person.connect().await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await.expect(name);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {answer}");
        assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{name}: {answer}");
        assert_eq!(answer.matches("connection: close").count(), 1, "{name}: {answer}");
    }
    assert!(rig.service.arrived().is_empty());
}

#[tokio::test]
async fn g_10_a_request_behind_a_refused_one_is_read_as_its_own() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let mut stream = person.connect().await;
    let first = "POST /o/kinloch-hotels/write HTTP/1.1\r\nHost: payroll.test\r\nContent-Length: 40\r\n\r\nGET /o/kinloch-hotels/smuggled HTTP/1.1\r\n";
    let second = "GET /o/kinloch-hotels/data HTTP/1.1\r\nHost: payroll.test\r\nConnection: close\r\n\r\n";
    stream.write_all(format!("{first}{second}").as_bytes()).await.unwrap();
    assert_eq!(crate::person::read(&mut stream).await.code(), "scope");
    assert_eq!(rig.service.arrived().len(), 0);
    let answer = crate::person::read(&mut stream).await;
    assert_eq!(answer.status, 400, "41 bytes of 40: the next head begins in the middle and is refused");
    assert!(rig.service.arrived().is_empty());
}

#[tokio::test]
async fn g_29_half_a_head_is_given_ten_seconds() {
    let rig = Rig::new().await;
    let person = rig.person();
    let mut stream = person.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a").await.unwrap();
    let began = std::time::Instant::now();
    let answer = crate::person::read(&mut stream).await;
    assert_eq!(answer.status, 408);
    assert!((9..12).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}
