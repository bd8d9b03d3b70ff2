//! The scheme of the replay player. Recordings are hostile input: their frame has an origin of its own, no commands,
//! and a policy under which neither it nor the page that it rebuilds can fetch anything.

use tauri::{
    Runtime, UriSchemeContext,
    http::{Request, Response, StatusCode, header},
};

/// `replay://localhost/player.html` and what it loads, from the app's own assets.
pub(crate) const SCHEME: &str = "replay";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; \
                      font-src data:; base-uri 'none'; form-action 'none'; object-src 'none'; \
                      frame-ancestors tauri://localhost http://tauri.localhost";

pub(crate) fn answer<R: Runtime>(context: UriSchemeContext<'_, R>, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let path = request.uri().path();
    let asset = allowed(path).then(|| context.app_handle().asset_resolver().get(path.into())).flatten();
    let (status, kind, body) = match asset {
        Some(asset) => (StatusCode::OK, asset.mime_type, asset.bytes),
        None => (StatusCode::NOT_FOUND, "text/plain".into(), Vec::new()),
    };
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "no-store");
    response.body(body).unwrap_or_default()
}

/// The resolver answers an unknown path with the app's index page: only the player and its own files are asked for.
fn allowed(path: &str) -> bool {
    let file = path == "/player.html"
        || path.strip_prefix("/assets/").is_some_and(|name| {
            [".js", ".css"].iter().any(|end| name.ends_with(end)) && !name.contains(['/', '\\', '%'])
        });
    file && !path.contains("..")
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn only_the_players_files_are_served() {
        assert!(allowed("/player.html"));
        assert!(allowed("/assets/player-4f2a.js"));
        for path in ["/", "/index.html", "/bar.html", "/assets/../index.html", "/assets/a/b.js", "/assets/x.json", ""] {
            assert!(!allowed(path), "{path}");
        }
    }
}
