use std::path::Path;
use std::sync::LazyLock;

use super::*;

/// Told by a rule alone, in each place by its name.
pub const NAMED: &str = "Zora Canary";
/// Told by its shape.
pub const SHAPED: &str = "zora.canary@kinloch.example";

/// Patterns keep what they learn while they look: they are made once.
static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(rules()));

/// A mask with a rule for each place, for one of two Organizations.
pub fn mask_of(organization: &str) -> Mask {
    mask_with(&RULES, organization)
}

/// A mask that remembers nothing yet.
pub fn mask_with(rules: &Arc<Rules>, organization: &str) -> Mask {
    static SECRET: LazyLock<MaskingSecret> = LazyLock::new(secret);
    Mask { rules: rules.clone(), marks: Arc::new(SECRET.marks_of(&organization.parse().unwrap())) }
}

fn rules() -> Rules {
    toml::from_str(
        r#"
        json = ["$.account", "$.people[*].name", "$..born", "$.all", "$.list[1]"]
        fields = ["account"]
        headers = ["x-person"]
        selectors = ["td.account", ".person dd"]
        patterns = ["e-mail", "iban", "phone", { name = "badge", regex = 'B-[0-9]{4} [0-9]{4}' }]
        "#,
    )
    .unwrap()
}

fn secret() -> MaskingSecret {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("masking.key");
    std::fs::write(&file, [7; 32]).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    MaskingSecret::read(Path::new(&file)).unwrap()
}

fn mask() -> Mask {
    mask_of("kinloch-hotels")
}

fn body(content_type: &str, body: &str) -> String {
    String::from_utf8(mask().body(content_type, body.as_bytes(), false).expect("kept")).unwrap()
}

#[test]
fn l_01_a_value_in_a_path_a_query_or_a_header_is_masked() {
    let mask = mask();
    let encoded = SHAPED.replace('@', "%40");
    for target in [
        format!("/o/kinloch-hotels/people/{SHAPED}/edit"),
        format!("/o/kinloch-hotels/people/{encoded}"),
        format!("/o/a?q={SHAPED}&page=2"),
        format!("/o/a?q={encoded};page=2"),
        format!("/o/a?q={}", encoded.replace('%', "%25")),
        format!("/o/a?q={}", encoded.replace('%', "%2525")),
        format!("/o/a?{SHAPED}=1"),
        format!("/o/a?account={}", NAMED.replace(' ', "+")),
        format!("/o/a?filter[account]={}", NAMED.replace(' ', "%20")),
        "/o/a?q=B-1234+5678".into(),
        "/o/a#account=Zora+Canary".into(),
        "/o/a?x=1#account=Zora+Canary".into(),
        "/o/a/B-1234%205678".into(),
    ] {
        let kept = mask.target(&target);
        assert!(kept.contains(BEGIN) || kept.contains(LEFT_OUT), "{kept}");
        for value in ["canary", "Canary", "5678"] {
            assert!(!kept.contains(value), "{kept}");
        }
        assert!(kept.starts_with("/o/"), "{kept}");
    }
    assert_eq!(mask.target("/o/a%20b/c?x=%2e&y=100%25&account="), "/o/a%20b/c?x=%2e&y=100%25&account=");
    let given =
        [("x-person", NAMED), ("x-note", SHAPED), ("location", "/o/a?account=Zora"), ("accept", "text/html; q=0.9")];
    let kept = mask.headers(given.map(|(n, v)| (n.to_owned(), v.to_owned())).into());
    let text = format!("{kept:?}");
    assert!(!text.contains("Zora") && !text.contains("zora") && text.contains("text/html; q=0.9"), "{text}");
}

