//! The engine's notices: to the windows as an event, to the tray, to the system's notifications, and to the session windows
//! as their pause and their end.

use desktop::{Engine, view::Notice};
use tauri::{AppHandle, Manager};
use tauri_specta::Event;
use tokio::sync::broadcast::error::RecvError;

use crate::{bell, bindings::Noticed, session, tray::Tray};

/// Forwards until the engine is gone. A window that missed some is told to ask for everything again.
pub(crate) async fn forward(app: AppHandle, engine: Engine) {
    let mut notices = engine.notices();
    loop {
        let notice = match notices.recv().await {
            Ok(notice) => notice,
            Err(RecvError::Lagged(_)) => Notice::State,
            Err(RecvError::Closed) => return,
        };
        if matches!(notice, Notice::Door { .. } | Notice::State) {
            for door in engine.doors() {
                session::follow(&app, &door);
            }
        }
        app.state::<Tray>().nudge();
        let (rung, of, what) = (app.clone(), engine.clone(), notice.clone());
        tauri::async_runtime::spawn(async move { bell::ring(&rung, &of, &what).await });
        let _ = Noticed(notice).emit(&app);
    }
}
