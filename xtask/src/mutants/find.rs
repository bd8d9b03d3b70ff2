use std::{
    collections::BTreeSet,
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use super::source::{code_of, matching, places};

/// One check less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// Relative to the repository.
    pub file: PathBuf,
    pub line: usize,
    pub range: Range<usize>,
    pub with: &'static str,
    what: String,
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {} -> {:?}", self.file.display(), self.line, self.what, self.with)
    }
}

/// Every check that can be taken out by changing one expression or leaving out one statement.
pub fn mutants(file: &Path, text: &str) -> Vec<Mutant> {
    let code = code_of(text);
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    found.extend(conditions(&code));
    found.extend(operands(&code));
    found.extend(statements(&code));
    found.extend(filters(&code));
    found.extend(guards(&code));
    let mut seen = BTreeSet::new();
    found.retain(|(range, with)| seen.insert((range.start, range.end, *with)));
    found.sort_by_key(|(range, _)| (range.start, range.end));
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let shown = |range: &Range<usize>| text[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
    found
        .into_iter()
        .map(|(range, with)| Mutant {
            file: file.to_owned(),
            line: line(range.start),
            what: shown(&range),
            range,
            with,
        })
        .collect()
}

/// `if … { return Err(…) }` never refuses; `if … { Ok(()) } else { Err(…) }` always agrees.
fn conditions(code: &[u8]) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for at in places(code, "if ") {
        if at > 0 && (code[at - 1].is_ascii_alphanumeric() || code[at - 1] == b'_') || code[at..].starts_with(b"if let")
        {
            continue;
        }
        let Some(open) = block_after(code, at + 3) else { continue };
        let inside =
            code[open + 1..].iter().position(|byte| !byte.is_ascii_whitespace()).map_or(open, |n| open + 1 + n);
        let range = at + 3..trimmed_end(code, open);
        let rest = &code[inside..];
        if rest.starts_with(b"return Err(") || rest.starts_with(b"return false") || rest.starts_with(b"Err(") {
            found.push((range, "false"));
        } else if rest.starts_with(b"Ok(") {
            found.push((range, "true"));
        }
    }
    found
}

/// Each part of an `&&` or `||` is left out.
fn operands(code: &[u8]) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for (operator, neutral) in [("&& ", "true"), ("|| ", "false")] {
        for at in places(code, operator) {
            let before = code[..at].iter().rev().find(|byte| !byte.is_ascii_whitespace());
            // A closure without arguments is no `or`.
            if at == 0 || !code[at - 1].is_ascii_whitespace() || before.is_none_or(|b| matches!(b, b'(' | b',' | b'='))
            {
                continue;
            }
            let (left, right) = (operand_before(code, at), operand_after(code, at + operator.len()));
            for range in [left, right].into_iter().flatten() {
                if !range.is_empty() && !code[range.clone()].starts_with(b"let ") {
                    found.push((range, neutral));
                }
            }
        }
    }
    found
}

/// Statements that do nothing but fail: `…?;` without a `let`.
fn statements(code: &[u8]) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for at in places(code, "?;") {
        let mut start = at;
        let mut depth = 0_usize;
        while start > 0 {
            match code[start - 1] {
                b')' | b']' | b'}' => depth += 1,
                b'(' | b'[' | b'{' if depth == 0 => break,
                b'(' | b'[' | b'{' => depth -= 1,
                b';' if depth == 0 => break,
                _ => {}
            }
            // A block that ended before this statement.
            if depth == 1
                && code[start - 1] == b'}'
                && code[start..at].iter().take_while(|b| b.is_ascii_whitespace()).any(|b| *b == b'\n')
            {
                break;
            }
            start -= 1;
        }
        let start = start + code[start..at].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let text = &code[start..at];
        let is_plain = !text.starts_with(b"let ") && !places(text, " = ").any(|_| true) && !text.starts_with(b"return");
        if is_plain && !text.is_empty() {
            found.push((start..at + 2, ""));
        }
    }
    found
}

/// `.filter(…)` lets everything through.
fn filters(code: &[u8]) -> Vec<(Range<usize>, &'static str)> {
    places(code, ".filter(")
        .filter_map(|at| {
            let open = at + ".filter".len();
            Some((open + 1..matching(code, open)?, "|_| true"))
        })
        .collect()
}

