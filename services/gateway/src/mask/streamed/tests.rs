use super::*;
use crate::mask::tests::{NAMED, SHAPED, mask_of, mask_with};
use crate::mask::{BEGIN, Record};

/// Documents with values in all the places that are known; `kept` words stay.
fn documents() -> Vec<(&'static str, String, &'static [&'static str])> {
    let json = format!(
        r#"{{"id": 1, "account" : "{NAMED}\"x", "list":["kept","{NAMED}",3], "people":[{{"name":"{NAMED}","city":"also kept"}}, {{"name":{{"a":["{NAMED}"]}}}}],
           "deep":{{"x":[{{"born":19010203}}]}}, "note":"to {SHAPED}, {}", "all":{{"{SHAPED}":[true,"{NAMED}",null]}}, "{SHAPED}":1,
           "in":"{{\"account\":\"{NAMED}\",\"n\":\"B-1234 5678\"}}", "acc\u006funt":"{NAMED}", "last":"still kept"}}"#,
        SHAPED.replace('@', "\\u0040")
    );
    let broken = format!(
        ")]}}',\n{{\"id\":1, \"account\":\"{NAMED}\", 'born': x, \"born\": {NAMED}, \"name\":[1,{{\"a\":\"{NAMED}\"}}],\n kept B-1234 5678 {SHAPED}, \"also\": \"kept\""
    );
    let page = format!(
        "<!doctype html><title>kept</title><p title=\"to {SHAPED}\">mail <b>{SHAPED}</b> or {}</p><!-- {SHAPED} -->\
         <table><tr><td class=account>{NAMED}<td class='account wide' title='{NAMED}'> <i data-x=\"{NAMED}\">{NAMED}</i> </td></table><p>also kept</p>\
         <dl class=person><dt>kept</dt><dd>{NAMED}</dd></dl><a href=mailto:{SHAPED}>x</a>\
         <script>var a = \"B-1234 5678 {SHAPED}\"; // still kept</script><textarea>{SHAPED}</textarea><p>&lt;the end&gt;",
        SHAPED.replace('@', "&commat;")
    );
    let events = format!(
        "event: a\ndata: {{\"account\":\"{NAMED}\",\"k\":\"kept\"}}\n\nid: {SHAPED}\ndata: to {SHAPED} also kept\n\n\
         data: {{\"account\":\r\ndata: \"{NAMED}\",\r\ndata: \"n\":\"B-1234 5678\"}}\r\n\r\ndata: still kept\n\n"
    );
    let lines = format!("{{\"account\":\"{NAMED}\"}}\n{{\"born\":\"{NAMED}\",\"k\":\"kept\"}}\n[{{\"born\":1}}]\n");
    let csv = format!("name,mail\r\nkept,{SHAPED}\r\n\"B-1234 5678\",+49 170 1234567,also kept\r\n{SHAPED}");
    vec![
        ("application/json", json.clone(), &["kept", "also kept", "still kept"]),
        ("text/plain", format!("  {json}"), &["kept", "also kept"]),
        ("application/json", broken, &["kept", "also"]),
        ("text/html; charset=utf-8", page, &["kept", "also kept", "still kept", "&lt;the end&gt;"]),
        ("text/event-stream", events, &["kept", "also kept", "still kept"]),
        ("application/x-ndjson", lines, &["kept"]),
        (
            "application/x-www-form-urlencoded",
            format!(
                "user=kept&acc%6Funt={}&a[account]=Zora%20Canary&mail={};x=B-1234+5678&n=also+kept",
                NAMED.replace(' ', "+"),
                SHAPED.replace('@', "%40")
            ),
            &["kept", "also+kept"],
        ),
        ("text/csv", csv, &["kept", "also kept"]),
    ]
}

fn record(kind: &str, parts: &[&[u8]]) -> String {
    let mask = mask_of("kinloch-hotels");
    let (mut body, mut out, mut came) = (Record::of(kind, Some(&mask), false), Vec::new(), 0);
    for part in parts {
        out.extend(body.push(part));
        came += part.len();
        assert!(body.held() <= came);
    }
    out.extend(body.end());
    assert_eq!((body.held(), body.is_given_up()), (0, false), "{kind}");
    String::from_utf8(out).unwrap()
}

#[test]
fn l_01_a_value_that_is_cut_at_any_byte_does_not_pass() {
    for (kind, document, kept) in documents() {
        let bytes = document.as_bytes();
        let whole = record(kind, &[bytes]);
        for word in kept {
            assert!(whole.contains(word), "{kind}: {word} is missing in {whole}");
        }
        let check = |recorded: &str, how: &str| {
            for value in ["canary", "Canary", "Zora", "5678", "19010203", "1234567"] {
                assert!(!recorded.contains(value), "{kind}, {how}: {value} in {recorded}");
            }
            assert_eq!(recorded, whole, "{kind}, {how}");
        };
        check(&whole, "whole");
        assert!(whole.contains(BEGIN), "{whole}");
        for at in 0..bytes.len() {
            check(&record(kind, &[&bytes[..at], &bytes[at..]]), &format!("cut at {at}"));
        }
        check(&record(kind, &bytes.chunks(1).collect::<Vec<_>>()), "byte by byte");
        check(&record(kind, &bytes.chunks(3).collect::<Vec<_>>()), "by three bytes");
        let mask = mask_of("kinloch-hotels");
        let at_once = mask.body(kind, &crate::redact::body(kind, bytes).unwrap(), false).unwrap();
        assert_eq!(String::from_utf8(at_once).unwrap(), whole, "{kind}");
    }
}

