//! An answer that is released part by part.

use bytes::BytesMut;
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use recording::Captured;

use super::{Headers, released};
use crate::connection::{Connection, Length, Stream, answer_head, chunk};
use crate::exchange::progress::Progress;
use crate::exchange::{Asking, Stop};
use crate::mask::Record;
use crate::session::Session;

/// Parts that are there already are put together up to this size.
const GATHERED: usize = 512 * 1024;

#[expect(clippy::too_many_arguments, reason = "one answer's parts, each used once")]
pub(super) async fn stream<S: Stream>(
    session: &Session,
    connection: &mut Connection<S>,
    asking: &Asking<'_>,
    status: u16,
    headers: &Headers,
    content_type: &str,
    mut body: Incoming,
    begun: BytesMut,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let known = body.size_hint().exact().map(|left| left + begun.len() as u64);
    let length = known.map_or(Length::Chunked, Length::Known);
    let head = progress.response(status, headers);
    released(session, [head]).await;
    progress.is_answered = true;
    connection.write(&answer_head(status, headers, length, asking.head.keep_alive)).await?;
    let mut record = progress.record(content_type);
    let (mut came, mut waiting) = (begun, BytesMut::new());
    loop {
        let ended = gather(&mut body, &mut came).await?;
        let frames = recorded(progress, &mut record, &came, ended);
        waiting.unsplit(came.split());
        if !frames.is_empty() {
            released(session, frames).await;
        }
        // What the record does not say yet is not released either.
        let part = waiting.split_to(waiting.len().saturating_sub(record.held())).freeze();
        if !part.is_empty() {
            let bytes = if length == Length::Chunked { chunk(&part) } else { part.to_vec() };
            connection.write(&bytes).await?;
        }
        if ended {
            if length == Length::Chunked {
                connection.write(&chunk(b"")).await?;
            }
            return Ok(());
        }
    }
}

/// Frames for what came of a streamed body, as far as it is decided what of it is kept.
fn recorded(progress: &mut Progress, record: &mut Record, came: &[u8], ended: bool) -> Vec<Captured> {
    let mut kept = record.push(came);
    if ended {
        kept.extend(record.end());
    }
    progress.compare(came, &kept);
    let mut frames = progress.parts(&kept);
    if record.is_given_up() && !progress.told_of_not_kept {
        frames.push(progress.not_kept("its structure cannot be read in parts"));
    }
    if ended {
        frames.extend(record.not_kept().map(|what| progress.not_kept(&what)));
        frames.extend(progress.ended(None));
    }
    frames
}

/// Waits for more of the body, and takes what is already there; true at its end.
async fn gather(body: &mut Incoming, waiting: &mut BytesMut) -> Result<bool, Stop> {
    let mut next = body.frame().await;
    loop {
        match next {
            None => return Ok(true),
            Some(Err(_)) => return Err(Stop::Service),
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    waiting.extend_from_slice(data);
                }
            }
        }
        if waiting.len() >= GATHERED {
            return Ok(false);
        }
        match body.frame().now_or_never() {
            Some(more) => next = more,
            None => return Ok(false),
        }
    }
}
