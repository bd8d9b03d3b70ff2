use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf as _, BytesMut};
use lol_html::html_content::{Comment, TextChunk};
use lol_html::send::{DocumentContentHandlers, Element, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{MemorySettings, OutputSink};

use crate::redact::html::{DRAWING, FIELDS, NEVER_SHOWN, SCRIPTS, Unclear, WITH_SECRETS, WITHIN_DRAWING, secrets};
use crate::redact::{MARK, fields, holds_field};

/// A tag, or a text that is shown to nobody, that is longer cannot be read.
const LONGEST: usize = 4 * 1024 * 1024;
/// The beginning of a field's tag is no longer, with the byte behind its name.
const BEGINNING: usize = "<input ".len();

/// A page that cannot be read in parts: a tag without an end, or markup that readers could disagree about.
#[derive(Debug)]
pub struct Unreadable;

/// A page in parts. The parser only looks: what it has passed is known by what it gives out again, and secrets are replaced
/// in the bytes kept here. Wherever the beginning of a field stands that the parser did not take for one, a browser may: of
/// such a page nothing is kept from there on.
pub struct HtmlParts {
    parser: Option<HtmlRewriter<'static, Passed>>,
    seen: Arc<Mutex<Seen>>,
    /// What the parser has not passed, or was not taken yet, and where it begins in the page.
    waiting: BytesMut,
    begins: usize,
    /// The last bytes before that.
    before: Vec<u8>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The parser is through with so many bytes.
    passed: usize,
    /// In the order of the page.
    changes: Vec<Change>,
    /// Where the tags of fields begin.
    fields: BTreeSet<usize>,
    /// Programs, which may write of fields.
    scripts: Vec<Range<usize>>,
    /// A text that is shown to nobody, as far as it has come.
    hidden: Option<(usize, String)>,
}

#[derive(Debug)]
struct Change {
    place: Range<usize>,
    /// What stands there in the record.
    kept: &'static str,
}

struct Passed(Arc<Mutex<Seen>>);

impl OutputSink for Passed {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        at(&self.0, |seen| seen.passed += chunk.len());
    }
}

/// Only one thread at a time has a page.
fn at<T>(seen: &Mutex<Seen>, look: impl FnOnce(&mut Seen) -> T) -> T {
    look(&mut seen.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Default for HtmlParts {
    fn default() -> Self {
        Self::new(LONGEST, false)
    }
}

impl HtmlParts {
    /// A page of this size that is there as a whole: comments can be looked at, however long they are.
    pub fn whole(size: usize) -> Self {
        Self::new(LONGEST.max(2 * size), true)
    }

    fn new(memory: usize, with_comments: bool) -> Self {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let memory = MemorySettings::new().with_max_allowed_memory_usage(memory);
        let settings = Settings::new_send().with_memory_settings(memory).with_adjust_charset_on_meta_tag(false);
        let (tags, starts, programs, texts, notes) =
            (seen.clone(), seen.clone(), seen.clone(), seen.clone(), seen.clone());
        let comments = DocumentContentHandlers::default().comments(move |comment: &mut Comment<'_>| {
            if holds_field(&comment.text()) {
                let place = comment.source_location().bytes();
                at(&notes, |seen| seen.changes.push(Change { place, kept: "<!--[redacted]-->" }));
            }
            Ok(())
        });
        let tag = move |tag: &mut Element<'_, '_>| at(&tags, |seen| hide(seen, tag));
        let start = move |field: &mut Element<'_, '_>| {
            at(&starts, |seen| seen.fields.insert(field.source_location().bytes().start));
            Ok(())
        };
        let program = move |piece: &mut TextChunk<'_>| {
            at(&programs, |seen| seen.scripts.push(piece.source_location().bytes()));
            Ok(())
        };
        let text = move |piece: &mut TextChunk<'_>| at(&texts, |seen| never_shown(seen, piece));
        let drawing = |drawing: &mut Element<'_, '_>| {
            if drawing.is_self_closing() { Err(Unclear.into()) } else { Ok(()) }
        };
        let within = |_: &mut Element<'_, '_>| Err(Unclear.into());
        // The parser would wait for the end of each: of one in parts that has a field nothing is kept from there on.
        let settings = if with_comments { settings.append_document_content_handler(comments) } else { settings };
        let on = ElementContentHandlers::default;
        let settings = [
            (WITH_SECRETS, on().element(tag)),
            (FIELDS, on().element(start)),
            (SCRIPTS, on().text(program)),
            (NEVER_SHOWN, on().text(text)),
            (DRAWING, on().element(drawing)),
            (WITHIN_DRAWING, on().element(within)),
        ]
        .into_iter()
        .fold(settings, |settings, (selector, handler)| match selector.parse() {
            Ok(selector) => settings.append_element_content_handler((std::borrow::Cow::Owned(selector), handler)),
            Err(_) => unreachable!("a selector of our own"),
        });
        let parser = HtmlRewriter::new(settings, Passed(seen.clone()));
        Self { parser: Some(parser), seen, waiting: BytesMut::new(), begins: 0, before: Vec::new() }
    }
}

