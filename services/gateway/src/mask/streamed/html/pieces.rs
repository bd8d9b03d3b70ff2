use std::borrow::Cow;
use std::ops::Range;

use lol_html::html_content::{Comment, TextChunk, TextType};
use lol_html::send::Element;

use crate::mask::{Mask, bytewise, entities};
use crate::redact::MARK;
use crate::refused::escape;

/// Attributes that say how an element looks and works; whatever else stands in a selected one is masked.
const STRUCTURE: [&str; 34] = [
    "class",
    "id",
    "style",
    "type",
    "name",
    "rel",
    "for",
    "role",
    "lang",
    "dir",
    "tabindex",
    "colspan",
    "rowspan",
    "scope",
    "headers",
    "width",
    "height",
    "method",
    "target",
    "disabled",
    "checked",
    "selected",
    "readonly",
    "required",
    "hidden",
    "open",
    "src",
    "href",
    "action",
    "srcset",
    "sizes",
    "media",
    "http-equiv",
    "charset",
];

/// Texts, tags and comments in the order of the page, as far as they are not decided.
#[derive(Default)]
pub(super) struct Pieces {
    waiting: Vec<Piece>,
    /// Where the last one ends.
    end: usize,
}

/// What is decided: the pieces that end before this place.
pub(super) struct Decided {
    pub up_to: usize,
    pub pieces: Vec<Piece>,
}

/// What stands in the record in a place of the page.
pub(super) struct Change {
    pub place: Range<usize>,
    pub text: String,
    pub is_attribute: bool,
}

#[derive(Debug)]
pub(super) struct Piece {
    place: Range<usize>,
    /// A rule selects it.
    selected: bool,
    complete: bool,
    content: Content,
}

/// As the parser says it, byte by byte.
#[derive(Debug)]
enum Content {
    Text { text: String, has_references: bool },
    Comment(String),
    Tag(Vec<(String, String, Range<usize>)>),
}

impl Pieces {
    /// A part of a text. Whoever looks at a part first makes the piece.
    pub fn text(&mut self, chunk: &TextChunk<'_>, selected: bool) {
        let place = chunk.source_location().bytes();
        let open = self.waiting.last_mut().filter(|last| match last.content {
            Content::Text { .. } => !last.complete || last.place.end == place.end,
            _ => false,
        });
        let Some(last) = open else {
            let has_references = matches!(chunk.text_type(), TextType::Data | TextType::RCData);
            let content = Content::Text { text: chunk.as_str().to_owned(), has_references };
            return self.push(Piece { place, selected, complete: chunk.last_in_text_node(), content });
        };
        if place.end > last.place.end
            && let Content::Text { text, .. } = &mut last.content
        {
            text.push_str(chunk.as_str());
            last.place.end = place.end;
            self.end = place.end;
        }
        last.selected |= selected;
        last.complete |= chunk.last_in_text_node();
    }

    pub fn comment(&mut self, comment: &Comment<'_>) {
        let (place, content) = (comment.source_location().bytes(), Content::Comment(comment.text()));
        self.push(Piece { place, selected: false, complete: true, content });
    }

    pub fn tag(&mut self, element: &Element<'_, '_>, selected: bool) {
        let place = element.source_location().bytes();
        if let Some(last) = self.waiting.last_mut().filter(|last| last.place == place) {
            last.selected |= selected;
            return;
        }
        let attribute = |a: &lol_html::html_content::Attribute<'_>| {
            a.value_source_location().map(|value| (a.name(), a.value(), value.bytes()))
        };
        let attributes: Vec<_> = element.attributes().iter().filter_map(attribute).collect();
        // Of most tags there is nothing to decide: they are known, and that is all.
        if attributes.is_empty() {
            self.end = self.end.max(place.end);
            return;
        }
        self.push(Piece { place, selected, complete: true, content: Content::Tag(attributes) });
    }

    /// Where the last piece ends.
    pub fn end(&self) -> usize {
        self.end
    }

    fn push(&mut self, piece: Piece) {
        self.end = self.end.max(piece.place.end);
        self.waiting.push(piece);
    }

    /// What is decided once the parser has passed so much.
    pub fn decided(&mut self, passed: usize, is_end: bool) -> Decided {
        let decided = |piece: &&Piece| is_end || (piece.complete && piece.place.end <= passed);
        let count = self.waiting.iter().take_while(decided).count();
        let pieces = self.waiting.drain(..count).collect();
        let up_to = self.waiting.first().map_or(passed, |piece| piece.place.start.min(passed));
        Decided { up_to, pieces }
    }
}

impl Piece {
    /// The places that change, and what stands there in the record; an attribute's value without its quotes.
    pub fn masked(self, mask: &Mask) -> Vec<Change> {
        let is_attribute = matches!(self.content, Content::Tag(_));
        self.changes(mask).into_iter().map(|(place, text)| Change { place, text, is_attribute }).collect()
    }

    fn changes(self, mask: &Mask) -> Vec<(Range<usize>, String)> {
        match self.content {
            Content::Comment(text) => mask
                .text(&bytewise::said(&text))
                .map(|masked| (self.place, format!("<!--{masked}-->")))
                .into_iter()
                .collect(),
            Content::Text { text, has_references } => {
                let text = bytewise::said(&text);
                let masked =
                    if self.selected { selected(mask, "text", &text) } else { by_pattern(mask, &text, has_references) };
                masked.map(|masked| (self.place, masked)).into_iter().collect()
            }
            Content::Tag(attributes) => {
                let masked = attributes.into_iter().filter_map(|(name, value, place)| {
                    let value = bytewise::said(&value);
                    let is_structure = STRUCTURE.contains(&name.as_str());
                    let by_rule = if self.selected && !is_structure { selected(mask, "text", &value) } else { None };
                    by_rule.or_else(|| by_pattern(mask, &value, true)).map(|masked| (place, masked))
                });
                masked.collect()
            }
        }
    }
}

/// A text that a rule names, with the space around it as it was.
fn selected(mask: &Mask, label: &str, text: &str) -> Option<String> {
    let inner = text.trim();
    if inner.is_empty() || inner == MARK {
        return None;
    }
    let at = text.len() - text.trim_start().len();
    Some(format!("{}{}{}", &text[..at], mask.named(label, &entities::decoded(inner)), &text[at + inner.len()..]))
}

fn by_pattern(mask: &Mask, text: &str, has_references: bool) -> Option<String> {
    if !has_references {
        return mask.text(text);
    }
    let decoded = if text.contains('&') { Cow::Owned(entities::decoded(text)) } else { Cow::Borrowed(text) };
    mask.escaped(&decoded).map(|masked| escape(&masked))
}
