//! Where in a text a built-in pattern has to be looked for. Most texts hold no value, which a few bytes show much sooner than
//! the pattern does: the one for addresses takes a microsecond for four of them.

use std::ops::Range;

use memchr::{memchr, memchr3};

/// Everywhere.
pub(super) fn all(text: &[u8], from: usize) -> Option<Range<usize>> {
    (from < text.len()).then_some(from..text.len())
}

/// The next run of bytes that an address is made of, if a sign is among them that stands for `@`. The pattern looks at nothing
/// around a value: what it finds in the run is what it finds in the text.
pub(super) fn of_e_mail(text: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    // `@`, `%40`, `&#64;` and `&commat;`, `\u0040` and `\x40`.
    let sign = memchr3(b'@', b'%', b'&', rest).into_iter().chain(memchr(b'\\', rest)).min()?;
    let begins = rest[..sign].iter().rposition(|b| !is_of_address(*b)).map_or(0, |at| at + 1);
    let ends = rest[sign..].iter().position(|b| !is_of_address(*b)).map_or(rest.len(), |at| sign + at);
    Some(from + begins..from + ends)
}

/// Everywhere, if two letters are followed by two digits.
pub(super) fn of_iban(text: &[u8], from: usize) -> Option<Range<usize>> {
    let begins = |w: &[u8]| w[1].is_ascii_alphabetic() && w[2].is_ascii_digit() && w[3].is_ascii_digit();
    let rest = text.get(from..)?;
    rest.windows(4).any(|w| begins(w) && w[0].is_ascii_alphabetic()).then_some(from..text.len())
}

/// Characters beyond ASCII may be letters.
fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_.%+'-@&#;\\".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::super::{BUILT_IN, Pattern};
    use super::*;

    /// What the pattern finds when it is asked everywhere.
    fn found_everywhere(pattern: &Pattern, text: &[u8], from: usize) -> Option<Range<usize>> {
        Pattern { stretches: all, ..pattern.clone() }.find_at(text, from)
    }

    /// Every text of some pieces: values, halves of values, and what stands around them.
    fn texts() -> impl Iterator<Item = Vec<u8>> {
        const PIECES: [&[u8]; 26] = [
            b"mara@kinloch.example",
            b"a",
            b"@",
            b"%40",
            b"&#64;",
            b"&#x40;",
            b"&commat;",
            b"\\u0040",
            b"\\x40",
            b"x.example",
            b" ",
            b"-",
            b".",
            b"'",
            b"%",
            b"&",
            b"\\",
            b"<",
            "\u{fc}".as_bytes(),
            b"\xff",
            b"\xc3",
            b"DE89370400440532013000",
            b"de89 3704 0044 0532 0130 00",
            b"NO93",
            b"+49 170 1234567",
            b"4111 1111 1111 1111",
        ];
        let of = |mut n: usize| {
            let mut text = Vec::new();
            for _ in 0..4 {
                text.extend_from_slice(PIECES[n % PIECES.len()]);
                n /= PIECES.len();
            }
            text
        };
        // A step without a common divisor: every piece comes to every place, beside many others.
        (0..PIECES.len().pow(4)).step_by(61).map(of)
    }

    #[test]
    fn nothing_is_found_less() {
        for name in BUILT_IN {
            let pattern = Pattern::built_in(name).unwrap();
            let mut found = 0;
            for text in texts() {
                for from in 0..=text.len().min(12) {
                    let everywhere = found_everywhere(&pattern, &text, from);
                    assert_eq!(pattern.find_at(&text, from), everywhere, "{name} from {from} in {text:?}");
                    found += usize::from(everywhere.is_some());
                }
            }
            assert!(found > 500 || name == "us-ssn", "{name}: {found}");
        }
    }

    #[test]
    fn a_text_without_a_value_has_no_stretch() {
        assert_eq!(of_e_mail(b"Person 3, paid on 2026-10-01", 0), None);
        assert_eq!(of_e_mail(b"to mara@kinloch.example, today", 0), Some(3..23));
        assert_eq!(of_e_mail(b"to mara@kinloch.example, today", 24), None);
        assert_eq!(of_iban(b"Person 3, paid on 2026-10-01, A12", 0), None);
        assert_eq!(of_iban(b"an AB12", 0), Some(0..7));
    }
}
