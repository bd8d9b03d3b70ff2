use aws_lc_rs::digest::{Context, SHA256};
use recording::Captured;
use statement::{base64url, sha256};
use tokio::time::Instant;

use super::Asking;
use crate::head::Framing;
use crate::life::note;
use crate::redact;
use crate::tape::Tape;

/// Frames of an answer's body are cut at this size, in bytes.
const PART: usize = 256 * 1024;

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
    pub told_of_not_kept: bool,
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
            told_of_not_kept: false,
            digest: Context::new(&SHA256),
            began: Instant::now(),
        }
    }

    /// Frames for a part of the answer, as it is recorded.
    pub fn parts(&mut self, kept: &[u8]) -> Vec<Captured> {
        self.digest.update(kept);
        self.bytes += kept.len() as u64;
        kept.chunks(PART)
            .map(|bytes| {
                let part = self.part;
                self.part += 1;
                Captured::Body { exchange: self.exchange, part, bytes: base64url(bytes) }
            })
            .collect()
    }

    /// So many values more do not stand in the record as they came.
    pub fn take_out(&mut self, values: usize) {
        self.taken_out += values;
    }

    /// The request as it is recorded.
    pub fn request(&mut self, asking: &Asking<'_>, write: bool) -> Vec<Captured> {
        let head = asking.head;
        let kept = redact::body(head.value("content-type").unwrap_or_default(), &asking.body);
        let not_kept = kept.is_none().then(|| self.not_kept(&redact::not_kept(&asking.body)));
        let body = kept.unwrap_or_else(|| redact::MARK.into());
        let (target, path) = (asking.path.target(), redact::target(&asking.path.target()));
        let headers = self.headers(head.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        self.take_out(redact::taken_out(&asking.body, &body) + redact::taken_out(target.as_bytes(), path.as_bytes()));
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
        let kept = redact::headers(given.clone());
        let taken =
            given.zip(&kept).map(|((_, given), (_, kept))| redact::taken_out(given.as_bytes(), kept.as_bytes()));
        self.taken_out += taken.sum::<usize>();
        kept
    }

    /// The head of the answer as it is recorded.
    pub fn response(&mut self, status: u16, headers: &[(String, Vec<u8>)]) -> Captured {
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

    /// The last frames: that values were taken out, if some were, and the end.
    pub fn ended(&mut self, cut: Option<&str>) -> Vec<Captured> {
        let done = self.done(cut);
        if self.taken_out == 0 {
            return vec![done];
        }
        let (exchange, values) = (self.exchange, self.taken_out);
        let detail = format!("Of exchange {exchange}, {values} secret values were taken out before it was recorded.");
        vec![note("redacted", &detail), done]
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
