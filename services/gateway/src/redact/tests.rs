use super::*;

const JWT: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtYXJhIn0.c2lnbmF0dXJl";

#[test]
fn headers_that_carry_secrets_lose_their_values() {
    let bearer = format!("x {JWT} y");
    let given = [
        ("cookie", "a=b"),
        ("set-cookie", "a=b"),
        ("authorization", "x"),
        ("countersign-assertion", "x"),
        ("x-csrf-token", "x"),
        ("x-api-key", "k"),
        ("accept", "text/html"),
        ("x-other", &bearer),
    ];
    let kept: Vec<String> = headers(given).into_iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(
        kept.join("|"),
        "cookie=[redacted]|set-cookie=[redacted]|authorization=[redacted]|countersign-assertion=[redacted]|x-csrf-token=[redacted]|x-api-key=[redacted]|accept=text/html|x-other=x [redacted] y"
    );
}

#[test]
fn forms_and_queries() {
    assert_eq!(
        form("user=mara&pass%77ord=x&access_token=y&n=1"),
        "user=mara&pass%77ord=[redacted]&access_token=[redacted]&n=1"
    );
    assert_eq!(target("/a?token=x&b=c"), "/a?token=[redacted]&b=c");
    assert_eq!(target(&format!("/a/{JWT}")), "/a/[redacted]");
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--B--\r\n";
    let recorded = body("multipart/form-data; boundary=B", multipart.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(recorded).unwrap(), multipart.replace("hunter2", MARK));
    assert_eq!(form("a=1;password=x;b=2"), "a=1;password=[redacted];b=2");
}

#[test]
fn tokens_in_text_are_found_by_shape() {
    assert_eq!(text(&format!("a {JWT}, b")), "a [redacted], b");
    assert_eq!(text("eyJ is not one, eyJhbGciOiJFUzI1NiJ9 neither"), "eyJ is not one, eyJhbGciOiJFUzI1NiJ9 neither");
    assert_eq!(text(&format!("x.{JWT} and e{JWT}")), format!("x.[redacted] and e{JWT}"));
}

#[test]
fn json_is_read_whatever_the_type_says() {
    let kept = body("text/plain", br#"{"a":1,"refresh_token":"x"}"#).unwrap();
    assert_eq!(String::from_utf8(kept).unwrap(), r#"{"a":1,"refresh_token":"[redacted]"}"#);
}

#[test]
fn of_a_body_that_readers_could_disagree_about_nothing_is_kept() {
    let folded = b"--B\r\nContent-Disposition: form-data;\r\n name=\"password\"\r\n\r\nhunter2\r\n--B--";
    let bare = b"--B\nContent-Disposition: form-data; name=password\n\nhunter2\n--B--";
    for unclear in [&folded[..], bare] {
        for kind in ["multipart/form-data; boundary=B", "multipart/form-data", "text/plain", ""] {
            assert_eq!(body(kind, unclear), None, "{kind}");
        }
    }
    assert_eq!(body("text/html", b"<select><xmp><input value=\"a\"></xmp></select>"), None);
    let said = not_kept(bare);
    assert!(said.starts_with("64 bytes") && said.ends_with(statement::sha256(bare).as_str()), "{said}");
}

#[test]
fn messages_lose_their_secrets_wherever_they_begin() {
    let kept = |bytes: &[u8]| String::from_utf8_lossy(&message(bytes)).into_owned();
    assert_eq!(kept(br#"42["a",{"password":"hush"}]"#), r#"42["a",{"password":"[redacted]"}]"#);
    assert_eq!(message(&[b"\xff ", JWT.as_bytes()].concat()), [b"\xff ", MARK.as_bytes()].concat());
}
