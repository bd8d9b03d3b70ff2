//! One look at a whole page, which shows what the parsers that change or leave out something would find in it. Where there
//! is nothing for one of them, it is not asked.

use std::borrow::Cow;
use std::cell::Cell;

use lol_html::html_content::Element;
use lol_html::{ElementContentHandlers, HtmlRewriter, MemorySettings, Selector, Settings, element};

use crate::page;
use crate::redact;

/// Of a page whose markup takes more memory nothing is said, in bytes: no more than the mask's own parser has.
const MOST: usize = 1024 * 1024;
/// Put behind the page: it is seen as a tag only where the page's own markup has come to its end.
const PROBE: &str = "countersign-end";

/// What a page holds, as far as one look shows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// A field or a `<meta>` with a secret, or a place that may hide one.
    pub secret: bool,
    /// A policy or a refresh of its own, which the recorder's place changes.
    pub policy: bool,
    /// An element that a rule selects.
    pub selected: bool,
}

impl Look {
    /// None when the parser gives up, or the page ends within a tag, a comment or a script.
    #[must_use]
    pub fn at(page: &str, selectors: Vec<Selector>) -> Option<Self> {
        // The parser keeps it back, and it is no piece of the page.
        if page.ends_with('<') {
            return None;
        }
        let (look, ended, seen) = (Cell::new(Self::default()), Cell::new(false), Cell::new(0));
        let found = |what: fn(&mut Self)| {
            let mut changed = look.get();
            what(&mut changed);
            look.set(changed);
        };
        let mut settings = Settings::new()
            .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MOST))
            .append_element_content_handler(element!(PROBE, |probe: &mut Element<'_, '_>| {
                ended.set(ended.get() || probe.source_location().bytes().start == page.len());
                Ok(())
            }))
            .append_element_content_handler(element!(redact::DRAWING, |drawing| {
                if drawing.is_self_closing() { Err(redact::Unclear.into()) } else { Ok(()) }
            }))
            .append_element_content_handler(element!(redact::WITHIN_DRAWING, |_| Err(redact::Unclear.into())))
            .append_element_content_handler(element!(redact::with_secrets_in(page).as_str(), |tag| {
                if !redact::secrets(&tag.tag_name(), |name| tag.get_attribute(name)).is_empty() {
                    found(|look| look.secret = true);
                }
                Ok(())
            }))
            .append_element_content_handler(element!(redact::FIELDS, |_| {
                seen.set(seen.get() + 1);
                Ok(())
            }))
            .append_element_content_handler(element!("meta[http-equiv][content]", |meta| {
                if page::is_changed(&meta.get_attribute("http-equiv").unwrap_or_default()) {
                    found(|look| look.policy = true);
                }
                Ok(())
            }));
        for selector in selectors {
            let handler = ElementContentHandlers::default().element(|_: &mut Element<'_, '_>| {
                found(|look| look.selected = true);
                Ok(())
            });
            settings = settings.append_element_content_handler((Cow::Owned(selector), handler));
        }
        let mut parser = HtmlRewriter::new(settings, |_: &[u8]| {});
        parser.write(page.as_bytes()).ok()?;
        parser.write(format!("<{PROBE}>").as_bytes()).ok()?;
        drop(parser);
        // One stands where the parser sees none.
        if redact::fields(page.as_bytes()).count() != seen.get() {
            found(|look| look.secret = true);
        }
        ended.get().then(|| look.get())
    }
}
