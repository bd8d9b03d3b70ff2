//! When certificates end: looked at when a service starts and once a day, said in its log 30, 7 and 1 days before and when it
//! is over, and written down once for each.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, Digest, UnixSeconds};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use statement::sha256;
use wire::event::{Append, EventKind};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::config::{ConfigError, read};

const DAY: UnixSeconds = 86_400;
/// Days before the end at which it is written down; nothing is left at the last.
const THRESHOLDS: [i64; 4] = [0, 1, 7, 30];
/// How often it is seen whether a day has passed, and what could not be written down is tried again.
const TICK: Duration = Duration::from_secs(10);

/// A file of certificates, and what they are to the service.
#[derive(Debug, Clone)]
pub struct Watched {
    pub name: &'static str,
    pub file: PathBuf,
}

/// One certificate of such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub name: &'static str,
    /// SHA-256 of its DER.
    pub digest: Digest,
    pub ends_at: UnixSeconds,
}

/// Why a file says nothing of when certificates end.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error(transparent)]
    Unreadable(#[from] ConfigError),
    #[error("{0} holds no certificate that can be read")]
    Malformed(PathBuf),
}

impl Watched {
    /// A service's own certificate, the CA that it believes, and the provider's where it has one.
    #[must_use]
    pub fn of_service(certificate: &Path, ca: &Path, provider_ca: Option<&PathBuf>) -> Vec<Self> {
        let own = [("tls", certificate.to_owned()), ("ca", ca.to_owned())];
        own.into_iter()
            .chain(provider_ca.map(|file| ("provider-ca", file.clone())))
            .map(|(name, file)| Self { name, file })
            .collect()
    }

    /// The certificates that it holds now.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn certificates(&self) -> Result<Vec<Certificate>, CertificateError> {
        let malformed = || CertificateError::Malformed(self.file.clone());
        let pem = read(&self.file)?;
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|_| malformed())?;
        let all: Option<Vec<Certificate>> = chain.iter().map(|der| self.one(der)).collect();
        all.filter(|all| !all.is_empty()).ok_or_else(malformed)
    }

    fn one(&self, der: &CertificateDer<'_>) -> Option<Certificate> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        Some(Certificate { name: self.name, digest: sha256(der), ends_at: parsed.validity().not_after.timestamp() })
    }
}

impl Certificate {
    /// Whole days until it ends; below zero once it has.
    #[must_use]
    pub fn days_left(&self, now: UnixSeconds) -> i64 {
        self.ends_at.saturating_sub(now).div_euclid(DAY)
    }

    /// The threshold that it has come to, in days.
    #[must_use]
    pub fn due(&self, now: UnixSeconds) -> Option<i64> {
        let left = self.ends_at.saturating_sub(now);
        THRESHOLDS.into_iter().find(|days| left <= days * DAY)
    }

    /// The Event of this threshold: it stands in the log once, however often a service starts.
    fn event(&self, threshold: i64, now: UnixSeconds) -> Append {
        let mut event = Append::new(EventKind::CertificateExpires)
            .fact("certificate", self.name)
            .fact("digest", self.digest.as_str())
            .fact("ends-at", self.ends_at.to_string())
            .fact("days", self.days_left(now).max(0).to_string());
        event.unique = Some(format!("certificate/{}/{threshold}", self.digest));
        event
    }
}

/// The hosts and addresses that the first certificate of a file is good for.
///
/// # Errors
/// [`CertificateError`].
pub fn names(file: &Path) -> Result<Vec<String>, CertificateError> {
    let malformed = || CertificateError::Malformed(file.to_owned());
    let der = CertificateDer::from_pem_slice(&read(file)?).map_err(|_| malformed())?;
    let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| malformed())?;
    let names = parsed.subject_alternative_name().map_err(|_| malformed())?;
    let general = names.map(|names| names.value.general_names.as_slice()).unwrap_or_default();
    Ok(general.iter().filter_map(host).collect())
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => <[u8; 4]>::try_from(*bytes)
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from))
            .ok()
            .map(|address| address.to_string()),
        _ => None,
    }
}

/// Looks for as long as it is polled. `tell` answers whether the Event need not be told again.
pub async fn watch<T: Future<Output = bool> + Send>(
    watched: Vec<Watched>,
    clock: Arc<dyn Clock>,
    tell: impl Fn(Append) -> T + Send,
) {
    watch_every(TICK, watched, clock, tell).await;
}

async fn watch_every<T: Future<Output = bool> + Send>(
    tick: Duration,
    watched: Vec<Watched>,
    clock: Arc<dyn Clock>,
    tell: impl Fn(Append) -> T + Send,
) {
    let (mut told, mut owed, mut looked) = (HashSet::new(), Vec::new(), None);
    loop {
        let now = clock.now();
        // A clock that went back is no reason to wait longer.
        if looked.is_none_or(|at: UnixSeconds| !(at..at.saturating_add(DAY)).contains(&now)) {
            owed = look(&watched, now).into_iter().filter(|event| !told.contains(&event.unique)).collect();
            looked = Some(now);
        }
        while let Some(event) = owed.pop() {
            if !tell(event.clone()).await {
                owed.push(event);
                break;
            }
            told.insert(event.unique);
        }
        tokio::time::sleep(tick).await;
    }
}

/// Says in the service's own log what is about to end, and gives the Events of it.
fn look(watched: &[Watched], now: UnixSeconds) -> Vec<Append> {
    let mut events = Vec::new();
    for one in watched {
        let certificates = match one.certificates() {
            Ok(certificates) => certificates,
            Err(error) => {
                tracing::error!(%error, "nobody can say when it ends");
                continue;
            }
        };
        for certificate in certificates {
            let Some(threshold) = certificate.due(now) else { continue };
            let (file, days) = (one.file.display(), certificate.days_left(now));
            if days < 0 {
                tracing::error!(%file, "a certificate has expired; renew it");
            } else {
                tracing::warn!(%file, days, "a certificate expires soon; renew it");
            }
            events.push(certificate.event(threshold, now));
        }
    }
    events
}

#[cfg(test)]
mod tests;
