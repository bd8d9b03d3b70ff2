use desktop::view::{
    DoorView, EnrolledDeviceView, EnrolmentView, OrganizationView, OwnDeviceView, PoliciesView, PolicyLastMonthView,
    RequestForm, RequestView, RevokedView,
};
use tauri::{AppHandle, State, Webview};

use super::{Answer, EngineState};
use crate::session::{self, Addresses, Move, Standing};

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

/// Enrols a Device. The code is taken for exactly this signature.
#[tauri::command]
#[specta::specta]
pub async fn enrol(engine: EngineState<'_>, person: String, device: String, code: String) -> Answer<()> {
    engine.enrol(&person, &device, &code).await.map(drop)
}

/// Devices that somebody enrolled, for administrators.
#[tauri::command]
#[specta::specta]
pub async fn devices(engine: EngineState<'_>) -> Answer<Vec<EnrolledDeviceView>> {
    engine.devices().await
}

/// The Devices of whoever is signed in here.
#[tauri::command]
#[specta::specta]
pub async fn own_devices(engine: EngineState<'_>) -> Answer<Vec<OwnDeviceView>> {
    engine.own_devices().await
}

/// The policies of this installation, and those that wait for a second administrator.
#[tauri::command]
#[specta::specta]
pub async fn policies(engine: EngineState<'_>) -> Answer<PoliciesView> {
    engine.policies().await
}

/// What this text would have said to everything that was asked in the last 30 days; for reviewers.
#[tauri::command]
#[specta::specta]
pub async fn policy_last_month(engine: EngineState<'_>, text: String) -> Answer<PolicyLastMonthView> {
    engine.policy_last_month(&text).await
}

/// Signs that this text is to be the policy. The code is taken for exactly this signature.
#[tauri::command]
#[specta::specta]
pub async fn adopt_policy(
    engine: EngineState<'_>,
    text: String,
    comment: String,
    code: String,
) -> Answer<PoliciesView> {
    engine.adopt_policy(&text, &comment, &code).await
}

/// Takes one Grant away; what is open of it closes within a second.
#[tauri::command]
#[specta::specta]
pub async fn revoke_grant(engine: EngineState<'_>, request: String, reason: String) -> Answer<RevokedView> {
    engine.revoke_grant(&request, &reason).await
}

/// Takes a Device out for good. The code is taken for exactly this signature.
#[tauri::command]
#[specta::specta]
pub async fn revoke_device(
    engine: EngineState<'_>,
    device: String,
    reason: String,
    code: String,
) -> Answer<RevokedView> {
    engine.revoke_device(&device, &reason, &code).await
}

/// Takes out every Device of a person that is enrolled by now. The code is taken for exactly this signature.
#[tauri::command]
#[specta::specta]
pub async fn revoke_person(
    engine: EngineState<'_>,
    person: String,
    reason: String,
    code: String,
) -> Answer<RevokedView> {
    engine.revoke_person(&person, &reason, &code).await
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

/// Asks for so many more seconds in the open Session of a request; a second person has to countersign. The error
/// `code-needed` asks for a one-time code.
#[tauri::command]
#[specta::specta]
pub async fn ask_for_more(
    engine: EngineState<'_>,
    request: String,
    seconds: u32,
    code: Option<String>,
) -> Answer<RequestView> {
    engine.ask_for_more(&request, seconds, code).await
}

/// Ends the Session of a request. Its window closes when the door has said so.
#[tauri::command]
#[specta::specta]
pub async fn end_session(engine: EngineState<'_>, request: String) -> Answer<()> {
    engine.end_session(&request).await
}

/// Brings a session window to the front, a new one where it is gone.
#[tauri::command]
#[specta::specta]
pub async fn show_session(app: AppHandle, engine: EngineState<'_>, session: String) -> Answer<()> {
    session::bring(&app, &engine, &session).await
}

/// Back, forward or reload in the Organization's page.
#[tauri::command]
#[specta::specta]
pub async fn move_session(app: AppHandle, session: String, to: Move) -> Answer<()> {
    session::go(&app, &session, to)
}

/// Gives the bar that asks another height.
#[tauri::command]
#[specta::specta]
pub async fn fit_bar(webview: Webview, height: u32) -> Answer<()> {
    session::fit(&webview, height)
}

/// Puts the window of the bar that asks away; its Session goes on.
#[tauri::command]
#[specta::specta]
pub async fn put_away(webview: Webview) -> Answer<()> {
    session::put_away(&webview)
}

/// Closes the window of the bar that asks, when its Session is over.
#[tauri::command]
#[specta::specta]
pub async fn close_session_window(webview: Webview) -> Answer<()> {
    session::close(&webview)
}

/// The Sessions that are open on this computer, with the addresses where their pages are.
#[tauri::command]
#[specta::specta]
pub async fn doors(
    engine: EngineState<'_>,
    addresses: State<'_, Addresses>,
    standing: State<'_, Standing>,
) -> Answer<Vec<DoorView>> {
    Ok(standing.in_doors(addresses.in_doors(engine.doors())))
}
