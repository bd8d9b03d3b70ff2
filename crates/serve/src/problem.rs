use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::problem::Problem;

/// A [`Problem`] as an answer: its status, `application/problem+json`, never cached. The answer carries it in its
/// extensions, for whoever stands around the routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemResponse(pub Box<Problem>);

impl ProblemResponse {
    /// A problem with this code.
    #[must_use]
    pub fn new(status: u16, code: &str, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(status, code, title, detail)))
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }
}

impl From<Problem> for ProblemResponse {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut answer = (status, body).into_response();
        let unauthorized = status == StatusCode::UNAUTHORIZED;
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if unauthorized {
            let challenge = HeaderValue::from_static(r#"DPoP algs="ES256", error="invalid_token""#);
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        answer.extensions_mut().insert(self);
        answer
    }
}

/// The codes of what reaches no call of a table.
pub const NOWHERE: [&str; 2] = ["no-such-call", "wrong-method"];

/// For a router's fallback.
pub(crate) async fn no_such_call() -> ProblemResponse {
    ProblemResponse::new(
        404,
        NOWHERE[0],
        "There is no such call here.",
        "Check the address and the version of the app.",
    )
}

/// For a router's method fallback.
pub(crate) async fn wrong_method() -> ProblemResponse {
    ProblemResponse::new(405, NOWHERE[1], "This call takes another method.", "Check the version of the app.")
}
