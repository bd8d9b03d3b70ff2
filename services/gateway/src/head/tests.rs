use super::*;

fn read(text: &str) -> Result<RequestHead, HeadError> {
    match end_of_head(text.as_bytes())? {
        Some(end) => RequestHead::read(&text.as_bytes()[..end]),
        None => panic!("not a whole head: {text:?}"),
    }
}

fn with(fields: &str) -> Result<RequestHead, HeadError> {
    read(&format!("POST /a HTTP/1.1\r\nHost: payroll.test\r\n{fields}\r\n"))
}

#[test]
fn a_plain_head_is_read() {
    let head =
        read("GET /a?b=c HTTP/1.1\r\nHost: Payroll.test\r\nAccept:  text/html \r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!((head.method, head.target.as_str(), head.host.as_str()), ("GET", "/a?b=c", "payroll.test"));
    assert_eq!(head.value("accept"), Some("text/html"));
    assert_eq!(head.framing, Framing::None);
    assert!(!head.keep_alive);
}

#[test]
fn g_01_length_with_coding() {
    let cl_te = with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
    assert_eq!(cl_te, Err(HeadError::LengthAndCoding));
}

#[test]
fn g_02_coding_with_length() {
    let te_cl = with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n");
    assert_eq!(te_cl, Err(HeadError::LengthAndCoding));
}

#[test]
fn g_03_obfuscated_codings() {
    for coding in [
        "xchunked",
        "chunked, chunked",
        "gzip, chunked",
        "identity",
        "chunked;q=1",
        "\"chunked\"",
        "",
        "\tchunked\u{b}",
    ] {
        let refused = with(&format!("Transfer-Encoding: {coding}\r\n"));
        assert!(matches!(refused, Err(HeadError::Coding | HeadError::Value)), "{coding:?}");
    }
    assert_eq!(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), Err(HeadError::Coding));
    assert_eq!(with("Transfer-Encoding : chunked\r\n"), Err(HeadError::Name));
    assert_eq!(with("Transfer-Encoding\r\n : chunked\r\n"), Err(HeadError::Name));
    assert_eq!(with("X: y\r\n Transfer-Encoding: chunked\r\n"), Err(HeadError::Folded));
    assert_eq!(with("Transfer_Encoding: chunked\r\n"), Err(HeadError::Name));
}

#[test]
fn g_04_two_lengths() {
    assert_eq!(with("Content-Length: 5\r\nContent-Length: 5\r\n"), Err(HeadError::Length));
    assert_eq!(with("Content-Length: 5\r\nContent-Length: 6\r\n"), Err(HeadError::Length));
}

#[test]
fn g_05_lengths_that_are_not_one_plain_number() {
    for length in ["5, 5", "+5", "-5", "0x5", "5 ", "", "5a", "1e3", "05", "99999999999999999999", "5\t5"] {
        let refused = with(&format!("Content-Length: {length}x\r\n"));
        assert_eq!(refused, Err(HeadError::Length), "{length:?}");
    }
    assert_eq!(with("Content-Length: 5, 5\r\n"), Err(HeadError::Length));
    assert_eq!(with("Content-Length: +5\r\n"), Err(HeadError::Length));
    assert_eq!(with("Content-Length: 05\r\n"), Err(HeadError::Length));
}

#[test]
fn g_08_other_versions() {
    assert_eq!(read("GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), Err(HeadError::Version));
    assert_eq!(read("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), Err(HeadError::Version));
    assert_eq!(read("GET /\r\n\r\n"), Err(HeadError::RequestLine));
    assert_eq!(read("PRI * HTTP/2.0\r\n\r\n"), Err(HeadError::Version));
}

#[test]
fn g_17_methods_that_are_not_carried() {
    for method in ["CONNECT", "TRACE", "PROPFIND", "MKCOL", "PRI", "get", "LOCK"] {
        assert_eq!(read(&format!("{method} /a HTTP/1.1\r\nHost: a\r\n\r\n")), Err(HeadError::Method), "{method}");
    }
    assert_eq!(HeadError::Method.status(), 405);
}

#[test]
fn g_30_large_heads() {
    let many = "X-A: b\r\n".repeat(MAX_HEADERS);
    assert_eq!(with(&many), Err(HeadError::TooMany));
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(MAX_TARGET));
    assert_eq!(read(&long), Err(HeadError::TargetTooLong));
    assert_eq!(end_of_head(&vec![b'a'; MAX_HEAD]), Err(HeadError::TooLarge));
    assert_eq!(end_of_head(&vec![b'a'; MAX_HEAD - 1]), Ok(None));
}

#[test]
fn hosts_and_forms() {
    assert_eq!(read("GET / HTTP/1.1\r\n\r\n"), Err(HeadError::Host));
    assert_eq!(read("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), Err(HeadError::Host));
    assert_eq!(read("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), Err(HeadError::Host));
    assert_eq!(read("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), Err(HeadError::TargetForm));
    assert_eq!(read("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), Err(HeadError::TargetForm));
    assert_eq!(read("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"), Err(HeadError::BodyOnRead));
}

#[test]
fn bare_line_ends_are_refused_at_once() {
    for bad in ["GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n", "GET / HTTP/1.1\rX", "\n"] {
        assert_eq!(end_of_head(bad.as_bytes()), Err(HeadError::BareLineEnd), "{bad:?}");
    }
    assert_eq!(end_of_head(b"GET / HTTP/1.1\r"), Ok(None));
    assert_eq!(end_of_head(b"GET /\0 HTTP/1.1\r\n"), Err(HeadError::Value));
}

#[test]
fn a_head_that_comes_byte_by_byte_is_looked_at_once() {
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "y".repeat(60_000));
    let began = std::time::Instant::now();
    for n in 1..=head.len() {
        let found = end_of_head_from(&head.as_bytes()[..n], n - 1).unwrap();
        assert_eq!(found, (n == head.len()).then_some(n));
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(3), "{:?}", began.elapsed());
    for (bad, error) in [
        ("GET / HTTP/1.1\nHost: a\r\n", HeadError::BareLineEnd),
        ("GET / HTTP/1.1\rHost", HeadError::BareLineEnd),
        ("GET /\0", HeadError::Value),
        ("\n", HeadError::BareLineEnd),
    ] {
        let mut steps = (1..=bad.len()).map(|n| end_of_head_from(&bad.as_bytes()[..n], n - 1));
        assert_eq!(steps.find(Result::is_err), Some(Err(error)), "{bad:?}");
    }
}
