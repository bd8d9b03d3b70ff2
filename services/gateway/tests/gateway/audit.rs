//! A small audit service: a log that is really signed and proven, recordings that are really opened, and every way to fail.

mod log;
mod recordings;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use checkpoint::LogSigner;
use domain::{Clock, Digest, SystemClock};
use merkle::Hash;
use policy::Policy;
use recording::{Captured, Frame, IngestSecret, Original};
use statement::{Adoption, base64url, base64url_decode, sha256};
use wire::audit::{EndRecording, LoggedKeys, TakenGrant};
use wire::event::{Append, Event, EventKind, Receipt, Source};
use wire::policies::LoggedPolicy;
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
            .route("/v1/time", get(log::time))
            .route("/checkpoint", get(log::head))
            .route("/v1/consistency", get(log::consistency))
            .route("/v1/provider-keys", get(log::provider_keys))
            .route("/v1/policies", get(log::policies))
            .route("/v1/events", post(log::append))
            .route("/v1/watched", post(log::watched))
            .route("/v1/recordings", post(recordings::open))
            .route("/v1/grants/{request}", get(recordings::of_grant))
            .route("/v1/recordings/{session}", get(recordings::recording_state))
            .route("/v1/recordings/{session}/batches/{n}", post(recordings::batch))
            .route("/v1/recordings/{session}/extensions", post(recordings::extend))
            .route("/v1/recordings/{session}/end", post(recordings::end))
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

    /// Everything that was recorded, with bodies as text. Parts of one body follow each other: a secret must not stand across
    /// two of them either.
    pub fn recorded(&self) -> String {
        let contents = self.contents();
        let of = |content: &Captured| match content {
            Captured::Socket { bytes: kept, .. } | Captured::Request { body: Some(kept), .. } => {
                base64url_decode(kept).unwrap()
            }
            other => other.part().unwrap_or_default().into_owned(),
        };
        let bodies: Vec<u8> = contents.iter().flat_map(of).collect();
        format!("{}\n{}", String::from_utf8_lossy(&bodies), serde_json::to_string(&contents).unwrap())
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
