//! Character references of HTML, as far as they stand for ASCII or by number: patterns look at what a reader sees.

const NAMED: [(&str, char); 44] = [
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("excl", '!'),
    ("quot", '"'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("amp", '&'),
    ("apos", '\''),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("midast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("lt", '<'),
    ("equals", '='),
    ("gt", '>'),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("lbrack", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("grave", '`'),
    ("lcub", '{'),
    ("lbrace", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("rcub", '}'),
    ("rbrace", '}'),
    ("nbsp", '\u{a0}'),
    ("shy", '\u{ad}'),
    ("hyphen", '\u{2010}'),
    ("dash", '\u{2010}'),
    ("ndash", '\u{2013}'),
];

/// The text without its references; those that are not known stay as they are.
#[must_use]
pub fn decoded(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        match one(after) {
            Some((char, length)) => {
                out.push(char);
                rest = &after[length..];
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

/// The character that a reference stands for, and how long it is.
fn one(text: &str) -> Option<(char, usize)> {
    if let Some(number) = text.strip_prefix('#') {
        let is_hex = number.starts_with(['x', 'X']);
        let (digits, radix) = if is_hex { (&number[1..], 16) } else { (number, 10) };
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let value = u32::from_str_radix(digits.get(..length)?.trim_start_matches('0'), radix).ok()?;
        let semicolon = usize::from(digits[length..].starts_with(';'));
        return Some((char::from_u32(value)?, 1 + usize::from(is_hex) + length + semicolon));
    }
    let (name, _) = text.split_at_checked(text.bytes().take(10).position(|b| b == b';')?)?;
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, char)| (*char, name.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_a_browser_reads_them() {
        for (given, wanted) in [
            ("a&#64;b &#064b &#x40;c &#X40 d &commat;e", "a@b @b @c @ d @e"),
            ("&amp;#64; & &x; &#; &#x; &#xfffffff;", "&#64; & &x; &#; &#x; &#xfffffff;"),
            ("1&nbsp;2 &lt;b&gt;", "1\u{a0}2 <b>"),
            ("&", "&"),
            ("ä&#228;&", "ää&"),
        ] {
            assert_eq!(decoded(given), wanted);
        }
    }
}
