use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::SessionId;
use recording::{Frame, seal_batch};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serve::{Peer, Service};
use statement::{DpopProof, dpop_proof};
use tower::ServiceExt as _;
use wire::event::{Append, Receipt};
use wire::problem::Problem;

use super::people::unique;
use super::{BASE, Human, World};

/// An answer: status, media type and body.
pub struct Answer {
    pub status: StatusCode,
    pub media: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).expect("the shape")
    }

    pub fn problem(&self) -> (u16, String) {
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem");
        assert_eq!(problem.status, self.status.as_u16());
        for words in [&problem.title, &problem.detail] {
            assert!((6..300).contains(&words.len()) && words.ends_with('.'), "{words}");
            for inside in ["sql", "serde", "panic", "src/", ".rs", "/tmp", "line ", "column ", "eyJ", "Error"] {
                assert!(!words.contains(inside), "a refusal tells of the insides: {words}");
            }
        }
        (problem.status, problem.code)
    }
}

impl World {
    pub async fn call(&self, request: Request<Body>) -> Answer {
        let answer = self.service.router.clone().oneshot(request).await.expect("infallible");
        let status = answer.status();
        let media = answer.headers().get("content-type").map_or("", |value| value.to_str().expect("text")).to_owned();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("body").to_vec();
        Answer { status, media, body }
    }

    fn request(method: Method, path: &str, service: Option<Service>) -> axum::http::request::Builder {
        let peer = Peer { service, address: "127.0.0.1:1".parse().expect("address") };
        Request::builder().method(method).uri(path).extension(peer)
    }

    /// A call of nobody in particular.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Self::request(Method::GET, path, None).body(Body::empty()).expect("request")).await
    }

    pub async fn post_as<T: Serialize>(&self, service: Service, path: &str, body: &T) -> Answer {
        let json = serde_json::to_vec(body).expect("json");
        let request = Self::request(Method::POST, path, Some(service)).header("content-type", "application/json");
        self.call(request.body(Body::from(json)).expect("request")).await
    }

    pub async fn get_as(&self, service: Service, path: &str) -> Answer {
        self.call_as(service, Method::GET, path).await
    }

    /// A call of a service without a body.
    pub async fn call_as(&self, service: Service, method: Method, path: &str) -> Answer {
        self.call(Self::request(method, path, Some(service)).body(Body::empty()).expect("request")).await
    }

    pub async fn put_batch(&self, session: &SessionId, number: u64, sealed: Vec<u8>) -> Answer {
        let path = format!("/v1/recordings/{session}/batches/{number}");
        self.call(Self::request(Method::POST, &path, Some(Service::Gateway)).body(Body::from(sealed)).expect("request"))
            .await
    }

    pub async fn batch(&self, session: &SessionId, number: u64, frames: &[Frame]) -> Answer {
        self.put_batch(session, number, self.sealed_batch(session, number, frames)).await
    }

    pub fn sealed_batch(&self, session: &SessionId, number: u64, frames: &[Frame]) -> Vec<u8> {
        seal_batch(&self.ingest.public().expect("public"), session, number, frames).expect("seals")
    }

    /// A call of a person with everything that it takes.
    pub async fn person(&self, who: &Human, method: Method, path: &str, body: Option<Vec<u8>>) -> Answer {
        self.person_with(who, Some(&who.mfa), method, path, body).await
    }

    pub async fn person_with(
        &self,
        who: &Human,
        mfa: Option<&str>,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Answer {
        let mut request = Self::request(method.clone(), path, None)
            .header("authorization", format!("DPoP {}", who.token))
            .header("dpop", self.proof(who, &method, path));
        if let Some(mfa) = mfa {
            request = request.header(wire::MFA_HEADER, mfa);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        self.call(request.body(Body::from(body.unwrap_or_default())).expect("request")).await
    }

    /// A proof for one call now.
    pub fn proof(&self, who: &Human, method: &Method, path: &str) -> String {
        let proof = DpopProof {
            ath: who.kid(),
            htm: method.to_string(),
            htu: format!("{BASE}{}", path.split('?').next().unwrap_or_default()),
            iat: domain::Clock::now(&*self.clock),
            jti: unique(),
        };
        dpop_proof(&who.key, &proof).expect("proof")
    }

    /// A call with a proof that may have been used.
    pub async fn get_with_proof(&self, who: &Human, path: &str, proof: &str) -> Answer {
        let request = Self::request(Method::GET, path, None)
            .header("authorization", format!("DPoP {}", who.token))
            .header("dpop", proof)
            .header(wire::MFA_HEADER, &who.mfa);
        self.call(request.body(Body::empty()).expect("request")).await
    }

    pub async fn get_person(&self, who: &Human, path: &str) -> Answer {
        self.person(who, Method::GET, path, None).await
    }

    pub async fn append(&self, append: &Append) -> Receipt {
        self.post_as(Service::Broker, "/v1/events", append).await.json()
    }
}
