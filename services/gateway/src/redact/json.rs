use super::{MARK, is_secret_name};

/// JSON with the values of secret members replaced, every other byte as it was. It reads tokens and not documents,
/// so it also works on text that is cut off or malformed.
#[must_use]
pub fn json(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'"' {
            at += 1;
            continue;
        }
        let end = end_of_string(bytes, at);
        let colon = skip_space(bytes, end);
        if bytes.get(colon) == Some(&b':') && is_secret_literal(&text[at..end]) {
            let value = skip_space(bytes, colon + 1);
            let after = end_of_value(bytes, value);
            if !matches!(&text[value..after], "null" | "true" | "false" | "\"\"" | "") {
                out.push_str(&text[copied..value]);
                out.push('"');
                out.push_str(MARK);
                out.push('"');
                copied = after;
            }
            at = after;
        } else {
            at = end;
        }
    }
    out.push_str(&text[copied..]);
    out
}

/// Whether a string with its quotes is a secret's name.
pub(super) fn is_secret_literal(literal: &str) -> bool {
    // Nothing but letters and digits counts: without an escape it says what it is.
    if !literal.contains('\\') {
        return is_secret_name(literal);
    }
    serde_json::from_str::<String>(literal).map_or_else(|_| is_secret_name(literal), |name| is_secret_name(&name))
}

/// Behind the closing quote of the string that opens at `from`.
fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn end_of_value(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = end_of_string(bytes, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            b if depth == 0 && b.is_ascii_whitespace() => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn skip_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_members_lose_their_values_and_nothing_else_changes() {
        let cases = [
            (r#"{"a": 1, "password" : "x\"y", "b":[2]}"#, r#"{"a": 1, "password" : "[redacted]", "b":[2]}"#),
            (r#"{"tokens":["a",{"b":"}"}],"c":3}"#, r#"{"tokens":"[redacted]","c":3}"#),
            (r#"{"p\u0061ssword":"x"}"#, r#"{"p\u0061ssword":"[redacted]"}"#),
            (r#"{"client_secret":12345}"#, r#"{"client_secret":"[redacted]"}"#),
            (r#"{"token":null,"note":"token: x"}"#, r#"{"token":null,"note":"token: x"}"#),
            (r#"{"token":"cut o"#, r#"{"token":"[redacted]""#),
            (r#"{"token""#, r#"{"token""#),
            (r#"{"token":"#, r#"{"token":"#),
        ];
        for (given, wanted) in cases {
            assert_eq!(json(given), wanted);
        }
    }
}
