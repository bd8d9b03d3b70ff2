use aws_lc_rs::digest::{Context, SHA256};
use recording::Captured;
use statement::{base64url, sha256};
use tokio::time::Instant;

use super::Asking;
use crate::head::Framing;
use crate::life::note;
use crate::mask::{self, Record};
use crate::redact::{self, Form};
use crate::sieve::Sieve;
use crate::tape::Tape;

/// A media type of which nothing is kept when it is masked.
const NOT_KEPT: &str = "application/octet-stream";
/// The media type of what could be of several: nothing of it is kept.
pub(super) const NOT_READ: &str = "multipart/mixed";

/// How far an exchange has come.
pub(crate) struct Progress {
    pub exchange: u64,
    /// The request's frame is on the tape and its `Done` is not.
    pub is_recorded: bool,
    pub body_was_read: bool,
    /// The head of the answer left us.
    pub is_answered: bool,
    part: u64,
    bytes: u64,
    taken_out: usize,
    masked: usize,
    /// What everything of it goes through.
    pub sieve: Sieve,
    pub told_of_not_kept: bool,
    /// The answer is a part of a document.
    pub is_partial: bool,
    digest: Context,
    began: Instant,
}

impl Progress {
    pub fn begin(tape: &Tape) -> Self {
        Self {
            exchange: tape.exchange(),
            is_recorded: false,
            body_was_read: false,
            is_answered: false,
            part: 0,
            bytes: 0,
            taken_out: 0,
            masked: 0,
            sieve: Sieve::default(),
            told_of_not_kept: false,
            is_partial: false,
            digest: Context::new(&SHA256),
            began: Instant::now(),
        }
    }

    /// Frames for a part of the answer, as it is recorded.
    pub fn parts(&mut self, kept: &[u8]) -> Vec<Captured> {
        self.digest.update(kept);
        self.bytes += kept.len() as u64;
        let parts: Vec<Captured> = Captured::parts(self.exchange, self.part, kept).collect();
        self.part += parts.len() as u64;
        parts
    }

    /// Counts the values that do not stand in the record as they came.
    pub fn compare(&mut self, given: &[u8], kept: &[u8]) {
        if given == kept {
            return;
        }
        self.taken_out += redact::taken_out(given, kept);
        if self.sieve.masks() {
            self.masked += mask::masked(given, kept);
        }
    }

    /// The body of an answer that comes in parts.
    pub fn record(&self, content_type: &str) -> Record {
        if self.keeps(content_type) {
            return self.sieve.record(content_type);
        }
        // With rules nothing of a type that is no text is kept, without them nothing of several parts.
        self.sieve.record(if self.sieve.masks() { NOT_KEPT } else { NOT_READ })
    }

    /// A part of a document may begin in the middle of a value, or of a tag.
    pub fn keeps(&self, content_type: &str) -> bool {
        let has_structure = matches!(Form::of(content_type), Form::Html | Form::Json | Form::UrlEncoded | Form::Xml);
        !self.is_partial || (!has_structure && self.sieve.keeps_parts_of_documents())
    }

    /// The request as it is recorded.
    pub fn request(&mut self, asking: &Asking<'_>, write: bool) -> Vec<Captured> {
        let head = asking.head;
        let kept = self.sieve.body(head.value("content-type").unwrap_or_default(), &asking.body);
        let not_kept = kept.is_none().then(|| self.not_kept(&self.sieve.not_kept(&asking.body)));
        let body = kept.unwrap_or_else(|| redact::MARK.into());
        let (target, path) = (asking.path.target(), self.sieve.target(&asking.path.target()));
        let headers = self.headers(head.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        self.compare(&asking.body, &body);
        self.compare(target.as_bytes(), path.as_bytes());
        let whole = body == asking.body[..];
        let request = Captured::Request {
            exchange: self.exchange,
            method: head.method.to_owned(),
            path,
            headers,
            body: (head.framing != Framing::None).then(|| base64url(&body)),
            body_bytes: asking.body.len() as u64,
            // The digest of a body with a short secret in it would let the secret be guessed.
            body_digest: (whole && !asking.body.is_empty()).then(|| sha256(&asking.body)),
            write,
        };
        std::iter::once(request).chain(not_kept).collect()
    }

    fn headers<'a>(&mut self, given: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Vec<(String, String)> {
        let kept = self.sieve.headers(given.clone());
        given.zip(&kept).for_each(|((_, given), (_, kept))| self.compare(given.as_bytes(), kept.as_bytes()));
        kept
    }

    /// The head of the answer as it is recorded.
    pub fn response(&mut self, status: u16, headers: &[(String, Vec<u8>)]) -> Captured {
        self.is_partial = status == 206;
        let text: Vec<(&str, String)> =
            headers.iter().map(|(n, v)| (n.as_str(), String::from_utf8_lossy(v).into_owned())).collect();
        let kept = self.headers(text.iter().map(|(n, v)| (*n, v.as_str())));
        Captured::Response { exchange: self.exchange, status, headers: kept }
    }

    /// That a part of the body is not kept.
    pub fn not_kept(&mut self, why: &str) -> Captured {
        self.told_of_not_kept = true;
        note("body-not-kept", &format!("Exchange {}: {why}.", self.exchange))
    }

    /// The last frames: that values were taken out or masked, if some were, and the end.
    pub fn ended(&mut self, cut: Option<&str>) -> Vec<Captured> {
        let done = self.done(cut);
        let told = |code, values: usize, what: &str| {
            let detail = format!("Of exchange {}, {values} {what} before it was recorded.", self.exchange);
            (values > 0).then(|| note(code, &detail))
        };
        let redacted = told("redacted", self.taken_out, "secret values were taken out");
        let masked = told("masked", self.masked, "personal values were masked");
        redacted.into_iter().chain(masked).chain([done]).collect()
    }

    /// Its size and digest are of the body as it is recorded.
    fn done(&mut self, cut: Option<&str>) -> Captured {
        self.is_recorded = false;
        let digest = base64url(self.digest.clone().finish().as_ref());
        Captured::Done {
            exchange: self.exchange,
            body_bytes: self.bytes,
            body_digest: digest.parse().unwrap_or_else(|_| unreachable!("32 bytes make 43 characters")),
            took_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            cut: cut.map(str::to_owned),
        }
    }
}
