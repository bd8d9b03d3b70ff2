//! Personal data that must not stand in a recording: values told by a rule and values told by their shape, in every place.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use domain::Scope;
use recording::Captured;
use tokio::io::AsyncWriteExt as _;

use crate::bundle::Wish;
use crate::person::Person;
use crate::rig::Rig;
use crate::service::{MAIL, PERSON};
use crate::streams::{masked, socket};

const RULES: &str = r#"mask = { json = ["$..person"], fields = ["person"], headers = ["x-person"], selectors = [".person"], patterns = ["e-mail"] }"#;

/// A gateway with rules, and a key to mark with.
async fn rig() -> Rig {
    rig_with(RULES).await
}

async fn rig_with(rules: &str) -> Rig {
    let mut rig = Rig::new().await;
    rig.stop().await;
    let key = rig.folder.path().join("masking.key");
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    rig.edit("gateway.toml", "spool = \"spool\"", "spool = \"spool\"\nmasking_key = \"masking.key\"");
    rig.edit("targets.toml", "shared_paths", &format!("{rules}\nshared_paths"));
    rig.start().await;
    rig
}

async fn writer(rig: &Rig, organization: &'static str) -> Person {
    rig.inside(Wish { scope: Scope::ReadWrite, organization, ..Wish::default() }).await
}

async fn exchanges(rig: &Rig, count: usize) {
    let done = |r: &Rig| r.audit.contents().iter().filter(|c| matches!(c, Captured::Done { .. })).count() == count;
    rig.until("recorded", done).await;
}

fn nobody_stands_in(recorded: &str) {
    for value in [PERSON, MAIL, "Quillfeather", "zora.quill", "Zora+Quill", "Zora%20Quill"] {
        assert!(!recorded.contains(value), "{value} in {recorded}");
        // Nor in base64 that was not decoded here, at any of its three places.
        for at in 0..3 {
            let encoded = statement::base64url(format!("{}{value}", &"..."[..at]));
            assert!(!recorded.contains(&encoded[4..encoded.len() - 4]), "{value}");
        }
    }
}

/// The marks in what was recorded, without their names, each once.
fn marks(recorded: &str) -> std::collections::BTreeSet<String> {
    let marks = recorded.split("[masked ").skip(1).filter_map(|rest| rest.split_once(']'));
    marks.map(|(mark, _)| mark.rsplit_once(' ').unwrap().1.to_owned()).collect()
}

fn grep(folder: &Path, values: &[&str]) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            grep(&entry.path(), values);
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
            values.iter().for_each(|value| assert!(!text.contains(value), "{value} in {:?}", entry.path()));
        }
    }
}

