use std::{rc::Rc, sync::mpsc::sync_channel, time::Duration};

use gtk::{gio::TlsCertificate, prelude::*};
use tauri::Webview;
use webkit2gtk::{
    CookieManagerExt, LoadEvent, NetworkProxyMode, NetworkProxySettings, UserContentManagerExt, WebContextExt, WebView,
    WebViewExt, WebsiteDataManagerExt,
};

use super::{Heard, Heeded, Passage, TenantError, TenantView};
use crate::{drawing, session::Move, silence, stopping};

/// Between two looks whether the bar has got used to its height.
const LOOK: Duration = Duration::from_millis(50);

/// WebKitGTK: the two webviews are rows of the window's vertical box.
pub(in crate::session) struct WebKitGtk;

impl TenantView for WebKitGtk {
    fn stack(&self, bar: &Webview, tenant: &Webview, bar_height: u32) -> Result<(), TenantError> {
        on_view(bar, move |view| {
            drawing::by_the_processor(&view);
            row(&view, false, height(bar_height))
        })?;
        on_view(tenant, |view| row(&view, true, -1))
    }

    fn fit(&self, bar: &Webview, wanted: u32) -> Result<(), TenantError> {
        on_view(bar, move |view| {
            view.set_size_request(-1, height(wanted));
            give_room(&view)
        })
    }

    fn fill(&self, bar: &Webview, alone: bool) -> Result<(), TenantError> {
        on_view(bar, move |view| {
            pack(&view, alone)?;
            if alone { Ok(()) } else { give_room(&view) }
        })
    }

    fn watch(&self, tenant: &Webview, heard: Heard) -> Result<(), TenantError> {
        on_view(tenant, move |view| {
            let heard = Rc::new(heard);
            let told = Rc::clone(&heard);
            view.connect_load_changed(move |view, event| {
                if event != LoadEvent::Started && event != LoadEvent::Redirected {
                    tell(view, &told);
                }
            });
            // What is only asked for is not where the page is.
            view.connect_uri_notify(move |view| {
                if !view.is_loading() {
                    tell(view, &heard);
                }
            });
            Ok(())
        })
    }

    fn heed(&self, webview: &Webview, heeded: Heeded) -> Result<(), TenantError> {
        on_view(webview, |view| {
            stopping::listen(&view, heeded);
            Ok(())
        })
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

fn tell(view: &WebView, heard: &Heard) {
    if let Some(address) = view.uri() {
        heard(&address);
    }
}

fn height(wanted: u32) -> i32 {
    i32::try_from(wanted).unwrap_or(i32::MAX)
}

/// A webview wants to be as high as it was last, and a bar that had grown would never leave the page its room again: the page
/// insists on it until the bar has got used to its height.
fn give_room(bar: &WebView) -> Result<(), String> {
    let parent = parent(bar)?;
    let is_page = |child: &gtk::Widget| child != bar.upcast_ref::<gtk::Widget>() && child.is_visible();
    let Some(page) = parent.children().into_iter().find(is_page) else { return Ok(()) };
    if !wants_more(bar) {
        return Ok(());
    }
    page.set_size_request(-1, parent.allocated_height() - bar.height_request());
    let bar = bar.clone();
    gtk::glib::timeout_add_local(LOOK, move || {
        // Of a window that was closed meanwhile there is nothing to ask.
        if bar.parent().is_none() || page.parent().is_none() {
            return gtk::glib::ControlFlow::Break;
        }
        bar.queue_resize();
        if page.is_visible() && wants_more(&bar) {
            return gtk::glib::ControlFlow::Continue;
        }
        page.set_size_request(-1, -1);
        gtk::glib::ControlFlow::Break
    });
    Ok(())
}

fn wants_more(bar: &WebView) -> bool {
    bar.preferred_height().1 > bar.height_request()
}

fn row(view: &WebView, expand: bool, height: i32) -> Result<(), String> {
    pack(view, expand)?;
    view.set_size_request(-1, height);
    Ok(())
}

fn pack(view: &WebView, expand: bool) -> Result<(), String> {
    parent(view)?.set_child_packing(view, expand, true, 0, gtk::PackType::Start);
    Ok(())
}

fn parent(view: &WebView) -> Result<gtk::Box, String> {
    view.parent().and_then(|parent| parent.downcast().ok()).ok_or_else(|| "no vertical box".into())
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
    disarm(view)?;
    silence::keep(view)?;
    view.load_uri(&passage.start);
    Ok(())
}

/// Takes out what Tauri puts into each of its webviews for calling commands: its scripts, the key that they hold and
/// the message handler. Capabilities refuse the page's calls already; this way it cannot even make one.
fn disarm(view: &WebView) -> Result<(), String> {
    let content = view.user_content_manager().ok_or("the webview has no content manager")?;
    content.unregister_script_message_handler("ipc");
    content.remove_all_scripts();
    Ok(())
}
