use super::html::{holds_field, html};
use super::{MARK, form, is_form, is_secret_name};

/// JSON with the values of secret members replaced, and pages in its strings like pages elsewhere, every other byte as it
/// was. It reads tokens and not documents, so it also works on text that is cut off or malformed; what has fields outside
/// of any string is read as a page when it begins like one, and is nothing to be kept otherwise.
#[must_use]
pub fn json(text: &str) -> String {
    members(text).unwrap_or_else(|Markup| {
        let page = text.trim_start().starts_with('<').then(|| html(text)).flatten();
        page.unwrap_or_else(|| MARK.to_owned())
    })
}

/// What is read is no JSON.
struct Markup;

fn members(text: &str) -> Result<String, Markup> {
    // A document in a string, or a page, as it is or escaped.
    let may_hold_more = text.contains(['<', '\\', '=']);
    let mut was_outside = false;
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'"' {
            if bytes[at] == b'<' && !std::mem::replace(&mut was_outside, true) && holds_field(&text[at..]) {
                return Err(Markup);
            }
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
            continue;
        }
        if may_hold_more && let Some(kept) = within(&text[at..end]) {
            // The end of one string and the beginning of the next, with markup between them.
            if holds_field(&text[at..end]) && !matches!(bytes.get(colon), None | Some(b',' | b':' | b']' | b'}')) {
                return Err(Markup);
            }
            out.push_str(&text[copied..at]);
            out.push_str(&kept);
            copied = end;
        }
        at = end;
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

/// A string with its quotes as it stands in the record, when it is JSON itself or holds a page's fields; none when it stays
/// as it is.
fn within(literal: &str) -> Option<String> {
    // Neither markup nor another string nor a form stands in it.
    memchr::memchr3(b'<', b'\\', b'=', literal.as_bytes())?;
    let Ok(inner) = serde_json::from_str::<String>(literal) else {
        // Cut off, or no string: what is escaped in it is not known.
        return (literal.contains('\\') || holds_field(literal)).then(|| format!("\"{MARK}\""));
    };
    // Each level has twice as many backslashes: there are few.
    let kept = if inner.trim_start().starts_with(['{', '[', '"']) {
        json(&inner)
    } else if holds_field(&inner) {
        html(&inner).unwrap_or_else(|| MARK.to_owned())
    } else if is_form(&inner) {
        form(&inner)
    } else {
        return None;
    };
    (kept != inner).then(|| serde_json::Value::from(kept).to_string())
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
            (r#"{"a":"{\"password\":\"x\"}"}"#, r#"{"a":"{\"password\":\"[redacted]\"}"}"#),
            (r#"{"v":"user=a&password=x","w":"a = b"}"#, r#"{"v":"user=a&password=[redacted]","w":"a = b"}"#),
            (r#"{"token""#, r#"{"token""#),
            (r#"{"token":"#, r#"{"token":"#),
        ];
        for (given, wanted) in cases {
            assert_eq!(json(given), wanted);
        }
    }

    /// Each is a page's hidden field, somewhere in JSON or in what is taken for it.
    #[test]
    fn fields_of_pages_in_strings_lose_their_values() {
        for (given, wanted) in [
            (r#"{"h":"<p>kept<input type=\"hidden\" value=\"SECRET\">"}"#, "kept"),
            (r#"{"h":"\u003cp>kept\u003cINPUT type=hidden value=SECRET>"}"#, "kept"),
            (r#"["kept","<in\u0070ut type=hidden value=SECRET>"]"#, "kept"),
            (r#"{"h":"{\"i\":\"<input type=hidden value=SECRET>kept\"}"}"#, "kept"),
            (r#"{"h":"<svg/><input type=hidden value=SECRET>","a":"kept"}"#, "kept"),
            (r#"42["kept","<meta name=csrf-token content=SECRET>"]"#, "kept"),
            (r#"<p>kept<input type="hidden" value="SECRET">"#, "kept"),
            (r#"message <p title="a"><input type="hidden" value="SECRET">"#, MARK),
            (r#"a "b" <p title="<input type="hidden" value="SECRET">"#, MARK),
            (r#"{"a":"kept","h":"<input type=hidden value=SECRET"#, "kept"),
            (r#"{"s":["<input type=\"hidden\" name=\"c\" value=\"SECRET\" class=\"","\">"],"a":"kept"}"#, "kept"),
            (r#"5" pipe: <input type="hidden" value="SECRET">"#, MARK),
            (r#"{"a":"{\"password\":\"SECRET\"}\ud800","b":"kept"}"#, "kept"),
            (r#"{"a":"kept","h":"\u003cinput type=hidden value=SECRET"#, "kept"),
        ] {
            let kept = json(given);
            assert!(!kept.contains("SECRET") && kept.contains(wanted) && kept.contains(MARK), "{given}: {kept}");
        }
        let same = r#"{"a":"1 < 2, \u0061","b":"<p class=\"x\">","c":"{\"d\":1}","e":"<input name=city value=Oslo>"}"#;
        assert_eq!(json(same), same);
    }
}
