//! Takes secrets out of what is recorded, by structure: by the names of headers, form fields and JSON members, by the
//! kind of HTML input, and by the shape of a JWT. What is forwarded is never touched by this.

mod html;
mod json;

pub use html::html;
pub use json::json;

/// What stands in a secret's place.
pub const MARK: &str = "[redacted]";

const SECRET_HEADERS: [&str; 7] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "proxy-authenticate",
    "set-cookie",
    "www-authenticate",
    wire::ASSERTION_HEADER,
];
const SECRET_PARTS: [&str; 10] =
    ["token", "secret", "password", "passwd", "passphrase", "passcode", "apikey", "credential", "privatekey", "csrf"];

/// Whether a field of this name holds a secret. Case, `-`, `_` and `.` do not matter.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    plain == "otp" || plain == "pin" || SECRET_PARTS.iter().any(|part| plain.contains(part))
}

/// Headers as they are recorded.
#[must_use]
pub fn headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    headers
        .into_iter()
        .map(|(name, value)| {
            let secret = SECRET_HEADERS.contains(&name) || is_secret_name(name);
            let value = if secret {
                MARK.to_owned()
            } else if name == "location" || name == "referer" {
                target(value)
            } else {
                text(value)
            };
            (name.to_owned(), value)
        })
        .collect()
}

/// A path with its query, or an address, as it is recorded.
#[must_use]
pub fn target(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query)) => format!("{}?{}", text(path), form(query)),
        None => text(target),
    }
}

/// A query or a form's body as it is recorded.
#[must_use]
pub fn form(body: &str) -> String {
    let fields: Vec<String> = body
        .split('&')
        .map(|field| match field.split_once('=') {
            Some((name, value))
                if !value.is_empty()
                    && is_secret_name(&percent_encoding::percent_decode_str(name).decode_utf8_lossy()) =>
            {
                format!("{name}={MARK}")
            }
            _ => text(field),
        })
        .collect();
    fields.join("&")
}

/// What stands in a body, as its media type and its first characters say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    UrlEncoded,
    Html,
    Text,
    Other,
}

impl Form {
    /// The form of a body of this media type.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::UrlEncoded,
            "text/html" | "application/xhtml+xml" => Self::Html,
            e if e.ends_with("+json") => Self::Json,
            e if e.starts_with("text/") || e.ends_with("+xml") || e.ends_with("/xml") || e.contains("javascript") => {
                Self::Text
            }
            "multipart/form-data" | "" => Self::Text,
            _ => Self::Other,
        }
    }
}

/// A whole body as it is recorded. Whatever its media type says, a text that begins like JSON is read as JSON.
#[must_use]
pub fn body(form_of: Form, bytes: &[u8]) -> Vec<u8> {
    let plain = match std::str::from_utf8(bytes) {
        Ok(plain) => std::borrow::Cow::Borrowed(plain),
        Err(_) if form_of == Form::Other => return bytes.to_vec(),
        Err(_) => String::from_utf8_lossy(bytes),
    };
    let plain = plain.as_ref();
    match form_of {
        Form::UrlEncoded => form(plain),
        Form::Html => text(&html(plain)),
        Form::Json => text(&json(plain)),
        Form::Text | Form::Other if plain.trim_start().starts_with(['{', '[']) => text(&json(plain)),
        Form::Text | Form::Other => text(&multipart(plain)),
    }
    .into_bytes()
}

/// Values of a multipart form's fields whose name is a secret's.
fn multipart(body: &str) -> String {
    if !body.starts_with("--") {
        return body.to_owned();
    }
    let boundary = body.split("\r\n").next().unwrap_or_default();
    let parts: Vec<String> = body
        .split(boundary)
        .map(|part| match part.split_once("\r\n\r\n") {
            Some((head, _)) if part_name(head).map_or(true, |name| name.as_deref().is_some_and(is_secret_name)) => {
                format!("{head}\r\n\r\n{MARK}\r\n")
            }
            _ => part.to_owned(),
        })
        .collect();
    parts.join(boundary)
}

/// A multipart part's head that readers could disagree about.
#[derive(Debug, PartialEq, Eq)]
pub struct Unclear;

