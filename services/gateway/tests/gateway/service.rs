//! The service behind the gateway, as the tests see it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::stream;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub target: String,
    pub headers: HeaderMap,
    pub version: axum::http::Version,
}

#[derive(Default)]
pub struct Service {
    arrived: Mutex<Vec<Arrived>>,
    /// Messages that persons sent over WebSockets.
    pub messages: Mutex<Vec<String>>,
    /// Bodies as they arrived.
    pub bodies: Mutex<Vec<Vec<u8>>>,
}

pub const PAGE: &str = "<!doctype html><html><head><title>Employees</title></head><body><form><input type=hidden name=csrf value=secret-1></form></body></html>";

/// Stands wherever a secret may stand.
pub const CANARY: &str = "c4n4ryc4n4ry";
/// Somebody, told by a rule alone and by their shape.
pub const PERSON: &str = "Zora Quillfeather";
pub const MAIL: &str = "zora.quill@kinloch.example";
pub const JWT: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtYXJhIn0.c2lnbmF0dXJl";

impl Service {
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route(
                "/o/{organization}/",
                get(|| async {
                    ([("set-cookie", "sid=1; Secure"), ("content-security-policy", "default-src 'self'")], Html(PAGE))
                }),
            )
            .route(
                "/o/{organization}/data",
                get(|| async { axum::Json(serde_json::json!({"rows": 3, "access_token": "hush"})) }),
            )
            .route(
                "/o/{organization}/leave",
                get(|| async { (axum::http::StatusCode::FOUND, [("location", "/o/delmar-foods/")], "") }),
            )
            .route("/o/{organization}/zipped", get(|| async { ([("content-encoding", "br")], "xx") }))
            .route("/o/{organization}/many", get(many))
            .route("/o/{organization}/drip", get(drip))
            .route(
                "/o/{organization}/large",
                get(|| async { ([("content-type", "application/octet-stream")], vec![7_u8; 3_000_000]) }),
            )
            .route("/o/{organization}/feed", get(feed))
            .route("/o/{organization}/secrets", any(secrets))
            .route("/o/{organization}/hostile/{page}", get(hostile))
            .route("/o/{organization}/stops", get(stops))
            .route("/o/{organization}/cached", get(cached))
            .route("/o/{organization}/huge/{kind}", get(huge))
            .route("/o/{organization}/personal/{kind}", get(personal))
            .route("/o/{organization}/write/{who}", any(|| async { "done" }))
            .route("/o/{organization}/write", any(|| async { "done" }))
            .route("/assets/app.css", get(|| async { ([("content-type", "text/css")], "a{}") }))
            .fallback(|| async { "?" })
            .layer(axum::middleware::from_fn_with_state(self.clone(), note))
            .with_state(self.clone())
    }
}

async fn note(State(service): State<Arc<Service>>, request: Request, next: axum::middleware::Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
    let target = parts.uri.path_and_query().unwrap().to_string();
    let arrived = Arrived { target, headers: parts.headers.clone(), version: parts.version };
    service.arrived.lock().unwrap().push(arrived);
    service.bodies.lock().unwrap().push(body.to_vec());
    next.run(Request::from_parts(parts, Body::from(body))).await
}

async fn secrets() -> Response {
    let body = serde_json::json!({
        "row": "Salary of Ines", "client_secret": CANARY, "tokens": [CANARY, { "a": CANARY }], "note": format!("see {JWT}."),
    });
    ([("set-cookie", format!("sid={CANARY}")), ("x-session-token", CANARY.to_owned())], axum::Json(body))
        .into_response()
}

/// Pages that would rather not be recorded.
async fn hostile(axum::extract::Path((_, page)): axum::extract::Path<(String, String)>) -> Response {
    let body = "<!doctype html><title>hostile</title><p>the salaries</p>";
    let script =
        "<script>new MutationObserver(m => document.querySelectorAll('script').forEach(s => s.remove()))</script>";
    match page.as_str() {
        "strict" => ([("content-security-policy", "default-src 'none'; script-src 'none'; sandbox")], Html(body))
            .into_response(),
        "confuses" => {
            Html(format!("<select><xmp><input type=password value='{CANARY}'></xmp></select>")).into_response()
        }
        "xml" => typed("application/xhtml+xml", &format!("<textarea/><h:input type=\"hidden\" value=\"{CANARY}\"/>")),
        "untyped" => typed("", &format!("<input type=\"hidden\" value=\"{CANARY}\"/>")),
        "piece" => typed("text/vnd.turbo-stream.html", &format!("<input type=\"hidden\" value=\"{CANARY}\"/>")),
        "twice" => {
            let mut answer = typed("image/png", &format!("<input type=\"hidden\" value=\"{CANARY}\"/>"));
            answer.headers_mut().append("content-type", axum::http::HeaderValue::from_static("text/html"));
            answer
        }
        "sniffed" => typed("*/*", &format!("<input type=\"hidden\" value=\"{CANARY}\"/>")),
        "plain" => typed("text/plain", &format!("1|<input type=\"hidden\" value=\"{CANARY}\"/>")),
        "noscript" => typed("text/html", &format!("<noscript><input type=\"hidden\" value=\"{CANARY}\"/></noscript>")),
        "removes" => Html(format!("{body}{script}")).into_response(),
        _ => (
            [("content-security-policy-report-only", "default-src 'none'")],
            Html(format!("{body}<iframe srcdoc='<p>x'></iframe>")),
        )
            .into_response(),
    }
}

