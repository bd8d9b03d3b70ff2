//! The strip of activity: one character an exchange or page event, merged as it grows, at most 76 on screen.

use recording::{Captured, Frame};

use crate::sequencer::Progress;

/// As many as a list shows.
const SHOWN: usize = 76;
/// Kept finer than shown, so that late exchanges do not crowd out early ones.
const KEPT: usize = SHOWN * 32;
/// From the most to the least telling.
const ORDER: [char; 5] = ['r', 'c', 'i', 's', 'v'];

/// What these frames add to the counters.
pub(crate) fn progress(frames: &[Frame]) -> Progress {
    let mut progress = Progress::default();
    for frame in frames {
        let mark = match &frame.content {
            Captured::Request { write, .. } => {
                progress.exchanges += 1;
                progress.writes += u64::from(*write);
                Some(if *write { 'c' } else { 'v' })
            }
            Captured::Refused { .. } => {
                progress.exchanges += 1;
                progress.refused += 1;
                Some('r')
            }
            Captured::Socket { .. } => Some('s').filter(|_| !progress.activity.ends_with('s')),
            Captured::Page { events, .. } => {
                Some('i').filter(|_| !progress.activity.ends_with('i') && events.iter().any(is_typing))
            }
            _ => None,
        };
        progress.activity.extend(mark);
    }
    progress
}

/// An incremental snapshot of an input, as rrweb numbers them.
fn is_typing(event: &serde_json::Value) -> bool {
    event["type"] == 3 && event["data"]["source"] == 5
}

/// The strip so far with more behind it, halved when it gets too long.
pub(crate) fn join(before: &str, more: &str) -> String {
    let mut strip: Vec<char> = before.chars().chain(more.chars()).collect();
    while strip.len() > KEPT {
        strip = merge(&strip, strip.len().div_ceil(2));
    }
    strip.into_iter().collect()
}

/// The strip as it is shown.
pub(crate) fn shown(strip: &str) -> String {
    let strip: Vec<char> = strip.chars().collect();
    if strip.len() <= SHOWN { strip.into_iter().collect() } else { merge(&strip, SHOWN).into_iter().collect() }
}

/// Into `places` runs of nearly equal length, each shown by its most telling character.
fn merge(strip: &[char], places: usize) -> Vec<char> {
    (0..places)
        .map(|place| {
            let run = &strip[place * strip.len() / places..(place + 1) * strip.len() / places];
            ORDER.into_iter().find(|mark| run.contains(mark)).unwrap_or('v')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_never_merged_away() {
        let strip = format!("{}r{}", "v".repeat(4000), "c".repeat(6000));
        let kept = join("", &strip);
        assert!(kept.len() <= KEPT && kept.contains('r'));
        let shown = shown(&kept);
        assert_eq!(shown.len(), SHOWN);
        assert_eq!(shown.matches('r').count(), 1);
        assert!(shown.starts_with('v') && shown.ends_with('c'));
    }

    #[test]
    fn a_short_strip_is_shown_as_it_is() {
        assert_eq!(shown(&join("vv", "rc")), "vvrc");
    }
}
