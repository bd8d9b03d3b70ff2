use domain::UnixMillis;
use serde_json::{Map, Value, json};

use crate::Context;
use crate::answer::Answer;

/// One exchange as far as it was seen.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The frame of its request.
    pub(crate) frame: u64,
    pub(crate) at: UnixMillis,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) write: bool,
    pub(crate) request_bytes: u64,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) answer: Answer,
    pub(crate) refused: String,
}

impl Exchange {
    /// What rules of the category `exchange` ask.
    pub(crate) fn fields(&self, answer_bytes: u64, cut: &str, context: &Context) -> Map<String, Value> {
        let content_type = self.header("content-type");
        let download = self.header("content-disposition").to_lowercase().starts_with("attachment");
        let fields = json!({
            "method": self.method,
            "path": self.path.split('?').next().unwrap_or_default(),
            "query": self.path.split_once('?').map_or("", |(_, query)| query),
            "write": self.write,
            "named": context.names(&self.path),
            "status": self.status,
            "request_bytes": signed(self.request_bytes),
            "answer_bytes": signed(answer_bytes),
            "content_type": content_type,
            "download": download,
            "records": signed(self.answer.records(content_type)),
            "refused": self.refused,
            "cut": cut,
        });
        fields.as_object().cloned().unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// Rules compare signed numbers.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