/// Each of these is one byte there, and would be three in what a parser of UTF-8 gives out.
#[test]
fn l_01_a_page_in_another_encoding_that_is_cut_at_any_byte_shows_no_value() {
    for (kind, document, _) in documents().into_iter().filter(|(kind, ..)| kind.starts_with("text/html")) {
        let many = format!("<p>{}", "~".repeat(40));
        let page = document.replace("<p>", &many).replace("<td", "<b title='~~~~~~~~'>~~~~</b><td");
        let bytes: Vec<u8> = page.bytes().map(|byte| if byte == b'~' { 0xe9 } else { byte }).collect();
        for kind in [kind, "text/html; charset=windows-1252", "text/html"] {
            let mask = mask_of("kinloch-hotels");
            let recorded = |parts: &[&[u8]]| {
                let mut body = Record::of(kind, Some(&mask), false);
                let mut out: Vec<u8> = parts.iter().flat_map(|part| body.push(part)).collect();
                out.extend(body.end());
                out
            };
            let whole = recorded(&[&bytes]);
            assert!(whole.iter().filter(|byte| **byte == 0xe9).count() > 40, "it stays what it was");
            for at in 0..bytes.len() {
                let kept = recorded(&[&bytes[..at], &bytes[at..]]);
                assert!(kept == whole, "{kind}, cut at {at}: {}", String::from_utf8_lossy(&kept));
            }
            let kept = String::from_utf8_lossy(&whole);
            for value in ["canary", "Canary", "Zora", "5678"] {
                assert!(!kept.contains(value), "{kind}: {value} in {kept}");
            }
        }
    }
}

#[test]
fn a_rule_names_what_it_selects_in_any_language() {
    let page = "<p class=größe>Zora</p><p class=groesse>kept, größer</p>";
    let rules = toml::from_str("selectors = [\".größe\"]").unwrap();
    let mask = mask_with(&std::sync::Arc::new(rules), "kinloch-hotels");
    let mut body = Record::of("text/html; charset=utf-8", Some(&mask), false);
    let mut out = body.push(page.as_bytes());
    out.extend(body.end());
    let kept = String::from_utf8(out).unwrap();
    assert!(!kept.contains("Zora") && kept.contains("kept, größer") && kept.contains("class=größe"), "{kept}");
}

#[test]
fn l_01_a_document_that_ends_anywhere_holds_no_value() {
    for (kind, document, _) in documents() {
        for end in 0..document.len() {
            let kept = record_of_part(kind, &document.as_bytes()[..end]);
            // Of a value that is cut off itself, so much shows nothing yet.
            for value in ["Zora C", "zora.canary@kinloch.ex"] {
                assert!(!kept.contains(value), "{kind} up to {end}: {kept}");
            }
        }
    }
}

fn record_of_part(kind: &str, part: &[u8]) -> String {
    let mask = mask_of("kinloch-hotels");
    let mut body = Record::of(kind, Some(&mask), false);
    let mut out = body.push(part);
    out.extend(body.end());
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn what_is_held_is_not_in_the_record_yet() {
    for (kind, document, _) in documents() {
        let bytes = document.as_bytes();
        for at in 0..bytes.len() {
            let mask = mask_of("kinloch-hotels");
            let mut body = Record::of(kind, Some(&mask), false);
            let first = body.push(&bytes[..at]);
            let decided = at - body.held();
            // What was decided does not depend on what follows.
            let mut alone = Record::of(kind, Some(&mask), false);
            let again = alone.push(&bytes[..decided]);
            assert!(first.starts_with(&again), "{kind} at {at}");
            // What is released is in the record: a mark is longer than the values here.
            let released = record_of_part(kind, &bytes[..decided]);
            assert!(first.len() >= released.len(), "{kind} at {at}: {released} is released");
        }
    }
}

#[test]
fn a_live_stream_is_held_back_for_no_longer_than_its_event() {
    let mask = mask_of("kinloch-hotels");
    for (kind, event) in [
        ("text/event-stream", "data: {\"n\":1}\n\n"),
        ("text/plain", "one line\n"),
        ("application/x-ndjson", "{\"n\":1}\n"),
    ] {
        let mut body = Record::of(kind, Some(&mask), false);
        for _ in 0..3 {
            assert_eq!(body.push(event.as_bytes()), event.as_bytes(), "{kind}");
            assert_eq!(body.held(), 0, "{kind}");
        }
    }
}

#[test]
fn l_01_what_cannot_be_read_in_parts_is_left_out_and_this_is_said() {
    let mask = mask_of("kinloch-hotels");
    for (kind, body) in [
        ("application/octet-stream", "zora".to_owned()),
        ("application/json", format!("{{\"a\":\"{}", "z".repeat(LONGEST + 1))),
        ("text/plain", "zora\0".to_owned()),
    ] {
        let mut record = Record::of(kind, Some(&mask), false);
        let mut kept: Vec<u8> = body.as_bytes().chunks(100_000).flat_map(|part| record.push(part)).collect();
        kept.extend(record.push(b"zora"));
        kept.extend(record.end());
        assert!(!String::from_utf8_lossy(&kept).contains('z'), "{kind}");
        assert_eq!(record.not_kept().unwrap(), format!("of {} bytes, a part is not kept", body.len() + 4));
        assert_eq!(record.held(), 0);
    }
}

#[test]
fn a_line_without_end_is_decided_in_windows() {
    let line = format!("{}{SHAPED}{}", "x ".repeat(2_047), "y".repeat(9_000));
    let kept = record("text/plain", &[line.as_bytes()]);
    assert!(kept.contains("x [masked e-mail ") && !kept.contains("canary"), "{kept}");
    assert!(kept.starts_with("x x ") && kept.ends_with("yyy"));
}
