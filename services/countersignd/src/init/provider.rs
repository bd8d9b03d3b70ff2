use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use domain::SystemClock;
use identity::ProviderSource;
use statement::ProviderKeys;

use super::files;

/// The identity provider's published keys, as the exact text that it publishes.
pub async fn keys(issuer: &str, from_file: Option<&Path>, provider_ca: Option<&str>) -> anyhow::Result<String> {
    let raw = match from_file {
        Some(path) => files::read(path)?,
        None => fetch(issuer, provider_ca).await?,
    };
    ProviderKeys::from_jwks(raw.as_bytes()).context("the provider's keys are not a JWKS")?;
    Ok(raw)
}

async fn fetch(issuer: &str, provider_ca: Option<&str>) -> anyhow::Result<String> {
    let http = identity::http_client(provider_ca)?;
    let keys = ProviderSource::new(issuer, http, Arc::new(SystemClock)).keys_for(None).await.with_context(|| {
        format!("{issuer} gave no keys; start it first, or give what it publishes with --provider-keys FILE")
    })?;
    String::from_utf8(keys.raw().to_vec()).context("the provider's keys are not text")
}
