//! What the gateway adds to pages: the recorder that sends how they looked, and where it sends that. The page's own
//! word, recorded as such; the record of the exchanges does not depend on it.

mod csp;
mod inject;

use http::response::Parts;
use recording::Captured;
use serde::Deserialize;
use serde_json::Value;

use crate::assertion::random_id;
use crate::connection::{Connection, Stream};
use crate::exchange::{Asking, Next, Stop};
use crate::head::RequestHead;
use crate::redact::{Form, MARK, is_untyped, secrets};
use crate::refused::Refused;
use crate::session::Session;
use crate::sieve::{Look, Sieve};
pub(crate) use inject::is_changed;

/// Paths that are the gateway's own on every host of a target.
pub const RESERVED: &str = "/.countersign/";
const SCRIPT_PATH: &str = "/.countersign/recorder.js";
const PAGE_PATH: &str = "/.countersign/page";
const SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/recorder.js"));
/// What the script fetches once the page has loaded.
const WHOLE: &str = include_str!(concat!(env!("OUT_DIR"), "/whole.js"));
const WHOLE_TARGET: &str = "/.countersign/recorder.js?whole";
/// One batch of a page's events is no longer, in bytes.
const MAX_BATCH: usize = 4 * 1024 * 1024;
const MAX_EVENTS: usize = 2_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    page: String,
    events: Vec<Value>,
}

/// Whether a browser will show the answer as a page.
#[must_use]
pub fn is_navigation(head: &RequestHead) -> bool {
    match head.value("sec-fetch-dest") {
        Some(destination) => matches!(destination, "document" | "iframe" | "frame"),
        None => head.tokens("accept").any(|t| t.starts_with("text/html")),
    }
}

/// What an answer is to the recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// No page, or none that is shown.
    None,
    /// A page that is shown without the recorder, and why.
    Without(&'static str),
    Page,
}

/// Whether the recorder belongs into this answer.
#[must_use]
pub fn place_of(head: &RequestHead, parts: &Parts, content_type: &str) -> Place {
    let value =
        |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let (form, essence) = (Form::of(content_type), crate::multipart::essence(content_type));
    // What has no type a browser takes for a page when it looks like one; pieces of pages are no pages.
    let shown = (essence == "text/html" || form == Form::Xml || is_untyped(&essence))
        && is_navigation(head)
        && parts.status != http::StatusCode::PARTIAL_CONTENT
        && !parts.status.is_redirection()
        && !value("content-disposition").starts_with("attachment");
    match shown {
        false => Place::None,
        true if value("cache-control").contains("no-transform") => {
            Place::Without("the page may not be changed, as its service says")
        }
        // What is put before its first element makes it unreadable to a browser.
        true if form == Form::Xml => Place::Without("the page is XML, to which nothing can be added"),
        true if is_untyped(&essence) => Place::Without("the answer does not say what it is"),
        true => Place::Page,
    }
}

/// The page with the recorder in it and headers to match; none when it cannot take it.
#[must_use]
pub fn with_recorder(
    session: &Session,
    headers: &mut Vec<(String, Vec<u8>)>,
    content_type: &str,
    body: &[u8],
    look: Option<Look>,
    asking: &Asking<'_>,
    sieve: &Sieve,
) -> Option<String> {
    let (page, nonce) = (random_id(), random_id());
    let source = format!("https://{}{SCRIPT_PATH}", asking.head.host);
    let allow = csp::Allow { nonce: &nonce, script: &source };
    let facts = session.facts();
    let tag = inject::Tag {
        script: SCRIPT,
        nonce: &nonce,
        page: &page,
        mask: &sieve.selectors(),
        canvases: !sieve.masks(),
        mark: &format!("{}, {}", facts.name, facts.session),
    };
    let out = inject::inject(content_type, body, look, &tag, &allow)?;
    for (name, value) in headers.iter_mut() {
        if name == "content-security-policy" || name == "content-security-policy-report-only" {
            *value = csp::allowing(&String::from_utf8_lossy(value), &allow).into_bytes();
        }
    }
    headers.retain(|(n, _)| {
        !matches!(n.as_str(), "etag" | "content-md5" | "digest" | "repr-digest" | "content-digest" | "accept-ranges")
    });
    session.add_page(page, sieve.target(&asking.path.target()));
    Some(out)
}

