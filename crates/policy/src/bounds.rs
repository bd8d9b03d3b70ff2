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

fn skip_string(bytes: &mut impl Iterator<Item = (usize, u8)>) {
    while let Some((_, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return,
            _ => {}
        }
    }
}
