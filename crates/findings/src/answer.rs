//! How much an answer holds.

use serde_json::Value;

use crate::Room;

/// Larger bodies are not read for what they hold; their size says enough.
const READ: usize = 8 << 20;
/// Lists are looked for this deep: `{"data": {"items": […]}}`.
const DEEP: usize = 3;

/// The bytes of one answer, as far as they are kept.
#[derive(Debug)]
pub(crate) struct Answer {
    bytes: Vec<u8>,
    too_large: bool,
    room: Room,
}

impl Answer {
    pub(crate) fn new(room: Room) -> Self {
        Self { bytes: Vec::new(), too_large: false, room }
    }

    pub(crate) fn take(&mut self, part: &[u8]) {
        let fits = self.bytes.len().saturating_add(part.len()) <= READ;
        if self.too_large {
            return;
        }
        if !fits || !self.room.take(part.len()) {
            self.too_large = true;
            self.room.give(std::mem::take(&mut self.bytes).len());
            return;
        }
        self.bytes.extend_from_slice(part);
    }

    /// Records in it: the longest list of a JSON answer, the rows of a table in CSV.
    pub(crate) fn records(&self, content_type: &str) -> u64 {
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
        if kind.ends_with("json") {
            serde_json::from_slice::<Value>(&self.bytes).map_or(0, |value| longest(&value, DEEP))
        } else if kind == "text/csv" || kind == "text/tab-separated-values" {
            let lines = self.bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
            // The first line names the columns.
            (lines as u64).saturating_sub(1)
        } else {
            0
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.room.give(self.bytes.len());
    }
}

fn longest(value: &Value, deep: usize) -> u64 {
    match value {
        Value::Array(items) => items.len() as u64,
        Value::Object(fields) if deep > 0 => fields.values().map(|v| longest(v, deep - 1)).max().unwrap_or(0),
        _ => 0,
    }
}
