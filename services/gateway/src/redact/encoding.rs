use super::{Form, is_untyped};

/// Encodings in which ASCII does not stand for itself, by what their names begin with.
const OTHERS: [&str; 9] =
    ["utf-16", "utf-32", "utf-7", "iso-2022", "hz-", "ucs-2", "unicode", "iso-10646", "csiso2022"];
const ESCAPE: u8 = 0x1b;

/// Whether a browser may read other characters in these bytes than the parsers here do.
#[must_use]
pub fn is_unclear(form: Form, content_type: &str, bytes: &[u8]) -> bool {
    let is_read = matches!(form, Form::Html | Form::Xml | Form::Json | Form::UrlEncoded)
        || is_untyped(&crate::multipart::essence(content_type));
    match form {
        Form::Other | Form::Multipart => false,
        _ => names_another(content_type) || begins_with_another(bytes) || (is_read && switches(bytes)),
    }
}

/// Whether a piece of a document has a byte that stands in no text whose ASCII stands for itself.
#[must_use]
pub fn switches(bytes: &[u8]) -> bool {
    memchr::memchr2(0, ESCAPE, bytes).is_some()
}

/// Whether the type names such an encoding.
#[must_use]
pub fn names_another(content_type: &str) -> bool {
    let lower = content_type.to_ascii_lowercase();
    let charsets = lower.split(';').filter_map(|parameter| parameter.trim().strip_prefix("charset"));
    charsets.map(|rest| rest.trim_start_matches([' ', '=', '"', '\''])).any(|c| OTHERS.iter().any(|o| c.starts_with(o)))
}

/// A mark of the order of bytes, which a browser believes before anything else.
#[must_use]
pub fn begins_with_another(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xfe, 0xff]) || bytes.starts_with(&[0xff, 0xfe])
}
