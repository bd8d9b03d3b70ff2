//! The exact lines of a Recording that is not sealed, from a frame on: out of segments, and out of the batches that are in
//! none yet as far as none before them is missing.

use domain::SessionId;
use recording::{Frame, SegmentEntry, open_segment_lines};
use serve::ProblemResponse;

use crate::audit::Audit;
use crate::error::StoreError;
use crate::problem;
use crate::segmenter::behind;
use crate::store::SessionRow;

/// Lines in one answer, in bytes; a single one may be longer.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Times that reading starts again because batches were put into segments meanwhile.
const TRIES: usize = 5;

/// Lines so far, and the number behind the last of them.
struct Lines {
    text: Vec<u8>,
    next: u64,
}

impl Lines {
    /// Whether there is room for more.
    fn take(&mut self, seq: u64, line: &[u8]) -> bool {
        if !self.text.is_empty() && self.text.len() + line.len() > MAX_BYTES {
            return false;
        }
        self.text.extend_from_slice(line);
        self.next = seq.saturating_add(1);
        true
    }
}

impl Audit {
    /// The lines from frame `from` on, and the number behind the last of them.
    pub(crate) async fn lines_from(&self, session: &SessionId, from: u64) -> Result<(String, u64), ProblemResponse> {
        let _turn = self.unpacking.pages.acquire().await.map_err(|_| problem::stopped())?;
        for _ in 0..TRIES {
            // As it is now: what came meanwhile counts.
            let row = self.reader.session(session).await?.ok_or_else(problem::no_session)?;
            if let Some(lines) = self.try_lines(&row, from).await? {
                let text = String::from_utf8(lines.text).map_err(|_| StoreError::damaged("a frame"))?;
                return Ok((text, lines.next));
            }
        }
        Err(problem::folded_already())
    }

    /// `None` when batches were put into segments while it read.
    async fn try_lines(&self, row: &SessionRow, from: u64) -> Result<Option<Lines>, ProblemResponse> {
        let loose = self.reader.loose_numbers(&row.session).await?;
        let entries = self.reader.segments(&row.session).await?;
        let mut lines = Lines { text: Vec::new(), next: from };
        for entry in entries.iter().filter(|e| e.first_frame.saturating_add(e.frames) > from) {
            let (read, room) = self.of_segment(row, entry, lines).await?;
            if !room {
                return Ok(Some(read));
            }
            lines = read;
        }
        let unread = self.read_up_to.first_batch(&row.session, from)..row.next_batch;
        for number in loose.into_iter().filter(|number| unread.contains(number)) {
            let Some(batch) = self.reader.loose_batch(&row.session, number).await? else {
                if self.reader.segments(&row.session).await? == entries {
                    continue;
                }
                return Ok(None);
            };
            let first = behind(&entries);
            let taking = move |frames: Vec<Frame>| {
                for frame in frames {
                    if frame.seq < first.max(lines.next) {
                        continue;
                    }
                    let mut line = serde_json::to_vec(&frame).map_err(|_| StoreError::damaged("a frame"))?;
                    line.push(b'\n');
                    if !lines.take(frame.seq, &line) {
                        return Ok((lines, false));
                    }
                }
                Ok::<_, StoreError>((lines, true))
            };
            let (read, room) = self.with_batch(&row.session, number, batch, taking).await??;
            if !room {
                return Ok(Some(read));
            }
            lines = read;
        }
        self.read_up_to.is(&row.session, lines.next, row.next_batch);
        Ok(Some(lines))
    }

    /// The text of the segment itself: written again, its numbers might be others.
    async fn of_segment(
        &self,
        row: &SessionRow,
        entry: &SegmentEntry,
        mut lines: Lines,
    ) -> Result<(Lines, bool), ProblemResponse> {
        let (key, session) = (self.reader.recording_key(row)?, row.session.clone());
        let (objects, entry) = (self.reader.objects.clone(), entry.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let name = || format!("segment {} of {session}", entry.number);
            let sealed = objects.get(&entry.sealed)?;
            let sealed = sealed.ok_or_else(|| StoreError::damaged(format!("{} is gone", name())))?;
            let text = open_segment_lines(&key, &session, &entry, &sealed)
                .map_err(|error| StoreError::damaged(format!("{}: {error}", name())))?;
            for (seq, line) in (entry.first_frame..).zip(text.split_inclusive(|b| *b == b'\n')) {
                if seq >= lines.next && !lines.take(seq, line) {
                    return Ok((lines, false));
                }
            }
            Ok::<_, StoreError>((lines, true))
        });
        Ok(reading.await.map_err(|_| problem::stopped())??)
    }
}
