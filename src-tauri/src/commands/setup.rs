use desktop::view::{AppState, RecoveryCodesView, SecondFactorView, SignInView};
use tauri::AppHandle;

use super::{Answer, EngineState};
use crate::browser;

/// The first thing a window asks.
#[tauri::command]
#[specta::specta]
pub async fn state(engine: EngineState<'_>) -> Answer<AppState> {
    engine.state().await
}

/// Takes the text of a join file and pins what it says.
#[tauri::command]
#[specta::specta]
pub async fn join(engine: EngineState<'_>, text: String) -> Answer<()> {
    engine.join(&text).await.map(drop)
}

/// Starts a sign-in; it finishes in the background, and a notice tells.
#[tauri::command]
#[specta::specta]
pub async fn begin_sign_in(engine: EngineState<'_>) -> Answer<SignInView> {
    engine.begin_sign_in().await
}

#[tauri::command]
#[specta::specta]
pub async fn cancel_sign_in(engine: EngineState<'_>) -> Answer<()> {
    engine.cancel_sign_in();
    Ok(())
}

/// Opens the sign-in's own loopback page in the system browser, and nothing else.
#[tauri::command]
#[specta::specta]
pub async fn open_url(app: AppHandle, url: String) -> Answer<()> {
    browser::open(&app, &url)
}

/// A new secret for one-time codes; shown once.
#[tauri::command]
#[specta::specta]
pub async fn begin_second_factor(engine: EngineState<'_>) -> Answer<SecondFactorView> {
    engine.begin_second_factor().await
}

/// Confirms it, also in the place of another. The recovery codes are shown once.
#[tauri::command]
#[specta::specta]
pub async fn confirm_second_factor(engine: EngineState<'_>, code: String) -> Answer<RecoveryCodesView> {
    engine.confirm_second_factor(&code).await
}

/// The one-time code of this sign-in.
#[tauri::command]
#[specta::specta]
pub async fn enter_code(engine: EngineState<'_>, code: String) -> Answer<()> {
    engine.enter_code(&code).await.map(drop)
}

#[tauri::command]
#[specta::specta]
pub async fn sign_out(engine: EngineState<'_>) -> Answer<()> {
    engine.sign_out().await.map(drop)
}

/// Another key in the place of this computer's, once that one was revoked; signs out.
#[tauri::command]
#[specta::specta]
pub async fn new_key(engine: EngineState<'_>) -> Answer<()> {
    engine.new_key().await.map(drop)
}
