use desktop::view::{DoorView, EnrolmentView, OrganizationView, RequestForm, RequestView};
use tauri::AppHandle;

use super::{Answer, EngineState};
use crate::session::{self, Move};

#[tauri::command]
#[specta::specta]
pub async fn organizations(engine: EngineState<'_>) -> Answer<Vec<OrganizationView>> {
    engine.organizations().await
}

/// `view` is `mine`, `inbox` or `decided`.
#[tauri::command]
#[specta::specta]
pub async fn requests(engine: EngineState<'_>, view: String) -> Answer<Vec<RequestView>> {
    engine.requests(&view).await
}

#[tauri::command]
#[specta::specta]
pub async fn request(engine: EngineState<'_>, id: String) -> Answer<RequestView> {
    engine.request(&id).await
}

#[tauri::command]
#[specta::specta]
pub async fn sign_request(engine: EngineState<'_>, form: RequestForm) -> Answer<RequestView> {
    engine.sign_request(form).await
}

#[tauri::command]
#[specta::specta]
pub async fn withdraw(engine: EngineState<'_>, id: String) -> Answer<RequestView> {
    engine.withdraw(&id).await
}

/// Countersigns. The code is taken for exactly this decision.
#[tauri::command]
#[specta::specta]
pub async fn approve(engine: EngineState<'_>, id: String, comment: String, code: String) -> Answer<RequestView> {
    engine.approve(&id, &comment, &code).await
}

#[tauri::command]
#[specta::specta]
pub async fn deny(engine: EngineState<'_>, id: String, comment: String) -> Answer<RequestView> {
    engine.deny(&id, &comment).await
}

#[tauri::command]
#[specta::specta]
pub async fn enrolments(engine: EngineState<'_>) -> Answer<Vec<EnrolmentView>> {
    engine.enrolments().await
}

#[tauri::command]
#[specta::specta]
pub async fn enrol(engine: EngineState<'_>, person: String, device: String) -> Answer<()> {
    engine.enrol(&person, &device).await.map(drop)
}

/// Opens the door and the session window. The error `code-needed` asks for a one-time code.
#[tauri::command]
#[specta::specta]
pub async fn open_session(
    app: AppHandle,
    engine: EngineState<'_>,
    id: String,
    code: Option<String>,
) -> Answer<DoorView> {
    let door = engine.open_session(&id, code).await?;
    session::open(&app, &engine, &door).await?;
    Ok(door)
}

/// Ends the Session of a request. Its window closes when the door has said so.
#[tauri::command]
#[specta::specta]
pub async fn end_session(engine: EngineState<'_>, request: String) -> Answer<()> {
    engine.end_session(&request).await
}

/// Brings a session window to the front.
#[tauri::command]
#[specta::specta]
pub async fn show_session(app: AppHandle, session: String) -> Answer<()> {
    session::show(&app, &session)
}

/// Back, forward or reload in the Organization's page.
#[tauri::command]
#[specta::specta]
pub async fn move_session(app: AppHandle, session: String, to: Move) -> Answer<()> {
    session::go(&app, &session, to)
}

/// The Sessions that are open on this computer.
#[tauri::command]
#[specta::specta]
pub async fn doors(engine: EngineState<'_>) -> Answer<Vec<DoorView>> {
    Ok(engine.doors())
}
