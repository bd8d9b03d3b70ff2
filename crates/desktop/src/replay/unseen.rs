//! What the recorder in a page says that it did not see. It is the page's word: it only ever adds to what is missing.

use serde_json::Value;

use super::gap;
use crate::view::GapView;

/// An event that is the recorder's own.
const OWN: u64 = 5;

/// Of one page.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    /// From when, until when, and how many reports.
    lost: Option<(i64, i64, u64)>,
    /// It stood in a frame that the page around it could not look into.
    apart: bool,
}

impl Unseen {
    pub(super) fn hear(&mut self, at: i64, event: &Value) {
        if event["type"] != OWN {
            return;
        }
        match event["data"]["tag"].as_str() {
            Some("countersign-lost") => {
                let count = event["data"]["payload"]["events"].as_u64().unwrap_or(1);
                let (from, _, before) = self.lost.unwrap_or((at, at, 0));
                self.lost = Some((from, at, before.saturating_add(count)));
            }
            Some("countersign-frame") => self.apart = true,
            _ => {}
        }
    }

    /// One gap for all of a page, however often it says so.
    pub(super) fn gap(&self, began: i64) -> Option<GapView> {
        if self.apart {
            return Some(gap(began, began, "A frame of another address is not shown in the page around it."));
        }
        let (from, until, count) = self.lost?;
        Some(gap(from, until, &format!("The page lost {count} of its reports: what it showed may be another thing.")))
    }
}
