use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, PROXY_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Full};

use super::gateway::Body;

/// An answer of the door itself: a plain page with one heading and one sentence.
pub(super) fn page(status: StatusCode, title: &str, sentence: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;margin:4rem auto;max-width:36rem;padding:0 1rem}}</style>\
         <h1>{title}</h1><p>{sentence}</p></html>"
    );
    let mut response = Response::new(Full::new(Bytes::from(html)).map_err(|never| match never {}).boxed());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
    response
}

/// The secret is missing or wrong.
pub(super) fn locked() -> Response<Body> {
    let mut response = page(
        StatusCode::PROXY_AUTHENTICATION_REQUIRED,
        "This door belongs to a Session window",
        "Only the window that Countersign opened can use it.",
    );
    response
        .headers_mut()
        .insert(PROXY_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Countersign session\", charset=\"UTF-8\""));
    response
}

/// No use of a door but `CONNECT`.
pub(super) fn only_connect() -> Response<Body> {
    let mut response =
        page(StatusCode::METHOD_NOT_ALLOWED, "Not a web server", "This address only carries a Countersign Session.");
    response.headers_mut().insert(http::header::ALLOW, HeaderValue::from_static("CONNECT"));
    response
}

/// Another host than the Session's.
pub(super) fn other_host() -> Response<Body> {
    page(
        StatusCode::FORBIDDEN,
        "Outside this Session",
        "A Session window reaches its own service and nothing else. Open other addresses in your browser.",
    )
}

/// No room for another connection.
pub(super) fn full() -> Response<Body> {
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many connections",
        "This Session has as many connections as it may. Wait a moment, then reload.",
    )
}

/// A request that the door does not carry.
pub(super) fn not_carried(sentence: &str) -> Response<Body> {
    page(StatusCode::BAD_REQUEST, "Not carried", sentence)
}

/// Service workers would outlive what is recorded.
pub(super) fn no_service_worker() -> Response<Body> {
    page(StatusCode::FORBIDDEN, "No service workers", "Service workers are not available in a recorded Session.")
}

/// The gateway does not answer.
pub(super) fn unreachable() -> Response<Body> {
    page(
        StatusCode::BAD_GATEWAY,
        "The gateway cannot be reached",
        "Nothing was sent to the service, or no answer came back. Check your connection, then reload; the Session \
         bar shows whether the Session is still open.",
    )
}
