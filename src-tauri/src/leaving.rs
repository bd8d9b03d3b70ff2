//! Quitting. What is open is ended first: a door must not stay when nobody can see it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use desktop::Engine;
use tauri::{AppHandle, Manager};
use tauri_specta::Event as _;

use crate::{asked::Asked, memory::Memory, windows};

const ENDING: Duration = Duration::from_secs(3);

/// Whether the question stands on the main window's page.
#[derive(Default)]
pub(crate) struct Question(AtomicBool);

/// Quits, or asks first when a Session is open. Asking to quit while the question stands is an answer: what is open ends,
/// so that a page that cannot answer does not hold the door open.
pub(crate) fn ask(app: &AppHandle) {
    let sessions = open(app);
    if sessions == 0 || app.state::<Question>().0.swap(true, Ordering::Relaxed) {
        return quit(app);
    }
    windows::show_main(app);
    let _ = Asked::Quit { sessions }.emit(app);
}

/// The person stays.
pub(crate) fn stay(app: &AppHandle) {
    app.state::<Question>().0.store(false, Ordering::Relaxed);
}

/// Ends everything that is open, and the app.
pub(crate) fn quit(app: &AppHandle) {
    let _ = app.state::<Memory>().write();
    let (app, engine) = (app.clone(), app.state::<Engine>().inner().clone());
    tauri::async_runtime::spawn(async move {
        let ending = async {
            for door in engine.doors().iter().filter(|door| door.ended_by.is_empty()) {
                let _ = engine.end_session(&door.request).await;
            }
        };
        let _ = tokio::time::timeout(ENDING, ending).await;
        app.exit(0);
    });
}

fn open(app: &AppHandle) -> u32 {
    let doors = app.state::<Engine>().doors();
    u32::try_from(doors.iter().filter(|door| door.ended_by.is_empty()).count()).unwrap_or(u32::MAX)
}
