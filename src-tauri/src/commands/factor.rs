use desktop::view::{RecoveryCodesView, SecondFactorView};

use super::{Answer, EngineState};

/// A new secret in the place of the one that there is; `code` is one of the app, or a recovery code. Shown once.
#[tauri::command]
#[specta::specta]
pub async fn replace_second_factor(engine: EngineState<'_>, code: String) -> Answer<SecondFactorView> {
    engine.replace_second_factor(&code).await
}

/// New recovery codes; shown once.
#[tauri::command]
#[specta::specta]
pub async fn make_recovery_codes(engine: EngineState<'_>, code: String) -> Answer<RecoveryCodesView> {
    engine.make_recovery_codes(&code).await
}

/// Voids somebody's second factor. The code is taken for exactly this signature.
#[tauri::command]
#[specta::specta]
pub async fn reset_factor(engine: EngineState<'_>, person: String, reason: String, code: String) -> Answer<()> {
    engine.reset_factor(&person, &reason, &code).await
}
