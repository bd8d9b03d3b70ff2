//! From the frames of a Recording to what the replay shows, part by part and within bounds: whoever made the Recording
//! does not decide how much memory this computer takes. Recorded pages are hostile: nothing of them is interpreted here.

mod exchange;
mod resource;
mod text;
mod unseen;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use recording::{Captured, Frame};

use crate::show::count;
use crate::view::{GapView, PageView, RecordingCheck, RecordingView};
use exchange::{Exchange, number_of};
use resource::Resources;
use unseen::Unseen;

/// What each frame, exchange, page or gap takes beside its words, in bytes.
const OVERHEAD: usize = 64;

/// How much of a Recording is kept at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Pages and bodies are kept as long as there are no more bytes than this; the list of requests up to twice it.
    pub(crate) bytes: usize,
    pub(crate) frames: u64,
}

/// Of this computer. Everything that is kept travels into a window.
pub(crate) const BOUNDS: Bounds = Bounds { bytes: 96 * 1024 * 1024, frames: 2_000_000 };

/// Not even the list of requests fits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// A Recording while its frames come in, in order.
pub(crate) struct Replay {
    bounds: Bounds,
    bytes: usize,
    frames: u64,
    times: Option<(i64, i64)>,
    exchanges: BTreeMap<u64, Exchange>,
    /// Those that went on since the last part was shown.
    touched: BTreeSet<u64>,
    pages: Vec<Page>,
    names: HashMap<String, usize>,
    gaps: Vec<GapView>,
    resources: Resources,
    paused: Option<i64>,
    /// From when on pages and bodies are left out.
    left_out: Option<i64>,
}

struct Page {
    name: String,
    at: i64,
    events: u64,
    /// The events' JSON with commas between them.
    json: String,
    unseen: Unseen,
}

