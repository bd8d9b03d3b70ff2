use recording::{Captured, Frame};

use super::text::{SHOWN_BODY, content_type, header, text};
use super::{ms, resource};
use crate::show::count;
use crate::view::ExchangeView;

/// One request with what became of it, as its frames come in.
#[derive(Clone, Default)]
pub(super) struct Exchange {
    view: ExchangeView,
    host: String,
    body: Vec<u8>,
}

impl Exchange {
    pub(super) fn begin(number: u64, frame: &Frame) -> Self {
        let view = ExchangeView { number: count(number), at_ms: ms(frame.at), ..ExchangeView::default() };
        Self { view, ..Self::default() }
    }

    /// Takes a frame; bodies only `with_bodies`. Gives how many bytes of it are kept.
    pub(super) fn take(&mut self, content: &Captured, with_bodies: bool) -> usize {
        match content {
            Captured::Request { method, path, headers, body, write, .. } => {
                self.view.method.clone_from(method);
                self.view.path.clone_from(path);
                self.view.write = *write;
                header(headers, "host").clone_into(&mut self.host);
                let bytes = body.as_deref().filter(|_| with_bodies).and_then(|b| statement::base64url_decode(b).ok());
                self.view.request_body = bytes.and_then(|b| text(&b, content_type(headers)));
                method.len() + path.len() + self.view.request_body.as_ref().map_or(0, String::len)
            }
            Captured::Response { status, headers, .. } => {
                self.view.status = u32::from(*status);
                content_type(headers).clone_into(&mut self.view.content_type);
                self.view.content_type.len()
            }
            Captured::Text { .. } | Captured::Body { .. } if with_bodies && self.body.len() < self.most() => {
                let bytes = content.part().unwrap_or_default();
                let fits = &bytes[..bytes.len().min(self.most() - self.body.len())];
                self.body.extend_from_slice(fits);
                fits.len()
            }
            Captured::Done { body_bytes, took_ms, cut, .. } => {
                #[expect(clippy::cast_precision_loss, reason = "a body of 8 PiB is not recorded")]
                let bytes = *body_bytes as f64;
                self.view.body_bytes = bytes;
                self.view.took_ms = count(*took_ms);
                self.view.cut = cut.clone().unwrap_or_default();
                self.view.cut.len()
            }
            Captured::Refused { method, path, code, .. } => {
                self.view.method.clone_from(method);
                self.view.path.clone_from(path);
                self.view.refused.clone_from(code);
                method.len() + path.len() + code.len()
            }
            Captured::Socket { .. } => {
                self.view.socket_messages = self.view.socket_messages.saturating_add(1);
                0
            }
            Captured::Text { .. } | Captured::Body { .. } | Captured::Page { .. } | Captured::Note { .. } => 0,
        }
    }

    /// So much of its body is kept.
    fn most(&self) -> usize {
        if resource::kind(&self.view.content_type).is_some() { resource::MOST } else { SHOWN_BODY }
    }

    /// The picture or the font that it brought, once it is over and whole; what is no text is no longer held here then.
    pub(super) fn resource(&mut self) -> Option<(String, &'static str, Vec<u8>)> {
        let kind = resource::kind(&self.view.content_type)?;
        #[expect(clippy::cast_precision_loss, reason = "a body of 8 PiB is not recorded")]
        let whole = self.view.cut.is_empty() && self.body.len() as f64 == self.view.body_bytes;
        let fits =
            self.view.method == "GET" && self.view.status == 200 && !self.host.is_empty() && !self.body.is_empty();
        let bytes = std::mem::take(&mut self.body);
        self.view.body = text(&bytes, &self.view.content_type);
        (whole && fits).then(|| (format!("https://{}{}", self.host, self.view.path), kind, bytes))
    }

    pub(super) fn done(mut self) -> ExchangeView {
        if !self.body.is_empty() {
            self.view.body = text(&self.body, &self.view.content_type);
        }
        self.view
    }
}

pub(super) fn number_of(content: &Captured) -> Option<u64> {
    match content {
        Captured::Request { exchange, .. }
        | Captured::Response { exchange, .. }
        | Captured::Text { exchange, .. }
        | Captured::Body { exchange, .. }
        | Captured::Done { exchange, .. }
        | Captured::Refused { exchange, .. }
        | Captured::Socket { exchange, .. } => Some(*exchange),
        Captured::Page { .. } | Captured::Note { .. } => None,
    }
}