/// Answers a request for one of [`RESERVED`].
pub(crate) async fn serve<S: Stream>(
    session: &Session,
    connection: &mut Connection<S>,
    asking: &Asking<'_>,
    sieve: &Sieve,
) -> Result<Next, Stop> {
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let keep_alive = asking.head.keep_alive;
    match (asking.head.method, asking.path.path()) {
        ("GET", SCRIPT_PATH) => {
            let headers = [
                header("content-type", "text/javascript; charset=utf-8"),
                header("cache-control", "private, max-age=3600"),
                header("x-content-type-options", "nosniff"),
            ];
            let script = if asking.path.target() == WHOLE_TARGET { WHOLE } else { SCRIPT };
            connection.answer(200, &headers, script.as_bytes(), keep_alive, true).await?;
        }
        ("POST", PAGE_PATH) => {
            let frame = page_frame(session, &asking.body, sieve)?;
            let recorded = session.tape().record([frame]);
            session.tape().durable(recorded).await;
            connection.answer(204, &[], b"", keep_alive, false).await?;
        }
        _ => return Err(Refused::new(404, "no-such-path", "There is nothing at this address.", "Go back.").into()),
    }
    Ok(if keep_alive { Next::Again } else { Next::Close })
}

fn page_frame(session: &Session, body: &[u8], sieve: &Sieve) -> Result<Captured, Refused> {
    let bad = |code| {
        Refused::new(
            400,
            code,
            "The page's recorder sent something that is not recorded.",
            "Nothing to do: the exchanges themselves are recorded.",
        )
    };
    if body.len() > MAX_BATCH {
        return Err(bad("page-batch-too-large"));
    }
    // The page's word is taken through the same sieve as everything else before it is kept.
    let kept = crate::redact::body("application/json", body).unwrap_or_default();
    let mut batch: Batch = serde_json::from_slice(&kept).map_err(|_| bad("page-batch"))?;
    batch.events.iter_mut().for_each(without_secrets);
    if batch.events.len() > MAX_EVENTS || !session.hear_page(&batch.page) {
        return Err(bad("page-batch"));
    }
    Ok(match sieve.page(batch.events) {
        Some(events) => Captured::Page { page: batch.page, events },
        None => crate::life::note("page-not-kept", "What a page reported could not be masked and is not kept."),
    })
}

/// Takes out of what a page reports what is taken out of the page itself.
fn without_secrets(reported: &mut Value) {
    match reported {
        Value::Array(list) => list.iter_mut().for_each(without_secrets),
        Value::Object(node) => {
            let tag = node.get("tagName").and_then(Value::as_str).map(str::to_ascii_lowercase);
            if let (Some(tag), Some(Value::Object(attributes))) = (tag, node.get_mut("attributes")) {
                let hidden = secrets(&tag, |name| attributes.get(name).and_then(Value::as_str).map(str::to_owned));
                for name in hidden {
                    if let Some(value) = attributes.get_mut(name).filter(|value| *value != "") {
                        *value = MARK.into();
                    }
                }
            }
            node.values_mut().for_each(without_secrets);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn r_09_what_a_page_reports_of_its_fields_has_no_secret() {
        let field =
            |tag: &str, attributes| json!({"type": 2, "tagName": tag, "attributes": attributes, "childNodes": []});
        let mut event = json!({"type": 2, "data": {"node": {"type": 0, "childNodes": [
            field("meta", json!({"name": "csrf-token", "content": "SECRET"})),
            field("input", json!({"type": "HIDDEN", "name": "c", "value": "SECRET"})),
            field("BUTTON", json!({"name": "api_key", "value": "SECRET"})),
            field("iframe", json!({"srcdoc": "SECRET"})),
            field("input", json!({"type": "radio", "value": "kept"})),
        ]}}});
        super::without_secrets(&mut event);
        let kept = event.to_string();
        assert!(!kept.contains("SECRET") && kept.contains("kept") && kept.matches(super::MARK).count() == 4, "{kept}");
    }

    /// It stands in pages as it is.
    #[test]
    fn nothing_in_the_script_ends_it() {
        let script = super::SCRIPT.to_ascii_lowercase();
        assert!(!script.contains("</script") && !script.contains("<!--"));
    }
}
