use desktop::view::{
    EntryView, ExportView, LogView, RecordingView, RevokedView, SessionCountView, SessionDetailView, SessionFilter,
    SessionPage, SessionView, UiError, WatchedView,
};
use tauri::{AppHandle, Manager as _};

use super::{Answer, EngineState};

#[tauri::command]
#[specta::specta]
pub async fn sessions(engine: EngineState<'_>, filter: SessionFilter) -> Answer<SessionPage> {
    engine.sessions(filter).await
}

/// How many there are of the same list.
#[tauri::command]
#[specta::specta]
pub async fn count_sessions(engine: EngineState<'_>, filter: SessionFilter) -> Answer<SessionCountView> {
    engine.count_sessions(filter).await
}

/// Writes a list into a new file among the downloads. It leaves entries in the log.
#[tauri::command]
#[specta::specta]
pub async fn export_sessions(app: AppHandle, engine: EngineState<'_>, filter: SessionFilter) -> Answer<ExportView> {
    let folder = app.path().download_dir().ok().filter(|folder| folder.is_dir()).or_else(|| app.path().home_dir().ok());
    let folder = folder.ok_or_else(|| UiError {
        code: "file".into(),
        message: "This computer has no folder for downloads.".into(),
        next: "Make one, then export again.".into(),
    })?;
    engine.export_sessions(filter, &folder).await
}

/// Stops the export that runs.
#[tauri::command]
#[specta::specta]
pub async fn cancel_export(engine: EngineState<'_>) -> Answer<()> {
    engine.cancel_export();
    Ok(())
}

/// One Session with what this computer verified about it.
#[tauri::command]
#[specta::specta]
pub async fn session(engine: EngineState<'_>, id: String) -> Answer<SessionDetailView> {
    engine.session(&id).await
}

/// Opens a Recording for replay. Looking leaves an entry in the log.
#[tauri::command]
#[specta::specta]
pub async fn recording(engine: EngineState<'_>, id: String) -> Answer<RecordingView> {
    engine.recording(&id).await
}

/// Begins to watch a Session that runs. It leaves an entry in the log, and the person inside sees it.
#[tauri::command]
#[specta::specta]
pub async fn watch_session(engine: EngineState<'_>, id: String) -> Answer<WatchedView> {
    engine.watch_session(&id).await
}

/// What came of it since; answered within about a second.
#[tauri::command]
#[specta::specta]
pub async fn watched(engine: EngineState<'_>, id: String) -> Answer<WatchedView> {
    engine.watched(&id).await
}

#[tauri::command]
#[specta::specta]
pub async fn stop_watching(engine: EngineState<'_>, id: String) -> Answer<()> {
    engine.stop_watching(&id)
}

/// The Sessions that run now, of one Organization, of one person, or all.
#[tauri::command]
#[specta::specta]
pub async fn running_sessions(
    engine: EngineState<'_>,
    organization: Option<String>,
    person: Option<String>,
) -> Answer<Vec<SessionView>> {
    engine.running_sessions(organization, person).await
}

/// Ends exactly these, whoever is inside. The code is taken for exactly this signature.
#[tauri::command]
#[specta::specta]
pub async fn end_sessions(
    engine: EngineState<'_>,
    sessions: Vec<String>,
    reason: String,
    code: String,
) -> Answer<RevokedView> {
    engine.end_sessions(&sessions, &reason, &code).await
}

/// `verdict` is `nothing-to-report` or `flagged`.
#[tauri::command]
#[specta::specta]
pub async fn review(engine: EngineState<'_>, id: String, verdict: String, note: String) -> Answer<()> {
    engine.review(&id, &verdict, &note).await.map(drop)
}

/// Entries of the log before `before`, newest first.
#[tauri::command]
#[specta::specta]
pub async fn entries(engine: EngineState<'_>, before: Option<u32>) -> Answer<Vec<EntryView>> {
    engine.entries(before).await
}

/// Fetches a Checkpoint and checks it against the last one that this computer verified.
#[tauri::command]
#[specta::specta]
pub async fn check_log(engine: EngineState<'_>) -> Answer<LogView> {
    engine.check_log().await
}

/// Writes the Evidence file and answers where it is.
#[tauri::command]
#[specta::specta]
pub async fn make_evidence(engine: EngineState<'_>, session: String) -> Answer<String> {
    engine.make_evidence(&session).await.map(|path| path.to_string_lossy().into_owned())
}
