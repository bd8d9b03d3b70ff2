//! The pages that were given the recorder: whose reports are taken, and which of them say nothing.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// So many of a Session are known at once; the oldest are forgotten.
const MOST: usize = 256;
/// A recorder reports within a second; one that said nothing for so long will not.
const SILENT: Duration = Duration::from_secs(10);

/// Pages by their capability.
#[derive(Debug, Default)]
pub(super) struct Pages(VecDeque<Page>);

#[derive(Debug)]
struct Page {
    id: String,
    /// Where it stands, until it has reported something or was told of.
    silent_at: Option<(String, Instant)>,
}

impl Pages {
    pub(super) fn add(&mut self, id: String, path: String, now: Instant) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(Page { id, silent_at: Some((path, now)) });
    }

    /// Whether the report of this page is taken; it is silent no longer.
    pub(super) fn hear(&mut self, id: &str) -> bool {
        let Some(page) = self.0.iter_mut().find(|page| page.id == id) else { return false };
        page.silent_at = None;
        true
    }

    /// Where the pages stand that said nothing in time, or by the end; each is told of once.
    pub(super) fn silent(&mut self, now: Instant, at_end: bool) -> Vec<String> {
        let is_late = |since: Instant| at_end || now.duration_since(since) >= SILENT;
        self.0
            .iter_mut()
            .filter_map(|page| page.silent_at.take_if(|(_, since)| is_late(*since)))
            .map(|(path, _)| path)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_says_nothing_is_told_of_once() {
        let (mut pages, now) = (Pages::default(), Instant::now());
        pages.add("a".into(), "/a".into(), now);
        pages.add("b".into(), "/b".into(), now);
        assert!(pages.hear("a") && pages.hear("a") && !pages.hear("c"));
        assert!(pages.silent(now + Duration::from_secs(9), false).is_empty());
        assert_eq!(pages.silent(now + SILENT, false), ["/b"]);
        assert!(pages.silent(now + SILENT, true).is_empty());
        pages.add("d".into(), "/d".into(), now);
        assert_eq!(pages.silent(now, true), ["/d"]);
    }

    #[test]
    fn only_the_latest_are_known() {
        let mut pages = Pages::default();
        for n in 0..=MOST {
            pages.add(n.to_string(), "/".into(), Instant::now());
        }
        assert!(!pages.hear("0") && pages.hear("1"));
    }
}
