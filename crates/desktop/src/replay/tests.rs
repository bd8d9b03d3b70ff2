use serde_json::json;

use super::*;

const SMALL: Bounds = Bounds { bytes: 4096, frames: 1000 };

fn request(seq: u64, path: &str) -> Frame {
    let content = Captured::Request {
        exchange: seq,
        method: "GET".into(),
        path: path.into(),
        headers: Vec::new(),
        body: None,
        body_bytes: 0,
        body_digest: None,
        write: false,
    };
    Frame { seq, at: 1000 + i64::try_from(seq).unwrap(), content }
}

fn response(seq: u64, exchange: u64, kind: &str) -> Frame {
    let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
    Frame { seq, at: 2000, content: Captured::Response { exchange, status: 200, headers } }
}

fn body(seq: u64, exchange: u64, bytes: &[u8]) -> Frame {
    let content = Captured::parts(exchange, 0, bytes).next().expect("a part");
    Frame { seq, at: 2001, content }
}

fn page(seq: u64, name: &str, words: &str) -> Frame {
    Frame {
        seq,
        at: 3000,
        content: Captured::Page { page: name.into(), events: vec![json!({ "w": words }), json!(1)] },
    }
}

#[test]
fn frames_become_requests_and_pages_in_order() {
    let mut replay = Replay::new(SMALL);
    let text = "Gr\u{fc}\u{df}e".as_bytes();
    replay.take(&[request(0, "/a"), response(1, 0, "text/html; charset=utf-8")]).unwrap();
    replay.take(&[body(2, 0, &text[..3]), body(3, 0, &text[3..]), page(4, "p", "one"), page(5, "p", "two")]).unwrap();
    let view = replay.done(RecordingCheck::ChecksOut, "fine");
    let exchange = &view.exchanges[0];
    assert_eq!(
        (exchange.path.as_str(), exchange.status, exchange.body.as_deref()),
        ("/a", 200, Some("Gr\u{fc}\u{df}e"))
    );
    assert_eq!((view.pages[0].events, view.pages[0].json.as_str()), (4, r#"[{"w":"one"},1,{"w":"two"},1]"#));
    assert_eq!((view.started_ms, view.ended_ms, view.live, view.gaps.len()), (1000.0, 3000.0, false, 0));
}

#[test]
fn pauses_and_what_never_came_are_gaps() {
    let note =
        |seq, at, code: &str| Frame { seq, at, content: Captured::Note { code: code.into(), detail: "d".into() } };
    let mut replay = Replay::new(SMALL);
    replay.take(&[note(0, 10, "paused"), note(1, 20, "resumed"), note(2, 30, "recorder-absent")]).unwrap();
    replay.take(&[note(3, 40, "paused"), request(4, "/")]).unwrap();
    replay.missing("Batch 3 was made and never came.");
    let view = replay.done(RecordingCheck::Incomplete, "");
    let spans: Vec<_> = view.gaps.iter().map(|g| (g.at_ms, g.until_ms)).collect();
    assert_eq!(spans, [(10.0, 20.0), (30.0, 30.0), (10.0, 1004.0), (40.0, 1004.0)]);
}

#[test]
fn what_is_noted_beside_a_whole_record_is_no_gap() {
    let note =
        |seq, code: &str| Frame { seq, at: 10, content: Captured::Note { code: code.into(), detail: "d".into() } };
    let mut replay = Replay::new(SMALL);
    replay.take(&[note(0, "redacted"), note(1, "masked"), note(2, "extended"), note(3, "page-silent")]).unwrap();
    let gaps = replay.done(RecordingCheck::ChecksOut, "").gaps;
    assert_eq!(gaps.len(), 1, "what did not say how it looked is one: {gaps:?}");
}

#[test]
fn pages_and_bodies_beyond_the_bound_are_left_out_by_name_and_the_list_stays_whole() {
    let mut replay = Replay::new(SMALL);
    let long = "x".repeat(1500);
    for n in 0..10 {
        let frames =
            [request(n * 4, "/a"), response(n * 4 + 1, n * 4, "text/plain"), body(n * 4 + 2, n * 4, long.as_bytes())];
        replay.take(&frames).unwrap();
        replay.take(&[page(n * 4 + 3, "p", &long)]).unwrap();
    }
    let view = replay.done(RecordingCheck::ChecksOut, "");
    assert_eq!(view.exchanges.len(), 10);
    let kept: usize = view.exchanges.iter().filter_map(|e| e.body.as_ref()).map(String::len).sum();
    assert!(kept + view.pages.iter().map(|p| p.json.len()).sum::<usize>() < 2 * SMALL.bytes);
    assert!(view.gaps[0].detail.contains("left out"));
}

#[test]
fn a_list_that_does_not_fit_is_refused() {
    let mut replay = Replay::new(SMALL);
    let all: Vec<Frame> = (0..100).map(|n| request(n, &"/long".repeat(40))).collect();
    assert_eq!(replay.take(&all), Err(TooLarge));
    let mut replay = Replay::new(Bounds { bytes: usize::MAX / 4, frames: 10 });
    assert_eq!(replay.take(&all), Err(TooLarge));
}

#[test]
fn a_body_is_shown_up_to_64_kib_and_only_as_text() {
    let mut replay = Replay::new(BOUNDS);
    replay.take(&[response(0, 0, "text/plain"), response(1, 1, "image/png")]).unwrap();
    for n in 0..20 {
        replay.take(&[body(2 + 2 * n, 0, &[b'a'; 10_000]), body(3 + 2 * n, 1, b"png")]).unwrap();
    }
    let view = replay.done(RecordingCheck::ChecksOut, "");
    assert_eq!(view.exchanges[0].body.as_ref().map(String::len), Some(64 * 1024));
    assert_eq!(view.exchanges[1].body, None);
}

#[test]
fn what_a_page_did_not_see_is_one_gap_however_often_it_says_so() {
    let said = |seq, name: &str, tag: &str, payload| Frame {
        seq,
        at: 3000 + i64::try_from(seq).unwrap(),
        content: Captured::Page {
            page: name.into(),
            events: vec![json!({ "type": 5, "data": { "tag": tag, "payload": payload } })],
        },
    };
    let mut replay = Replay::new(BOUNDS);
    replay.take(&[said(0, "a", "countersign-lost", json!({ "events": 2 }))]).unwrap();
    replay.take(&[said(1, "a", "countersign-lost", json!({ "events": 3 }))]).unwrap();
    replay.take(&[said(2, "b", "countersign-frame", json!({})), said(3, "c", "another", json!({}))]).unwrap();
    let gaps = replay.done(RecordingCheck::ChecksOut, "").gaps;
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps[0].detail.contains("lost 5") && (gaps[0].at_ms, gaps[0].until_ms) == (3000.0, 3001.0), "{gaps:?}");
    assert!(gaps[1].detail.contains("frame"), "{gaps:?}");
}

/// A whole answer to `GET path`.
fn answered(seq: u64, path: &str, kind: &str, bytes: &[u8]) -> [Frame; 4] {
    let mut asked = request(seq, path);
    if let Captured::Request { headers, .. } = &mut asked.content {
        headers.push(("host".into(), "payroll.test".into()));
    }
    let done = Captured::Done {
        exchange: seq,
        body_bytes: bytes.len() as u64,
        body_digest: statement::sha256(bytes),
        took_ms: 1,
        cut: None,
    };
    [asked, response(seq + 1, seq, kind), body(seq + 2, seq, bytes), Frame { seq: seq + 3, at: 2002, content: done }]
}

#[test]
fn pictures_and_fonts_of_the_record_are_shown_once_each_and_nothing_else_is() {
    let mut replay = Replay::new(BOUNDS);
    replay.take(&answered(0, "/a.png", "image/png", b"first")).unwrap();
    replay.take(&answered(4, "/a.png", "image/png", b"png")).unwrap();
    replay.take(&answered(8, "/f", "font/woff2", b"font")).unwrap();
    replay.take(&answered(12, "/p", "text/html", b"<p>")).unwrap();
    replay.take(&answered(16, "/j", "text/javascript", b"1")).unwrap();
    let mut cut = answered(20, "/cut.png", "image/png", b"half");
    if let Captured::Done { body_bytes, .. } = &mut cut[3].content {
        *body_bytes = 9;
    }
    replay.take(&cut).unwrap();
    let view = replay.done(RecordingCheck::ChecksOut, "");
    let shown: Vec<_> = view.resources.iter().map(|r| (r.address.as_str(), r.data.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("https://payroll.test/a.png", "data:image/png;base64,cG5n"),
            ("https://payroll.test/f", "data:font/woff2;base64,Zm9udA==")
        ]
    );
    assert_eq!(view.exchanges[3].body.as_deref(), Some("<p>"));
}
