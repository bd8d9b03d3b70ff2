use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::{Digest, Scope};

/// Countersign's services: the broker, the gateway and the audit service.
#[derive(Parser)]
#[command(name = "countersignd", version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Makes a new installation: keys, certificates, configuration, the join file and the trust file.
    Init(Box<InitArguments>),
    /// Adds the key set that the identity provider publishes now to the trust file of an installation.
    Trust(TrustArguments),
    /// Says when the certificates of an installation end; fails when one ends within 30 days.
    Certificates(AllArguments),
    /// Makes new TLS keys and certificates for the roles of an installation, with its own CA.
    Renew(RenewArguments),
    /// Wraps every Organization's key with the key service of another configuration. The audit service must not run.
    Rewrap(RewrapArguments),
    /// Runs the broker.
    Broker(RoleArguments),
    /// Runs the gateway.
    Gateway(RoleArguments),
    /// Runs the audit service.
    Audit(RoleArguments),
    /// Runs all three on this computer, starts one again that stops, and prints `ready` once all of them answer.
    All(AllArguments),
}

#[derive(Args)]
pub struct RoleArguments {
    /// The role's configuration, for example `D/broker/broker.toml`.
    #[arg(long)]
    pub config: PathBuf,
    /// Stop when standard input ends: how the supervisor's end reaches its children.
    #[arg(long, hide = true)]
    pub stop_with_stdin: bool,
}

#[derive(Args)]
pub struct RenewArguments {
    /// The folder that `init` made, with `ca` in it.
    #[arg(long)]
    pub dir: PathBuf,
    /// Only this role: broker, gateway or audit. May be given again.
    #[arg(long = "role", value_name = "ROLE", value_parser = ["broker", "gateway", "audit"])]
    pub roles: Vec<String>,
}

#[derive(Args)]
pub struct RewrapArguments {
    /// The audit service's configuration, for example `D/audit/audit.toml`.
    #[arg(long)]
    pub config: PathBuf,
    /// The same configuration with another `[key_service]`, in the same folder.
    #[arg(long)]
    pub to: PathBuf,
}

#[derive(Args)]
pub struct TrustArguments {
    /// The folder that `init` made, or any other in which `trust.json` lies.
    #[arg(long)]
    pub dir: PathBuf,
    /// The identity provider's keys (JWKS) from a file, instead of from the provider itself.
    #[arg(long, value_name = "FILE")]
    pub provider_keys: Option<PathBuf>,
    /// The certificate authority of an identity provider that no public one vouches for (PEM).
    #[arg(long, value_name = "FILE")]
    pub provider_ca: Option<PathBuf>,
}

#[derive(Args)]
pub struct AllArguments {
    /// The folder that `init` made.
    #[arg(long)]
    pub dir: PathBuf,
}

#[derive(Args)]
pub struct InitArguments {
    /// The folder to make. It must not exist yet, or be empty.
    #[arg(long)]
    pub dir: PathBuf,
    /// Who runs this installation, as people read it.
    #[arg(long)]
    pub operator: String,
    /// What this installation is called: the audit log becomes `NAME/log`, the gateway `NAME/gateway`.
    #[arg(long, default_value = "countersign.test")]
    pub name: String,
    /// The identity provider, exactly as it writes itself.
    #[arg(long)]
    pub issuer: String,
    /// The desktop's client at the identity provider. Nothing else may sign in under it.
    #[arg(long, default_value = "countersign-desktop")]
    pub client_id: String,
    /// The ID token claim that names a human being for good: never an e-mail address.
    #[arg(long)]
    pub person_claim: String,
    /// The ID token claim that lists roles.
    #[arg(long)]
    pub roles_claim: String,
    /// Thumbprint of a first administrator's Device key, as `countersign key` prints it. Give at least two.
    #[arg(long = "first-administrator", value_name = "THUMBPRINT", allow_hyphen_values = true)]
    pub first_administrators: Vec<Digest>,
    /// The broker's port; the gateway and the audit service take the next two.
    #[arg(long, default_value_t = 7441)]
    pub base_port: u16,
    /// The host name or address at which desktops reach the services.
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    /// The address that the services listen on.
    #[arg(long, default_value = "127.0.0.1")]
    pub listen: std::net::IpAddr,
    /// A service behind the gateway: a file with its `[[targets]]` and `[[organizations]]`. May be given again.
    #[arg(long = "target", value_name = "FILE")]
    pub targets: Vec<PathBuf>,
    /// The identity provider's keys (JWKS) from a file, instead of from the provider itself.
    #[arg(long, value_name = "FILE")]
    pub provider_keys: Option<PathBuf>,
    /// The certificate authority of an identity provider that no public one vouches for (PEM).
    #[arg(long, value_name = "FILE")]
    pub provider_ca: Option<PathBuf>,
    /// No Session lasts longer, whatever anybody signs.
    #[arg(long, default_value_t = 4 * 3600)]
    pub max_duration_seconds: i64,
    /// No Session reaches further, whatever anybody signs: diagnostics, read, read-write or administer.
    #[arg(long, default_value = "administer", value_parser = scope)]
    pub max_scope: Scope,
}

fn scope(text: &str) -> Result<Scope, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|_| "not one of diagnostics, read, read-write, administer".to_owned())
}
