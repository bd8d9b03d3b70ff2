use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

const STYLE: &str = include_str!("../../assets/kestrel.css");
const LIVE: &str = include_str!("../../assets/live.js");
const LOGO: &str = include_str!("../../assets/kestrel.svg");

pub async fn show(Path(name): Path<String>) -> Result<Response, StatusCode> {
    let (kind, content) = match name.as_str() {
        "kestrel.css" => ("text/css; charset=utf-8", STYLE),
        "live.js" => ("text/javascript; charset=utf-8", LIVE),
        "kestrel.svg" => ("image/svg+xml", LOGO),
        _ => return Err(StatusCode::NOT_FOUND),
    };
    Ok(([(header::CONTENT_TYPE, kind)], content).into_response())
}
