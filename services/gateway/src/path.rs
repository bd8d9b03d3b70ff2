//! The one spelling of a request's target. What is authorised, forwarded and recorded is this spelling; whatever another
//! reader could take for another path is refused.

use std::fmt::Write as _;

/// A target that has one meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalPath {
    path: String,
    query: Option<String>,
}

/// Why a target is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is not plain: {0}")]
pub struct PathError(pub &'static str);

impl CanonicalPath {
    /// Reads a target in origin form.
    ///
    /// # Errors
    /// [`PathError`] naming what is ambiguous in it.
    pub fn read(target: &str) -> Result<Self, PathError> {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        if !path.starts_with('/') {
            return Err(PathError("no leading slash"));
        }
        if target.contains('#') {
            return Err(PathError("a fragment"));
        }
        let path = canonical(path)?;
        if let Some(query) = query {
            check_query(query)?;
        }
        Ok(Self { path, query: query.map(str::to_owned) })
    }

    /// The path alone.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Names and values of the query, decoded, split at `&` and at `;`.
    #[must_use]
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        pairs(self.query.as_deref().unwrap_or_default())
    }

    /// The query as it stands.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Path and query, as they are forwarded.
    #[must_use]
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

/// Names and values of a query or a form, decoded; `;` separates too, because some services read it so.
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    text.split(['&', ';'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decode(name), form_decode(value))
        })
        .collect()
}

fn form_decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

fn canonical(path: &str) -> Result<String, PathError> {
    let mut out = String::with_capacity(path.len());
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            plain(byte)?;
            out.push(char::from(byte));
            decoded.push(byte);
            continue;
        }
        let byte = hex(bytes.next(), bytes.next())?;
        encoded(byte)?;
        decoded.push(byte);
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    let decoded = String::from_utf8(decoded).map_err(|_| PathError("not UTF-8"))?;
    if decoded.chars().any(|c| {
        matches!(c, '\u{80}'..='\u{9f}' | '\u{2024}' | '\u{2044}' | '\u{2215}' | '\u{ff0e}' | '\u{ff0f}' | '\u{ff3c}')
    }) {
        return Err(PathError("a character that passes for a dot or a slash"));
    }
    if out.contains("//") {
        return Err(PathError("an empty segment"));
    }
    if out.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(PathError("a dot segment"));
    }
    Ok(out)
}

/// Characters that may stand in a path as they are.
fn plain(byte: u8) -> Result<(), PathError> {
    match byte {
        b'/' | b':' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' => Ok(()),
        b';' => Err(PathError("a path parameter")),
        b'\\' => Err(PathError("a backslash")),
        _ if is_unreserved(byte) => Ok(()),
        _ => Err(PathError("a character that must be encoded")),
    }
}

fn encoded(byte: u8) -> Result<(), PathError> {
    match byte {
        0..=0x1f | 0x7f => Err(PathError("an encoded control character")),
        b'/' | b'\\' => Err(PathError("an encoded slash")),
        b'%' => Err(PathError("encoded twice")),
        b';' | b'?' | b'#' => Err(PathError("an encoded separator")),
        _ => Ok(()),
    }
}

fn check_query(query: &str) -> Result<(), PathError> {
    let mut bytes = query.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                hex(bytes.next(), bytes.next())?;
            }
            b'\\' | b'#' | 0..=0x20 | 0x7f..=0xff => {
                return Err(PathError("a character in the query that must be encoded"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn hex(high: Option<u8>, low: Option<u8>) -> Result<u8, PathError> {
    let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16)).ok_or(PathError("a broken percent sign"));
    u8::try_from(digit(high)? * 16 + digit(low)?).map_err(|_| PathError("a broken percent sign"))
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(target: &str) -> Result<String, &'static str> {
        CanonicalPath::read(target).map(|c| c.target()).map_err(|e| e.0)
    }

    #[test]
    fn a_path_has_one_spelling() {
        assert_eq!(canonical("/o/kinloch%2Dhotels/%7ea?x=%2e"), Ok("/o/kinloch-hotels/~a?x=%2e".into()));
        assert_eq!(canonical("/o/caf%c3%a9"), Ok("/o/caf%C3%A9".into()));
        assert_eq!(canonical("/a%20b"), Ok("/a%20b".into()));
        assert_eq!(canonical("/"), Ok("/".into()));
        assert_eq!(canonical("/a.b/..c/d.."), Ok("/a.b/..c/d..".into()));
    }

    #[test]
    fn g_13_path_escapes() {
        for bad in [
            "/o/a/../b",
            "/o/a/%2e%2e/b",
            "/o/a/%2E./b",
            "/o/a/..%2fb",
            "/o/a/..;/b",
            "/o/a/..\\b",
            "/o/a%5cb",
            "/o/a%5Cb",
            "/o/%252e%252e/b",
            "/o/a//b",
            "//evil",
            "/o/./b",
            "/o/a/.",
            "/o/a/..",
            "/o/%c0%af",
            "/o/%c0%ae%c0%ae/",
            "/o/a%00b",
            "/o/caf\u{e9}",
            "/o/a#b",
            "/o/a%2fb",
            "/o/a%3bb",
            "/o/a%23b",
            "/o/a%3fb",
            "/o/%",
            "/o/%4",
            "/o/%zz",
            "/o/a b",
            "/o/%ef%bc%8f",
            "/o/%e2%88%95",
            "/o/a?b#c",
            "/o/a?b=%4",
            "/o/a|b",
            "/o/a%0d%0ab",
            "o/a",
            "/o/a%ff",
            "/o/a?b\\c",
        ] {
            assert!(canonical(bad).is_err(), "{bad:?} became {:?}", canonical(bad));
        }
    }

    #[test]
    fn query_pairs_are_decoded_and_split_as_any_service_might() {
        let target = CanonicalPath::read("/a?org=x&%6frg=y;org=z+1&org").unwrap();
        let wanted = [("org", "x"), ("org", "y"), ("org", "z 1"), ("org", "")];
        assert_eq!(target.query_pairs(), wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
