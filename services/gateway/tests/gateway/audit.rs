use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Of};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use checkpoint::LogSigner;
use domain::{Clock, Digest, SessionId, SystemClock};
use futures_util::stream;
use merkle::Hash;
use policy::Policy;
use recording::{Captured, Frame, IngestSecret, Original, open_whole_batch};
use serde_json::{Value, json};
use statement::{Adoption, Bundle, base64url, sha256};
use wire::audit::{
    EndRecording, ExtendRecording, LoggedKeys, OpenRecording, ProviderKeySets, RecordingState, TakenGrant,
};
use wire::event::{Append, Event, EventKind, Receipt, Source};
use wire::extension::LoggedExtension;
use wire::policies::{LoggedPolicies, LoggedPolicy};
use wire::problem::Problem;
use wire::watching::{OpenNow, Watched, WatchedSession, Watcher};

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
    /// The one that everybody goes by.
    pub clock: OnceLock<Arc<dyn Clock>>,
}

pub struct State {
    /// What it says of the issuer's keys.
    pub key_sets: Vec<LoggedKeys>,
    /// Who watches every Session, by what it says.
    pub watchers: Vec<&'static str>,
    /// What it says of the policies.
    pub policies: Vec<LoggedPolicy>,
    pub asked_for_policies: u32,
    pub mood: Mood,
    pub skew_millis: i64,
    pub asked_for_time: u32,
    pub asked_for_keys: u32,
    pub asked_for_head: u32,
    /// What it shows as its head in the place of what it is.
    pub shown: Option<String>,
    /// It proves nothing between its heads.
    pub no_paths: bool,
    leaves: Vec<String>,
    pub events: Vec<Append>,
    pub frames: HashMap<String, Vec<Frame>>,
    batches: HashMap<String, u64>,
    /// What marks stand for, as it came.
    pub originals: Vec<Original>,
    pub ended: HashMap<String, EndRecording>,
    /// Every batch is refused with this.
    pub refuse_batches: Option<&'static str>,
    /// So many calls to seal are refused.
    pub refuse_ends: u32,
    /// So many openings are taken and never answered.
    pub lose_answers: u32,
    /// Appends of this kind are refused.
    pub refuse_events: Option<EventKind>,
    /// No Session goes on.
    pub revoked: bool,
    /// The Device that every opening is by.
    pub requester: Digest,
    /// By the digest of the request.
    pub grants: HashMap<Digest, TakenGrant>,
    /// Requests that extended a Session.
    pub extended: HashSet<Digest>,
    /// What another one brings, who sees the log as it is after the next extension.
    pub late: Option<Late>,
    /// So much later than was signed it says that an extended Session ends, in seconds.
    pub misjudged_end: i64,
    /// What it says of break-glass in the place of what it should: the name of the permission's fact, the other's, and a number.
    pub says_of_use: Option<Option<(String, String, String)>>,
}

type Shared = Of<Arc<Audit>>;
/// From a head to the JSON of a bundle.
type Late = Box<dyn FnOnce(&str) -> String + Send>;

