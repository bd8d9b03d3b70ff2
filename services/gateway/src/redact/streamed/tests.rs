use super::*;

const CANARY: &str = "c4n4ry";
const JWT: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjNG40cnkifQ.c2lnbmF0dXJlLWM0bjRyeQ";

/// Documents with canaries in all the places that are known; `kept` words stay.
fn documents() -> Vec<(&'static str, String, &'static [&'static str])> {
    let json = format!(
        r#"{{"a": 1, "password" : "x\"{CANARY}", "b":[2,"kept"], "tokens":["{CANARY}",{{"b":"}}{CANARY}"}}], "p\u0061ssword":"{CANARY}",
           "client_secret": 1234567890123, "note": "{JWT}", "token":null, "last":"also kept"}}"#
    );
    let page = format!(
        "<!doctype html><meta name=\"csrf-token\" content='{CANARY}'><p title=\"a > b\">kept</p><!-- <inp a=' -->\
         <input type=hidden name=_c value=\"{CANARY}\"><INPUT TYPE = 'Password' value={CANARY}><input name='api_token' value='x > {CANARY}'>\
         <noscript><input type=hidden value={CANARY}>{CANARY}</noscript><iframe srcdoc='{CANARY}'>é<input value={CANARY}>é</iframe>\
         <script>var a = \"<input value='\"; f(\"{JWT}\")</script><input name=city value=\"also kept\"/>"
    );
    let events = format!(
        "data: {{\"n\":1,\"token\":\"{CANARY}\"}}\n\ndata: half a \" quote, kept\n\ndata: {{\"password\":\"{CANARY}\",\"x\":\"also kept\"}}\n\n\
         data: <b>piece</b><INPUT type=\"hidden\" value=\"{CANARY}\">\ndata: {CANARY}\r\n\r\ndata: {{\"h\":\"\\u003cme\\u0074a content=\\\"{CANARY}\\\">\"}}\n\ndata: <binput kept too\n\n"
    );
    vec![
        ("application/json", json.clone(), &["kept", "also kept"]),
        ("application/octet-stream", format!("  {json}"), &["kept", "also kept"]),
        ("text/html; charset=utf-8", page, &["kept", "also kept", "var a"]),
        ("text/event-stream", events, &["quote, kept", "also kept", "<b>piece</b>", "binput kept too"]),
        (
            "text/vnd.turbo-stream.html",
            format!("<turbo-stream><template>kept<input type=hidden value={CANARY}></template></turbo-stream>"),
            &["kept"],
        ),
        ("", format!(" <!doctype html><p>kept<input type=hidden value={CANARY}>"), &["kept"]),
        (
            "application/x-www-form-urlencoded",
            format!("user=kept&pass%77ord={CANARY}&access_token={CANARY}&t={JWT}&n=also+kept"),
            &["kept", "also+kept"],
        ),
        (
            "text/plain",
            format!("Hälló kept {JWT}, {JWT} eyJ eye e. also kept e{JWT}"),
            &["kept", "also kept", "eyJ eye e."],
        ),
    ]
}

/// What is recorded of these parts; what is recorded and what is held is always all that came.
fn record(kind: &str, parts: &[&[u8]]) -> String {
    let (mut body, mut out, mut came) = (Streamed::of(kind), Vec::new(), 0);
    for part in parts {
        out.extend(body.push(part));
        came += part.len();
        assert!(body.held() <= came);
    }
    out.extend(body.end());
    assert_eq!((body.held(), body.is_given_up()), (0, false));
    String::from_utf8(out).unwrap()
}

#[test]
fn a_secret_that_is_cut_at_any_byte_does_not_pass() {
    for (kind, document, kept) in documents() {
        let bytes = document.as_bytes();
        let whole = record(kind, &[bytes]);
        for word in kept {
            assert!(whole.contains(word), "{kind}: {word} is missing in {whole}");
        }
        let check = |recorded: &str, how: &str| {
            assert!(!recorded.contains(CANARY), "{kind}, {how}: {recorded}");
            let token = JWT.split('.').nth(1).unwrap();
            // In the plain text one stands inside a longer word, and is none.
            assert_eq!(recorded.matches(token).count(), usize::from(kind == "text/plain"), "{kind}, {how}: {recorded}");
            assert_eq!(recorded, whole, "{kind}, {how}");
        };
        check(&whole, "whole");
        for at in 0..bytes.len() {
            check(&record(kind, &[&bytes[..at], &bytes[at..]]), &format!("cut at {at}"));
        }
        check(&record(kind, &bytes.chunks(1).collect::<Vec<_>>()), "byte by byte");
        check(&record(kind, &bytes.chunks(3).collect::<Vec<_>>()), "by three bytes");
    }
}

#[test]
fn what_is_held_is_not_in_the_record_yet_and_nothing_else_is_held() {
    for (kind, document, _) in documents() {
        let bytes = document.as_bytes();
        for at in 0..bytes.len() {
            let mut body = Streamed::of(kind);
            let first = body.push(&bytes[..at]);
            let decided = at - body.held();
            // What was decided does not depend on what follows.
            let mut alone = Streamed::of(kind);
            let again = alone.push(&bytes[..decided]);
            assert!(first.starts_with(&again), "{kind} at {at}");
        }
    }
}

