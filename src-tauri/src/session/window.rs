use desktop::{
    Engine,
    view::{DoorView, Notice, UiError},
};
use tauri::{
    AppHandle, LogicalPosition, LogicalSize, Manager, Url, WebviewUrl, Window, WindowEvent,
    webview::{NewWindowResponse, PermissionResponse, WebviewBuilder},
    window::WindowBuilder,
};
use tauri_specta::Event as _;

use super::{
    Addresses, BAR_HEIGHT, bar_label, no_answer, stopped, tenant,
    tenant::{Heard, Passage, TenantView},
    tenant_label, window_label,
};
use crate::{asked::Asked, bindings::Noticed, memory::Memory};

const SIZE: (f64, f64) = (1280.0, 800.0);

/// Opens the window of a Session whose door is open. When it cannot be shown the Session ends at once.
pub(crate) async fn open(app: &AppHandle, engine: &Engine, door: &DoorView) -> Result<(), UiError> {
    if app.get_window(&window_label(&door.session)).is_some() {
        return super::show(app, &door.session);
    }
    let passage = passage(engine, door)?;
    let shown = build(app, door, passage).map_err(no_answer);
    if shown.is_err() {
        engine.end_session(&door.request).await?;
    }
    shown
}

fn passage(engine: &Engine, door: &DoorView) -> Result<Passage, UiError> {
    let passage = engine.passage(&door.request).ok_or_else(super::no_window)?;
    Ok(Passage {
        proxy_url: passage.proxy_url,
        certificate_pem: passage.certificate_pem,
        hosts: passage.hosts,
        start: passage.start,
    })
}

fn build(app: &AppHandle, door: &DoorView, passage: Passage) -> Result<(), tenant::TenantError> {
    let window = WindowBuilder::new(app, window_label(&door.session))
        .title(format!("{} · Countersign", door.organization.name))
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(720.0, 480.0)
        .build()?;
    let stacked = fill(&window, door, passage);
    if stacked.is_err() {
        window.destroy()?;
    }
    stacked
}

fn fill(window: &Window, door: &DoorView, passage: Passage) -> Result<(), tenant::TenantError> {
    let theme = window.state::<Memory>().theme();
    let page = format!("bar.html?session={}&theme={}", door.session, theme.of_page());
    let bar = WebviewBuilder::new(bar_label(&door.session), WebviewUrl::App(page.into()))
        .disable_drag_drop_handler()
        .on_navigation(|url| url.scheme() == "tauri");
    let size = LogicalSize::new(SIZE.0, f64::from(BAR_HEIGHT));
    let bar = window.add_child(bar, LogicalPosition::new(0, 0), size)?;
    let below = LogicalPosition::new(0, BAR_HEIGHT);
    let size = LogicalSize::new(SIZE.0, SIZE.1 - f64::from(BAR_HEIGHT));
    let tenant = window.add_child(tenant_builder(door, passage.hosts.clone()), below, size)?;
    tenant::PLATFORM.stack(&bar, &tenant, BAR_HEIGHT)?;
    tenant::PLATFORM.watch(&tenant, hear(window.app_handle().clone(), door, passage.hosts.clone()))?;
    stopped::heed(&door.session, &bar, &tenant)?;
    tenant::PLATFORM.enter(&tenant, passage)?;
    ask_while_open(window.clone(), door.session.clone());
    Ok(())
}

/// The bar is told that there is another address.
fn hear(app: AppHandle, door: &DoorView, hosts: Vec<String>) -> Heard {
    let session = door.session.clone();
    Box::new(move |address| {
        if app.state::<Addresses>().heard(&session, address, &hosts) {
            let _ = Noticed(Notice::Door { session: session.clone() }).emit(&app);
        }
    })
}

fn tenant_builder(door: &DoorView, hosts: Vec<String>) -> WebviewBuilder<tauri::Wry> {
    let blank = WebviewUrl::External(Url::parse("about:blank").unwrap_or_else(|_| unreachable!("a constant address")));
    WebviewBuilder::new(tenant_label(&door.session), blank)
        .incognito(true)
        .devtools(false)
        .disable_drag_drop_handler()
        .general_autofill_enabled(false)
        .on_navigation(move |url| stays_inside(url, &hosts))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
}

pub(super) fn stays_inside(url: &Url, hosts: &[String]) -> bool {
    match url.scheme() {
        "https" => url.port().is_none() && url.host_str().is_some_and(|host| hosts.iter().any(|own| own == host)),
        "about" => matches!(url.path(), "blank" | "srcdoc"),
        _ => false,
    }
}

/// Closing the window of a live Session asks in its bar; one that is over closes.
fn ask_while_open(window: Window, session: String) {
    let (asked, tenant) = (window.clone(), tenant_label(&session));
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event
            && asked.get_webview(&tenant).is_some()
        {
            api.prevent_close();
            let _ = Asked::Close { session: session.clone() }.emit(&asked);
        }
    });
}

#[cfg(test)]
mod tests {
    use tauri::Url;

    use super::stays_inside;

    #[test]
    fn the_page_stays_with_the_organizations_hosts() {
        let hosts = ["payroll.test".to_owned()];
        let inside = |address: &str| stays_inside(&Url::parse(address).expect("an address"), &hosts);
        assert!(inside("https://payroll.test/o/delmar-foods/"));
        assert!(inside("about:blank"));
        for address in [
            "http://payroll.test/",
            "https://payroll.test:8443/",
            "https://payroll.test.example.com/",
            "https://example.com/payroll.test",
            "https://payroll.test@example.com/",
            "tauri://localhost/",
            "replay://localhost/player.html",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:1",
            "blob:https://payroll.test/1",
        ] {
            assert!(!inside(address), "{address}");
        }
    }
}