impl Audit {
    pub fn new() -> Arc<Self> {
        let state = State {
            key_sets: Vec::new(),
            watchers: Vec::new(),
            policies: Vec::new(),
            asked_for_policies: 0,
            mood: Mood::Well,
            skew_millis: 0,
            asked_for_time: 0,
            asked_for_keys: 0,
            asked_for_head: 0,
            shown: None,
            no_paths: false,
            leaves: vec!["started".into()],
            events: Vec::new(),
            frames: HashMap::new(),
            batches: HashMap::new(),
            originals: Vec::new(),
            ended: HashMap::new(),
            refuse_batches: None,
            refuse_ends: 0,
            lose_answers: 0,
            refuse_events: None,
            revoked: false,
            requester: sha256("nobody"),
            grants: HashMap::new(),
            extended: HashSet::new(),
            late: None,
            misjudged_end: 0,
            says_of_use: None,
        };
        let signer = LogSigner::from_seed("test/log", &[7; 32]).unwrap();
        Arc::new(Self {
            secret: IngestSecret::generate().unwrap(),
            signer,
            state: Mutex::new(state),
            clock: OnceLock::new(),
        })
    }

    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/v1/time", get(time))
            .route("/checkpoint", get(head))
            .route("/v1/consistency", get(consistency))
            .route("/v1/provider-keys", get(provider_keys))
            .route("/v1/policies", get(policies))
            .route("/v1/events", post(append))
            .route("/v1/watched", post(watched))
            .route("/v1/recordings", post(open))
            .route("/v1/grants/{request}", get(of_grant))
            .route("/v1/recordings/{session}", get(recording_state))
            .route("/v1/recordings/{session}/batches/{n}", post(batch))
            .route("/v1/recordings/{session}/extensions", post(extend))
            .route("/v1/recordings/{session}/end", post(end))
            .with_state(self.clone())
    }

    fn now_millis(&self) -> i64 {
        self.clock.get().map_or_else(|| SystemClock.now_millis(), |clock| clock.now_millis())
    }

    pub fn set(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    pub fn note(&self) -> String {
        self.head_of(&self.state.lock().unwrap())
    }

    fn head_of(&self, state: &State) -> String {
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

    /// Sees these key sets one after another.
    pub fn see_keys(&self, sets: &[&str]) {
        let mut state = self.state.lock().unwrap();
        for (n, jwks) in sets.iter().enumerate() {
            let mut event = Append::new(EventKind::ProviderKeysSeen).fact("provider-keys", sha256(jwks).as_str());
            if n > 0 {
                event = event.fact("previous", sha256(sets[n - 1]).as_str());
            }
            let receipt = self.add(&mut state, &event);
            state.key_sets.push(LoggedKeys { jwks: (*jwks).to_owned(), receipt });
        }
    }

    /// Writes down that this was adopted.
    pub fn adopt(&self, adoption: &Adoption) {
        let version = Policy::read(&adoption.text).map_or(0, |policy| policy.heading().version);
        let mut event = Append::new(EventKind::PolicyAdopted)
            .fact("policy", sha256(&adoption.text).as_str())
            .fact("version", version.to_string());
        event.statements.clone_from(&adoption.statements);
        self.say_adopted(adoption, &event, Source::Broker);
    }

    /// Shows an adoption beside this entry.
    pub fn say_adopted(&self, adoption: &Adoption, event: &Append, source: Source) {
        let mut state = self.state.lock().unwrap();
        let receipt = self.add_of(&mut state, event, source);
        state.policies.push(LoggedPolicy { adoption: adoption.clone(), receipt });
    }

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

    fn add(&self, state: &mut State, append: &Append) -> Receipt {
        self.add_of(state, append, Source::Audit)
    }

    fn add_of(&self, state: &mut State, append: &Append, source: Source) -> Receipt {
        let event = Event {
            v: 1,
            at: self.now_millis(),
            kind: append.kind,
            source,
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
    let mut state = audit.state.lock().unwrap();
    state.asked_for_time += 1;
    axum::Json(json!({ "now": audit.now_millis() + state.skew_millis })).into_response()
}

async fn head(Of(audit): Shared) -> Response {
    audit.state.lock().unwrap().asked_for_head += 1;
    match ready(&audit).await {
        Some(refused) => refused,
        None => {
            let shown = audit.state.lock().unwrap().shown.clone();
            shown.unwrap_or_else(|| audit.note()).into_response()
        }
    }
}

async fn provider_keys(Of(audit): Shared) -> Response {
    let mut state = audit.state.lock().unwrap();
    state.asked_for_keys += 1;
    let sets = state.key_sets.clone();
    axum::Json(ProviderKeySets { sets }).into_response()
}

async fn policies(Of(audit): Shared) -> Response {
    let mut state = audit.state.lock().unwrap();
    state.asked_for_policies += 1;
    axum::Json(LoggedPolicies { policies: state.policies.clone() }).into_response()
}

async fn watched(Of(audit): Shared, axum::Json(open): axum::Json<OpenNow>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let watcher = |name: &&str| Watcher { name: (*name).to_owned(), since: 7 };
    let watchers: Vec<Watcher> = audit.state.lock().unwrap().watchers.iter().map(watcher).collect();
    let of = |session| WatchedSession { session, watchers: watchers.clone() };
    axum::Json(Watched { sessions: open.sessions.into_iter().map(of).collect() }).into_response()
}

async fn consistency(Of(audit): Shared, Query(query): Query<HashMap<String, u64>>) -> Response {
    let (from, to) = (query["from"], query["to"]);
    let state = audit.state.lock().unwrap();
    if state.no_paths {
        return refused(503, "away");
    }
    let hashes = hashes(&state.leaves);
    let path =
        digests(&merkle::consistency_path(usize::try_from(from).unwrap(), &hashes[..usize::try_from(to).unwrap()]));
    axum::Json(json!({ "from": from, "to": to, "path": path })).into_response()
}

async fn append(Of(audit): Shared, axum::Json(append): axum::Json<Append>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let mut state = audit.state.lock().unwrap();
    if state.revoked && append.kind == EventKind::SessionResumed {
        return refused(403, "revoked");
    }
    if state.refuse_events == Some(append.kind) {
        return refused(503, "away");
    }
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

async fn extend(
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

async fn of_grant(Of(audit): Shared, Path(request): Path<Digest>) -> Response {
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

async fn recording_state(Of(audit): Shared, Path(session): Path<String>) -> Response {
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
        let whole = open_whole_batch(&audit.secret, &session.parse().unwrap(), n, &body);
        let whole = whole.expect("sealed for this place");
        state.frames.get_mut(&session).unwrap().extend(whole.frames);
        state.originals.extend(whole.originals);
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
