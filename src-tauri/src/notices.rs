//! The engine's notices: to the windows as an event, and to the session windows as their end.

use std::sync::Arc;

use desktop::view::Notice;
use crate::standin::Engine;
use tauri::AppHandle;
use tauri_specta::Event;
use tokio::sync::broadcast::error::RecvError;

use crate::{bindings::Noticed, session};

/// Forwards until the engine is gone. A window that missed some is told to ask for everything again.
pub(crate) async fn forward(app: AppHandle, engine: Arc<Engine>) {
    let mut notices = engine.subscribe();
    loop {
        let notice = match notices.recv().await {
            Ok(notice) => notice,
            Err(RecvError::Lagged(_)) => Notice::State,
            Err(RecvError::Closed) => return,
        };
        if matches!(notice, Notice::Door { .. } | Notice::State) {
            close_ended(&app, &engine).await;
        }
        let _ = Noticed(notice).emit(&app);
    }
}

async fn close_ended(app: &AppHandle, engine: &Engine) {
    let Ok(doors) = engine.doors().await else { return };
    for door in doors.iter().filter(|door| !door.ended_by.is_empty()) {
        let _ = session::ended(app, &door.session);
    }
}
