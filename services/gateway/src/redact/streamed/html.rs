use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf as _, BytesMut};
use lol_html::send::{DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{MemorySettings, OutputSink};

use crate::redact::MARK;
use crate::redact::{DRAWING, NEVER_SHOWN, NeverShown, Unclear, WITH_SECRETS, WITHIN_DRAWING, holds_field, secrets};
use crate::refused::escape;

/// A tag that is longer cannot be read.
const LONGEST_TAG: usize = 1024 * 1024;

/// A page that cannot be read in parts: a tag without an end, or markup that readers could disagree about.
#[derive(Debug)]
pub(super) struct Unreadable;

/// A page in parts. The parser only looks: what it has passed is known by what it gives out again, unchanged, and tags
/// with a secret are replaced in the bytes kept here.
pub(super) struct HtmlParts {
    parser: Option<HtmlRewriter<'static, Passed>>,
    seen: Arc<Mutex<Seen>>,
    /// What the parser has not passed, or was not taken yet, and where it begins in the page.
    waiting: BytesMut,
    begins: usize,
}

#[derive(Debug, Default)]
struct Seen {
    /// The parser is through with so many bytes.
    passed: usize,
    /// Tags, texts and comments with a secret in them, in the order of the page.
    secrets: Vec<Secret>,
}

#[derive(Debug)]
struct Secret {
    place: Range<usize>,
    /// What stands there in the record.
    kept: String,
}

struct Passed(Arc<Mutex<Seen>>);

impl OutputSink for Passed {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).passed += chunk.len();
    }
}

impl Default for HtmlParts {
    fn default() -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let found = |seen: &Arc<Mutex<Seen>>| {
            let seen = seen.clone();
            move |place: Range<usize>, kept: String| {
                seen.lock().unwrap_or_else(PoisonError::into_inner).secrets.push(Secret { place, kept });
            }
        };
        let (tag, shown, commented) = (found(&seen), found(&seen), found(&seen));
        let look = move |element: &mut lol_html::send::Element<'_, '_>| {
            let hidden = secrets(&element.tag_name(), |name| element.get_attribute(name));
            if !hidden.is_empty() {
                tag(element.source_location().bytes(), without(&hidden, element));
            }
            Ok(())
        };
        let mut never_shown = NeverShown::default();
        let hide = move |piece: &mut lol_html::html_content::TextChunk<'_>| {
            if let Some(kept) = never_shown.kept(piece.as_str(), piece.last_in_text_node()) {
                shown(piece.source_location().bytes(), kept.to_owned());
            }
            Ok(())
        };
        let comments =
            DocumentContentHandlers::default().comments(move |comment: &mut lol_html::html_content::Comment<'_>| {
                if holds_field(&comment.text()) {
                    commented(comment.source_location().bytes(), format!("<!--{MARK}-->"));
                }
                Ok(())
            });
        let memory = MemorySettings::new().with_max_allowed_memory_usage(LONGEST_TAG);
        let settings = Settings::new_send().with_memory_settings(memory).with_adjust_charset_on_meta_tag(false);
        let drawing = |drawing: &mut lol_html::send::Element<'_, '_>| {
            if drawing.is_self_closing() { Err(Unclear.into()) } else { Ok(()) }
        };
        let within = |_: &mut lol_html::send::Element<'_, '_>| Err(Unclear.into());
        let settings = settings.append_document_content_handler(comments);
        let settings = [
            (WITH_SECRETS, ElementContentHandlers::default().element(look)),
            (NEVER_SHOWN, ElementContentHandlers::default().text(hide)),
            (DRAWING, ElementContentHandlers::default().element(drawing)),
            (WITHIN_DRAWING, ElementContentHandlers::default().element(within)),
        ]
        .into_iter()
        .fold(settings, |settings, (selector, handler)| match selector.parse() {
            Ok(selector) => settings.append_element_content_handler((std::borrow::Cow::Owned(selector), handler)),
            Err(_) => unreachable!("a selector of our own"),
        });
        let parser = HtmlRewriter::new(settings, Passed(seen.clone()));
        Self { parser: Some(parser), seen, waiting: BytesMut::new(), begins: 0 }
    }
}

impl HtmlParts {
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unreadable> {
        self.waiting.extend_from_slice(bytes);
        let Some(parser) = &mut self.parser else { return Err(Unreadable) };
        if parser.write(bytes).is_err() {
            self.parser = None;
        }
        self.take_passed(out);
        if self.parser.is_some() { Ok(()) } else { Err(Unreadable) }
    }

    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let ended = self.parser.take().ok_or(Unreadable)?.end();
        self.take_passed(out);
        if ended.is_ok() && self.waiting.is_empty() { Ok(()) } else { Err(Unreadable) }
    }

    pub fn held(&self) -> usize {
        self.waiting.len()
    }

    /// What the parser did not get through.
    pub fn take_held(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting).to_vec()
    }

    fn take_passed(&mut self, out: &mut Vec<u8>) {
        let (passed, secrets) = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let passed = seen.passed;
            let known = seen.secrets.iter().take_while(|s| s.place.end <= passed).count();
            (passed, seen.secrets.drain(..known).collect::<Vec<_>>())
        };
        for tag in secrets {
            self.copy_up_to(tag.place.start, out);
            let length = tag.place.end.saturating_sub(self.begins).min(self.waiting.len());
            out.extend_from_slice(tag.kept.as_bytes());
            self.waiting.advance(length);
            self.begins += length;
        }
        self.copy_up_to(passed, out);
    }

    fn copy_up_to(&mut self, place: usize, out: &mut Vec<u8>) {
        let length = place.saturating_sub(self.begins).min(self.waiting.len());
        out.extend_from_slice(&self.waiting.split_to(length));
        self.begins += length;
    }
}

/// The tag with a mark for each of these attributes.
fn without(hidden: &[&str], element: &lol_html::send::Element<'_, '_>) -> String {
    let mut tag = format!("<{}", element.tag_name());
    for attribute in element.attributes() {
        let name = attribute.name();
        let value = if hidden.contains(&name.as_str()) { MARK.to_owned() } else { escape(&attribute.value()) };
        tag.push_str(&format!(" {name}=\"{value}\""));
    }
    tag + ">"
}
