//! What everything goes through before it is recorded: secrets are taken out, and personal data is masked where the
//! target has rules for it. Without rules nothing more is done than before.

mod look;

use crate::mask::{self, Mask, Record};
use crate::path::CanonicalPath;
use crate::redact::{self, Form};
pub use look::Look;

/// The sieve of one exchange.
#[derive(Clone, Default)]
pub struct Sieve {
    mask: Option<Mask>,
    /// Its path belongs to no Organization.
    shared: bool,
}

impl Sieve {
    #[must_use]
    pub fn new(mask: Option<Mask>, shared: bool) -> Self {
        Self { mask, shared }
    }

    /// A whole body; none when nothing of it can be kept but [`Self::not_kept`].
    #[must_use]
    pub fn body(&self, content_type: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let kept = redact::body(content_type, bytes)?;
        match &self.mask {
            None => Some(kept),
            Some(mask) => mask.body(content_type, &kept, self.shared),
        }
    }

    /// What a whole body holds that is a page; none for every other body, and for a page that readers may take differently.
    #[must_use]
    pub fn look(&self, content_type: &str, bytes: &[u8]) -> Option<Look> {
        let is_page = Form::of(content_type) == Form::Html && !redact::is_unclear(Form::Html, content_type, bytes);
        if !is_page || redact::looks_like_multipart(bytes) {
            return None;
        }
        let page = std::str::from_utf8(bytes).ok()?;
        Look::at(page, self.mask.as_ref().map(|mask| mask.selected(page)).unwrap_or_default())
    }

    /// The same as [`Self::body`]: what the look showed not to be there is not searched for again.
    #[must_use]
    pub fn seen(&self, content_type: &str, bytes: &[u8], look: Option<Look>) -> Option<Vec<u8>> {
        let Some(look) = look.filter(|look| !look.secret) else { return self.body(content_type, bytes) };
        let kept = redact::text(std::str::from_utf8(bytes).ok()?).into_bytes();
        match &self.mask {
            None => Some(kept),
            // What stands in a token's place may be markup to the mask.
            Some(mask) if kept != bytes => mask.body(content_type, &kept, self.shared),
            Some(mask) => mask.whole_page(content_type, kept, look.selected, self.shared),
        }
    }

    /// A body that comes in parts.
    #[must_use]
    pub fn record(&self, content_type: &str) -> Record {
        Record::of(content_type, self.mask.as_ref(), self.shared)
    }

    /// A part of a document may begin in the middle of a value: of it nothing is kept when there are rules.
    #[must_use]
    pub fn keeps_parts_of_documents(&self) -> bool {
        self.mask.is_none() || self.shared
    }

    /// A message of a WebSocket; none when it cannot be kept.
    #[must_use]
    pub fn message(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let kept = redact::message(bytes);
        match &self.mask {
            None => Some(kept),
            Some(mask) => mask.message(&kept),
        }
    }

    /// A frame that is no message.
    #[must_use]
    pub fn control(&self, payload: &[u8]) -> Vec<u8> {
        let kept = redact::message(payload);
        self.mask.as_ref().map_or_else(|| kept.clone(), |mask| mask.control(&kept))
    }

    /// Whether there are rules.
    #[must_use]
    pub fn masks(&self) -> bool {
        self.mask.is_some()
    }

    #[must_use]
    pub fn headers<'a>(&self, headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
        let kept = redact::headers(headers);
        match &self.mask {
            None => kept,
            Some(mask) => mask.headers(kept),
        }
    }

    /// A path with its query. One that has not one meaning may hide a value in a way that is not seen here.
    #[must_use]
    pub fn target(&self, target: &str) -> String {
        let kept = redact::target(target);
        match &self.mask {
            None => kept,
            Some(_) if !target.is_empty() && CanonicalPath::read(target).is_err() => mask::LEFT_OUT.to_owned(),
            Some(mask) => mask.target(&kept),
        }
    }

    /// What a page reports, and went through [`redact::body`] already.
    #[must_use]
    pub fn page(&self, events: Vec<serde_json::Value>) -> Option<Vec<serde_json::Value>> {
        match &self.mask {
            None => Some(events),
            Some(mask) => mask.page(&events),
        }
    }

    /// What is said of a body of which nothing is kept.
    #[must_use]
    pub fn not_kept(&self, bytes: &[u8]) -> String {
        self.mask.as_ref().map_or_else(|| redact::not_kept(bytes), |mask| mask.not_kept(bytes))
    }

    /// What the recorder in a page masks by itself.
    #[must_use]
    pub fn selectors(&self) -> String {
        self.mask.as_ref().map(Mask::selectors).unwrap_or_default()
    }
}

#[cfg(test)]
pub(crate) mod tests;
