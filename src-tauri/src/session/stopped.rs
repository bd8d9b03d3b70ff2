//! When the process of a bar or of an Organization's page stops. The bar holds the countdown and the end of the Session, so
//! the page is never there without it.

use std::time::Instant;

use desktop::{
    Engine,
    view::{DoorView, Notice},
};
use tauri::{AppHandle, Manager, Url, Webview};
use tauri_specta::Event as _;

use super::{
    Addresses, Standing, bar_label, follow,
    standing::PATIENCE,
    tenant::{self, TenantError, TenantView as _},
    tenant_label, window_label,
};
use crate::{
    bindings::Noticed,
    memory::Memory,
    question,
    stopping::{self, Life},
};

/// Listens to both for as long as the window is there.
pub(super) fn heed(session: &str, bar: &Webview, tenant: &Webview) -> Result<(), TenantError> {
    let (app, of) = (bar.app_handle().clone(), session.to_owned());
    tenant::PLATFORM.heed(bar, Box::new(move |life| bar_lives(&app, &of, life)))?;
    let (app, of) = (tenant.app_handle().clone(), session.to_owned());
    tenant::PLATFORM.heed(tenant, Box::new(move |life| page_lives(&app, &of, life)))
}

fn bar_lives(app: &AppHandle, session: &str, life: Life) {
    let standing = app.state::<Standing>();
    let Life::Stopped(last) = life else { return standing.bar_loads(session) };
    let again = standing.bar_stopped(session, Instant::now());
    // Here, before anything else is drawn.
    if let Some(page) = app.get_webview(&tenant_label(session)) {
        let _ = page.hide();
    }
    let address = stopping::address(&last, app.state::<Memory>().theme()).filter(|_| again);
    tauri::async_runtime::spawn(bring_back(app.clone(), session.to_owned(), address));
}

/// Opens the bar again. Without one the window is closed, and the Organization's page with it.
async fn bring_back(app: AppHandle, session: String, address: Option<Url>) {
    // What was asked of the window before that may still be on its way.
    if let Some(door) = door(&app, &session) {
        follow(&app, &door);
    }
    if let (Some(bar), Some(address)) = (app.get_webview(&bar_label(&session)), address)
        && bar.navigate(address).is_ok()
    {
        tokio::time::sleep(PATIENCE).await;
        if !app.state::<Standing>().bar_is_late(&session, Instant::now()) {
            return;
        }
    }
    close(&app, &session);
}

/// The Session goes on: Access brings it back in a new window, or ends it.
fn close(app: &AppHandle, session: &str) {
    // Of a Session that is over there is no page.
    let (Some(window), Some(door), true) =
        (app.get_window(&window_label(session)), door(app, session), app.get_webview(&tenant_label(session)).is_some())
    else {
        return;
    };
    if let Err(error) = window.destroy() {
        eprintln!("countersign: a session window without its bar did not close: {error}");
        return;
    }
    app.state::<Addresses>().forget(session);
    app.state::<Standing>().forget(session);
    let text = format!(
        "The bar above {} stopped and could not be shown again, so the window was closed.\n\nThe session is still open \
         and its time runs. Access brings it back in a new window, or ends it.",
        door.organization.name
    );
    question::ask(app, text, &[("Close", false)], drop);
}

fn page_lives(app: &AppHandle, session: &str, life: Life) {
    let standing = app.state::<Standing>();
    match life {
        Life::Stopped(_) => standing.page_stopped(session),
        Life::Loads if standing.page_loads(session) => {}
        Life::Loads => return,
    }
    show(app.clone(), session.to_owned());
}

/// Shows what there is now, in the window and in its bar.
pub(super) fn show(app: AppHandle, session: String) {
    // Not on the main thread, which `follow` waits for.
    tauri::async_runtime::spawn(async move {
        if let Some(door) = door(&app, &session) {
            follow(&app, &door);
        }
        let _ = Noticed(Notice::Door { session }).emit(&app);
    });
}

/// The page is asked for again by its address: what it had sent is not sent twice.
pub(super) fn load_again(app: &AppHandle, session: &str, page: &Webview) -> Result<(), TenantError> {
    let door = door(app, session).ok_or_else(|| TenantError::Engine("the session is not open here".into()))?;
    let address = Url::parse(&door.address).map_err(|error| TenantError::Engine(error.to_string()))?;
    Ok(page.navigate(address)?)
}

fn door(app: &AppHandle, session: &str) -> Option<DoorView> {
    let doors = app.state::<Addresses>().in_doors(app.state::<Engine>().doors());
    doors.into_iter().find(|door| door.session == session)
}
