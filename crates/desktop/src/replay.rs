//! From the frames of a Recording to what the replay shows. Recorded pages are hostile: nothing of them is
//! interpreted here.

use std::collections::BTreeMap;

use recording::{Captured, Frame};
use wire::audit::Frames;

use crate::show::count;
use crate::view::{ExchangeView, GapView, PageView, RecordingView};

/// Of a text body this much is shown, in bytes.
const SHOWN_BODY: usize = 64 * 1024;

/// Everything that the replay needs. `exchanges` and `pages` are the two streams of one Recording.
pub(crate) fn recording(exchanges: &Frames, pages: &Frames) -> RecordingView {
    let mut list: BTreeMap<u64, Exchange> = BTreeMap::new();
    for frame in &exchanges.frames {
        collect(&mut list, frame);
    }
    let times: Vec<i64> = exchanges.frames.iter().chain(&pages.frames).map(|f| f.at).collect();
    RecordingView {
        started_ms: ms(times.iter().min().copied().unwrap_or(0)),
        ended_ms: ms(times.iter().max().copied().unwrap_or(0)),
        live: exchanges.live || pages.live,
        exchanges: list.into_values().map(|e| e.view).collect(),
        pages: collect_pages(&pages.frames),
        gaps: gaps(exchanges, pages),
    }
}

#[derive(Default)]
struct Exchange {
    view: ExchangeView,
    body: Vec<u8>,
}

fn collect(list: &mut BTreeMap<u64, Exchange>, frame: &Frame) {
    let Some(number) = exchange_of(&frame.content) else { return };
    let exchange = list.entry(number).or_default();
    if exchange.view.at_ms == 0.0 {
        exchange.view.number = count(number);
        exchange.view.at_ms = ms(frame.at);
    }
    match &frame.content {
        Captured::Request { method, path, headers, body, write, .. } => {
            exchange.view.method.clone_from(method);
            exchange.view.path.clone_from(path);
            exchange.view.write = *write;
            let bytes = body.as_deref().and_then(|b| statement::base64url_decode(b).ok());
            exchange.view.request_body = bytes.and_then(|b| text(&b, content_type(headers)));
        }
        Captured::Response { status, headers, .. } => {
            exchange.view.status = u32::from(*status);
            content_type(headers).clone_into(&mut exchange.view.content_type);
        }
        Captured::Body { bytes, .. } => {
            if exchange.body.len() <= SHOWN_BODY {
                exchange.body.extend(statement::base64url_decode(bytes).unwrap_or_default());
            }
        }
        Captured::Done { body_bytes, took_ms, cut, .. } => {
            #[expect(clippy::cast_precision_loss, reason = "a body of 8 PiB is not recorded")]
            let bytes = *body_bytes as f64;
            exchange.view.body_bytes = bytes;
            exchange.view.took_ms = count(*took_ms);
            exchange.view.cut = cut.clone().unwrap_or_default();
        }
        Captured::Refused { method, path, code, .. } => {
            exchange.view.method.clone_from(method);
            exchange.view.path.clone_from(path);
            exchange.view.refused.clone_from(code);
        }
        Captured::Socket { .. } => exchange.view.socket_messages += 1,
        Captured::Page { .. } | Captured::Note { .. } => {}
    }
    if !exchange.body.is_empty() {
        exchange.view.body = text(&exchange.body, &exchange.view.content_type);
    }
}

fn exchange_of(content: &Captured) -> Option<u64> {
    match content {
        Captured::Request { exchange, .. }
        | Captured::Response { exchange, .. }
        | Captured::Body { exchange, .. }
        | Captured::Done { exchange, .. }
        | Captured::Refused { exchange, .. }
        | Captured::Socket { exchange, .. } => Some(*exchange),
        Captured::Page { .. } | Captured::Note { .. } => None,
    }
}

fn content_type(headers: &[(String, String)]) -> &str {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("content-type")).map_or("", |(_, v)| v)
}

/// Text, cut at a character, when the type says that it is text and the bytes are.
fn text(bytes: &[u8], content_type: &str) -> Option<String> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = kind.starts_with("text/")
        || kind.ends_with("json")
        || kind.ends_with("xml")
        || kind.ends_with("javascript")
        || kind == "application/x-www-form-urlencoded";
    if !is_text {
        return None;
    }
    let cut = &bytes[..bytes.len().min(SHOWN_BODY)];
    match std::str::from_utf8(cut) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if error.error_len().is_none() => {
            Some(String::from_utf8_lossy(&cut[..error.valid_up_to()]).into_owned())
        }
        Err(_) => None,
    }
}

fn collect_pages(frames: &[Frame]) -> Vec<PageView> {
    let mut pages: Vec<(String, i64, Vec<&serde_json::Value>)> = Vec::new();
    for frame in frames {
        let Captured::Page { page, events } = &frame.content else { continue };
        match pages.iter_mut().find(|(name, ..)| name == page) {
            Some((_, _, all)) => all.extend(events),
            None => pages.push((page.clone(), frame.at, events.iter().collect())),
        }
    }
    let view = |(page, at, events): (String, i64, Vec<&serde_json::Value>)| PageView {
        page,
        at_ms: ms(at),
        events: count(events.len() as u64),
        json: serde_json::to_string(&events).unwrap_or_else(|_| "[]".into()),
    };
    pages.into_iter().map(view).collect()
}

/// Where something is missing: a pause of the recording, batches that never came, a page without its recorder.
fn gaps(exchanges: &Frames, pages: &Frames) -> Vec<GapView> {
    let mut gaps = Vec::new();
    let mut paused: Option<i64> = None;
    for frame in &exchanges.frames {
        let Captured::Note { code, detail } = &frame.content else { continue };
        match code.as_str() {
            "paused" => paused = Some(frame.at),
            "resumed" => {
                gaps.push(gap(paused.take().unwrap_or(frame.at), frame.at, "The page was paused; nothing passed."));
            }
            _ => gaps.push(gap(frame.at, frame.at, detail)),
        }
    }
    if let Some(at) = paused {
        gaps.push(gap(at, exchanges.frames.last().map_or(at, |f| f.at), "The page was paused until the end."));
    }
    let (first, last) = (exchanges.frames.first().map_or(0, |f| f.at), exchanges.frames.last().map_or(0, |f| f.at));
    let mut missing: Vec<u64> = exchanges.missing_batches.iter().chain(&pages.missing_batches).copied().collect();
    missing.sort_unstable();
    missing.dedup();
    for batch in missing {
        gaps.push(gap(first, last, &format!("Batch {batch} was made and never came.")));
    }
    gaps
}

fn gap(at: i64, until: i64, detail: &str) -> GapView {
    GapView { at_ms: ms(at), until_ms: ms(until), detail: detail.to_owned() }
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers hold milliseconds for 285,000 years")]
fn ms(at: i64) -> f64 {
    at as f64
}
