use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use serve::ProblemResponse;
use wire::audit::{Consistency, ConsistencyOf, Inclusion, InclusionOf, ProviderKeySets, Time};

use crate::audit::Audit;
use crate::people::Anybody;
use crate::problem;
use crate::store;
use crate::tile::Tile;

type Answer<T> = Result<T, ProblemResponse>;

pub(super) async fn time(State(audit): State<Arc<Audit>>) -> Json<Time> {
    Json(Time { now: audit.clock.now_millis() })
}

/// The last acknowledged head, with the cosignatures of it that are here already.
pub(super) async fn checkpoint(State(audit): State<Arc<Audit>>) -> Answer<impl IntoResponse> {
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, audit.cosigned(&audit.writer.head()).await?))
}

/// C2SP tlog-tiles: hashes and entries of the acknowledged log, nothing beyond it.
pub(super) async fn tile(
    State(audit): State<Arc<Audit>>,
    _who: Anybody,
    Path(path): Path<String>,
) -> Answer<impl IntoResponse> {
    let tile = Tile::parse(&path).filter(|t| t.is_within(audit.writer.head().size)).ok_or_else(problem::no_entry)?;
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    let bytes = match tile.level {
        Some(level) => audit.reader.tile(8 * level, tile.first(), tile.width).await?.concat(),
        None => bundle(audit.reader.leaves(tile.first(), tile.width).await?),
    };
    Ok((headers, bytes))
}

/// Each entry behind its length in two bytes.
fn bundle(leaves: Vec<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for leaf in leaves {
        bytes.extend_from_slice(&u16::try_from(leaf.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(&leaf);
    }
    bytes
}

/// The issuer publishes these to anybody; so do we, with the proof of when.
pub(super) async fn provider_keys(State(audit): State<Arc<Audit>>) -> Answer<Json<ProviderKeySets>> {
    audit.key_sets().await.map(|sets| Json((*sets).clone()))
}

pub(super) async fn inclusion(
    State(audit): State<Arc<Audit>>,
    _who: Anybody,
    asked: Result<Query<InclusionOf>, axum::extract::rejection::QueryRejection>,
) -> Answer<Json<Inclusion>> {
    let Query(InclusionOf { index, size }) =
        asked.map_err(|_| problem::malformed("The query is not index and size."))?;
    if index >= size || size > audit.writer.head().size {
        return Err(problem::no_entry());
    }
    let leaf = audit.reader.leaf(index).await?.ok_or_else(problem::no_entry)?;
    let path = audit.reader.tree.inclusion(&mut *audit.reader.connection().await?, index, size).await?;
    Ok(Json(Inclusion { index, size, path: store::digests(&path), leaf }))
}

pub(super) async fn consistency(
    State(audit): State<Arc<Audit>>,
    asked: Result<Query<ConsistencyOf>, axum::extract::rejection::QueryRejection>,
) -> Answer<Json<Consistency>> {
    let Query(ConsistencyOf { from, to }) = asked.map_err(|_| problem::malformed("The query is not from and to."))?;
    if from > to || to > audit.writer.head().size {
        return Err(problem::no_entry());
    }
    let path = if from == 0 || from == to {
        Vec::new()
    } else {
        audit.reader.tree.consistency(&mut *audit.reader.connection().await?, from, to).await?
    };
    Ok(Json(Consistency { from, to, path: store::digests(&path) }))
}
