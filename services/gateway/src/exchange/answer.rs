//! An answer on its way to the person: recorded, on disk, then released, part by part.

mod streaming;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::response::Parts;
use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::{Body as _, Incoming};
use recording::Captured;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::coding::{self, Coding};
use super::progress::{NOT_READ, Progress};
use super::{Asking, Stop};
use crate::authorise::is_inside;
use crate::connection::{Connection, Length, Stream, answer_head};
use crate::forwarded;
use crate::page::{self, Place};
use crate::redact::{self, Form};
use crate::refused::Refused;
use crate::session::Session;
use crate::sieve::Look;
use crate::targets::Target;
use streaming::stream;

/// Pages and documents up to this size are read whole before they are released.
const WHOLE: usize = 4 * 1024 * 1024;
const WHOLE_TIME: Duration = Duration::from_secs(5);

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
    let content_type = content_type(&parts).unwrap_or(NOT_READ).to_owned();
    let shared = asking.target.shares(asking.path.path());
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
    let whole = !event_stream && matches!(form, Form::Html | Form::Xml | Form::Json | Form::UrlEncoded);
    let place = page::place_of(asking.head, &parts, &content_type);
    if let Place::Without(reason) = place {
        session.tape().record([crate::life::note("recorder-absent", reason)]);
    }
    // No more is asked for than will come: a buffer that grows holds up to twice as much.
    let mut begun =
        BytesMut::with_capacity(body.size_hint().exact().map_or(0, |n| usize::try_from(n).unwrap_or(WHOLE).min(WHOLE)));
    if (whole || zipped) && read_whole(&mut body, &mut begun).await? {
        let body = if zipped { coding::plain(&mut headers, &begun)? } else { begun.freeze() };
        if place == Place::Page {
            return inject(session, connection, asking, status, headers, &content_type, body, progress).await;
        }
        return all(session, connection, asking, status, &headers, &content_type, body, progress).await;
    }
    if zipped {
        return Err(coding::too_large().into());
    }
    if place == Place::Page {
        session.tape().record([crate::life::note("recorder-absent", "the page is too large or too slow for it")]);
    }
    stream(session, connection, asking, status, &headers, &content_type, body, begun, progress).await
}

/// The one media type of an answer; none when a browser could take it for another.
fn content_type(parts: &Parts) -> Option<&str> {
    let mut types = parts.headers.get_all("content-type").iter();
    let first = types.next().map_or(Some(""), |value| value.to_str().ok());
    if types.next().is_some() { None } else { first }
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
    let head = progress.response(status, headers);
    released(session, [head].into_iter().chain(progress.ended(None))).await;
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
    let mut frames = vec![progress.response(status, &headers)];
    let look = progress.sieve.look(content_type, &body);
    frames.extend(kept_whole(progress, content_type, &body, look));
    let page = match page::with_recorder(session, &mut headers, content_type, &body, look, asking, &progress.sieve) {
        Some(page) => {
            // While the record goes to disk one of the two is enough.
            drop(body);
            Bytes::from(page)
        }
        None => {
            frames.push(crate::life::note("recorder-absent", "the page cannot take the recorder"));
            body
        }
    };
    frames.extend(progress.ended(None));
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
    content_type: &str,
    body: Bytes,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let mut frames = vec![progress.response(status, headers)];
    let look = progress.sieve.look(content_type, &body);
    frames.extend(kept_whole(progress, content_type, &body, look));
    frames.extend(progress.ended(None));
    released(session, frames).await;
    progress.is_answered = true;
    Ok(connection.answer(status, headers, &body, asking.head.keep_alive, true).await?)
}

/// Frames for a body that is there as a whole.
fn kept_whole(progress: &mut Progress, content_type: &str, body: &[u8], look: Option<Look>) -> Vec<Captured> {
    let kept = progress.keeps(content_type).then(|| progress.sieve.seen(content_type, body, look)).flatten();
    let Some(kept) = kept else {
        let mark = progress.parts(redact::MARK.as_bytes());
        return mark.into_iter().chain([progress.not_kept(&progress.sieve.not_kept(body))]).collect();
    };
    progress.compare(body, &kept);
    progress.parts(&kept)
}

/// Puts frames on the tape and returns when what they tell of may be released.
async fn released(session: &Session, frames: impl IntoIterator<Item = Captured>) {
    let recorded = session.tape().record(frames);
    session.tape().durable(recorded).await;
    session.tape().passable().await;
}

fn replace(headers: &mut Headers, name: &str, value: &str) {
    headers.retain(|(n, _)| n != name);
    headers.push((name.to_owned(), value.as_bytes().to_vec()));
}

fn stopped_early() -> Refused {
    Refused::new(502, "service-stopped", "The service stopped in the middle of its answer.", "Try again in a minute.")
}
