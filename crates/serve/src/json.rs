use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::ProblemResponse;
use crate::listen::{TooSlow, too_slow};

/// A JSON body: declared as such, within the limit, of exactly the shape; anything else is a [`ProblemResponse`].
#[derive(Debug, Clone)]
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemResponse> {
        let declared = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let media = declared.split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(malformed(415, "The body is not declared as JSON."));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                malformed(413, "The body is larger than this call takes.")
            } else if is_late(&rejection) {
                too_slow()
            } else {
                malformed(400, "The body could not be read.")
            }
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|_| malformed(400, "The body does not have this call's form."))
    }
}

/// Somewhere in it stands that the body did not arrive in time.
fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<TooSlow>() || error.source().is_some_and(is_late)
}

fn malformed(status: u16, title: &str) -> ProblemResponse {
    let code = if status == 413 { "too-large" } else { "malformed" };
    ProblemResponse::new(status, code, title, "Check the version of the app, then try again.")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ask {
        #[expect(dead_code, reason = "only the form matters here")]
        statement: String,
    }

    async fn read(content_type: &str, body: &str) -> Result<(), (u16, String)> {
        let request = Request::post("/").header("content-type", content_type);
        let request = request.body(Body::from(body.to_owned())).expect("request");
        JsonBody::<Ask>::from_request(request, &()).await.map(|_| ()).map_err(|p| (p.0.status, p.0.code.clone()))
    }

    #[tokio::test]
    async fn only_this_form_is_taken() {
        assert_eq!(read("application/json", r#"{"statement":"a"}"#).await, Ok(()));
        assert_eq!(read("application/json; charset=utf-8", r#"{"statement":"a"}"#).await, Ok(()));
        let malformed = |status| Err((status, "malformed".to_owned()));
        assert_eq!(read("text/plain", r#"{"statement":"a"}"#).await, malformed(415));
        assert_eq!(read("application/json", r#"{"statement":"a","state":"approved"}"#).await, malformed(400));
        assert_eq!(read("application/json", r#"{"statement":null}"#).await, malformed(400));
        assert_eq!(read("application/json", "").await, malformed(400));
        let long = format!(r#"{{"statement":"{}"}}"#, "a".repeat(3 * 1024 * 1024));
        assert_eq!(read("application/json", &long).await, Err((413, "too-large".to_owned())));
    }
}
