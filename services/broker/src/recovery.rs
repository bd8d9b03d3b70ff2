use domain::PersonId;

use crate::seal::{MARK_LEN, SecretKey};

/// Codes that somebody gets at once.
pub(crate) const CODES: usize = 10;
/// Letters of one, in groups of four: more than 78 bits.
const LETTERS: usize = 16;
/// Without 0, 1, i, l, o and u, which are read as one another or make words.
const ALPHABET: [u8; 30] = *b"23456789abcdefghjkmnpqrstvwxyz";

/// Draws fresh codes, written as people read and type them. `byte` is the randomness.
pub(crate) fn draw(mut byte: impl FnMut() -> u8) -> Vec<String> {
    let mut letter = || loop {
        let n = usize::from(byte());
        // 240 is the largest multiple of 30 in a byte: every letter is as likely as another.
        if n < 240 {
            break char::from(ALPHABET[n % ALPHABET.len()]);
        }
    };
    let mut code = || (0..LETTERS).map(|_| letter()).collect::<Vec<char>>();
    let grouped = |code: Vec<char>| code.chunks(4).map(|four| four.iter().collect()).collect::<Vec<String>>().join("-");
    (0..CODES).map(|_| grouped(code())).collect()
}

/// A code as it was typed, whatever blanks, hyphens and capitals stand in it; `None` when it is none.
pub(crate) fn typed(text: &str) -> Option<String> {
    // The longest that is looked at: twice as many letters as there are.
    if text.len() > 2 * LETTERS {
        return None;
    }
    let code: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    let right = code.len() == LETTERS && code.bytes().all(|b| ALPHABET.contains(&b));
    right.then_some(code)
}

/// The digests of codes that are kept in their place.
pub(crate) fn marks(key: &SecretKey, person: &PersonId, codes: &[String]) -> Vec<u8> {
    codes.iter().filter_map(|code| typed(code)).flat_map(|code| key.mark(person, &code)).collect()
}

/// How many are left.
pub(crate) fn left(marks: &[u8]) -> usize {
    marks.len() / MARK_LEN
}

/// The digests without that of this code; `None` when it is none of them.
pub(crate) fn without(key: &SecretKey, person: &PersonId, marks: &[u8], code: &str) -> Option<Vec<u8>> {
    let used = key.mark(person, code);
    let rest: Vec<u8> = marks.chunks(MARK_LEN).filter(|mark| *mark != used).flatten().copied().collect();
    (rest.len() < marks.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SecretKey {
        SecretKey::new(&[1; 32]).expect("key")
    }

    fn counting() -> Vec<String> {
        let mut next = 0_u8;
        draw(|| {
            next = next.wrapping_add(7);
            next
        })
    }

    #[test]
    fn ten_codes_that_can_be_read_aloud() {
        let codes = counting();
        assert_eq!(codes.len(), 10);
        assert_eq!(codes[0], "9gqy-7enw-5ckt-3ahr");
        for code in &codes {
            assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
            assert!(!code.contains(['0', '1', 'i', 'l', 'o', 'u']), "{code}");
            assert_eq!(typed(code), Some(code.replace('-', "")));
        }
    }

    #[test]
    fn every_letter_is_as_likely_as_another() {
        let mut bytes = (0..=u8::MAX).cycle();
        let letters = draw(|| bytes.next().expect("a byte")).concat().replace('-', "");
        // 160 letters from bytes in turn: none of the sixteen bytes that are too large is taken.
        let count = |letter: u8| letters.bytes().filter(|l| *l == letter).count();
        assert!(ALPHABET.iter().all(|letter| (5..=6).contains(&count(*letter))), "{letters}");
        let mut large = [240, 255, 0].into_iter().cycle();
        assert!(draw(|| large.next().expect("a byte")).concat().replace('-', "").bytes().all(|l| l == b'2'));
    }

    #[test]
    fn a_code_is_read_however_it_is_typed_and_nothing_else_is_one() {
        let code = "9gqy7enw5ckt3ahr";
        for text in ["9gqy-7enw-5ckt-3ahr", "9GQY 7ENW 5CKT 3AHR", " 9gqy7enw5ckt3ahr\n"] {
            assert_eq!(typed(text).as_deref(), Some(code), "{text}");
        }
        for text in
            ["", "123456", "9gqy-7enw-5ckt-3ah", "9gqy-7enw-5ckt-3ahrv", "9gqy-7enw-5ckt-3ah0", "９gqy8fpx7enw6dmv"]
        {
            assert_eq!(typed(text), None, "{text}");
        }
        assert_eq!(typed(&"-".repeat(1 << 20)), None);
    }

    #[test]
    fn a_code_is_one_person_s_under_one_key_and_is_taken_out_once() {
        let (mara, tomasz) = (PersonId("p-1".into()), PersonId("p-2".into()));
        let codes = counting();
        let kept = marks(&key(), &mara, &codes);
        assert_eq!((kept.len(), left(&kept)), (10 * MARK_LEN, 10));
        let one = typed(&codes[3]).expect("a code");
        assert!(!kept.windows(one.len()).any(|w| w == one.as_bytes()));
        let rest = without(&key(), &mara, &kept, &one).expect("it is one of them");
        assert_eq!(left(&rest), 9);
        assert_eq!(without(&key(), &mara, &rest, &one), None, "it was used");
        assert_eq!(without(&key(), &tomasz, &kept, &one), None);
        assert_eq!(without(&SecretKey::new(&[2; 32]).expect("key"), &mara, &kept, &one), None);
        assert!(without(&key(), &mara, &rest, &typed(&codes[4]).expect("a code")).is_some());
    }
}
