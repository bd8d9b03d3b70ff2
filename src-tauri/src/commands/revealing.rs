use desktop::view::{OriginalView, RevealView};

use super::{Answer, EngineState};

/// What was asked for in the last day, each verified here.
#[tauri::command]
#[specta::specta]
pub async fn reveals(engine: EngineState<'_>) -> Answer<Vec<RevealView>> {
    engine.reveals().await
}

/// Signs, as the first one, that marks of a sealed Recording are opened on this computer.
#[tauri::command]
#[specta::specta]
pub async fn propose_reveal(
    engine: EngineState<'_>,
    session: String,
    marks: Vec<String>,
    justification: String,
    code: String,
) -> Answer<RevealView> {
    engine.propose_reveal(&session, &marks, &justification, &code).await
}

/// Signs what somebody else proposed.
#[tauri::command]
#[specta::specta]
pub async fn countersign_reveal(engine: EngineState<'_>, id: String, code: String) -> Answer<RevealView> {
    engine.countersign_reveal(&id, &code).await
}

/// The values. They are kept nowhere, and each time is an entry of the log.
#[tauri::command]
#[specta::specta]
pub async fn read_marks(engine: EngineState<'_>, id: String) -> Answer<Vec<OriginalView>> {
    engine.read_marks(&id).await
}