/// The `name` of a multipart part, from the one `Content-Disposition` of its head. A head without one has no name.
///
/// # Errors
/// [`Unclear`] when two readers could find two names: the field or the parameter stands twice, is extended (`name*`), or
/// a quoted value holds an escape.
pub fn part_name(head: &str) -> Result<Option<String>, Unclear> {
    let fields: Vec<&str> = head
        .split("\r\n")
        .filter_map(|l| l.split_once(':'))
        .filter(|(n, _)| n.trim().eq_ignore_ascii_case("content-disposition"))
        .map(|(_, v)| v)
        .collect();
    let [field] = fields[..] else { return if fields.is_empty() { Ok(None) } else { Err(Unclear) } };
    let mut name = None;
    for (key, value) in parameters(field)? {
        if key == "name*" || (key == "name" && name.replace(value).is_some()) {
            return Err(Unclear);
        }
    }
    Ok(name)
}

/// The parameters of a header field's value: `; key=token` or `; key="quoted"`.
fn parameters(field: &str) -> Result<Vec<(String, String)>, Unclear> {
    let mut found = Vec::new();
    let mut rest = field.find(';').map_or("", |at| &field[at..]);
    while let Some(after) = rest.strip_prefix(';') {
        let Some((key, value)) = after.split_once('=') else {
            return if after.trim().is_empty() { Ok(found) } else { Err(Unclear) };
        };
        let value = value.trim_start();
        let (value, left) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or(Unclear)?,
            None => value.split_at(value.find(';').unwrap_or(value.len())),
        };
        if value.contains('\\') {
            return Err(Unclear);
        }
        found.push((key.trim().to_ascii_lowercase(), value.trim_end().to_owned()));
        rest = left.trim_start();
        if !rest.is_empty() && !rest.starts_with(';') {
            return Err(Unclear);
        }
    }
    Ok(found)
}

/// A text without its JWT-shaped strings.
#[must_use]
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        let inside = rest[..at].bytes().next_back().is_some_and(is_jwt_byte);
        let run = rest[at..].bytes().position(|b| !is_jwt_byte(b) && b != b'.').unwrap_or(rest.len() - at);
        out.push_str(&rest[..at]);
        let candidate = &rest[at..at + run];
        out.push_str(if !inside && looks_like_jwt(candidate) { MARK } else { candidate });
        rest = &rest[at + run..];
    }
    out.push_str(rest);
    out
}

/// How many bytes at the end of a streamed text belong to the next part: a character that is cut, or what could be the
/// beginning of a JWT.
#[must_use]
pub fn undecided(bytes: &[u8]) -> usize {
    let cut_character = match std::str::from_utf8(&bytes[bytes.len().saturating_sub(4)..]) {
        Err(error) if error.error_len().is_none() => bytes.len().min(4) - error.valid_up_to(),
        _ => 0,
    };
    if cut_character > 0 {
        return cut_character;
    }
    let run = bytes.iter().rev().take_while(|b| is_jwt_byte(**b) || **b == b'.').count();
    let tail = &bytes[bytes.len() - run..];
    let starts = tail.starts_with(b"eyJ") || matches!(tail, [b'e'] | [b'e', b'y']);
    if starts && run <= 16 * 1024 { run } else { 0 }
}

fn looks_like_jwt(run: &str) -> bool {
    let parts: Vec<&str> = run.split('.').collect();
    parts.len() >= 3 && parts[0].len() >= 12 && parts[1].len() >= 4
}

const fn is_jwt_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
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
        let recorded = String::from_utf8(body(Form::Text, multipart.as_bytes())).unwrap();
        assert!(!recorded.contains("hunter2") && recorded.contains("\r\n\r\nb\r\n"));
    }

    #[test]
    fn tokens_in_text_are_found_by_shape() {
        assert_eq!(text(&format!("a {JWT}, b")), "a [redacted], b");
        assert_eq!(
            text("eyJ is not one, eyJhbGciOiJFUzI1NiJ9 neither"),
            "eyJ is not one, eyJhbGciOiJFUzI1NiJ9 neither"
        );
        assert_eq!(undecided(format!("data: {}", &JWT[..30]).as_bytes()), 30);
        assert_eq!(undecided(b"the end"), 0);
        assert_eq!(undecided(b"data: e"), 1);
    }

    #[test]
    fn json_is_read_whatever_the_type_says() {
        let kept = String::from_utf8(body(Form::Text, br#"{"a":1,"refresh_token":"x"}"#)).unwrap();
        assert_eq!(kept, r#"{"a":1,"refresh_token":"[redacted]"}"#);
    }
}
