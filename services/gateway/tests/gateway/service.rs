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
}

#[derive(Default)]
pub struct Service {
    arrived: Mutex<Vec<Arrived>>,
    /// Messages that persons sent over WebSockets.
    pub messages: Mutex<Vec<String>>,
}

pub const PAGE: &str = "<!doctype html><html><head><title>Employees</title></head><body><form><input type=hidden name=csrf value=secret-1></form></body></html>";

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
    let arrived = Arrived { target, headers: parts.headers.clone() };
    service.arrived.lock().unwrap().push(arrived);
    next.run(Request::from_parts(parts, Body::from(body))).await
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
