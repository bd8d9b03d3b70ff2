//! A page. The parser only looks: what is to be masked in texts, attributes and comments is replaced in the bytes kept
//! here, as soon as the parser has passed them.

mod pieces;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf as _, BytesMut};
use lol_html::send::{DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{MemorySettings, OutputSink};

use super::{LONGEST, TooLong};
use crate::mask::{LEFT_OUT, Mask};
use pieces::{Change, Pieces};

/// A tag that is longer cannot be read.
const LONGEST_TAG: usize = 1024 * 1024;

pub(super) struct HtmlParts {
    mask: Mask,
    parser: Option<HtmlRewriter<'static, Passed>>,
    seen: Arc<Mutex<Seen>>,
    /// What is not decided, and where it begins in the page.
    waiting: BytesMut,
    begins: usize,
}

#[derive(Default)]
struct Seen {
    /// The parser is through with so many bytes.
    passed: usize,
    pieces: Pieces,
}

struct Passed(Arc<Mutex<Seen>>);

impl OutputSink for Passed {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        look(&self.0, |seen| seen.passed += chunk.len());
    }
}

fn look<T>(seen: &Mutex<Seen>, at: impl FnOnce(&mut Seen) -> T) -> T {
    at(&mut seen.lock().unwrap_or_else(PoisonError::into_inner))
}

impl HtmlParts {
    pub fn new(mask: &Mask) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let parser = HtmlRewriter::new(settings(mask, &seen), Passed(seen.clone()));
        Self { mask: mask.clone(), parser: Some(parser), seen, waiting: BytesMut::new(), begins: 0 }
    }

    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), TooLong> {
        self.waiting.extend_from_slice(bytes);
        let parser = self.parser.as_mut().ok_or(TooLong)?;
        if parser.write(bytes).is_err() {
            self.parser = None;
        }
        self.take_decided(false, out);
        if self.parser.is_some() && self.waiting.len() <= LONGEST { Ok(()) } else { Err(TooLong) }
    }

    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        let passed = look(&self.seen, |seen| seen.passed);
        let ended = self.parser.take().ok_or(TooLong)?.end();
        let known = look(&self.seen, |seen| {
            // What the parser let go at the end and is no piece is a tag without an end: nobody looked into it.
            seen.passed = seen.pieces.end().max(passed);
            seen.passed
        });
        self.take_decided(true, out);
        self.copy_up_to(known, out);
        if !self.waiting.is_empty() {
            self.waiting.clear();
            out.extend_from_slice(LEFT_OUT.as_bytes());
        }
        ended.map_err(|_| TooLong)
    }

    pub fn held(&self) -> usize {
        self.waiting.len()
    }

    fn take_decided(&mut self, is_end: bool, out: &mut Vec<u8>) {
        let (passed, changes) = look(&self.seen, |seen| {
            let decided = seen.pieces.decided(seen.passed, is_end);
            (decided.up_to, decided.pieces)
        });
        let changes: Vec<Change> = changes.into_iter().flat_map(|piece| piece.masked(&self.mask)).collect();
        for Change { place, text, is_attribute } in changes {
            self.copy_up_to(place.start, out);
            let length = place.end.saturating_sub(self.begins).min(self.waiting.len());
            // A value that came without quotes would end at the mark's first space.
            let quote = if is_attribute && !matches!(out.last(), Some(b'"' | b'\'')) { "\"" } else { "" };
            out.extend_from_slice(format!("{quote}{text}{quote}").as_bytes());
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

fn settings(mask: &Mask, seen: &Arc<Mutex<Seen>>) -> Settings<'static, 'static> {
    let memory = MemorySettings::new().with_max_allowed_memory_usage(LONGEST_TAG);
    let mut settings = Settings::new_send().with_memory_settings(memory).with_adjust_charset_on_meta_tag(false);
    let (texts, comments, tags) = (seen.clone(), seen.clone(), seen.clone());
    settings = settings.append_document_content_handler(
        DocumentContentHandlers::default()
            .text(move |chunk: &mut lol_html::html_content::TextChunk<'_>| {
                look(&texts, |seen| seen.pieces.text(chunk, false));
                Ok(())
            })
            .comments(move |comment: &mut lol_html::html_content::Comment<'_>| {
                look(&comments, |seen| seen.pieces.comment(comment));
                Ok(())
            }),
    );
    if let Ok(all) = "*".parse() {
        let handler =
            ElementContentHandlers::default().element(move |element: &mut lol_html::send::Element<'_, '_>| {
                look(&tags, |seen| seen.pieces.tag(element, false));
                Ok(())
            });
        settings = settings.append_element_content_handler((Cow::Owned(all), handler));
    }
    for selector in &mask.rules.selectors {
        let (texts, tags) = (seen.clone(), seen.clone());
        let text = ElementContentHandlers::default().text(move |chunk: &mut lol_html::html_content::TextChunk<'_>| {
            look(&texts, |seen| seen.pieces.text(chunk, true));
            Ok(())
        });
        let tag = ElementContentHandlers::default().element(move |element: &mut lol_html::send::Element<'_, '_>| {
            look(&tags, |seen| seen.pieces.tag(element, true));
            Ok(())
        });
        if let (Some(itself), Some(below)) = (selector.parsed(false), selector.parsed(true)) {
            settings = settings.append_element_content_handler((Cow::Owned(itself), text));
            settings = settings.append_element_content_handler((Cow::Owned(below), tag));
        }
    }
    settings
}
