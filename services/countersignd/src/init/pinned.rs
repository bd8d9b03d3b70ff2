use anyhow::Context as _;
use checkpoint::LogSigner;
use policy::Policy;
use statement::{DeviceKey, Limits, Trust};
use wire::join::{JoinFile, PinnedKeys, TrustFile};

use super::secrets::Secrets;
use crate::arguments::InitArguments;

/// What everybody pins.
pub struct Pinned {
    pub trust: Trust,
    pub log_name: String,
}

impl Pinned {
    pub fn new(arguments: &InitArguments, secrets: &Secrets) -> anyhow::Result<Self> {
        let log_name = format!("{}/log", arguments.name);
        let log_key = LogSigner::from_seed(&log_name, &secrets.log_seed).context("the log's name cannot be used")?;
        let trust = Trust {
            issuer: arguments.issuer.clone(),
            client_id: arguments.client_id.clone(),
            person_claim: arguments.person_claim.clone(),
            roles_claim: arguments.roles_claim.clone(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: format!("{}/gateway", arguments.name),
            log_key: log_key.verifier_key(),
            attestation_key: DeviceKey::from_pkcs8(&secrets.attestation)?.public(),
            first_administrators: arguments.first_administrators.clone(),
            limits: Limits { max_duration_seconds: arguments.max_duration_seconds, max_scope: arguments.max_scope },
            policy: Policy::compiled_in().digest().clone(),
            waits: statement::Waits::default(),
        };
        Ok(Self { trust, log_name })
    }

    pub fn join_file(&self, arguments: &InitArguments, ca: String) -> anyhow::Result<String> {
        let at = |offset| base_url(arguments, offset);
        let join = JoinFile {
            operator: arguments.operator.clone(),
            broker: at(0),
            audit: at(2),
            gateway: at(1),
            ca,
            trust: self.trust.clone(),
            policy: Policy::compiled_in().text().to_owned(),
            witnesses: Vec::new(),
        };
        Ok(serde_json::to_string_pretty(&join)?)
    }

    pub fn trust_file(&self, provider_keys: String) -> anyhow::Result<String> {
        let current = PinnedKeys { jwks: provider_keys, until: None };
        Ok(serde_json::to_string_pretty(&TrustFile {
            trust: self.trust.clone(),
            provider_keys: vec![current],
            witnesses: Vec::new(),
            quorum: 0,
        })?)
    }
}

/// Where a role is reached: the broker has offset 0, the gateway 1, the audit service 2.
pub fn base_url(arguments: &InitArguments, offset: u16) -> String {
    format!("https://{}:{}", in_url(&arguments.host), arguments.base_port + offset)
}

/// A host as it stands in an address and in `Host`: in lower case, an IPv6 address in brackets.
pub fn in_url(host: &str) -> String {
    if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_ascii_lowercase() }
}
