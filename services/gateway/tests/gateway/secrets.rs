//! What must not stand in a recording, and that the recording says so.

use domain::Scope;
use recording::Captured;

use crate::bundle::Wish;
use crate::rig::Rig;
use crate::service::{CANARY, JWT};

fn notes(rig: &Rig) -> Vec<String> {
    let note = |content| if let Captured::Note { code, .. } = content { Some(code) } else { None };
    // On a busy machine the recording may fall behind for a moment.
    rig.audit.contents().into_iter().filter_map(note).filter(|c| c != "paused" && c != "resumed").collect()
}

async fn all_recorded(rig: &Rig, exchanges: usize) {
    rig.until("recorded", |r| {
        r.audit.contents().iter().filter(|c| matches!(c, Captured::Done { .. })).count() == exchanges
    })
    .await;
}

#[tokio::test]
async fn r_09_secrets_are_taken_out_by_structure_and_the_record_says_so() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish { scope: Scope::ReadWrite, ..Wish::default() }).await;
    let fields =
        format!("Cookie: sid={CANARY}\r\nAuthorization: Bearer {CANARY}\r\nX-Api-Key: {CANARY}\r\nX-Other: {JWT}\r\n");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let json = "Content-Type: application/json\r\n";
    let path = format!("/o/kinloch-hotels/secrets?access_token={CANARY}");
    let sent = [
        ("POST", format!("{fields}{form}"), format!("user=mara&password={CANARY}&t={JWT}")),
        ("POST", format!("{fields}{json}"), format!(r#"{{"user":"mara","p\u0061ssword":"{CANARY}","note":"{JWT}"}}"#)),
        ("GET", fields, String::new()),
    ];
    for (method, fields, body) in &sent {
        let answer = person.request(method, &path, fields, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.head.contains(CANARY) && answer.text().contains(CANARY), "the person gets it as it is");
    }
    all_recorded(&rig, sent.len()).await;
    let recorded = rig.audit.recorded();
    for secret in [CANARY, JWT, &JWT[..30], &statement::base64url(CANARY)[..6]] {
        assert!(!recorded.contains(secret), "{secret} in {recorded}");
    }
    assert!(recorded.contains("user=mara") && recorded.contains("Salary of"), "{recorded}");
    assert_eq!(notes(&rig), ["redacted"; 3]);
}

#[tokio::test]
async fn r_09_secrets_in_large_and_slow_answers_are_taken_out_wherever_they_are_cut() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    for kind in ["json", "html", "slow"] {
        let answer = person.get(&format!("/o/kinloch-hotels/huge/{kind}")).await;
        assert!(answer.status == 200 && answer.text().contains(CANARY), "{kind}: {} {}", answer.head, answer.text());
        let least = if kind == "slow" { 100 } else { 4 * 1024 * 1024 };
        assert!(answer.body.len() > least, "{kind}: {}", answer.body.len());
    }
    all_recorded(&rig, 3).await;
    let recorded = rig.audit.recorded();
    for secret in [CANARY, JWT, &JWT[..30]] {
        assert!(!recorded.contains(secret), "{secret}");
    }
    assert!(recorded.contains("the last row"));
    assert_eq!(notes(&rig), ["redacted"; 3]);
}

#[tokio::test]
async fn r_09_a_field_is_found_wherever_a_browser_may_find_it() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let pages = ["xml", "untyped", "piece", "noscript", "twice", "sniffed", "plain"];
    for page in pages {
        let answer = person.visit(&format!("/o/kinloch-hotels/hostile/{page}")).await;
        assert!(answer.status == 200 && answer.text().contains(CANARY), "{page}: {}", answer.head);
        let whole = answer.text().starts_with("<html xmlns") && answer.text().ends_with("</html>");
        assert_eq!(whole, page != "noscript", "{page}: the recorder makes a page of XML unreadable");
    }
    all_recorded(&rig, pages.len()).await;
    let recorded = rig.audit.recorded();
    assert!(!recorded.contains(CANARY), "{recorded}");
    // Of one whose type is not clear nothing is kept.
    let contents = rig.audit.contents();
    let parts = contents.iter().filter_map(Captured::part);
    let kept = parts.filter(|part| String::from_utf8_lossy(part).contains("<p>the salaries</p>")).count();
    assert_eq!(kept, pages.len() - 1, "{recorded}");
    let notes = notes(&rig);
    let count = |code: &str| notes.iter().filter(|note| *note == code).count();
    let counts = ["recorder-absent", "redacted", "body-not-kept"].map(count);
    assert_eq!(counts, [3, pages.len() - 1, 2], "{notes:?}");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_in_parts_is_kept_as_its_digest() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let answer = person.get("/o/kinloch-hotels/huge/multipart").await;
    assert_eq!(answer.status, 200);
    all_recorded(&rig, 1).await;
    let contents = rig.audit.contents();
    let said = contents
        .iter()
        .filter_map(|c| if let Captured::Note { code, detail } = c { Some((code, detail)) } else { None });
    let said: Vec<String> = said.filter(|(code, _)| *code == "body-not-kept").map(|(_, d)| d.clone()).collect();
    let whole =
        format!("{} bytes from byte 0 on are not kept, SHA-256 {}", answer.body.len(), statement::sha256(&answer.body));
    assert!(said.len() == 2 && said[1].contains(&whole), "{said:?}");
    assert!(contents.iter().all(|c| c.part().is_none()));
}

#[tokio::test]
async fn bodies_that_readers_could_disagree_about_are_kept_as_size_and_digest() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish { scope: Scope::ReadWrite, ..Wish::default() }).await;
    let form = format!("--B\r\nContent-Disposition: form-data;\r\n name=\"password\"\r\n\r\n{CANARY}\r\n--B--");
    let kind = "Content-Type: multipart/form-data; boundary=B\r\n";
    assert_eq!(person.request("POST", "/o/kinloch-hotels/write", kind, &form).await.code(), "unreadable-body");
    let page = person.get("/o/kinloch-hotels/hostile/confuses").await;
    assert!(page.text().contains(CANARY), "{}", page.text());
    all_recorded(&rig, 1).await;
    assert!(!rig.audit.recorded().contains(CANARY));
    let said: Vec<String> = rig
        .audit
        .contents()
        .into_iter()
        .filter_map(|c| match c {
            Captured::Note { code, detail } if code == "body-not-kept" => Some(detail),
            _ => None,
        })
        .collect();
    for (said, body) in said.iter().zip([form.as_bytes(), &page.body]) {
        let what = format!("{} bytes from byte 0 on are not kept, SHA-256 {}", body.len(), statement::sha256(body));
        assert!(said.contains(&what), "{said}");
    }
    assert_eq!(said.len(), 2);
}
