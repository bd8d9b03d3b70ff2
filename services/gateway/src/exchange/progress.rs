use aws_lc_rs::digest::{Context, SHA256};
use recording::Captured;
use statement::base64url;
use tokio::time::Instant;

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

    /// The last frame. Its size and digest are of the body as it is recorded.
    pub fn done(&mut self, cut: Option<&str>) -> Captured {
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