#[test]
fn l_01_the_mark_is_the_same_in_two_places_and_another_for_two_organizations() {
    let mark = |text: &str| {
        let at = text.find(BEGIN).unwrap();
        text[at..].split_once(']').unwrap().0.rsplit_once(' ').unwrap().1.to_owned()
    };
    let one = mark(&body("application/json", &format!(r#"{{"account":"{SHAPED}"}}"#)));
    assert_eq!(one.len(), 16);
    for (kind, text) in [
        ("text/plain", format!("to {SHAPED}.")),
        ("application/json", format!(r#"{{"note":"{}"}}"#, SHAPED.replace('@', "\\u0040"))),
        ("text/html", format!("<td class=account> {} </td>", SHAPED.replace('@', "&#64;"))),
        ("text/html", format!("<p>{}</p>", SHAPED.to_uppercase())),
        ("application/x-www-form-urlencoded", format!("account={}", SHAPED.replace('@', "%40"))),
        ("text/csv", SHAPED.replace('@', "%40")),
    ] {
        assert_eq!(mark(&body(kind, &text)), one, "{kind} {text}");
    }
    let other = mask_of("delmar-foods").body("text/plain", SHAPED.as_bytes(), false).unwrap();
    assert_ne!(mark(&String::from_utf8(other).unwrap()), one);
}

#[test]
fn l_01_parts_of_a_form_are_masked_by_name_and_by_what_stands_in_them() {
    let part =
        |head: &str, content: &str| format!("--B\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n");
    let form = [
        part("name=\"account\"", NAMED),
        part("name=\"note\"", &format!("of {SHAPED}")),
        part(
            "name=\"file\"; filename=\"zora.canary@kinloch.example.json\"\r\nContent-Type: application/json",
            "{\"account\":\"Zora Canary\"}",
        ),
        part("name=\"scan\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf", "%PDF\u{0}Zora Canary"),
        part("name=\"city\"", "Oslo"),
    ];
    let kept = body("multipart/form-data; boundary=B", &(form.concat() + "--B--\r\n"));
    assert!(!kept.to_lowercase().contains("canary"), "{kept}");
    assert!(kept.contains("Oslo") && kept.contains(LEFT_OUT) && kept.ends_with("--B--\r\n"), "{kept}");
    assert_eq!(masked(form.concat().as_bytes(), kept.as_bytes()), 4);
}

#[test]
fn l_01_what_cannot_be_masked_is_left_out() {
    for (kind, bytes) in [
        ("application/pdf", &b"%PDF-1.7 \xff\xfe"[..]),
        ("application/octet-stream", b"\x08\x96\x01"),
        ("text/plain", b"z\0o\0r\0a\0"),
        ("text/plain; charset=utf-16le", b"zora"),
        ("text/html; charset=utf-7", b"zora"),
        ("image/png", b"\x89PNG"),
        ("multipart/form-data", b"--B"),
        ("text/html", b"<select><xmp><input value=\"a\"></xmp></select>"),
    ] {
        assert_eq!(mask().body(kind, bytes, false), None, "{kind}");
    }
    assert_eq!(mask().body("image/png", b"\x89PNG", true).unwrap(), b"\x89PNG", "of no Organization");
    assert_eq!(mask().message(b"\x92\xa5"), None);
    assert_eq!(mask().message(b"\x0a\x14zora"), None);
    let said = mask().not_kept(b"zora");
    assert!(said.starts_with("4 bytes") && !said.contains(statement::sha256(b"zora").as_str()), "{said}");
}

#[test]
fn l_01_messages_are_masked_wherever_a_document_begins_in_them() {
    let kept = |text: &str| String::from_utf8(mask().message(text.as_bytes()).unwrap()).unwrap();
    for message in
        [r#"{"account":"Zora Canary"}"#, r#"42["a",{"born":"Zora Canary"}]"#, "mail zora.canary@kinloch.example"]
    {
        let kept = kept(message);
        assert!(kept.contains(BEGIN) && !kept.to_lowercase().contains("canary"), "{kept}");
    }
    assert_eq!(kept("tick"), "tick");
}

#[test]
fn l_01_what_a_page_reports_is_masked_by_pattern_and_by_value() {
    let mask = mask();
    let events = serde_json::json!([
        { "type": 2, "timestamp": 1_767_225_600_000_u64, "data": { "node": { "textContent": "Name: Zora Canary" } } },
        { "type": 3, "data": { "texts": [{ "value": SHAPED }], "attributes": { "title": "zora.canary&#64;kinloch.example" } } },
    ]);
    let events = events.as_array().unwrap();
    let before = serde_json::to_string(&mask.page(events).unwrap()).unwrap();
    assert!(before.contains("Zora Canary"), "no rule named it yet");
    mask.body("application/json", br#"{"account":"Zora Canary"}"#, false).unwrap();
    let kept = mask.page(events).unwrap();
    let text = serde_json::to_string(&kept).unwrap();
    assert!(!text.to_lowercase().contains("canary"), "{text}");
    assert_eq!(kept[0]["timestamp"], events[0]["timestamp"]);
    for n in 0..20_001 {
        mask.named("account", &format!("value {n}"));
    }
    assert_eq!(mask.page(events), None, "nothing is taken for masked that was not compared");
}
