//! Peers that take their time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::http::HeaderMap;

use super::*;

/// Events, a small one every 50 ms.
pub(super) async fn stream() -> Response {
    let events = hyper_body(|| Some((Duration::from_millis(50), b"data: x\n\n".to_vec())));
    ([(header::CONTENT_TYPE, "text/event-stream")], events).into_response()
}

/// Bytes of `/page`.
pub(super) const PAGE: usize = 32 * 1024 * 1024;

/// Pieces that the server made for `/pour`.
static POURED: AtomicUsize = AtomicUsize::new(0);

/// As much as somebody takes.
pub(super) async fn pour(headers: HeaderMap) -> Response {
    let kind = headers.get("accept").cloned().unwrap_or(HeaderValue::from_static("text/event-stream"));
    let events = hyper_body(|| {
        POURED.fetch_add(1, Ordering::SeqCst);
        Some((Duration::ZERO, vec![b'x'; 64 * 1024]))
    });
    ([(header::CONTENT_TYPE, kind)], events).into_response()
}

/// A body of these pieces, each after a wait.
fn hyper_body(next: impl Fn() -> Option<(Duration, Vec<u8>)> + Send + 'static) -> Body {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Vec<u8>>(1);
    tokio::spawn(async move {
        while let Some((wait, piece)) = next() {
            tokio::time::sleep(wait).await;
            if sender.send(piece).await.is_err() {
                return;
            }
        }
    });
    Body::new(Pieces(receiver))
}

struct Pieces(tokio::sync::mpsc::Receiver<Vec<u8>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|p| Ok(hyper::body::Frame::data(p.into()))))
    }
}

fn hasty() -> Limits {
    let soon = Duration::from_millis(400);
    Limits { handshake: soon, head: soon, body: soon, stall: soon, ..Limits::default() }
}

/// How long until the other side closes, and what it said.
async fn ends<S: tokio::io::AsyncRead + Unpin>(stream: &mut S) -> (Duration, String) {
    let (began, mut said) = (Instant::now(), Vec::new());
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut said)).await.expect("it ends");
    (began.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn t_26_a_handshake_or_a_head_that_drips_ends() {
    let served = served_within(hasty()).await;
    let mut silent = TcpStream::connect(served.address()).await.expect("connected");
    assert!(ends(&mut silent).await.0 < Duration::from_secs(2));
    let mut quiet = served.connected().await.expect("connected");
    assert!(ends(&mut quiet).await.0 < Duration::from_secs(2), "a connection that asks nothing");
    let head = served.connected().await.expect("connected");
    let (mut reading, mut writing) = tokio::io::split(head);
    let dripping = tokio::spawn(async move {
        let _ = writing.write_all(b"GET /peer HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
        while writing.write_all(b"x").await.is_ok() && writing.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let (after, said) = ends(&mut reading).await;
    assert!(after < Duration::from_secs(2) && !said.starts_with("HTTP/1.1 200"), "{after:?} {said}");
    dripping.abort();
}

#[tokio::test]
async fn t_26_a_body_that_drips_ends_with_a_problem() {
    let served = served_within(hasty()).await;
    let stream = served.connected().await.expect("connected");
    let (mut reading, mut writing) = tokio::io::split(stream);
    let dripping = tokio::spawn(async move {
        let head = b"POST /json HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
        let _ = writing.write_all(head).await;
        while writing.write_all(b" ").await.is_ok() && writing.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let (after, said) = ends(&mut reading).await;
    assert!(after < Duration::from_secs(2), "{after:?}");
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("\"too-slow\""), "{said}");
    dripping.abort();
}

#[tokio::test]
async fn t_26_whoever_does_not_read_is_cut_and_little_is_kept_for_them() {
    let served = served_within(hasty()).await;
    for kind in ["text/event-stream", "application/octet-stream"] {
        let before = POURED.load(Ordering::SeqCst);
        let mut stream = served.connected().await.expect("connected");
        let head = format!("GET /pour HTTP/1.1\r\nhost: x\r\naccept: {kind}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("written");
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let poured = POURED.load(Ordering::SeqCst);
        assert!(poured - before < 500, "{kind}: {} pieces of 64 KiB were made", poured - before);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(POURED.load(Ordering::SeqCst), poured, "{kind}: nobody pours any more");
        let mut rest = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
        assert!(read.is_ok(), "{kind}: the connection was cut");
    }
}

#[tokio::test]
async fn whoever_reads_is_not_cut() {
    let served = served_within(hasty()).await;
    let mut answer = served.client(None).get(format!("{}/stream", served.base)).send().await.expect("a stream");
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(1) {
        assert!(answer.chunk().await.expect("alive").is_some());
    }
}

#[tokio::test]
async fn a_long_answer_reaches_a_slow_link() {
    let served = served_within(hasty()).await;
    let mut stream = served.connected().await.expect("connected");
    stream.write_all(b"GET /page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("written");
    let (began, mut piece, mut read) = (Instant::now(), vec![0; 256 * 1024], 0);
    loop {
        match stream.read(&mut piece).await {
            Ok(0) => break,
            Ok(bytes) => read += bytes,
            Err(error) => panic!("cut after {read} bytes, {:?}: {error}", began.elapsed()),
        }
        // The link: 8 MiB a second.
        let due = Duration::from_millis(u64::try_from(read / 8_389).expect("small"));
        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
    }
    assert!(read > PAGE, "{read} bytes");
    assert!(began.elapsed() > 3 * hasty().stall, "{:?}: the link was not slow", began.elapsed());
}