#[test]
fn what_cannot_be_read_in_parts_is_not_kept_and_this_is_said() {
    let mut body = Streamed::of("multipart/form-data; boundary=B");
    let secret = format!("--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{CANARY}\r\n--B--");
    assert!(body.push(secret.as_bytes()).is_empty() && body.end().is_empty());
    let digest = statement::sha256(&secret);
    assert_eq!(
        body.not_kept().unwrap(),
        format!("{} bytes from byte 0 on are not kept, SHA-256 {digest}", secret.len())
    );

    let mut body = Streamed::of("text/html");
    let mut recorded = body.push(b"<p>kept</p>");
    let rest = format!("<input type=hidden value=\"{}{CANARY}", "a".repeat(6 * 1024 * 1024));
    for part in rest.as_bytes().chunks(100_000) {
        recorded.extend(body.push(part));
    }
    recorded.extend(body.push(b"\"><p>not kept either</p>"));
    recorded.extend(body.end());
    assert_eq!(String::from_utf8(recorded).unwrap(), format!("<p>kept</p>{MARK}"));
    let all = format!("{rest}\"><p>not kept either</p>");
    let digest = statement::sha256(&all);
    assert_eq!(body.not_kept().unwrap(), format!("{} bytes from byte 11 on are not kept, SHA-256 {digest}", all.len()));
    assert_eq!(body.held(), 0);
}

#[test]
fn what_a_browser_takes_otherwise_is_not_kept_wherever_it_is_cut() {
    for unclear in crate::redact::UNCLEAR {
        for at in 0..unclear.len() {
            let mut body = Streamed::of("text/html");
            let mut recorded = body.push(&unclear.as_bytes()[..at]);
            recorded.extend(body.push(&unclear.as_bytes()[at..]));
            recorded.extend(body.end());
            let recorded = String::from_utf8(recorded).unwrap();
            // In parts the parser may see what a browser sees, and nothing has to be given up.
            let is_read = recorded.contains(MARK) && recorded.len() >= unclear.len() - "SECRET".len();
            assert!(
                !recorded.contains("SECRET") && (body.is_given_up() || is_read),
                "cut at {at} of {unclear}: {recorded}"
            );
        }
    }
}

#[test]
fn a_comment_of_any_length_passes_and_one_with_a_field_ends_the_record() {
    let long = format!("<p>a<!--{}--><input type=hidden value={CANARY}><p>kept", "x".repeat(10 * 1024 * 1024));
    let parts: Vec<&[u8]> = long.as_bytes().chunks(500_000).collect();
    assert!(record("text/html", &parts).ends_with(&format!("--><input type=hidden value={MARK}><p>kept")));
    let (mut body, page) = (Streamed::of("text/html"), format!("<p>a<!-- <input value={CANARY}> --><p>b"));
    let recorded = [body.push(page.as_bytes()), body.end()].concat();
    assert!(body.is_given_up() && !String::from_utf8(recorded).unwrap().contains(CANARY));
    assert_eq!(crate::redact::html(&page).as_deref(), Some("<p>a<!--[redacted]--><p>b"));
}

#[test]
fn bytes_that_are_no_text_move_no_place() {
    let page =
        [b"<noscript>".as_slice(), &[0xe9; 40], b"</noscript><input type=hidden name=c value=SECRET><p>kept"].concat();
    for at in 0..page.len() {
        let mut body = Streamed::of("text/html; charset=windows-1252");
        let recorded = [body.push(&page[..at]), body.push(&page[at..]), body.end()].concat();
        let wanted = [&page[..93], MARK.as_bytes(), b"><p>kept"].concat();
        assert_eq!(String::from_utf8_lossy(&recorded), String::from_utf8_lossy(&wanted), "cut at {at}");
    }
}

#[test]
fn of_what_is_xml_or_switches_its_encoding_nothing_is_kept_in_parts() {
    for (kind, text) in [
        ("application/xhtml+xml", "<textarea/><input type=\"hidden\" value=\"SECRET\"/>"),
        ("text/xml; charset=utf-8", "<password>SECRET</password>"),
        ("text/html; charset=\"UTF-16LE\"", "<p>SECRET"),
        ("application/json; charset=utf-16", "SECRET"),
        ("text/html", "\u{1b}$B<!--\u{1b}(B<input type=hidden value=SECRET>"),
        ("text/html", "<\0i\0n\0p\0u\0t\0SECRET"),
    ] {
        let mut body = Streamed::of(kind);
        let recorded = [body.push(text.as_bytes()), body.end()].concat();
        assert!(body.is_given_up() && !String::from_utf8(recorded).unwrap().contains("SECRET"), "{kind}: {text}");
        assert_eq!(
            crate::redact::body(kind, text.as_bytes()).filter(|kept| kept.windows(6).any(|w| w == b"SECRET")),
            None
        );
    }
}

#[test]
fn an_endless_token_is_taken_for_one() {
    let mut body = Streamed::of("text/plain");
    let mut recorded = body.push(b"a eyJ");
    for _ in 0..20 {
        recorded.extend(body.push(&[b'x'; 10_000]));
        assert!(body.held() < 80_000);
    }
    recorded.extend(body.push(b" b"));
    assert_eq!(recorded, format!("a {MARK} b").into_bytes());
}
