//! An answer on its way to the person: recorded, on disk, then released, part by part.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http::response::Parts;
use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::{Body as _, Incoming};
use recording::Captured;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::coding::{self, Coding};
use super::progress::Progress;
use super::{Asking, Stop};
use crate::authorise::is_inside;
use crate::connection::{Connection, Length, Stream, answer_head, chunk};
use crate::forwarded;
use crate::page;
use crate::redact::{self, Form};
use crate::refused::Refused;
use crate::session::Session;
use crate::targets::Target;

/// Pages and documents up to this size are read whole before they are released.
const WHOLE: usize = 4 * 1024 * 1024;
const WHOLE_TIME: Duration = Duration::from_secs(5);
/// Parts of a stream that are there already are put together up to this size.
const GATHERED: usize = 512 * 1024;

type Headers = Vec<(String, Vec<u8>)>;

/// Releases an answer to its end.
pub(crate) async fn release<S: Stream>(
    session: &Session,
    connection: &mut Connection<S>,
    asking: &Asking<'_>,
    answer: Response<Incoming>,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let (parts, mut body) = answer.into_parts();
    check(session, asking, &parts)?;
    let mut headers = forwarded::to_person(&parts.headers);
    let content_type = parts.headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let shared = asking.target.shared_paths.iter().any(|s| asking.path.path().starts_with(s));
    if !shared {
        replace(&mut headers, "cache-control", "no-store");
    }
    let status = parts.status.as_u16();
    if asking.head.method == "HEAD" || matches!(status, 204 | 304) {
        return nothing(session, connection, asking, status, &headers, progress).await;
    }
    let form = Form::of(&content_type);
    let zipped = coding::of(&parts.headers)? == Coding::Gzip;
    let event_stream = content_type.starts_with("text/event-stream");
    let whole = !event_stream && matches!(form, Form::Html | Form::Json | Form::UrlEncoded);
    let wants_recorder = page::wants_recorder(asking.head, &parts, form);
    let mut begun = BytesMut::new();
    if (whole || zipped) && read_whole(&mut body, &mut begun).await? {
        let body = if zipped { coding::plain(&mut headers, &begun)? } else { begun.freeze() };
        if wants_recorder {
            return inject(session, connection, asking, status, headers, &content_type, body, progress).await;
        }
        return all(session, connection, asking, status, &headers, form, body, progress).await;
    }
    if zipped {
        return Err(coding::too_large().into());
    }
    if wants_recorder {
        session.tape().record([crate::life::note("recorder-absent", "the page is too large or too slow for it")]);
    }
    stream(session, connection, asking, status, &headers, form, body, begun, progress).await
}

/// What an answer may not do.
fn check(session: &Session, asking: &Asking<'_>, parts: &Parts) -> Result<(), Refused> {
    coding::of(&parts.headers)?;
    if parts.status.is_informational() {
        return Err(Refused::new(
            502,
            "unasked-upgrade",
            "The service began another protocol.",
            "Load the page again.",
        ));
    }
    let targets: Vec<&Target> = session.targets().iter().map(AsRef::as_ref).collect();
    let here = format!("https://{}{}", asking.head.host, asking.path.target());
    for location in parts.headers.get_all("location") {
        let to = location.to_str().ok().and_then(|l| Url::parse(&here).ok()?.join(l).ok());
        if !to.is_some_and(|to| is_inside(session.grant(), &targets, &to)) {
            let only = format!("Your access is for {} only. Go back.", session.facts().organization.name);
            return Err(Refused::new(403, "location-outside", "That page leads out of the Organization.", only));
        }
    }
    Ok(())
}

async fn nothing<S: Stream>(
    session: &Session,
    connection: &mut Connection<S>,
    asking: &Asking<'_>,
    status: u16,
    headers: &Headers,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let frames = [response_frame(progress, status, headers), progress.done(None)];
    released(session, frames).await;
    progress.is_answered = true;
    Ok(connection.write(&answer_head(status, headers, Length::Absent, asking.head.keep_alive)).await?)
}

