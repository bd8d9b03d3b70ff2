//! Which part of a JSON text a byte lies in, for whoever is told that it cannot be read.

enum Level {
    Object { key: String, reads_key: bool },
    Array(usize),
}

/// The members and places that lead to this byte, as `events[3].receipt`; empty at the top. The text in front of the byte is
/// JSON, or the answer is a guess.
pub(crate) fn place(text: &str, offset: usize) -> String {
    let bytes = &text.as_bytes()[..offset.min(text.len())];
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, levels.last_mut()) {
            (b'"', level) => {
                let end = end_of_string(bytes, at + 1);
                if let Some(Level::Object { key, reads_key: true }) = level {
                    *key = String::from_utf8_lossy(&bytes[at + 1..end]).into_owned();
                }
                at = end;
            }
            (b':', Some(Level::Object { reads_key, .. })) => *reads_key = false,
            (b',', Some(Level::Object { key, reads_key })) => (*key, *reads_key) = (String::new(), true),
            (b',', Some(Level::Array(place))) => *place += 1,
            (b'{', _) => levels.push(Level::Object { key: String::new(), reads_key: true }),
            (b'[', _) => levels.push(Level::Array(0)),
            (b'}' | b']', _) => drop(levels.pop()),
            _ => {}
        }
        at += 1;
    }
    written(&levels)
}

/// Where the string that begins here ends: its closing quote, or the end of what there is.
fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn written(levels: &[Level]) -> String {
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Array(place) => path.push_str(&format!("[{place}]")),
            Level::Object { key, .. } if key.is_empty() => {}
            Level::Object { key, .. } => {
                let dot = if path.is_empty() { "" } else { "." };
                let short: String = key.chars().take(40).collect();
                path.push_str(&format!("{dot}{}", domain::legible(&short)));
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_by_what_leads_to_it() {
        let text = r#"{"a":"1\"{","b":[{"c":{}},{"d":"x","e":[1,2]}],"f":null}"#;
        for (before, path) in
            [("", ""), ("1\\", "a"), ("[", "b"), ("{}", "b[0].c"), ("x", "b[1].d"), ("2]", "b[1].e[1]"), ("null", "f")]
        {
            let at = text.find(before).expect("it stands there");
            assert_eq!(place(text, at), path, "{before}");
        }
        assert_eq!(place(text, text.len() + 9), "");
        assert_eq!(place("]]}},::\"", 9), "");
    }
}
