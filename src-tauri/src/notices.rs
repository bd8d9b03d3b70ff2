//! The engine's notices: to the windows as an event, and to the session windows as their end.

use desktop::{Engine, view::Notice};
use tauri::AppHandle;
use tauri_specta::Event;
use tokio::sync::broadcast::error::RecvError;

use crate::{bindings::Noticed, session};

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
            close_ended(&app, &engine);
        }
        let _ = Noticed(notice).emit(&app);
    }
}

fn close_ended(app: &AppHandle, engine: &Engine) {
    for door in engine.doors().iter().filter(|door| !door.ended_by.is_empty()) {
        let _ = session::ended(app, &door.session);
    }
}
