use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Of};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use checkpoint::LogSigner;
use domain::{Clock, Digest, SessionId, SystemClock};
use merkle::Hash;
use recording::{Captured, Frame, IngestSecret, open_batch};
use serde_json::{Value, json};
use statement::{Bundle, base64url, sha256};
use wire::audit::{EndRecording, OpenRecording};
use wire::event::{Append, Event, EventKind, Receipt, Source};
use wire::problem::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Takes batches and never answers.
    Silent,
    /// Refuses everything.
    Away,
}

pub struct Audit {
    pub secret: IngestSecret,
    pub signer: LogSigner,
    pub state: Mutex<State>,
}

pub struct State {
    pub mood: Mood,
    pub skew_millis: i64,
    leaves: Vec<String>,
    pub events: Vec<Append>,
    taken: HashSet<Digest>,
    pub frames: HashMap<String, Vec<Frame>>,
    batches: HashMap<String, u64>,
    pub ended: HashMap<String, EndRecording>,
    /// Every batch is refused with this.
    pub refuse_batches: Option<&'static str>,
    /// So many calls to seal are refused.
    pub refuse_ends: u32,
}

type Shared = Of<Arc<Audit>>;

impl Audit {
    pub fn new() -> Arc<Self> {
        let state = State {
            mood: Mood::Well,
            skew_millis: 0,
            leaves: vec!["started".into()],
            events: Vec::new(),
            taken: HashSet::new(),
            frames: HashMap::new(),
            batches: HashMap::new(),
            ended: HashMap::new(),
            refuse_batches: None,
            refuse_ends: 0,
        };
        let signer = LogSigner::from_seed("test/log", &[7; 32]).unwrap();
        Arc::new(Self { secret: IngestSecret::generate().unwrap(), signer, state: Mutex::new(state) })
    }

    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/v1/time", get(time))
            .route("/checkpoint", get(head))
            .route("/v1/consistency", get(consistency))
            .route("/v1/events", post(append))
            .route("/v1/recordings", post(open))
            .route("/v1/recordings/{session}", get(recording_state))
            .route("/v1/recordings/{session}/batches/{n}", post(batch))
            .route("/v1/recordings/{session}/end", post(end))
            .with_state(self.clone())
    }

    pub fn set(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    pub fn note(&self) -> String {
        let state = self.state.lock().unwrap();
        let hashes = hashes(&state.leaves);
        self.signer.sign(hashes.len() as u64, &merkle::root(&hashes))
    }

    pub fn kinds(&self) -> Vec<EventKind> {
        self.state.lock().unwrap().events.iter().map(|e| e.kind).collect()
    }

    /// Codes of the Events of this kind.
    pub fn codes(&self, kind: EventKind) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.events.iter().filter(|e| e.kind == kind).filter_map(|e| e.facts.get("code").cloned()).collect()
    }

    pub fn frames(&self) -> Vec<Frame> {
        self.state.lock().unwrap().frames.values().flatten().cloned().collect()
    }

    pub fn contents(&self) -> Vec<Captured> {
        self.frames().into_iter().map(|f| f.content).collect()
    }

    fn add(&self, state: &mut State, append: &Append) -> Receipt {
        let event = Event {
            v: 1,
            at: SystemClock.now_millis(),
            kind: append.kind,
            source: Source::Audit,
            organization: append.organization.clone(),
            session: append.session.clone(),
            statements: append.statements.iter().map(sha256).collect(),
            facts: append.facts.clone(),
            sealed: BTreeMap::new(),
        };
        let leaf = serde_json::to_string(&event).unwrap();
        state.leaves.push(leaf.clone());
        state.events.push(append.clone());
        let hashes = hashes(&state.leaves);
        let index = hashes.len() as u64 - 1;
        Receipt {
            index,
            leaf,
            inclusion: digests(&merkle::inclusion_path(hashes.len() - 1, &hashes)),
            checkpoint: self.signer.sign(hashes.len() as u64, &merkle::root(&hashes)),
        }
    }
}

fn hashes(leaves: &[String]) -> Vec<Hash> {
    leaves.iter().map(|l| merkle::leaf_hash(l.as_bytes())).collect()
}

fn digests(path: &[Hash]) -> Vec<Digest> {
    path.iter().map(|h| base64url(h).parse().unwrap()).collect()
}

fn refused(status: u16, code: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(Problem::new(status, code, code, code))).into_response()
}

async fn ready(audit: &Audit) -> Option<Response> {
    let mood = audit.state.lock().unwrap().mood;
    match mood {
        Mood::Well => None,
        Mood::Away => Some(refused(503, "away")),
        Mood::Silent => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            None
        }
    }
}

async fn time(Of(audit): Shared) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let skew = audit.state.lock().unwrap().skew_millis;
    axum::Json(json!({ "now": SystemClock.now_millis() + skew })).into_response()
}

async fn head(Of(audit): Shared) -> Response {
    match ready(&audit).await {
        Some(refused) => refused,
        None => audit.note().into_response(),
    }
}

async fn consistency(Of(audit): Shared, Query(query): Query<HashMap<String, u64>>) -> Response {
    let (from, to) = (query["from"], query["to"]);
    let hashes = hashes(&audit.state.lock().unwrap().leaves);
    let path =
        digests(&merkle::consistency_path(usize::try_from(from).unwrap(), &hashes[..usize::try_from(to).unwrap()]));
    axum::Json(json!({ "from": from, "to": to, "path": path })).into_response()
}

async fn append(Of(audit): Shared, axum::Json(append): axum::Json<Append>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let mut state = audit.state.lock().unwrap();
    axum::Json(audit.add(&mut state, &append)).into_response()
}

async fn open(Of(audit): Shared, axum::Json(call): axum::Json<OpenRecording>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let bundle: Bundle = serde_json::from_str(&call.bundle_json).unwrap();
    let session = SessionId::from(sha256(&bundle.open));
    let request: Value = payload(&bundle.request);
    let mut state = audit.state.lock().unwrap();
    if !state.taken.insert(sha256(&bundle.request)) {
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
    event.statements.extend(bundle.decisions);
    state.frames.insert(session.to_string(), Vec::new());
    state.batches.insert(session.to_string(), 0);
    axum::Json(audit.add(&mut state, &event)).into_response()
}

fn payload(compact: &str) -> Value {
    serde_json::from_slice(&statement::base64url_decode(compact.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

async fn recording_state(Of(audit): Shared, Path(session): Path<String>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let next = audit.state.lock().unwrap().batches[&session];
    let nothing = sha256(b"");
    axum::Json(json!({ "session": session, "next_batch": next, "sealed": false, "request": nothing, "device": nothing, "opened_at": 0, "ends_at": 0 })).into_response()
}

async fn batch(Of(audit): Shared, Path((session, n)): Path<(String, u64)>, body: Bytes) -> Response {
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
        let frames = open_batch(&audit.secret, &session.parse().unwrap(), n, &body).expect("sealed for this place");
        state.frames.get_mut(&session).unwrap().extend(frames);
        state.batches.insert(session.clone(), n + 1);
    }
    axum::Json(json!({ "next_batch": state.batches[&session] })).into_response()
}

async fn end(Of(audit): Shared, Path(session): Path<String>, axum::Json(end): axum::Json<EndRecording>) -> Response {
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
