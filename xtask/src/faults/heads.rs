//! Somebody outside who looks at the log's head all the time: what was seen once has to be the beginning of what is seen later.

use std::{
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{JoinHandle, sleep, spawn},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use checkpoint::{Checkpoint, LogVerifier};
use serde_json::Value;

use crate::commands;

const EVERY: Duration = Duration::from_millis(100);

/// The looking. It stops when this is dropped.
pub struct Heads {
    log: Log,
    newest: Arc<Mutex<Option<String>>>,
    /// Heads that were the newest when something happened.
    kept: Vec<Checkpoint>,
    is_enough: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct Log {
    address: String,
    ca: PathBuf,
}

impl Heads {
    pub fn begin(port: u16, ca: PathBuf) -> Self {
        let log = Log { address: format!("https://127.0.0.1:{port}"), ca };
        let (newest, is_enough) = (Arc::<Mutex<Option<String>>>::default(), Arc::new(AtomicBool::new(false)));
        let thread = spawn({
            let (log, newest, is_enough) = (log.clone(), Arc::clone(&newest), Arc::clone(&is_enough));
            move || {
                while !is_enough.load(Ordering::SeqCst) {
                    if let Ok(note) = log.get("/checkpoint") {
                        *newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(note);
                    }
                    sleep(EVERY);
                }
            }
        });
        Self { log, newest, kept: Vec::new(), is_enough, thread: Some(thread) }
    }

    /// Keeps the newest head that anybody saw: the log must never say otherwise.
    pub fn keep(&mut self, verifier: &LogVerifier) -> anyhow::Result<()> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(note) = newest else { return Ok(()) };
        let head = verifier.open(&note).context("a head that was shown")?;
        if self.kept.last() != Some(&head) {
            self.kept.push(head);
        }
        Ok(())
    }

    /// Every head that was kept is the beginning of the one that is shown now. Answers how many were compared.
    pub fn hold(&mut self, verifier: &LogVerifier) -> anyhow::Result<usize> {
        let last = verifier.open(&self.log.get("/checkpoint")?).context("the head that is shown")?;
        for seen in &self.kept {
            ensure!(seen.size <= last.size, "a head of {} entries was shown, and now one of {}", seen.size, last.size);
            let proof = self.log.get(&format!("/v1/consistency?from={}&to={}", seen.size, last.size))?;
            let path = path(&serde_json::from_str(&proof)?).context("a proof of consistency")?;
            merkle::verify_consistency(seen.size, last.size, &path, &seen.root, &last.root)
                .with_context(|| format!("the head of {} entries is not the beginning of {}", seen.size, last.size))?;
        }
        let compared = self.kept.len();
        self.kept = vec![last];
        Ok(compared)
    }
}

impl Log {
    fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--max-time", "10", "--cacert"]).arg(&self.ca);
        commands::output(curl.arg(format!("{}{path}", self.address)))
    }
}

fn path(proof: &Value) -> Option<Vec<merkle::Hash>> {
    let hash = |one: &Value| URL_SAFE_NO_PAD.decode(one.as_str()?).ok()?.try_into().ok();
    proof["path"].as_array()?.iter().map(hash).collect()
}

impl Drop for Heads {
    fn drop(&mut self) {
        self.is_enough.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
