//! TLS configuration from PEM texts.

use std::sync::Arc;

use rustls::RootCertStore;
pub use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version;
use tokio::sync::watch;

/// Why the TLS configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{0} is not PEM, or holds none")]
    NotPem(&'static str),
    #[error("the certificate and the private key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    #[error("client certificates cannot be checked: {0}")]
    ClientCa(String),
}

/// The configuration that new connections begin with. It may be replaced while the service runs.
#[derive(Debug, Clone)]
pub struct Tls(watch::Receiver<Arc<ServerConfig>>);

/// Replaces a [`Tls`].
#[derive(Debug)]
pub struct Renewable(watch::Sender<Arc<ServerConfig>>);

/// Told each time when the files of TLS and the keys that may be renewed are to be read again.
pub type Renewals = watch::Receiver<()>;

/// For services whose files do not change while they run.
#[must_use]
pub fn never_renewed() -> Renewals {
    watch::channel(()).1
}

impl Tls {
    #[must_use]
    pub fn renewable(config: Arc<ServerConfig>) -> (Renewable, Self) {
        let (sender, receiver) = watch::channel(config);
        (Renewable(sender), Self(receiver))
    }

    /// The one of this moment.
    #[must_use]
    pub fn now(&self) -> Arc<ServerConfig> {
        self.0.borrow().clone()
    }
}

impl From<Arc<ServerConfig>> for Tls {
    fn from(config: Arc<ServerConfig>) -> Self {
        Self::renewable(config).1
    }
}

impl Renewable {
    /// Connections that are open go on as they began.
    pub fn renew(&self, config: Arc<ServerConfig>) {
        self.0.send_replace(config);
    }
}

/// Does it again whenever it is told to. What cannot be used is said, and nothing changes.
pub async fn renew_when_told<E: std::fmt::Display>(mut told: Renewals, renew: impl Fn() -> Result<(), E> + Send) {
    while told.changed().await.is_ok() {
        match renew() {
            Ok(()) => tracing::info!("certificates and keys were read again"),
            Err(error) => tracing::error!(%error, "certificates and keys stay as they were"),
        }
    }
}

/// A server that speaks TLS 1.3 and HTTP/1.1. With `client_ca_pem`, a client may present a certificate; one that the
/// CA did not sign ends the handshake, and none at all leaves a [`crate::Peer`] without a service.
///
/// # Errors
/// [`TlsError`] when one of the texts is not usable.
pub fn server_config(
    cert_pem: &[u8],
    key_pem: &[u8],
    client_ca_pem: Option<&[u8]>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = certificates(cert_pem, "the certificate")?;
    let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(|_| TlsError::NotPem("the private key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[&version::TLS13])?;
    let builder = match client_ca_pem {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(ca, "the CA")? {
                roots.add(certificate)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .allow_unauthenticated()
                .build()
                .map_err(|e| TlsError::ClientCa(e.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|c| !c.is_empty()).ok_or(TlsError::NotPem(what))
}
