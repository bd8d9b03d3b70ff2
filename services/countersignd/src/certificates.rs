//! `countersignd certificates`: when each certificate of an installation ends.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use domain::UnixSeconds;
use jiff::Timestamp;
use serde::Deserialize;
use serve::certificates::Watched;

use crate::init::files;

/// What a role's configuration says of its certificates.
#[derive(Deserialize)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub private_key: PathBuf,
    ca: PathBuf,
    provider_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// Of this role, with paths that count from where this program runs.
    pub fn of(dir: &Path, role: &str) -> anyhow::Result<Self> {
        let folder = dir.join(role);
        let config = folder.join(format!("{role}.toml"));
        let found: Self =
            toml::from_str(&files::read(&config)?).with_context(|| format!("{} cannot be used", config.display()))?;
        Ok(Self {
            certificate: folder.join(found.certificate),
            private_key: folder.join(found.private_key),
            ca: folder.join(found.ca),
            provider_ca: found.provider_ca.map(|file| folder.join(file)),
        })
    }
}

/// Prints them all.
///
/// # Errors
/// When one of them ends within 30 days, has ended, or cannot be read.
pub fn run(dir: &Path, now: UnixSeconds) -> anyhow::Result<()> {
    let mut due = 0;
    for role in ["broker", "gateway", "audit"] {
        if !dir.join(role).exists() {
            println!("{role}: not in this folder");
            continue;
        }
        let files = TlsFiles::of(dir, role)?;
        for watched in Watched::of_service(&files.certificate, &files.ca, files.provider_ca.as_ref()) {
            for certificate in watched.certificates()? {
                let (day, days) = (Timestamp::from_second(certificate.ends_at)?, certificate.days_left(now));
                println!("{}: ends {} ({days} days)", watched.file.display(), day.strftime("%Y-%m-%d"));
                due += usize::from(certificate.due(now).is_some());
            }
        }
    }
    if due > 0 {
        bail!("{due} of them end within 30 days or have ended; docs/operations/rotating.md says how to renew them");
    }
    Ok(())
}
