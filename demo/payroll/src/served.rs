use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::{Context as _, bail};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use domain::OrgId;
use serde::Serialize;

use crate::company::Companies;

/// How much of each Organization left the service. Tests hold it against what a Session was opened for.
#[derive(Debug, Default)]
pub struct Served(Mutex<Counts>);

#[derive(Debug, Default, Clone, Serialize)]
struct Counts {
    /// Each Organization, those that nothing was served of too.
    organizations: BTreeMap<String, Count>,
    /// Requests that were not let in.
    refused: u64,
}

#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Count {
    requests: u64,
    /// Of bodies and WebSocket messages.
    bytes: u64,
    writes: u64,
}

impl Served {
    pub fn of(companies: &Companies) -> Self {
        let organizations = companies.ids().map(|id| (id.to_string(), Count::default())).collect();
        Self(Mutex::new(Counts { organizations, refused: 0 }))
    }

    pub fn request(&self, organization: &OrgId, is_write: bool) {
        let mut counts = self.lock();
        let count = counts.organizations.entry(organization.to_string()).or_default();
        count.requests += 1;
        count.writes += u64::from(is_write);
    }

    pub fn bytes(&self, organization: &OrgId, bytes: usize) {
        self.lock().organizations.entry(organization.to_string()).or_default().bytes += bytes as u64;
    }

    pub fn refused(&self) {
        self.lock().refused += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Answers `GET /demo/served` without TLS, on loopback only.
pub async fn answer(address: SocketAddr, served: Arc<Served>) -> anyhow::Result<()> {
    if !address.ip().is_loopback() {
        bail!("--control must be an address of this computer's loopback");
    }
    let listener = tokio::net::TcpListener::bind(address).await.with_context(|| format!("{address} is not free"))?;
    let router = Router::new().route("/demo/served", get(counts)).with_state(served);
    axum::serve(listener, router).await.context("the control port failed")
}

async fn counts(State(served): State<Arc<Served>>) -> Json<Counts> {
    Json(served.lock().clone())
}
