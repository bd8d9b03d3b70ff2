//! Nothing that a page or a replay names makes the web engine reach the network by itself.
//!
//! Content policies and proxies do not cover names that are resolved and connections that are opened ahead of need;
//! only the engine's own features do, so they are off in every webview that shows what others wrote.

use webkit2gtk::{NetworkProxyMode, NetworkProxySettings, WebView, WebViewExt, WebsiteDataManagerExt};

/// Seen to pass a proxy or a policy: without them off nothing is shown.
const MUST: [&str; 2] = ["LinkDNSPrefetch", "LinkPreconnect"];
/// Of the same family; an engine that does not have one does not do it.
const SHOULD: [&str; 3] = ["LinkPreconnectEarlyHints", "LinkPrefetch", "WebTransport"];
/// Nobody listens here, and nobody without rights can.
const NOWHERE: &str = "http://127.0.0.1:1";

/// Switches off what would go past the door.
pub(crate) fn keep(view: &WebView) -> Result<(), String> {
    let _ = webkit_features::switch_off(view, &SHOULD);
    webkit_features::switch_off(view, &MUST).map_err(|unknown| unknown.to_string())
}

/// As [`keep`], for the app's own window, which needs no network at all: whatever is left has nowhere to go.
pub(crate) fn keep_and_lead_nowhere(view: &WebView) -> Result<(), String> {
    let data = view.website_data_manager().ok_or("the window has no data manager")?;
    let mut proxy = NetworkProxySettings::new(Some(NOWHERE), &[]);
    data.set_network_proxy_settings(NetworkProxyMode::Custom, Some(&mut proxy));
    keep(view)
}
