use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Whether a character can mislead somebody who reads a signed text: it moves a terminal, reorders or hides its
/// neighbours, breaks a line where none is shown, or is a letter without a shape.
#[must_use]
pub fn misleads(c: char) -> bool {
    let by_category = matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    );
    by_category || is_blank_letter(c) || is_variation_selector(c)
}

/// A name that others chose, as it is shown and logged: nothing in it that [`misleads`], at most `max` characters.
#[must_use]
pub fn shown(name: &str, max: usize) -> String {
    name.chars().filter(|c| !misleads(*c)).take(max).collect()
}

/// Text of others on one line, as it is printed where it cannot be refused any more: each character that [`misleads`]
/// shows as U+FFFD, so that it neither acts nor vanishes.
#[must_use]
pub fn legible(text: &str) -> String {
    text.chars().map(|c| if misleads(c) { '\u{FFFD}' } else { c }).collect()
}

/// Hangul fillers and the empty braille pattern: letters and symbols by category that print nothing.
fn is_blank_letter(c: char) -> bool {
    matches!(c, '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}' | '\u{034F}' | '\u{17B4}' | '\u{17B5}')
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180B}'..='\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_cannot_see_is_not_shown() {
        for c in [
            '\0',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2066}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{e000}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{fff0}',
        ] {
            assert!(misleads(c), "{c:?}");
        }
        assert_eq!(shown("Ma\u{202e}ra\u{200b} Lindqvist", 120), "Mara Lindqvist");
        assert_eq!(shown("aaaa", 3), "aaa");
    }

    #[test]
    fn names_of_this_world_pass() {
        for name in ["Zoë O'Brien-Łukasz", "王小明", "محمد", "Åsa & Sons (2)", "नेहा", "한지민", "José 🏨"]
        {
            assert_eq!(shown(name, 120), name);
        }
    }
}
