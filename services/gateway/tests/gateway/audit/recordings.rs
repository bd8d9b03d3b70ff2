//! Recordings as they are opened, extended, filled and sealed.

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::{Digest, SessionId};
use futures_util::stream;
use recording::open_whole_batch;
use serde_json::{Value, json};
use statement::{Bundle, sha256};
use wire::audit::{EndRecording, ExtendRecording, OpenRecording, RecordingState, TakenGrant};
use wire::event::{Append, Event, EventKind, Receipt};
use wire::extension::LoggedExtension;

use super::{Audit, Of, Shared, State, ready, refused};

impl Audit {
    /// Takes the Grant and lists it; `None` when it was taken.
    fn extend(&self, state: &mut State, session: &str, call: &ExtendRecording) -> Option<Receipt> {
        let bundle: Bundle = serde_json::from_str(&call.bundle_json).unwrap();
        let body = &payload(&bundle.request)["body"];
        let request = sha256(&bundle.request);
        if state.grants.contains_key(&request) || !state.extended.insert(request) {
            return None;
        }
        let taken = state.grants.values().find(|t| t.recording.session.as_str() == session).unwrap();
        let so_far = taken.extensions.iter().map(|e| ends_at(&e.receipt)).max().unwrap_or(taken.recording.ends_at);
        let asked = body["extends"]["opened_at"].as_i64().unwrap() + body["duration_seconds"].as_i64().unwrap();
        let mut event = Append::new(EventKind::SessionExtended)
            .session(&session.parse().unwrap())
            .organization(&body["organization"]["id"].as_str().unwrap().parse().unwrap())
            .fact("bundle", sha256(&call.bundle_json).as_str())
            .fact("tls-client", call.tls_client.as_str())
            .fact("extended-at", call.extended_at.to_string())
            .fact("ends-at", (asked.max(so_far) + state.misjudged_end).to_string())
            .fact("provider-keys", sha256("keys").as_str())
            .fact("policy", call.policy.as_str())
            .statement(&bundle.request);
        event.statements.extend(bundle.decisions.clone());
        event.statements.push(bundle.open);
        let receipt = self.add(state, &event);
        let taken = state.grants.values_mut().find(|t| t.recording.session.as_str() == session).unwrap();
        let bundle_json = call.bundle_json.clone();
        taken.extensions.push(LoggedExtension { bundle_json, receipt: receipt.clone() });
        Some(receipt)
    }
}

pub async fn open(Of(audit): Shared, axum::Json(call): axum::Json<OpenRecording>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let bundle: Bundle = serde_json::from_str(&call.bundle_json).unwrap();
    let session = SessionId::from(sha256(&bundle.open));
    let request: Value = payload(&bundle.request);
    let mut state = audit.state.lock().unwrap();
    if state.grants.contains_key(&sha256(&bundle.request)) {
        return refused(409, "already-taken");
    }
    let mut event = Append::new(EventKind::SessionOpened)
        .session(&session)
        .organization(&request["body"]["organization"]["id"].as_str().unwrap().parse().unwrap())
        .fact("bundle", sha256(&call.bundle_json).as_str())
        .fact("tls-client", call.tls_client.as_str())
        .fact("opened-at", call.opened_at.to_string())
        .fact("ends-at", call.ends_at.to_string())
        .statement(&bundle.request)
        .statement(&bundle.open);
    event.statements.extend(bundle.decisions.clone());
    let permission = request["body"]["break_glass"].as_str().map(str::to_owned);
    let right = permission.as_ref().map(|_| ("break-glass".to_owned(), "use".to_owned(), "1".to_owned()));
    if let Some((named, number, value)) = state.says_of_use.clone().unwrap_or(right) {
        event = event.fact(&named, permission.unwrap_or_default()).fact(&number, value);
    }
    state.frames.insert(session.to_string(), Vec::new());
    state.batches.insert(session.to_string(), 0);
    let receipt = audit.add(&mut state, &event);
    let recording = RecordingState {
        session,
        next_batch: 0,
        sealed: false,
        request: sha256(&bundle.request),
        device: state.requester.clone(),
        opened_at: call.opened_at,
        ends_at: call.ends_at,
        opened: receipt.clone(),
    };
    let taken =
        TakenGrant { recording, bundle_json: call.bundle_json, next_frame: 0, extensions: Vec::new(), ended_by: None };
    state.grants.insert(sha256(&bundle.request), taken);
    if state.lose_answers > 0 {
        state.lose_answers -= 1;
        return never_comes();
    }
    axum::Json(receipt).into_response()
}

