//! What a string of JSON says, whatever is wrong with it.

use std::borrow::Cow;

/// The text of a literal with or without its quotes. Never fails: what is no escape stands for itself.
pub(super) fn unescaped(literal: &[u8]) -> String {
    let inner = literal.strip_prefix(b"\"").unwrap_or(literal);
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    let text = std::str::from_utf8(inner).map_or_else(|_| String::from_utf8_lossy(inner), Cow::Borrowed);
    if !text.contains('\\') {
        return text.into_owned();
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), &*text);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (char, length) = escape(after);
        out.push(char);
        rest = &after[length..];
    }
    out + rest
}

fn escape(after: &str) -> (char, usize) {
    let Some(kind) = after.chars().next() else { return ('\\', 0) };
    let char = match kind {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => return unit(after),
        other => other,
    };
    (char, kind.len_utf8())
}

/// `uXXXX`, or two of them that are one character.
fn unit(after: &str) -> (char, usize) {
    let four = |text: &str| text.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let Some(first) = four(&after[1..]) else { return ('u', 1) };
    let second = after.get(5..).and_then(|rest| rest.strip_prefix("\\u")).and_then(four);
    match (char::decode_utf16([first]).next(), second) {
        (Some(Ok(char)), _) => (char, 5),
        (_, Some(second)) => match char::decode_utf16([first, second]).next() {
            Some(Ok(char)) => (char, 11),
            _ => (char::REPLACEMENT_CHARACTER, 5),
        },
        _ => (char::REPLACEMENT_CHARACTER, 5),
    }
}

/// A text as a literal.
pub(super) fn quoted(text: &str) -> Vec<u8> {
    serde_json::to_vec(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_says_something() {
        for (literal, said) in [
            (r#""a@b""#, "a@b"),
            (r#""a\u0040b\n\"c\/d""#, "a@b\n\"c/d"),
            (r#""\ud83d\ude00 \ud83d \ude00 \ud83d\u0041""#, "\u{1f600} \u{fffd} \u{fffd} \u{fffd}A"),
            (r#""\u00"#, "u00"),
            (r#""cut \"#, "cut \\"),
            (r#""\ä""#, "ä"),
        ] {
            assert_eq!(unescaped(literal.as_bytes()), said, "{literal}");
        }
    }
}
