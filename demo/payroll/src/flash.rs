use std::collections::HashMap;
use std::sync::Mutex;

use axum::http::{HeaderMap, HeaderValue, header};

/// A browser is recognised by this cookie, and by nothing else; it opens nothing.
const COOKIE: &str = "__Host-kestrel";
const REMEMBERED: usize = 10_000;

/// What a browser is told on its next page, after a form.
#[derive(Default)]
pub struct Flashes(Mutex<HashMap<String, String>>);

impl Flashes {
    pub fn leave(&self, headers: &HeaderMap, message: String) {
        let Some(browser) = browser(headers) else { return };
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if kept.len() < REMEMBERED {
            kept.insert(browser.to_owned(), message);
        }
    }

    pub fn take(&self, headers: &HeaderMap) -> Option<String> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(browser(headers)?)
    }
}

/// The browser's cookie, if it sent one.
pub fn browser(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE
            && value.len() == 22
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'))
        .then_some(value)
    })
}

/// `Set-Cookie` for a browser that has none yet.
pub fn new_cookie() -> Option<HeaderValue> {
    let mut id = [0; 16];
    aws_lc_rs::rand::fill(&mut id).ok()?;
    let line = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", statement::base64url(id));
    HeaderValue::from_str(&line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_cookie_of_ours_names_a_browser() {
        let with = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(line).unwrap());
            browser(&headers).map(str::to_owned)
        };
        let set = new_cookie().unwrap();
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        assert!(with(&format!("a=b; {pair}")).is_some());
        assert_eq!(with("__Host-kestrel=short"), None);
        assert_eq!(with("kestrel=0123456789012345678901"), None);
    }
}