pub async fn extend(
    Of(audit): Shared,
    Path(session): Path<String>,
    axum::Json(call): axum::Json<ExtendRecording>,
) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let mut state = audit.state.lock().unwrap();
    let Some(receipt) = audit.extend(&mut state, &session, &call) else { return refused(409, "already-taken") };
    if let Some(late) = state.late.take() {
        audit.add(&mut state, &Append::new(EventKind::Viewed));
        let bundle_json = late(&audit.head_of(&state));
        audit.extend(&mut state, &session, &ExtendRecording { bundle_json, ..call }).unwrap();
    }
    if state.lose_answers > 0 {
        state.lose_answers -= 1;
        return never_comes();
    }
    axum::Json(receipt).into_response()
}

fn ends_at(receipt: &Receipt) -> i64 {
    serde_json::from_str::<Event>(&receipt.leaf).unwrap().facts["ends-at"].parse().unwrap()
}

/// An answer whose connection breaks in the middle.
fn never_comes() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::other("the line is cut")) });
    axum::body::Body::from_stream(broken).into_response()
}

pub async fn of_grant(Of(audit): Shared, Path(request): Path<Digest>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let state = audit.state.lock().unwrap();
    let Some(mut taken) = state.grants.get(&request).cloned() else { return refused(404, "no-session") };
    let session = taken.recording.session.to_string();
    taken.recording.next_batch = state.batches[&session];
    taken.next_frame = state.frames[&session].len() as u64;
    taken.recording.sealed = state.ended.contains_key(&session);
    axum::Json(taken).into_response()
}

fn payload(compact: &str) -> Value {
    serde_json::from_slice(&statement::base64url_decode(compact.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

pub async fn recording_state(Of(audit): Shared, Path(session): Path<String>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let state = audit.state.lock().unwrap();
    let taken = state.grants.values().find(|t| t.recording.session.as_str() == session);
    let Some(mut recording) = taken.map(|t| t.recording.clone()) else { return refused(404, "no-session") };
    recording.next_batch = state.batches[&session];
    recording.sealed = state.ended.contains_key(&session);
    axum::Json(recording).into_response()
}

pub async fn batch(Of(audit): Shared, Path((session, n)): Path<(String, u64)>, body: Bytes) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let mut state = audit.state.lock().unwrap();
    if let Some(code) = state.refuse_batches {
        return refused(409, code);
    }
    let next = state.batches[&session];
    if n > next {
        return refused(409, "batch-missing");
    }
    if n == next {
        let whole = open_whole_batch(&audit.secret, &session.parse().unwrap(), n, &body);
        let whole = whole.expect("sealed for this place");
        state.frames.get_mut(&session).unwrap().extend(whole.frames);
        state.originals.extend(whole.originals);
        state.batches.insert(session.clone(), n + 1);
    }
    axum::Json(json!({ "next_batch": state.batches[&session] })).into_response()
}

pub async fn end(
    Of(audit): Shared,
    Path(session): Path<String>,
    axum::Json(end): axum::Json<EndRecording>,
) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let mut state = audit.state.lock().unwrap();
    if state.refuse_ends > 0 {
        state.refuse_ends -= 1;
        return refused(409, "changed-meanwhile");
    }
    if end.batches != state.batches[&session] && state.refuse_batches.is_none() {
        return refused(409, "batches-missing");
    }
    state.ended.insert(session.clone(), end);
    let sealed = Append::new(EventKind::RecordingSealed).session(&session.parse().unwrap());
    axum::Json(audit.add(&mut state, &sealed)).into_response()
}
