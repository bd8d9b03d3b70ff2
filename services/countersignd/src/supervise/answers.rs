use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Certificate, Client};
use serde::Deserialize;
use tokio::time::sleep;

const BETWEEN_QUESTIONS: Duration = Duration::from_millis(100);

/// What every role's configuration says about where it answers.
#[derive(Deserialize)]
struct Address {
    base_url: String,
    ca: PathBuf,
}

/// Returns once each role answers over TLS with a certificate of the internal CA; what it answers does not matter.
pub async fn wait_for(configs: &[PathBuf]) -> anyhow::Result<()> {
    for config in configs {
        let (client, url) = question(config)?;
        while client.get(&url).send().await.is_err() {
            sleep(BETWEEN_QUESTIONS).await;
        }
    }
    Ok(())
}

fn question(config: &Path) -> anyhow::Result<(Client, String)> {
    let address: Address = toml::from_str(&fs::read_to_string(config)?)?;
    let ca = config.parent().unwrap_or(Path::new(".")).join(address.ca);
    let pem = fs::read(&ca).with_context(|| format!("{} cannot be read", ca.display()))?;
    let client = Client::builder()
        .tls_certs_only(Certificate::from_pem_bundle(&pem)?)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(2))
        .build()?;
    Ok((client, format!("{}/v1/health", address.base_url)))
}