#[tokio::test]
async fn r_09_personal_values_are_masked_in_every_place_and_pass_untouched() {
    let rig = rig().await;
    let person = writer(&rig, "kinloch-hotels").await;
    let kinds = ["json", "broken", "html", "csv", "events", "form", "zipped", "large", "header"];
    for kind in kinds {
        let answer = person
            .get(&format!("/o/kinloch-hotels/personal/{kind}?person=Zora+Quillfeather&m=zora.quill%40kinloch.example"))
            .await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
        let all = format!("{}{}", answer.head, answer.text().to_lowercase());
        assert!(
            all.contains(&MAIL.to_lowercase()) && all.contains("quillfeather"),
            "{kind}: the person gets it as it is: {all}"
        );
    }
    let sent = [
        ("application/json", format!(r#"{{"person":"{PERSON}","note":"of {MAIL}"}}"#)),
        ("application/x-www-form-urlencoded", "person=Zora+Quillfeather&m=zora.quill%40kinloch.example".to_owned()),
        ("text/plain", format!("of {MAIL}")),
        (
            "multipart/form-data; boundary=B",
            format!(
                "--B\r\nContent-Disposition: form-data; name=\"person\"\r\n\r\n{PERSON}\r\n--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"{MAIL}\"\r\n\r\n{MAIL}\r\n--B--\r\n"
            ),
        ),
    ];
    for (kind, body) in &sent {
        let fields = format!(
            "Content-Type: {kind}\r\nX-Person: {PERSON}\r\nX-Note: of {MAIL}\r\nReferer: https://payroll.test/o/a?person=Zora+Quillfeather\r\n"
        );
        let answer = person.request("POST", &format!("/o/kinloch-hotels/write/{MAIL}"), &fields, body).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
    }
    exchanges(&rig, kinds.len() + sent.len()).await;
    let arrived = rig.service.arrived();
    assert!(arrived.iter().any(|a| a.target.contains("zora.quill%40kinloch.example")), "the service gets it as it is");
    assert!(arrived.iter().any(|a| a.headers.get("x-person").is_some_and(|v| v == PERSON)));
    let bodies = rig.service.bodies.lock().unwrap().clone();
    for (kind, body) in &sent {
        assert!(bodies.contains(&body.clone().into_bytes()), "{kind}");
    }
    let recorded = rig.audit.recorded();
    nobody_stands_in(&recorded);
    assert!(recorded.contains("row that stays"), "{recorded}");
    assert!(recorded.contains("personal values were masked"));
    assert_eq!(
        marks(&recorded).len(),
        2,
        "one mark for each of the two values, wherever it stood: {:?}",
        marks(&recorded)
    );
    grep(&rig.folder.path().join("spool"), &[PERSON, MAIL]);
}

#[tokio::test]
async fn r_09_messages_and_what_a_page_reports_are_masked() {
    let rig = rig().await;
    let person = writer(&rig, "kinloch-hotels").await;
    let page = person.visit("/o/kinloch-hotels/personal/html").await.text();
    assert!(page.contains("data-mask=\".person\""), "{page}");
    let id = page.split("data-page=\"").nth(1).unwrap().split('"').next().unwrap();
    let body = format!(
        r#"{{"page":"{id}","events":[{{"type":3,"data":{{"a":"Dear {PERSON},","b":"{MAIL}","c":"row that stays"}}}}]}}"#
    );
    let kind = "Content-Type: application/json\r\n";
    assert_eq!(person.request("POST", "/.countersign/page", kind, &body).await.status, 204);
    let (mut stream, _) = socket(&person, "https://payroll.test").await;
    let message = format!(r#"{{"organization":"kinloch-hotels","person":"{PERSON}","m":"{MAIL}"}}"#);
    stream.write_all(&masked(&message)).await.unwrap();
    rig.until("forwarded", |r| r.service.messages.lock().unwrap().contains(&message)).await;
    let has = |wanted: fn(&Captured) -> bool| move |r: &Rig| r.audit.contents().iter().any(wanted);
    rig.until("the page", has(|c| matches!(c, Captured::Page { .. }))).await;
    rig.until("the message", has(|c| matches!(c, Captured::Socket { from_person: true, .. }))).await;
    let recorded = rig.audit.recorded();
    nobody_stands_in(&recorded);
    assert!(recorded.contains("row that stays"));
    assert_eq!(marks(&recorded).len(), 2);
}

#[tokio::test]
async fn r_09_what_cannot_be_masked_is_left_out_and_the_record_says_so() {
    let rig = rig().await;
    let person = writer(&rig, "kinloch-hotels").await;
    for kind in ["packed", "part"] {
        assert!(matches!(person.get(&format!("/o/kinloch-hotels/personal/{kind}")).await.status, 200 | 206));
    }
    let refused = person.get("/o/kinloch-hotels/%2e%2e/zora.quill@kinloch.example").await;
    assert_eq!(refused.code(), "unclear-path");
    let foreign = person.get("/o/delmar-foods/zora.quill@kinloch.example?person=Zora+Quillfeather").await;
    assert_eq!(foreign.status, 403);
    exchanges(&rig, 2).await;
    rig.until("refused", |r| r.audit.contents().iter().filter(|c| matches!(c, Captured::Refused { .. })).count() == 2)
        .await;
    let recorded = rig.audit.recorded();
    nobody_stands_in(&recorded);
    let notes = rig
        .audit
        .contents()
        .into_iter()
        .filter(|c| matches!(c, Captured::Note { code, .. } if code == "body-not-kept"));
    assert!(notes.count() >= 2, "{recorded}");
}

#[tokio::test]
async fn l_01_marks_are_the_same_in_two_sessions_of_one_organization_and_others_for_another() {
    let rig = rig().await;
    let mut seen = Vec::new();
    for (n, organization) in ["kinloch-hotels", "kinloch-hotels", "delmar-foods"].into_iter().enumerate() {
        let person = writer(&rig, organization).await;
        assert_eq!(person.get(&format!("/o/{organization}/personal/json")).await.status, 200);
        exchanges(&rig, n + 1).await;
        seen.push(marks(&rig.audit.recorded()));
    }
    assert_eq!(seen[0].len(), 2);
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[2].len(), 4, "none is the other Organization's: {seen:?}");
}

/// What opens it is the audit service's ingest key, of which the gateway has the public half.
#[tokio::test]
async fn l_01_originals_go_to_the_audit_service_alone_and_only_where_rules_say_so() {
    let rig = rig().await;
    let person = writer(&rig, "kinloch-hotels").await;
    assert_eq!(person.get("/o/kinloch-hotels/personal/json").await.status, 200);
    exchanges(&rig, 1).await;
    assert_eq!(marks(&rig.audit.recorded()).len(), 2);
    assert!(rig.audit.state.lock().unwrap().originals.is_empty(), "the rules do not say so: they are gone");
    drop(rig);

    let rig = rig_with(&RULES.replace("mask = {", "mask = { originals = true,")).await;
    let person = writer(&rig, "kinloch-hotels").await;
    for (n, kind) in ["json", "html", "json"].into_iter().enumerate() {
        assert_eq!(person.get(&format!("/o/kinloch-hotels/personal/{kind}")).await.status, 200);
        exchanges(&rig, n + 1).await;
    }
    let recorded = rig.audit.recorded();
    nobody_stands_in(&recorded);
    let originals = rig.audit.state.lock().unwrap().originals.clone();
    let of: std::collections::BTreeMap<&str, &str> =
        originals.iter().map(|o| (o.mark.as_str(), o.value.as_str())).collect();
    assert_eq!(originals.len(), 2, "each once: {originals:?}");
    assert_eq!(of.keys().map(|mark| (*mark).to_owned()).collect::<std::collections::BTreeSet<_>>(), marks(&recorded));
    let values: std::collections::BTreeSet<&str> = of.into_values().collect();
    assert_eq!(values, std::collections::BTreeSet::from([PERSON, MAIL]));
    grep(rig.folder.path(), &[PERSON, MAIL, rig.audit.secret.encoded().as_str()]);
}

#[tokio::test]
async fn rules_that_cannot_be_followed_stop_the_start() {
    for (file, from, to, said) in [
        ("targets.toml", "patterns = [\"e-mail\"]", "patterns = [\"mail\"]", "line "),
        ("targets.toml", "fields = [\"person\"]", "fields = []", "fields has no rule"),
        ("gateway.toml", "masking_key = \"masking.key\"\n", "", "no masking_key"),
        ("gateway.toml", "masking_key = \"masking.key\"", "masking_key = \"ca.pem\"", "ca.pem"),
    ] {
        let mut rig = rig().await;
        rig.stop().await;
        rig.edit(file, from, to);
        let config = gateway::Config::read(rig.folder.path().join("gateway.toml")).unwrap();
        let run = gateway::run(config, rig.clock.clone(), tokio::time::sleep(std::time::Duration::from_secs(1)));
        let error = run.await.expect_err(said).to_string();
        assert!(error.contains(said), "{error}");
    }
}
