use std::sync::{Arc, Mutex, PoisonError};

use checkpoint::LogVerifier;
use client::{GatewayClient, LogClient};
use domain::Clock;
use identity::ProviderSource;
use policy::{NotAdopted, Policies};
use wire::join::JoinFile;

use crate::fault::fault;
use crate::issuer::LoggedSets;
use crate::log::LogKeeper;
use crate::profile::Profile;
use crate::view::UiError;

/// One installation that this profile has joined: everything that is pinned, and who is asked.
pub(crate) struct Joined {
    pub(crate) file: JoinFile,
    policies: Mutex<Policies>,
    pub(crate) log: LogKeeper,
    pub(crate) provider: ProviderSource,
    pub(crate) logged_sets: LoggedSets,
    pub(crate) http: reqwest::Client,
    pub(crate) gateway: GatewayClient,
}

impl Joined {
    /// Checks a join file and prepares the clients.
    pub(crate) fn new(file: JoinFile, profile: &Profile, clock: &Arc<dyn Clock>) -> Result<Self, UiError> {
        let policies = Policies::pinned(&file.trust, &file.policy).map_err(|why| match why {
            NotAdopted::Refused(_) => bad("its policy is not the one that it names"),
            _ => bad("its policy is not one"),
        })?;
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
        Ok(Self { file, policies: Mutex::new(policies), log, provider, logged_sets, http, gateway })
    }

    /// The policies as far as this computer has verified them.
    pub(crate) fn policies(&self) -> Policies {
        self.policies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a chain that was verified and goes on from the one that is kept.
    pub(crate) fn set_policies(&self, chain: Policies) {
        let mut kept = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        if chain.all().len() > kept.all().len() {
            *kept = chain;
        }
    }
}

fn bad(why: &str) -> UiError {
    fault(
        "bad-join-file",
        format!("This join file cannot be used: {why}."),
        "Ask your administrator for a new one; nothing was kept.",
    )
}
