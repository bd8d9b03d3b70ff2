use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use domain::Clock as _;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use serve::{Peer, Service};
use statement::{DpopProof, dpop_proof, sha256};
use wire::event::EventKind;

use super::{Account, BASE, World};

/// An answer: status and body.
pub(crate) type Answered = (u16, Value);

/// Calls that nobody else's overlap.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl UnderWay {
    /// The number of this call, when no other is under way.
    fn begin(&self) -> Option<u64> {
        let begun = self.begun.fetch_add(1, Ordering::SeqCst);
        (self.ended.load(Ordering::SeqCst) == begun).then_some(begun)
    }

    /// Whether the call that began so had the broker for itself.
    fn end(&self, began: Option<u64>) -> bool {
        self.ended.fetch_add(1, Ordering::SeqCst);
        began.is_some_and(|n| self.begun.load(Ordering::SeqCst) == n + 1)
    }
}

pub(crate) fn is_refusal(kind: EventKind) -> bool {
    use EventKind as K;
    matches!(
        kind,
        K::SignInRefused
            | K::SecondFactorRefused
            | K::SecondFactorLocked
            | K::EnrolmentRefused
            | K::RequestRefused
            | K::DecisionRefused
            | K::PolicyRefused
            | K::BreakGlassRefused
            | K::ForgettingRefused
            | K::CallRefused
    )
}

/// Nothing is written when nothing can be written.
fn owes_an_event(answer: &Answered) -> bool {
    !crate::problems::UNWRITTEN.contains(&code(answer).1)
}

/// A stable code, and one sentence each for what is wrong and what to do.
fn check_words((status, body): &Answered) {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    assert_eq!(body["status"], *status, "{body}");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(5), "{body}");
    for name in ["title", "detail"] {
        let words = text(name);
        assert!(words.len() > 5 && words.len() < 300 && words.ends_with('.'), "{body}");
        for inside in ["sql", "serde", "panic", "src/", ".rs", "/tmp", "line ", "column ", "eyJ", "Error"] {
            assert!(!words.contains(inside), "{inside}: {body}");
        }
    }
    assert!(!text("code").is_empty() && text("code").bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{body}");
}

pub(crate) fn code(answer: &Answered) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

impl World {
    pub(crate) async fn get(&self, who: &Account, path: &str) -> Answered {
        self.call(who, "GET", path, None).await
    }

    pub(crate) async fn post(&self, who: &Account, path: &str, body: Value) -> Answered {
        self.call(who, "POST", path, Some(body)).await
    }

    async fn call(&self, who: &Account, method: &str, path: &str, body: Option<Value>) -> Answered {
        let request = self.prepared(who, method, path, body);
        self.watched(request).await
    }

    /// Sends, and holds every refusal to what all of them owe: one Event, and words that tell nothing of the insides.
    pub(crate) async fn watched(&self, request: hyper::Request<Body>) -> Answered {
        let began = self.under_way.begin();
        let events = self.log.len();
        let answer = read(self.send(request).await).await;
        let alone = self.under_way.end(began);
        if answer.0 >= 400 {
            check_words(&answer);
            if alone && owes_an_event(&answer) && !self.log.away.load(Ordering::SeqCst) {
                let refusals = self.log.since(events).iter().filter(|e| is_refusal(e.kind)).count();
                // The later ones of a flood are counted together.
                let is_flood = refusals == 0 && events > 120;
                assert!(refusals == 1 || is_flood, "{refusals} Events of {answer:?}");
            }
        }
        answer
    }

    /// The request with its proof; each has its own.
    pub(crate) fn prepared(
        &self,
        who: &Account,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> hyper::Request<Body> {
        let n = self.calls.fetch_add(1, Ordering::SeqCst);
        let bare = path.split('?').next().unwrap_or_default();
        let claims = DpopProof {
            ath: sha256(&who.token),
            htm: method.into(),
            htu: format!("{BASE}{bare}"),
            iat: self.clock.now(),
            jti: format!("call-{n:016}"),
        };
        let proof = dpop_proof(&who.key, &claims).expect("proof");
        hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("DPoP {}", who.token))
            .header("dpop", proof)
            .header("content-type", "application/json")
            .body(body.map_or(Body::empty(), |b| Body::from(b.to_string())))
            .expect("request")
    }

    pub(crate) async fn send(&self, request: hyper::Request<Body>) -> axum::response::Response {
        TowerToHyperService::new(self.router.clone()).call(request).await.expect("infallible")
    }

    /// A call over mutual TLS, as `serve` hands it on.
    pub(crate) async fn as_service(&self, service: Option<Service>, path: &str, body: Value) -> Answered {
        let address = "127.0.0.1:50000".parse().expect("address");
        let request = hyper::Request::post(path)
            .header("content-type", "application/json")
            .extension(Peer { service, address })
            .body(Body::from(body.to_string()))
            .expect("request");
        self.watched(request).await
    }

    pub(crate) async fn as_gateway(&self, path: &str, body: Value) -> Answered {
        self.as_service(Some(Service::Gateway), path, body).await
    }
}

pub(crate) async fn read(answer: axum::response::Response) -> Answered {
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.expect("body").to_bytes();
    let value = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("json") };
    (status, value)
}
