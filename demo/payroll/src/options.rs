use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// Kestrel Payroll, a made-up service behind Countersign's gateway.
#[derive(Debug, Clone, Parser)]
#[command(name = "payroll")]
pub struct Options {
    /// Folder of the service's own CA and certificate, and of `target.toml`, which describes it to the gateway.
    #[arg(long)]
    pub dir: PathBuf,
    /// Where it listens with TLS.
    #[arg(long, default_value = "127.0.0.1:7444")]
    pub listen: SocketAddr,
    /// Make what is missing in the folder and stop: `countersignd init --target DIR/target.toml` needs it.
    #[arg(long)]
    pub prepare: bool,
    /// The gateway's address, for example `https://127.0.0.1:7442`.
    #[arg(long, required_unless_present = "prepare")]
    pub gateway: Option<String>,
    /// The CA of the gateway's certificate, PEM.
    #[arg(long, required_unless_present = "prepare")]
    pub gateway_ca: Option<PathBuf>,
    /// The trust file that every bundle and receipt is verified against.
    #[arg(long, required_unless_present = "prepare")]
    pub trust: Option<PathBuf>,
    /// The certificate authority of an identity provider that no public one vouches for, PEM.
    #[arg(long)]
    pub provider_ca: Option<PathBuf>,
    /// Where tests ask what was served, without TLS: `GET /demo/served`. A loopback address.
    #[arg(long)]
    pub control: Option<SocketAddr>,
}
