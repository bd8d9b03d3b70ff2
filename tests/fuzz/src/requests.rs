//! Request heads and targets, each beside a second reader: `httparse`, `url`.

use gateway::head::{Framing, RequestHead, end_of_head, end_of_head_from};
use gateway::path::CanonicalPath;

pub fn head(bytes: &[u8]) {
    let whole = end_of_head(bytes);
    // Byte by byte, as it comes over a slow line, it ends at the same place or fails as well.
    let mut looked_at = 0;
    let mut crept = Ok(None);
    for upto in 1..=bytes.len().min(512) {
        crept = end_of_head_from(&bytes[..upto], looked_at);
        looked_at = upto;
        if !matches!(crept, Ok(None)) {
            break;
        }
    }
    if bytes.len() <= 512 {
        assert_eq!(crept.is_err(), whole.is_err(), "{crept:?} beside {whole:?}");
        if let (Ok(crept), Ok(whole)) = (&crept, &whole) {
            assert_eq!(crept, whole);
        }
    }
    let Ok(Some(end)) = whole else { return };
    let Ok(read) = RequestHead::read(&bytes[..end]) else { return };
    beside_httparse(&bytes[..end], &read);
    let framed = ["content-length", "transfer-encoding"].map(|name| read.values(name).count());
    match read.framing {
        Framing::None => assert_eq!(framed, [0, 0]),
        Framing::Length(_) => assert_eq!(framed[1], 0, "two ways to find the body's end"),
        Framing::Chunked => assert_eq!(framed, [0, 1], "two ways to find the body's end"),
    }
    assert!(read.target.starts_with('/') && !read.target.contains([' ', '\r', '\n', '\0']));
    let written = written(&read);
    let again = RequestHead::read(written.as_bytes());
    assert_eq!(again.as_ref(), Ok(&read), "written again it is another: {written:?}");
}

fn written(head: &RequestHead) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\n", head.method, head.target);
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text
}

/// Whatever is let in, a common reader reads in the same way.
fn beside_httparse(bytes: &[u8], read: &RequestHead) {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut other = httparse::Request::new(&mut headers);
    let outcome = other.parse(bytes);
    assert_eq!(outcome, Ok(httparse::Status::Complete(bytes.len())), "another reader ends elsewhere");
    assert_eq!((other.method, other.path, other.version), (Some(read.method), Some(read.target.as_str()), Some(1)));
    assert_eq!(other.headers.len(), read.headers.len());
    for (one, (name, value)) in other.headers.iter().zip(&read.headers) {
        assert_eq!(one.name.to_ascii_lowercase(), *name);
        assert_eq!(one.value, value.as_bytes());
    }
}

pub fn path(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(read) = CanonicalPath::read(text) else { return };
    let target = read.target();
    assert_eq!(CanonicalPath::read(&target).as_ref(), Ok(&read), "not canonical yet: {target}");
    for odd in ["/../", "/./", "//", "\\", "%2F", "%2f", "%5C", "%2E", "%00", "#"] {
        assert!(!read.path().contains(odd), "{odd} in {target}");
    }
    assert!(!read.path().ends_with("/..") && !read.path().ends_with("/."), "{target}");
    let url = url::Url::parse(&format!("https://h.test{target}")).expect("an address");
    assert_eq!((url.host_str(), url.path()), (Some("h.test"), read.path()), "another reader goes elsewhere");
}
