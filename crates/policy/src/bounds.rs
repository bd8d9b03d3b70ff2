use crate::PolicyError;

/// No text is longer, in bytes.
pub(crate) const MAX_TEXT: usize = 128 * 1024;
/// No policy has more rules.
pub(crate) const MAX_RULES: usize = 200;
/// No rule is longer, in bytes: a chain of operators nests in the parser as deep as it is long.
const MAX_RULE: usize = 4 * 1024;
/// Brackets in brackets.
const MAX_DEPTH: usize = 24;

/// Refuses rules that are too many, too long or too deep for the parser, before the parser sees them.
pub(crate) fn check(cedar: &str) -> Result<(), PolicyError> {
    let (mut depth, mut rules, mut begun) = (0_usize, 0_usize, 0_usize);
    let mut bytes = cedar.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'/' if bytes.peek().is_some_and(|(_, next)| *next == b'/') => {
                while bytes.next_if(|(_, b)| *b != b'\n').is_some() {}
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b';' => (rules, begun) = (rules + 1, at),
            _ => {}
        }
        if depth > MAX_DEPTH || at - begun > MAX_RULE {
            return Err(PolicyError::TooDeep);
        }
    }
    if cedar.len() - begun > MAX_RULE || rules > MAX_RULES { Err(PolicyError::TooDeep) } else { Ok(()) }
}

/// The rules one by one, each with the number of line ends before it, for telling which of them is none.
pub(crate) fn pieces(cedar: &str) -> Vec<(usize, &str)> {
    let (mut pieces, mut begun) = (Vec::new(), 0_usize);
    let mut bytes = cedar.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'/' if bytes.peek().is_some_and(|(_, next)| *next == b'/') => {
                while bytes.next_if(|(_, b)| *b != b'\n').is_some() {}
            }
            b';' => {
                pieces.push((begun, at + 1));
                begun = at + 1;
            }
            _ => {}
        }
    }
    pieces.push((begun, cedar.len()));
    let with_line = |(from, to): (usize, usize)| {
        let piece = cedar.get(from..to)?;
        let from = from + piece.len() - without_comments(piece).len();
        Some((cedar.get(..from)?.matches('\n').count(), piece))
    };
    pieces.into_iter().filter_map(with_line).collect()
}

/// A rule from its effect on, wherever its annotations stand.
pub(crate) fn without_annotations(rule: &str) -> &str {
    let mut rest = without_comments(rule);
    while let Some(named) = rest.strip_prefix('@') {
        rest = without_comments(named.trim_start().trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        if rest.starts_with('(') {
            let mut bytes = rest.bytes().enumerate();
            while let Some((at, byte)) = bytes.next() {
                match byte {
                    b'"' => skip_string(&mut bytes),
                    b')' => {
                        rest = without_comments(rest.get(at + 1..).unwrap_or_default());
                        break;
                    }
                    _ => {}
                }
            }
        }
    }
    rest
}

/// The piece from its first word on.
fn without_comments(piece: &str) -> &str {
    let mut rest = piece.trim_start();
    while rest.starts_with("//") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest.trim_start());
    }
    rest
}

fn skip_string(bytes: &mut impl Iterator<Item = (usize, u8)>) {
    while let Some((_, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return,
            _ => {}
        }
    }
}
