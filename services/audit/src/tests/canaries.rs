//! L-01: what was recorded lies nowhere in this service's folder in a form that can be read: while batches wait, in segments, and once
//! rules have said something about it.

use std::path::Path;
use std::sync::Arc;

use findings::Rules;
use recording::{Captured, Frame};
use wire::audit::{Acknowledged, SessionDetail};
use wire::event::Receipt;

use super::world::{NOW, World, world};
use crate::so_far::Looking;

const CANARY: &str = "c4n4ry-9b1d77e0";

/// One in every field that holds what somebody else wrote.
fn frames() -> Vec<Frame> {
    let said = |place: &str| format!("{CANARY}-{place}");
    let encoded = |place: &str| statement::base64url(said(place));
    let headers = |place: &str| vec![(said(place), said(place)), ("content-type".into(), "text/csv".into())];
    let contents = [
        Captured::Request {
            exchange: 1,
            method: "PUT".into(),
            path: format!("/o/kinloch-hotels/{}?q={}", said("path"), said("query")),
            headers: headers("request"),
            body: Some(encoded("asked")),
            body_bytes: 9,
            body_digest: None,
            write: true,
        },
        Captured::Response { exchange: 1, status: 200, headers: headers("answer") },
        Captured::Text { exchange: 1, part: 0, text: said("answered") },
        Captured::Body { exchange: 1, part: 1, bytes: encoded("answered") },
        Captured::Done {
            exchange: 1,
            body_bytes: 9,
            body_digest: statement::sha256("x"),
            took_ms: 1,
            cut: Some(said("cut")),
        },
        Captured::Refused { exchange: 2, method: "GET".into(), path: said("refused"), code: "path".into() },
        Captured::Socket { exchange: 3, from_person: true, text: true, bytes: encoded("message") },
        Captured::Page {
            page: said("page"),
            events: vec![serde_json::json!({ "type": 3, "data": { "text": said("shown") } })],
        },
        Captured::Note { code: "paused".into(), detail: said("note") },
    ];
    (0..).zip(contents).map(|(seq, content)| Frame { seq, at: NOW * 1000, content }).collect()
}

/// Files of this folder in which it stands: as it is, in base64url at any of its three places, or in hexadecimal.
fn in_the_clear(folder: &Path) -> Vec<String> {
    let shifted = |by: usize| {
        let text = statement::base64url([&[b'-'; 2][..by], CANARY.as_bytes()].concat());
        text[4..text.len() - 4].to_owned()
    };
    let hex = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let spelt = [CANARY.to_owned(), hex, shifted(0), shifted(1), shifted(2)];
    let (mut paths, mut found) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(std::fs::read_dir(&path).expect("folder").map(|file| file.expect("file").path()));
            continue;
        }
        let bytes = std::fs::read(&path).expect("reads");
        for text in &spelt {
            if bytes.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes())) {
                found.push(format!("{text} in {}", path.display()));
            }
        }
    }
    found
}

async fn loose(w: &World) -> i64 {
    use sqlx::ConnectOptions as _;
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(w.folder.path().join("audit.sqlite"));
    let mut connection = file.connect().await.expect("opens");
    let waiting = "SELECT COUNT(*) FROM batches WHERE sealed IS NOT NULL";
    sqlx::query_as::<_, (i64,)>(waiting).fetch_one(&mut connection).await.expect("reads").0
}

#[tokio::test]
async fn l_01_what_was_recorded_lies_nowhere_in_the_clear() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames()).await.json::<Acknowledged>();
    let rules = Arc::new(Rules::compiled_in().expect("rules"));
    let audit = w.service.audit.upgrade().expect("it runs");
    Looking::new(rules.clone()).look(&audit).await;
    let so_far = audit.so_far.of(&session).expect("it was looked at");
    assert!(so_far.iter().any(|finding| finding.sentence.contains(CANARY)), "reviewers read it: {so_far:?}");
    assert_eq!((loose(&w).await, in_the_clear(w.folder.path())), (1, Vec::new()), "as it came");
    w.end(&session, 1).await.json::<Receipt>();
    audit.examine_sealed(&rules).await;
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    assert!(detail.examination.expect("it was looked at").findings_json.contains(CANARY));
    assert_eq!(
        (loose(&w).await, in_the_clear(w.folder.path())),
        (0, Vec::new()),
        "in segments, with what rules say of it"
    );
    let (frames, _) = {
        let row = audit.reader.session(&session).await.expect("reads").expect("it is there");
        audit.frames(&row, 0, |_| true).await.map_err(|p| p.code().to_owned()).expect("whoever may read it reads it")
    };
    assert_eq!(frames, self::frames());
    drop(audit);
    let World { service, folder, .. } = w;
    super::world::stop(service).await;
    assert_eq!(in_the_clear(folder.path()), Vec::<String>::new(), "nor when the service has ended");
}

#[test]
fn a_canary_is_found_however_it_is_spelt() {
    let folder = tempfile::tempdir().expect("folder");
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let inside = |before: &str| statement::base64url(format!("{before}{CANARY}-more"));
    for text in [format!("x{CANARY}y"), hex, inside(""), inside("a"), inside("ab"), inside("abc")] {
        std::fs::write(folder.path().join("file"), &text).expect("writes");
        assert!(!in_the_clear(folder.path()).is_empty(), "{text}");
    }
    std::fs::write(folder.path().join("file"), "nothing of it").expect("writes");
    assert_eq!(in_the_clear(folder.path()), Vec::<String>::new());
}