impl HtmlParts {
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unreadable> {
        self.waiting.extend_from_slice(bytes);
        let Some(parser) = &mut self.parser else { return Err(Unreadable) };
        // What is no ASCII belongs to no markup; of one byte each, places are the same however a page is encoded and cut.
        let plain: Vec<u8> = bytes.iter().map(|&byte| if byte.is_ascii() { byte } else { b'_' }).collect();
        if parser.write(&plain).is_err() {
            self.parser = None;
        }
        let taken = self.take_passed(out);
        if self.parser.is_some() { taken } else { Err(Unreadable) }
    }

    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let ended = self.parser.take().ok_or(Unreadable)?.end();
        self.take_passed(out)?;
        if ended.is_ok() && self.waiting.is_empty() { Ok(()) } else { Err(Unreadable) }
    }

    pub fn held(&self) -> usize {
        self.waiting.len()
    }

    /// What the parser did not get through.
    pub fn take_held(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting).to_vec()
    }

    fn take_passed(&mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let (decided, changes) = at(&self.seen, |seen| {
            let undecided = seen.hidden.as_ref().map_or(usize::MAX, |(from, _)| *from);
            let decided = seen.passed.min(undecided);
            let known = seen.changes.iter().take_while(|change| change.place.end <= decided).count();
            (decided, seen.changes.drain(..known).collect::<Vec<_>>())
        });
        for Change { place, kept } in changes {
            self.copy_up_to(place.start, out)?;
            out.extend_from_slice(kept.as_bytes());
            let length = place.end.saturating_sub(self.begins).min(self.waiting.len());
            self.waiting.advance(length);
            self.begins += length;
            self.before.clear();
        }
        self.copy_up_to(decided, out)
    }

    fn copy_up_to(&mut self, place: usize, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let length = place.saturating_sub(self.begins).min(self.waiting.len());
        let from = self.begins - self.before.len();
        self.before.extend_from_slice(&self.waiting[..length]);
        let unknown = at(&self.seen, |seen| {
            let is_known =
                |field: usize| seen.fields.contains(&field) || seen.scripts.iter().any(|s| s.contains(&field));
            let unknown = fields(&self.before).any(|field| !is_known(from + field));
            let old = (self.begins + length).saturating_sub(BEGINNING);
            seen.fields = seen.fields.split_off(&old);
            seen.scripts.retain(|script| script.end > old);
            unknown
        });
        if unknown {
            return Err(Unreadable);
        }
        out.extend_from_slice(&self.waiting.split_to(length));
        self.begins += length;
        self.before.drain(..self.before.len().saturating_sub(BEGINNING - 1));
        Ok(())
    }
}

fn hide(seen: &mut Seen, tag: &mut Element<'_, '_>) -> lol_html::HandlerResult {
    let hidden = secrets(&tag.tag_name(), |name| tag.get_attribute(name));
    for attribute in tag.attributes().iter().filter(|one| hidden.contains(&one.name().as_str())) {
        let place = attribute.value_source_location().map(|place| place.bytes());
        if let Some(place) = place.filter(|place| !place.is_empty()) {
            seen.changes.push(Change { place, kept: MARK });
        }
    }
    Ok(())
}

fn never_shown(seen: &mut Seen, piece: &mut TextChunk<'_>) -> lol_html::HandlerResult {
    let place = piece.source_location().bytes();
    let (from, text) = seen.hidden.get_or_insert_with(|| (place.start, String::new()));
    text.push_str(piece.as_str());
    if text.len() > LONGEST {
        return Err(Unclear.into());
    }
    if piece.last_in_text_node() {
        if holds_field(text) {
            let place = *from..place.end;
            seen.changes.push(Change { place, kept: MARK });
        }
        seen.hidden = None;
    }
    Ok(())
}
