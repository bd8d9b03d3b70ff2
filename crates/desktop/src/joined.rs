use std::sync::Arc;

use checkpoint::LogVerifier;
use client::{GatewayClient, LogClient};
use domain::Clock;
use identity::ProviderSource;
use policy::Policy;
use wire::join::JoinFile;

use crate::fault::fault;
use crate::issuer::LoggedSets;
use crate::log::LogKeeper;
use crate::profile::Profile;
use crate::view::UiError;

/// One installation that this profile has joined: everything that is pinned, and who is asked.
pub(crate) struct Joined {
    pub(crate) file: JoinFile,
    pub(crate) policy: Policy,
    pub(crate) log: LogKeeper,
    pub(crate) provider: ProviderSource,
    pub(crate) logged_sets: LoggedSets,
    pub(crate) http: reqwest::Client,
    pub(crate) gateway: GatewayClient,
}

impl Joined {
    /// Checks a join file and prepares the clients.
    pub(crate) fn new(file: JoinFile, profile: &Profile, clock: &Arc<dyn Clock>) -> Result<Self, UiError> {
        let policy = Policy::read(&file.policy).map_err(|_| bad("its policy is not one"))?;
        if *policy.digest() != file.trust.policy {
            return Err(bad("its policy is not the one that it names"));
        }
        if file.trust.first_administrators.len() < 2 {
            return Err(bad("it names fewer than two first administrators"));
        }
        let verifier = LogVerifier::parse(&file.trust.log_key).map_err(|_| bad("its log key is not one"))?;
        for address in [&file.broker, &file.audit, &file.gateway] {
            if !address.starts_with("https://") || address.ends_with('/') {
                return Err(bad("its addresses are not https, or end in a slash"));
            }
        }
        let client = LogClient::new(&file.audit, &file.ca).map_err(|_| bad("its certificate is not PEM"))?;
        let gateway =
            GatewayClient::anonymous(&file.gateway, &file.ca).map_err(|_| bad("its certificate is not PEM"))?;
        let http = identity::http_client(None).map_err(|_| bad("no TLS client can be made here"))?;
        let provider = ProviderSource::new(file.trust.issuer.clone(), http.clone(), clock.clone());
        let log = LogKeeper::new(profile.log_path(), verifier, client, clock.clone());
        let logged_sets = LoggedSets::new(clock.clone());
        Ok(Self { file, policy, log, provider, logged_sets, http, gateway })
    }
}

fn bad(why: &str) -> UiError {
    fault(
        "bad-join-file",
        format!("This join file cannot be used: {why}."),
        "Ask your administrator for a new one; nothing was kept.",
    )
}
