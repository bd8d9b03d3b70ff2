//! The system browser, for one page only: the sign-in's own page on loopback.

use desktop::view::UiError;
use tauri::AppHandle;
use tauri_plugin_opener::OpenerExt;
use url::{Host, Url};

/// Opens `address` in the system browser when it is a page of this computer's loopback.
pub(crate) fn open(app: &AppHandle, address: &str) -> Result<(), UiError> {
    let Some(address) = loopback_page(address) else {
        return Err(UiError {
            code: "foreign-address".into(),
            message: "Only the sign-in page of this computer can be opened in the browser.".into(),
            next: "Start the sign-in again.".into(),
        });
    };
    app.opener().open_url(address.as_str(), None::<&str>).map_err(|error| UiError {
        code: "no-browser".into(),
        message: format!("The system browser could not be started: {error}."),
        next: "Copy the link and open it in a browser on this computer.".into(),
    })
}

fn loopback_page(address: &str) -> Option<Url> {
    let address = Url::parse(address).ok()?;
    let loopback = matches!(address.host(), Some(Host::Ipv4(host)) if host.is_loopback());
    let plain = address.username().is_empty() && address.password().is_none();
    (address.scheme() == "http" && loopback && plain && address.port().is_some()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::loopback_page;

    #[test]
    fn only_pages_of_loopback_are_opened() {
        assert!(loopback_page("http://127.0.0.1:41234/start?x=1").is_some());
        for address in [
            "https://example.com/",
            "http://example.com:80/",
            "http://127.0.0.1@example.com:99/",
            "http://user@127.0.0.1:99/",
            "http://localhost:99/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://127.0.0.1/",
            "",
        ] {
            assert!(loopback_page(address).is_none(), "{address}");
        }
    }
}
