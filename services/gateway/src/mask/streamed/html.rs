//! A page. The parser only looks: what is to be masked in texts, attributes and comments is replaced in the bytes kept
//! here, as soon as the parser has passed them.

mod pieces;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf as _, BytesMut};
use encoding_rs::WINDOWS_1252;
use lol_html::send::{DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, MemorySettings, OutputSink};

use super::{LONGEST, TooLong};
use crate::mask::{LEFT_OUT, Mask};
use pieces::{Change, Decided, Pieces};

/// A tag that is longer cannot be read.
const LONGEST_TAG: usize = 1024 * 1024;

pub(super) struct HtmlParts {
    mask: Mask,
    parser: Option<HtmlRewriter<'static, Passed>>,
    pieces: Arc<Mutex<Pieces>>,
    /// The parser is through with so many bytes.
    passed: Arc<AtomicUsize>,
    /// What is not decided, and where it begins in the page.
    waiting: BytesMut,
    begins: usize,
}

struct Passed(Arc<AtomicUsize>);

impl OutputSink for Passed {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        self.0.fetch_add(chunk.len(), Ordering::Relaxed);
    }
}

/// Only one thread at a time has a page.
fn look<T>(pieces: &Mutex<Pieces>, at: impl FnOnce(&mut Pieces) -> T) -> T {
    at(&mut pieces.lock().unwrap_or_else(PoisonError::into_inner))
}

impl HtmlParts {
    pub fn new(mask: &Mask) -> Self {
        Self::with(mask, everywhere)
    }

    /// Of a page that ends outside of any tag, and in which no pattern finds a value: only what is selected is looked at.
    pub fn of_selected(mask: &Mask) -> Self {
        Self::with(mask, |settings, _| settings)
    }

    fn with(mask: &Mask, more: fn(Looking, &Arc<Mutex<Pieces>>) -> Looking) -> Self {
        let (pieces, passed) = (Arc::default(), Arc::default());
        let memory = MemorySettings::new().with_max_allowed_memory_usage(LONGEST_TAG);
        let settings = Settings::new_send().with_memory_settings(memory).with_adjust_charset_on_meta_tag(false);
        // A byte for each byte: what is given out is as long as what was passed.
        let settings = match AsciiCompatibleEncoding::new(WINDOWS_1252) {
            Some(bytewise) => settings.with_encoding(bytewise),
            None => unreachable!("ASCII stands for itself in it"),
        };
        let settings = where_selected(more(settings, &pieces), mask, &pieces);
        let parser = Some(HtmlRewriter::new(settings, Passed(Arc::clone(&passed))));
        let (mask, waiting) = (mask.clone(), BytesMut::new());
        Self { mask, parser, pieces, passed, waiting, begins: 0 }
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
        let passed = self.passed.load(Ordering::Relaxed);
        let ended = self.parser.take().ok_or(TooLong)?.end();
        // What the parser let go at the end and is no piece is a tag without an end: nobody looked into it.
        let known = look(&self.pieces, |pieces| pieces.end()).max(passed);
        self.passed.store(known, Ordering::Relaxed);
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
        let passed = self.passed.load(Ordering::Relaxed);
        let Decided { up_to, pieces } = look(&self.pieces, |pieces| pieces.decided(passed, is_end));
        let changes: Vec<Change> = pieces.into_iter().flat_map(|piece| piece.masked(&self.mask)).collect();
        for Change { place, text, is_attribute } in changes {
            self.copy_up_to(place.start, out);
            let length = place.end.saturating_sub(self.begins).min(self.waiting.len());
            // A value that came without quotes would end at the mark's first space.
            let quote = if is_attribute && !matches!(out.last(), Some(b'"' | b'\'')) { "\"" } else { "" };
            out.extend_from_slice(format!("{quote}{text}{quote}").as_bytes());
            self.waiting.advance(length);
            self.begins += length;
        }
        self.copy_up_to(up_to, out);
    }

    fn copy_up_to(&mut self, place: usize, out: &mut Vec<u8>) {
        let length = place.saturating_sub(self.begins).min(self.waiting.len());
        out.extend_from_slice(&self.waiting.split_to(length));
        self.begins += length;
    }
}

type Looking = Settings<'static, 'static>;

/// Looks at every text, comment and tag.
fn everywhere(settings: Looking, pieces: &Arc<Mutex<Pieces>>) -> Looking {
    let (texts, comments, tags) = (pieces.clone(), pieces.clone(), pieces.clone());
    let settings = settings.append_document_content_handler(
        DocumentContentHandlers::default()
            .text(move |chunk: &mut lol_html::html_content::TextChunk<'_>| {
                look(&texts, |pieces| pieces.text(chunk, false));
                Ok(())
            })
            .comments(move |comment: &mut lol_html::html_content::Comment<'_>| {
                look(&comments, |pieces| pieces.comment(comment));
                Ok(())
            }),
    );
    let Ok(all) = "*".parse() else { return settings };
    let tag = ElementContentHandlers::default().element(move |element: &mut lol_html::send::Element<'_, '_>| {
        look(&tags, |pieces| pieces.tag(element, false));
        Ok(())
    });
    settings.append_element_content_handler((Cow::Owned(all), tag))
}

fn where_selected(settings: Looking, mask: &Mask, pieces: &Arc<Mutex<Pieces>>) -> Looking {
    let mut settings = settings;
    for selector in &mask.rules.selectors {
        let (texts, tags) = (pieces.clone(), pieces.clone());
        let text = ElementContentHandlers::default().text(move |chunk: &mut lol_html::html_content::TextChunk<'_>| {
            look(&texts, |pieces| pieces.text(chunk, true));
            Ok(())
        });
        let tag = ElementContentHandlers::default().element(move |element: &mut lol_html::send::Element<'_, '_>| {
            look(&tags, |pieces| pieces.tag(element, true));
            Ok(())
        });
        settings = settings.append_element_content_handler((Cow::Owned(selector.in_bytes().clone()), text));
        settings =
            settings.append_element_content_handler((Cow::Owned(selector.with_all_below_in_bytes().clone()), tag));
    }
    settings
}