/// Whether the body came to its end within bounds; what was read of it is in `begun` in any case.
async fn read_whole(body: &mut Incoming, begun: &mut BytesMut) -> Result<bool, Stop> {
    let until = Instant::now() + WHOLE_TIME;
    while begun.len() <= WHOLE {
        match timeout_at(until, body.frame()).await {
            Err(_) => return Ok(false),
            Ok(None) => return Ok(true),
            Ok(Some(Err(_))) => return Err(stopped_early().into()),
            Ok(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    begun.extend_from_slice(data);
                }
            }
        }
    }
    Ok(false)
}

#[expect(clippy::too_many_arguments, reason = "one answer's parts, each used once")]
async fn inject<S: Stream>(
    session: &Session,
    connection: &mut Connection<S>,
    asking: &Asking<'_>,
    status: u16,
    mut headers: Headers,
    content_type: &str,
    body: Bytes,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let kept = redact::body(Form::Html, &body);
    let mut frames = vec![response_frame(progress, status, &headers)];
    frames.extend(progress.parts(&kept));
    let page = match page::with_recorder(session, &mut headers, content_type, &body, &asking.head.host) {
        Some(page) => Bytes::from(page),
        None => {
            frames.push(crate::life::note("recorder-absent", "the page cannot take the recorder"));
            body
        }
    };
    frames.push(progress.done(None));
    released(session, frames).await;
    progress.is_answered = true;
    Ok(connection.answer(status, &headers, &page, asking.head.keep_alive, true).await?)
}

#[expect(clippy::too_many_arguments, reason = "one answer's parts, each used once")]
async fn all<S: Stream>(
    session: &Session,
    connection: &mut Connection<S>,
    asking: &Asking<'_>,
    status: u16,
    headers: &Headers,
    form: Form,
    body: Bytes,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let mut frames = vec![response_frame(progress, status, headers)];
    frames.extend(progress.parts(&redact::body(form, &body)));
    frames.push(progress.done(None));
    released(session, frames).await;
    progress.is_answered = true;
    Ok(connection.answer(status, headers, &body, asking.head.keep_alive, true).await?)
}

#[expect(clippy::too_many_arguments, reason = "one answer's parts, each used once")]
async fn stream<S: Stream>(
    session: &Session,
    connection: &mut Connection<S>,
    asking: &Asking<'_>,
    status: u16,
    headers: &Headers,
    form: Form,
    mut body: Incoming,
    begun: BytesMut,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let known = body.size_hint().exact().map(|left| left + begun.len() as u64);
    let length = known.map_or(Length::Chunked, Length::Known);
    released(session, [response_frame(progress, status, headers)]).await;
    progress.is_answered = true;
    connection.write(&answer_head(status, headers, length, asking.head.keep_alive)).await?;
    let mut waiting = begun;
    loop {
        let ended = gather(&mut body, &mut waiting).await?;
        let held = if ended || form == Form::Other { 0 } else { redact::undecided(&waiting) };
        let part = waiting.split_to(waiting.len() - held).freeze();
        let mut frames = progress.parts(&redact::body(form, &part));
        if ended {
            frames.push(progress.done(None));
        }
        if !frames.is_empty() {
            released(session, frames).await;
        }
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

/// Puts frames on the tape and returns when what they tell of may be released.
async fn released(session: &Session, frames: impl IntoIterator<Item = Captured>) {
    let recorded = session.tape().record(frames);
    session.tape().durable(recorded).await;
    session.tape().passable().await;
}

/// The head of an answer as it is recorded.
pub(crate) fn response_frame(progress: &Progress, status: u16, headers: &Headers) -> Captured {
    let text: Vec<(&str, String)> =
        headers.iter().map(|(n, v)| (n.as_str(), String::from_utf8_lossy(v).into_owned())).collect();
    Captured::Response {
        exchange: progress.exchange,
        status,
        headers: redact::headers(text.iter().map(|(n, v)| (*n, v.as_str()))),
    }
}

fn replace(headers: &mut Headers, name: &str, value: &str) {
    headers.retain(|(n, _)| n != name);
    headers.push((name.to_owned(), value.as_bytes().to_vec()));
}

fn stopped_early() -> Refused {
    Refused::new(502, "service-stopped", "The service stopped in the middle of its answer.", "Try again in a minute.")
}