impl Replay {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            bytes: 0,
            frames: 0,
            times: None,
            exchanges: BTreeMap::new(),
            touched: BTreeSet::new(),
            pages: Vec::new(),
            names: HashMap::new(),
            gaps: Vec::new(),
            resources: Resources::default(),
            paused: None,
            left_out: None,
        }
    }

    /// Takes the next frames.
    pub(crate) fn take(&mut self, frames: &[Frame]) -> Result<(), TooLarge> {
        for frame in frames {
            self.frames += 1;
            let (first, last) = self.times.unwrap_or((frame.at, frame.at));
            self.times = Some((first.min(frame.at), last.max(frame.at)));
            let kept = match &frame.content {
                Captured::Page { page, events } => self.page(frame.at, page, events),
                Captured::Note { code, detail } => self.note(frame.at, code, detail),
                content => self.exchange(frame, content),
            };
            self.bytes += OVERHEAD + kept;
            if self.frames > self.bounds.frames || self.bytes > self.bounds.bytes.saturating_mul(2) {
                return Err(TooLarge);
            }
        }
        Ok(())
    }

    /// Somewhere in it something is missing.
    pub(crate) fn missing(&mut self, detail: &str) {
        let (first, last) = self.times.unwrap_or_default();
        self.gaps.push(gap(first, last, detail));
    }

    /// What is shown.
    pub(crate) fn done(mut self, check: RecordingCheck, detail: impl Into<String>) -> RecordingView {
        let (first, last) = self.times.unwrap_or_default();
        if let Some(at) = self.paused {
            self.gaps.push(gap(at, last, "The page was paused until the end."));
        }
        if let Some(at) = self.left_out {
            let detail = "This Recording is longer than is replayed at once: from here on pages and bodies are left \
                          out. The list of requests is whole.";
            self.gaps.push(gap(at, last, detail));
        }
        self.gaps.extend(self.pages.iter().filter_map(|page| page.unseen.gap(page.at)));
        RecordingView {
            started_ms: ms(first),
            ended_ms: ms(last),
            live: check == RecordingCheck::Running,
            exchanges: self.exchanges.into_values().map(Exchange::done).collect(),
            pages: self.pages.into_iter().map(Page::view).collect(),
            gaps: self.gaps,
            resources: self.resources.done(),
            check,
            detail: detail.into(),
        }
    }

    /// What came since the last part: exchanges that went on as they are now, pages with their new events, new gaps.
    pub(crate) fn part(&mut self, detail: &str) -> RecordingView {
        let (first, last) = self.times.unwrap_or_default();
        let touched = std::mem::take(&mut self.touched);
        let pages = self.pages.iter_mut().filter(|page| !page.json.is_empty());
        RecordingView {
            started_ms: ms(first),
            ended_ms: ms(last),
            live: true,
            exchanges: touched.iter().filter_map(|n| self.exchanges.get(n).cloned()).map(Exchange::done).collect(),
            pages: pages.map(Page::part).collect(),
            gaps: std::mem::take(&mut self.gaps),
            resources: self.resources.part(),
            check: RecordingCheck::Running,
            detail: detail.to_owned(),
        }
    }

    fn exchange(&mut self, frame: &Frame, content: &Captured) -> usize {
        let Some(number) = number_of(content) else { return 0 };
        let with_bodies = self.bytes < self.bounds.bytes;
        if !with_bodies && matches!(content, Captured::Text { .. } | Captured::Body { .. }) {
            self.left_out.get_or_insert(frame.at);
        }
        self.touched.insert(number);
        let exchange = self.exchanges.entry(number).or_insert_with(|| Exchange::begin(number, frame));
        let kept = exchange.take(content, with_bodies);
        let brought = if matches!(content, Captured::Done { .. }) { exchange.resource() } else { None };
        if let Some((address, kind, bytes)) = brought {
            self.bytes = self.bytes.saturating_sub(self.resources.keep(address, kind, bytes));
        }
        kept
    }

    fn page(&mut self, at: i64, name: &str, events: &[serde_json::Value]) -> usize {
        if self.bytes >= self.bounds.bytes {
            self.left_out.get_or_insert(at);
            return 0;
        }
        let index = *self.names.entry(name.to_owned()).or_insert_with(|| {
            self.pages.push(Page {
                name: name.to_owned(),
                at,
                events: 0,
                json: String::new(),
                unseen: Unseen::default(),
            });
            self.pages.len() - 1
        });
        let Some(page) = self.pages.get_mut(index) else { return 0 };
        let before = page.json.len();
        for event in events {
            page.unseen.hear(at, event);
            let comma = if page.json.is_empty() { "" } else { "," };
            page.json.push_str(comma);
            page.json.push_str(&event.to_string());
            page.events += 1;
        }
        name.len() + page.json.len() - before
    }

    fn note(&mut self, at: i64, code: &str, detail: &str) -> usize {
        match code {
            "paused" => self.paused = Some(at),
            "resumed" => {
                let from = self.paused.take().unwrap_or(at);
                self.gaps.push(gap(from, at, "The page was paused; nothing passed."));
            }
            // Nothing is missing: the places of the values are marked in the exchange itself, and what was extended is in the log.
            "redacted" | "masked" | "extended" => {}
            _ => self.gaps.push(gap(at, at, detail)),
        }
        detail.len()
    }
}

impl Page {
    /// What it reported since the last part.
    fn part(&mut self) -> PageView {
        let json = format!("[{}]", std::mem::take(&mut self.json));
        let events = std::mem::take(&mut self.events);
        PageView { page: self.name.clone(), at_ms: ms(self.at), events: count(events), json }
    }

    fn view(self) -> PageView {
        let json = format!("[{}]", self.json);
        PageView { page: self.name, at_ms: ms(self.at), events: count(self.events), json }
    }
}

fn gap(at: i64, until: i64, detail: &str) -> GapView {
    GapView { at_ms: ms(at), until_ms: ms(until), detail: detail.to_owned() }
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers hold milliseconds for 285,000 years")]
pub(crate) fn ms(at: i64) -> f64 {
    at as f64
}

#[cfg(test)]
mod tests;
