//! A streamed body on its way into the record: first without its secrets, then masked. Both hold back what they cannot
//! decide yet, and what came is released only as far as both have decided it.

use std::collections::VecDeque;

use super::{Mask, Masked};
use crate::redact::Streamed;

/// So much is taken at once: what was decided is known by pieces of this size.
const PIECE: usize = 1024;

/// A body on its way into the record.
pub struct Record {
    redacted: Streamed,
    masked: Option<Chain>,
}

struct Chain {
    masked: Masked,
    /// Bytes that came.
    came: u64,
    /// Bytes that [`Masked`] was given of them.
    given: u64,
    /// Behind so many given bytes, so many that came are decided.
    decided_behind: VecDeque<(u64, u64)>,
    decided: u64,
}

impl Record {
    /// A body of this media type.
    #[must_use]
    pub fn of(content_type: &str, mask: Option<&Mask>, shared: bool) -> Self {
        let chain = |mask| Chain {
            masked: Masked::of(mask, content_type, shared),
            came: 0,
            given: 0,
            decided_behind: VecDeque::new(),
            decided: 0,
        };
        Self { redacted: Streamed::of(content_type), masked: mask.map(chain) }
    }

    /// Takes more of the body and gives what of the record is decided.
    #[must_use]
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Some(chain) = &mut self.masked else { return self.redacted.push(bytes) };
        let (mut out, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
        while !rest.is_empty() {
            let most = rest.len().min(PIECE);
            let line = rest[..most].iter().rposition(|b| *b == b'\n').map_or(most, |at| at + 1);
            let (piece, left) = rest.split_at(line);
            rest = left;
            chain.take(&self.redacted.push(piece), piece.len(), self.redacted.held(), &mut out);
        }
        out
    }

    /// Nothing more comes: the rest of the record.
    #[must_use]
    pub fn end(&mut self) -> Vec<u8> {
        let rest = self.redacted.end();
        let Some(chain) = &mut self.masked else { return rest };
        let mut out = Vec::new();
        chain.masked.push(&rest, &mut out);
        chain.masked.end(&mut out);
        chain.decided = chain.came;
        out
    }

    /// So many bytes that came are not decided: they are not in the record, and are not released.
    #[must_use]
    pub fn held(&self) -> usize {
        let held = self.masked.as_ref().map(|chain| chain.came - chain.decided);
        held.map_or_else(|| self.redacted.held(), |held| usize::try_from(held).unwrap_or(usize::MAX))
    }

    /// What is to be said of a part that is not kept, once it has ended. The digest of a body that may hold personal data
    /// would let anybody try what it was: with a mask it is not told.
    #[must_use]
    pub fn not_kept(&self) -> Option<String> {
        match &self.masked {
            None => self.redacted.not_kept(),
            Some(chain) if self.is_given_up() => Some(format!("of {} bytes, a part is not kept", chain.came)),
            Some(_) => None,
        }
    }

    /// Whether a part of the body is not kept.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.redacted.is_given_up() || self.masked.as_ref().is_some_and(|chain| chain.masked.is_left_out())
    }
}

impl Chain {
    fn take(&mut self, redacted: &[u8], came: usize, held: usize, out: &mut Vec<u8>) {
        self.came += came as u64;
        self.given += redacted.len() as u64;
        self.masked.push(redacted, out);
        self.decided_behind.push_back((self.given, self.came - held as u64));
        let masked = self.given - self.masked.held() as u64;
        while let Some((_, decided)) = self.decided_behind.pop_front_if(|(given, _)| *given <= masked) {
            self.decided = self.decided.max(decided);
        }
    }
}
