use domain::misleads;
use serve::ProblemResponse;
use wire::event::Append;

use crate::problem;

/// Statements and fields that one Event may name.
const MAX_STATEMENTS: usize = 32;
const MAX_FIELDS: usize = 32;
/// Characters: a code, a count, a digest, a verifier key; and a justification with room to spare.
const MAX_FACT: usize = 1024;
const MAX_PERSONAL: usize = 8 * 1024;
const MAX_STATEMENT: usize = 16 * 1024;

/// Holds an append to its form before anything is written: bounded, named plainly, without characters that move a
/// terminal or break a line in somebody's log.
pub(super) fn check(append: &Append) -> Result<(), ProblemResponse> {
    let fields = append.facts.len() + append.personal.len();
    if append.statements.len() > MAX_STATEMENTS || fields > MAX_FIELDS {
        return Err(problem::bad_event("It names too many statements or fields."));
    }
    if !append.facts.keys().chain(append.personal.keys()).all(|name| is_name(name)) {
        return Err(problem::bad_event("A field's name is not 1 to 64 of a-z, 0-9 and -."));
    }
    if append.facts.values().any(|v| v.len() > MAX_FACT || v.chars().any(misleads)) {
        return Err(problem::bad_event("A fact is too long or holds characters that mislead."));
    }
    let unprintable = |c: char| c.is_control() && c != '\n';
    if append.personal.values().any(|v| v.len() > MAX_PERSONAL || v.chars().any(unprintable)) {
        return Err(problem::bad_event("A personal field is too long or holds control characters."));
    }
    let graphic = |s: &String| !s.is_empty() && s.len() <= MAX_STATEMENT && s.bytes().all(|b| b.is_ascii_graphic());
    if !append.statements.iter().all(graphic) {
        return Err(problem::bad_event("A statement is empty, too long or not a compact one."));
    }
    if append.unique.as_ref().is_some_and(|u| u.is_empty() || u.len() > 256 || !u.bytes().all(|b| b.is_ascii_graphic()))
    {
        return Err(problem::bad_event("The unique text is empty, too long or not graphic ASCII."));
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
