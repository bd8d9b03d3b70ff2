use std::path::Path;

use toml::{Table, Value};

use super::authority::Authority;
use super::files;
use super::pinned::{Pinned, base_url, in_url};
use super::secrets::Secrets;
use super::services::Services;
use crate::arguments::InitArguments;

/// Everything that the three folders are written from.
pub struct Plan<'a> {
    pub arguments: &'a InitArguments,
    pub authority: &'a Authority,
    pub secrets: &'a Secrets,
    pub pinned: &'a Pinned,
    pub services: &'a Services,
    pub provider_ca: Option<&'a str>,
}

/// Writes a folder for each role. Each stands alone: it can be moved to another computer as it is.
pub fn write(dir: &Path, plan: &Plan<'_>) -> anyhow::Result<()> {
    broker(&dir.join("broker"), plan)?;
    gateway(&dir.join("gateway"), plan)?;
    audit(&dir.join("audit"), plan)
}

fn broker(folder: &Path, plan: &Plan<'_>) -> anyhow::Result<()> {
    let mut config = begin(folder, "broker", 0, plan)?;
    files::secret(&folder.join("attestation.key"), &plan.secrets.attestation)?;
    files::secret(&folder.join("totp.key"), plan.secrets.totp)?;
    set(&mut config, "attestation_key", "attestation.key");
    set(&mut config, "totp_key", "totp.key");
    set(&mut config, "database", "broker.sqlite");
    set(&mut config, "audit", &base_url(plan.arguments, 2));
    config.insert("organizations".into(), Value::try_from(&plan.services.organizations)?);
    finish(folder, "broker", &config)
}

fn gateway(folder: &Path, plan: &Plan<'_>) -> anyhow::Result<()> {
    let mut config = begin(folder, "gateway", 1, plan)?;
    files::secret(&folder.join("assertion.key"), &plan.secrets.assertion)?;
    files::secret(&folder.join("masking.key"), plan.secrets.masking)?;
    files::folder(&folder.join("spool"))?;
    set(&mut config, "assertion_key", "assertion.key");
    set(&mut config, "masking_key", "masking.key");
    set(&mut config, "spool", "spool");
    set(&mut config, "targets", "targets.toml");
    set(&mut config, "ingest_key", &plan.secrets.ingest_public()?.to_string());
    set(&mut config, "audit", &base_url(plan.arguments, 2));
    set(&mut config, "broker", &base_url(plan.arguments, 0));
    config.insert("host".into(), Value::try_from(own_hosts(plan.arguments))?);
    finish(folder, "gateway", &config)?;
    targets(folder, plan.services)
}

fn audit(folder: &Path, plan: &Plan<'_>) -> anyhow::Result<()> {
    let mut config = begin(folder, "audit", 2, plan)?;
    files::secret(&folder.join("log.seed"), plan.secrets.log_seed)?;
    files::secret(&folder.join("ingest.key"), plan.secrets.ingest.encoded().as_bytes())?;
    files::secret(&folder.join("storage.key"), plan.secrets.storage)?;
    files::folder(&folder.join("objects"))?;
    set(&mut config, "log_seed", "log.seed");
    set(&mut config, "log_name", &plan.pinned.log_name);
    set(&mut config, "ingest_secret", "ingest.key");
    let file = [("kind", "file"), ("file", "storage.key")];
    let file: Table = file.map(|(key, value)| (key.to_owned(), Value::String(value.to_owned()))).into_iter().collect();
    config.insert("key_service".into(), Value::Table(file));
    set(&mut config, "objects", "objects");
    set(&mut config, "database", "audit.sqlite");
    finish(folder, "audit", &config)
}

/// The folder, its TLS files, and what stands in every role's configuration.
fn begin(folder: &Path, role: &str, offset: u16, plan: &Plan<'_>) -> anyhow::Result<Table> {
    files::folder(folder)?;
    let names = ["localhost", "127.0.0.1", plan.arguments.host.as_str()];
    let names = if names[..2].contains(&names[2]) { &names[..2] } else { &names[..] };
    let certified = plan.authority.certify(role, names)?;
    files::public(&folder.join("tls.pem"), certified.certificate_pem)?;
    files::secret(&folder.join("tls.key"), certified.key_pem)?;
    files::public(&folder.join("ca.pem"), plan.authority.certificate_pem())?;

    let mut config = Table::new();
    let port = plan.arguments.base_port + offset;
    set(&mut config, "listen", &std::net::SocketAddr::new(plan.arguments.listen, port).to_string());
    set(&mut config, "base_url", &base_url(plan.arguments, offset));
    set(&mut config, "certificate", "tls.pem");
    set(&mut config, "private_key", "tls.key");
    set(&mut config, "ca", "ca.pem");
    if let Some(pem) = plan.provider_ca {
        files::public(&folder.join("provider-ca.pem"), pem)?;
        set(&mut config, "provider_ca", "provider-ca.pem");
    }
    config.insert("trust".into(), Value::try_from(&plan.pinned.trust)?);
    Ok(config)
}

fn finish(folder: &Path, role: &str, config: &Table) -> anyhow::Result<()> {
    let text = format!("# The {role}'s configuration. Paths count from this folder.\n\n{}", toml::to_string(config)?);
    files::secret(&folder.join(format!("{role}.toml")), text)
}

fn targets(folder: &Path, services: &Services) -> anyhow::Result<()> {
    for target in &services.targets {
        files::public(&folder.join(&target.ca_file), &target.ca_pem)?;
    }
    let mut all = Table::new();
    all.insert(
        "targets".into(),
        Value::Array(services.targets.iter().map(|t| Value::Table(t.table.clone())).collect()),
    );
    all.insert("organizations".into(), Value::try_from(&services.organizations)?);
    let text =
        format!("# The services behind the gateway. Paths count from this folder.\n\n{}", toml::to_string(&all)?);
    files::secret(&folder.join("targets.toml"), text)
}

fn own_hosts(arguments: &InitArguments) -> Vec<String> {
    let port = arguments.base_port + 1;
    let mut hosts =
        vec![format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("{}:{port}", in_url(&arguments.host))];
    hosts.dedup();
    if arguments.host == "127.0.0.1" || arguments.host == "localhost" {
        hosts.truncate(2);
    }
    hosts
}

fn set(config: &mut Table, key: &str, value: &str) {
    config.insert(key.to_owned(), Value::String(value.to_owned()));
}
