//! Pages in which there is nothing to be masked: the page as a whole shows it, and no piece of it has to be looked at.

use std::borrow::Cow;

use lol_html::Selector;
use percent_encoding::percent_decode_str;

use super::{Mask, Masked, entities, streamed, text};

impl Mask {
    /// What the rules may select in this page, and whatever stands in that.
    #[must_use]
    pub fn selected(&self, page: &str) -> Vec<Selector> {
        let here = self.rules.selectors.iter().filter(|selector| selector.may_select_in(page));
        here.map(|selector| selector.with_all_below().clone()).collect()
    }

    /// A page that ends outside of any tag, masked like any other body; where no pattern finds a value in any text, comment or
    /// attribute of it, however it is escaped there, only what is selected is looked at.
    #[must_use]
    pub fn whole_page(&self, content_type: &str, page: Vec<u8>, has_selected: bool, shared: bool) -> Option<Vec<u8>> {
        match std::str::from_utf8(&page) {
            Ok(text) if streamed::is_plain(content_type) && !text.contains('\0') && self.finds_nothing(text) => {
                if has_selected {
                    Masked::of_selected(self).all(&page)
                } else {
                    Some(page.to_vec())
                }
            }
            _ => self.body(content_type, &page, shared),
        }
    }

    /// Pieces of a page end at markup, which belongs to no value: what is found in a piece is found in the whole, decoded as
    /// often as the piece would be.
    fn finds_nothing(&self, page: &str) -> bool {
        let nothing = |text: &str| !self.rules.patterns.iter().any(|pattern| pattern.may_stand_in(text.as_bytes()));
        if !nothing(page) {
            return false;
        }
        let mut text = Cow::Borrowed(page);
        if page.contains('&') {
            text = Cow::Owned(entities::decoded(page));
            if !nothing(&text) {
                return false;
            }
        }
        for _ in 0..=text::ESCAPED {
            if !text.contains('%') {
                return true;
            }
            let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
            if decoded == text {
                return true;
            }
            if !nothing(&decoded) {
                return false;
            }
            text = Cow::Owned(decoded);
        }
        false
    }
}