/// The condition of a `match` arm always holds.
fn guards(code: &[u8]) -> Vec<(Range<usize>, &'static str)> {
    places(code, " if ")
        .filter_map(|at| {
            let start = at + " if ".len();
            let end = start + places(&code[start..], " =>").next()?;
            let is_guard = !code[start..end].iter().any(|byte| matches!(byte, b'{' | b'}' | b';'));
            is_guard.then_some((start..end, "true"))
        })
        .collect()
}

/// The block that follows a condition.
fn block_after(code: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < code.len() {
        match code[at] {
            b'{' => return Some(at),
            b'(' | b'[' => at = matching(code, at)?,
            b';' | b')' | b']' | b'}' => return None,
            b'=' if code.get(at + 1) == Some(&b'>') => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

fn trimmed_end(code: &[u8], mut end: usize) -> usize {
    while end > 0 && code[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    end
}

fn operand_before(code: &[u8], at: usize) -> Option<Range<usize>> {
    let end = trimmed_end(code, at);
    let mut start = end;
    let mut depth = 0_usize;
    while start > 0 {
        let rest = &code[..start];
        match code[start - 1] {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth == 0 => break,
            b'(' | b'[' | b'{' => depth -= 1,
            b';' | b',' if depth == 0 => break,
            b'|' if depth == 0 => break,
            _ if depth == 0
                && [b"&& ".as_slice(), b"=> ", b" if ", b"return ", b" = "].iter().any(|w| rest.ends_with(w)) =>
            {
                break;
            }
            _ => {}
        }
        start -= 1;
    }
    let start = start + code[start..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    Some(start..end)
}

fn operand_after(code: &[u8], from: usize) -> Option<Range<usize>> {
    let mut end = from;
    while end < code.len() {
        match code[end] {
            b'(' | b'[' => end = matching(code, end)?,
            b')' | b']' | b'}' | b';' | b',' | b'{' => break,
            b'&' | b'|' if code.get(end + 1) == Some(&code[end]) => break,
            b'=' if code.get(end + 1) == Some(&b'>') => break,
            _ => {}
        }
        end += 1;
    }
    Some(from..trimmed_end(code, end))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::mutants;

    fn of(text: &str) -> Vec<String> {
        let found = mutants(Path::new("x.rs"), text);
        found.iter().map(|m| format!("{} -> {}", &text[m.range.clone()], m.with)).collect()
    }

    #[test]
    fn a_refusal_is_taken_out() {
        let text = "fn f() {\n    if a.b(c)? != d {\n        return Err(E);\n    }\n    if x { y() }\n}\n";
        assert_eq!(of(text), ["a.b(c)? != d -> false"]);
        assert_eq!(of("fn f() { if a { Ok(()) } else { Err(E) } }"), ["a -> true"]);
        assert_eq!(of("fn f() { if a != \"b\" { return Err(E) } }"), ["a != \"b\" -> false"]);
    }

    #[test]
    fn each_part_of_a_condition_is_taken_out() {
        let text = "fn f() {\n    if a > 1 || !b(|x| x) || c {\n        return Err(E);\n    }\n}\n";
        let found = of(text);
        for part in ["a > 1 || !b(|x| x) || c -> false", "a > 1 -> false", "!b(|x| x) -> false", "c -> false"] {
            assert!(found.iter().any(|one| one == part), "{part} in {found:?}");
        }
        assert_eq!(of("fn f() -> bool { a && b }"), ["a -> true", "b -> true"]);
        assert_eq!(of("fn f() { g(|| 1) }"), [""; 0]);
    }

    #[test]
    fn statements_filters_and_guards_are_taken_out() {
        let text =
            "fn f() {\n    if x {\n        y();\n    }\n    a.check(\n        b,\n    )?;\n    let c = d()?;\n}\n";
        assert_eq!(of(text), ["a.check(\n        b,\n    )?; -> "]);
        assert_eq!(of("fn f() { a.filter(|t| t > 1).next() }"), ["|t| t > 1 -> |_| true"]);
        assert_eq!(of("fn f() { match a { Ok(b) if b < c => d, _ => e } }"), ["b < c -> true"]);
    }

    #[test]
    fn comments_strings_and_tests_are_no_code() {
        assert_eq!(
            of("// if a { return Err(b) }\nfn f() { g(\"x && y\", '\\'', '\"') }\n#[cfg(test)] fn t() { a()?; }"),
            [""; 0]
        );
    }
}
