use std::sync::mpsc::sync_channel;

use gtk::{gio::TlsCertificate, prelude::*};
use tauri::Webview;
use webkit2gtk::{
    CookieManagerExt, NetworkProxyMode, NetworkProxySettings, WebContextExt, WebView, WebViewExt, WebsiteDataManagerExt,
};

use super::{Passage, TenantError, TenantView};
use crate::session::Move;

/// WebKitGTK: the two webviews are rows of the window's vertical box.
pub(in crate::session) struct WebKitGtk;

impl TenantView for WebKitGtk {
    fn stack(&self, bar: &Webview, tenant: &Webview, bar_height: i32) -> Result<(), TenantError> {
        on_view(bar, move |view| row(&view, false, bar_height))?;
        on_view(tenant, |view| row(&view, true, -1))
    }

    fn enter(&self, tenant: &Webview, passage: Passage) -> Result<(), TenantError> {
        on_view(tenant, move |view| enter(&view, &passage))
    }

    fn go(&self, tenant: &Webview, to: Move) -> Result<(), TenantError> {
        on_view(tenant, move |view| {
            match to {
                Move::Back => view.go_back(),
                Move::Forward => view.go_forward(),
                Move::Reload => view.reload(),
            }
            Ok(())
        })
    }
}

/// Runs `act` on the main thread with the engine's own view and waits for its answer; never call it from there.
fn on_view<F>(webview: &Webview, act: F) -> Result<(), TenantError>
where
    F: FnOnce(WebView) -> Result<(), String> + Send + 'static,
{
    let (answer, answered) = sync_channel(1);
    webview.with_webview(move |platform| {
        let _ = answer.send(act(platform.inner()));
    })?;
    answered.recv().map_err(|_| TenantError::Engine("the window closed".into()))?.map_err(TenantError::Engine)
}

fn row(view: &WebView, expand: bool, height: i32) -> Result<(), String> {
    let parent = view.parent().and_then(|parent| parent.downcast::<gtk::Box>().ok()).ok_or("no vertical box")?;
    parent.set_child_packing(view, expand, true, 0, gtk::PackType::Start);
    view.set_size_request(-1, height);
    Ok(())
}

fn enter(view: &WebView, passage: &Passage) -> Result<(), String> {
    let context = view.web_context().ok_or("the webview has no context")?;
    let data = view.website_data_manager().ok_or("the webview has no data manager")?;
    if !data.is_ephemeral() {
        return Err("the webview would leave traces".into());
    }
    let mut proxy = NetworkProxySettings::new(Some(&passage.proxy_url), &[]);
    data.set_network_proxy_settings(NetworkProxyMode::Custom, Some(&mut proxy));
    if let Some(cookies) = data.cookie_manager() {
        cookies.set_accept_policy(webkit2gtk::CookieAcceptPolicy::NoThirdParty);
    }
    let certificate = TlsCertificate::from_pem(&passage.certificate_pem).map_err(|error| error.to_string())?;
    for host in &passage.hosts {
        context.allow_tls_certificate_for_host(&certificate, host);
    }
    view.load_uri(&passage.start);
    Ok(())
}
