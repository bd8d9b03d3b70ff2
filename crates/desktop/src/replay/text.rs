/// Of a text body this much is shown, in bytes.
pub(super) const SHOWN_BODY: usize = 64 * 1024;

pub(super) fn content_type(headers: &[(String, String)]) -> &str {
    header(headers, "content-type")
}

pub(super) fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or("", |(_, v)| v)
}

/// Text, cut at a character, when the type says that it is text and the bytes are.
pub(super) fn text(bytes: &[u8], content_type: &str) -> Option<String> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = kind.starts_with("text/")
        || kind.ends_with("json")
        || kind.ends_with("xml")
        || kind.ends_with("javascript")
        || kind == "application/x-www-form-urlencoded";
    if !is_text {
        return None;
    }
    let cut = &bytes[..bytes.len().min(SHOWN_BODY)];
    match std::str::from_utf8(cut) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if error.error_len().is_none() => {
            Some(String::from_utf8_lossy(&cut[..error.valid_up_to()]).into_owned())
        }
        Err(_) => None,
    }
}
