//! The log as it answers: its time, its head and paths, what it lists, and what is appended.

use std::collections::HashMap;

use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use wire::audit::ProviderKeySets;
use wire::event::{Append, EventKind};
use wire::policies::LoggedPolicies;
use wire::watching::{OpenNow, Watched, WatchedSession, Watcher};

use super::{Of, Shared, digests, hashes, ready, refused};

pub async fn time(Of(audit): Shared) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let mut state = audit.state.lock().unwrap();
    state.asked_for_time += 1;
    axum::Json(json!({ "now": audit.now_millis() + state.skew_millis })).into_response()
}

pub async fn head(Of(audit): Shared) -> Response {
    audit.state.lock().unwrap().asked_for_head += 1;
    match ready(&audit).await {
        Some(refused) => refused,
        None => {
            let shown = audit.state.lock().unwrap().shown.clone();
            shown.unwrap_or_else(|| audit.note()).into_response()
        }
    }
}

pub async fn provider_keys(Of(audit): Shared) -> Response {
    let mut state = audit.state.lock().unwrap();
    state.asked_for_keys += 1;
    let sets = state.key_sets.clone();
    axum::Json(ProviderKeySets { sets }).into_response()
}

pub async fn policies(Of(audit): Shared) -> Response {
    let mut state = audit.state.lock().unwrap();
    state.asked_for_policies += 1;
    axum::Json(LoggedPolicies { policies: state.policies.clone() }).into_response()
}

pub async fn watched(Of(audit): Shared, axum::Json(open): axum::Json<OpenNow>) -> Response {
    if let Some(refused) = ready(&audit).await {
        return refused;
    }
    let watcher = |name: &&str| Watcher { name: (*name).to_owned(), since: 7 };
    let watchers: Vec<Watcher> = audit.state.lock().unwrap().watchers.iter().map(watcher).collect();
    let of = |session| WatchedSession { session, watchers: watchers.clone() };
    axum::Json(Watched { sessions: open.sessions.into_iter().map(of).collect() }).into_response()
}

pub async fn consistency(Of(audit): Shared, Query(query): Query<HashMap<String, u64>>) -> Response {
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

pub async fn append(Of(audit): Shared, axum::Json(append): axum::Json<Append>) -> Response {
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
