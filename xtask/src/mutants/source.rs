//! Rust text without everything that is no code, and what its brackets enclose.

/// The text, each byte of a comment replaced by a space and each of a literal by `_`; tests are left out.
pub fn code_of(text: &str) -> Vec<u8> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => bytes[at..].iter().position(|b| *b == b'\n').map(|n| at + n),
            b'"' => closing(bytes, at, b'"'),
            b'\'' if bytes.get(at + 2) == Some(&b'\'') || bytes.get(at + 1) == Some(&b'\\') => {
                closing(bytes, at, b'\'')
            }
            _ => Some(at),
        };
        let end = end.unwrap_or(bytes.len());
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = if bytes[at] == b'/' { b' ' } else { b'_' };
            }
        }
        at = end.max(at + 1);
    }
    code
}

fn closing(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the bracket that opens here is closed.
pub fn matching(code: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.iter().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Every place where this stands.
pub fn places<'a>(code: &'a [u8], what: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.windows(what.len()).enumerate().filter(move |(_, window)| *window == what.as_bytes()).map(|(at, _)| at)
}