/// A page of this type, well-formed as XML, too; without one when it is empty.
fn typed(kind: &str, field: &str) -> Response {
    let page = "<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:h=\"http://www.w3.org/1999/xhtml\">";
    let mut answer = format!("{page}<body><p>the salaries</p>{field}</body></html>").into_response();
    match kind.parse() {
        Ok(typed) if !kind.is_empty() => answer.headers_mut().insert("content-type", typed),
        _ => answer.headers_mut().remove("content-type"),
    };
    answer
}

/// An answer that breaks off before it can be shown.
async fn stops() -> Response {
    let broken = stream::unfold(0, |n| async move {
        tokio::time::sleep(Duration::from_millis(50 * n)).await;
        let part = if n == 0 { Ok(Bytes::from("{\"rows\":")) } else { Err(std::io::Error::other("the line is cut")) };
        Some((part, n + 1))
    });
    ([("content-type", "application/json")], Body::from_stream(broken)).into_response()
}

async fn cached(axum::extract::Path(organization): axum::extract::Path<String>) -> Response {
    let fields =
        [("cache-control", "public, max-age=31536000, immutable"), ("etag", "\"1\""), ("content-type", "text/plain")];
    (fields, format!("of {organization}")).into_response()
}

/// More than is read as a whole, or slower, with secrets all over it and parts that end anywhere.
async fn huge(axum::extract::Path((_, kind)): axum::extract::Path<(String, String)>) -> Response {
    let row = |n: usize| match kind.as_str() {
        "html" => format!("<p>{n}</p><input type=hidden value='{CANARY}'><meta name=token content={CANARY}>{JWT}\n"),
        "slow" => format!("data: {{\"n\":{n},\"token\":\"{CANARY}\",\"j\":\"{JWT}\"}}\n\n"),
        _ => format!("{{\"n\":{n},\"password\":\"{CANARY}\",\"j\":\"{JWT}\"}},\n"),
    };
    let (rows, size) = if kind == "slow" { (5, 7) } else { (45_000, 65_521) };
    let all: String = (0..rows).map(row).collect();
    let all = if kind == "html" { format!("{all}the last row") } else { format!("[{all}\"the last row\"]") };
    let pause = Duration::from_millis(if kind == "slow" { 5 } else { 0 });
    let parts: Vec<Bytes> = all.into_bytes().chunks(size).map(Bytes::copy_from_slice).collect();
    let parts = stream::unfold(parts.into_iter(), move |mut parts| async move {
        let part = parts.next()?;
        tokio::time::sleep(pause).await;
        Some((Ok::<_, std::io::Error>(part), parts))
    });
    let kind = match kind.as_str() {
        "html" => "text/html",
        "slow" => "text/event-stream",
        "multipart" => "multipart/form-data; boundary=B",
        _ => "application/json",
    };
    ([("content-type", kind)], Body::from_stream(parts)).into_response()
}

/// Somebody in every kind of answer.
async fn personal(axum::extract::Path((_, kind)): axum::extract::Path<(String, String)>) -> Response {
    let row = format!(
        r#"{{"person":"{PERSON}","deep":[{{"person":{{"a":"{PERSON}"}}}}],"note":"to {MAIL}","k":"row that stays"}}"#
    );
    let page = format!(
        "<!doctype html><title>row that stays</title><td class=person title='{PERSON}'>{PERSON}</td><!-- {MAIL} --><a href=mailto:{MAIL}>{MAIL}</a>"
    );
    let (kind, body) = match kind.as_str() {
        "json" => ("application/json", row),
        "broken" => ("application/json", format!(")]}}',\n{{\"person\":\"{PERSON}\",\"note\":\"to {MAIL}\",\"k\":1")),
        "html" => ("text/html", page),
        "csv" => {
            let fields = [("content-type", "text/csv"), ("x-person", PERSON)];
            return (fields, format!("row that stays,{MAIL}\r\n")).into_response();
        }
        "events" => ("text/event-stream", format!("id: {MAIL}\ndata: {row}\n\n")),
        "form" => ("application/x-www-form-urlencoded", format!("person={PERSON}&m={MAIL}&k=row that stays")),
        "large" => ("application/json", format!("[{}{row}]", format!("{row},{}\n", " ".repeat(8_000)).repeat(600))),
        "zipped" => {
            use std::io::Write as _;
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(row.as_bytes()).unwrap();
            return ([("content-type", "application/json"), ("content-encoding", "gzip")], out.finish().unwrap())
                .into_response();
        }
        "header" => {
            let fields = [("content-type", "text/plain"), ("x-person", PERSON), ("x-note", MAIL)];
            return (fields, "row that stays").into_response();
        }
        "packed" => return ([("content-type", "application/pdf")], format!("%PDF \0{PERSON}")).into_response(),
        _ => {
            let fields = [("content-type", "application/json"), ("content-range", "bytes 3-9/99")];
            return (axum::http::StatusCode::PARTIAL_CONTENT, fields, format!("{PERSON}\",\"m\":\"{MAIL}"))
                .into_response();
        }
    };
    ([("content-type", kind)], body).into_response()
}

async fn many() -> HeaderMap {
    (0..500).map(|n| (format!("x-{n}").parse::<HeaderName>().unwrap(), HeaderValue::from_static("y"))).collect()
}

async fn drip() -> Response {
    let lines = stream::unfold(0_u64, |n| async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from(format!("data: {n}\n\n"))), n + 1))
    });
    ([("content-type", "text/event-stream")], Body::from_stream(lines)).into_response()
}

async fn feed(State(service): State<Arc<Service>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|mut socket| async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    if socket.send(Message::text("tick")).await.is_err() {
                        return;
                    }
                }
                received = socket.recv() => match received {
                    Some(Ok(Message::Text(text))) => service.messages.lock().unwrap().push(text.to_string()),
                    Some(Ok(_)) => {}
                    _ => return,
                },
            }
        }
    })
}
