use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use checkpoint::{LogSigner, Submission, Witness, WitnessRefusal, WitnessSigner, WitnessVerifier};

use super::super::world::{NOW, SEED};
use crate::config::WitnessConfig;

/// A witness after C2SP tlog-witness, in this process.
pub struct StandIn {
    url: String,
    pub verifier: WitnessVerifier,
    state: Arc<Mutex<Standing>>,
}

/// How it answers.
#[derive(Clone)]
pub enum How {
    Honest,
    /// It takes a call and gives no answer.
    Silent,
    Says(u16, String),
}

struct Standing {
    witness: Witness,
    signer: WitnessSigner,
    how: How,
    calls: usize,
    now: usize,
    most: usize,
}

impl StandIn {
    pub async fn start(n: u8) -> Self {
        let log = LogSigner::from_seed("countersign.test/log", &SEED).expect("signer").verifier();
        let signer = WitnessSigner::from_seed(&format!("witness.test/{n}"), &[n; 32]).expect("signer");
        let verifier = signer.verifier().clone();
        let standing = Standing { witness: Witness::new(log), signer, how: How::Honest, calls: 0, now: 0, most: 0 };
        let state = Arc::new(Mutex::new(standing));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
        let url = format!("http://{}/w", listener.local_addr().expect("address"));
        let router = axum::Router::new().route("/w/add-checkpoint", post(answer)).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, verifier, state }
    }

    pub fn config(&self) -> WitnessConfig {
        WitnessConfig { url: self.url.clone(), key: self.verifier.verifier_key(), ca: None }
    }

    pub fn is(&self, how: How) {
        self.state.lock().expect("state").how = how;
    }

    pub fn calls(&self) -> usize {
        self.state.lock().expect("state").calls
    }

    pub fn most_at_once(&self) -> usize {
        self.state.lock().expect("state").most
    }

    pub fn size(&self) -> u64 {
        self.state.lock().expect("state").witness.size()
    }
}

async fn answer(State(state): State<Arc<Mutex<Standing>>>, body: String) -> (StatusCode, String) {
    let how = {
        let mut state = state.lock().expect("state");
        state.calls += 1;
        state.now += 1;
        state.most = state.most.max(state.now);
        state.how.clone()
    };
    let answer = match how {
        How::Honest => honest(&mut state.lock().expect("state"), &body),
        How::Silent => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            (503, String::new())
        }
        How::Says(status, words) => (status, words),
    };
    state.lock().expect("state").now -= 1;
    (StatusCode::from_u16(answer.0).expect("a status"), answer.1)
}

fn honest(state: &mut Standing, body: &str) -> (u16, String) {
    let Some(asked) = Submission::read(body) else { return (400, String::new()) };
    match state.witness.add(asked.old_size, &asked.proof, &asked.note) {
        Ok(head) => (200, state.signer.cosign(&head, u64::try_from(NOW).expect("positive")).line),
        Err(WitnessRefusal::OldSize(size)) => (409, format!("{size}\n")),
        Err(refusal) => (refusal.status(), String::new()),
    }
}
