use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::{DoorConfig, DoorError, MAX_BUFFER, MAX_HEAD, PATIENCE};

/// A body on its way, in either direction.
pub(super) type Body = BoxBody<Bytes, hyper::Error>;

/// The gateway as this Session reaches it: mutual TLS with the Session's own client key.
pub(super) struct Gateway {
    connector: TlsConnector,
    host: String,
    port: u16,
    name: ServerName<'static>,
}

/// The gateway did not answer as it must; the connection is of no more use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("no connection in time")]
    Slow,
    #[error("no connection: {0}")]
    Connect(#[from] std::io::Error),
    #[error("no answer: {0}")]
    Http(#[from] hyper::Error),
}

impl Gateway {
    pub(super) fn new(config: &DoorConfig) -> Result<Self, DoorError> {
        let fault = DoorError::Malformed("gateway address");
        let url = url::Url::parse(&config.gateway).ok().filter(|u| u.scheme() == "https" && u.path() == "/");
        let Some((host, port)) = url.as_ref().and_then(|u| Some((u.host_str()?, u.port_or_known_default()?))) else {
            return Err(fault);
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| fault)?;
        Ok(Self { connector: TlsConnector::from(Arc::new(client_config(config)?)), host, port, name })
    }

    /// A fresh connection; it lives until the sender is dropped, the gateway ends it, or the door closes.
    pub(super) async fn connect(&self, closing: &CancellationToken) -> Result<SendRequest<Body>, Unreachable> {
        timeout(PATIENCE, self.dial(closing)).await.map_err(|_| Unreachable::Slow)?
    }

    async fn dial(&self, closing: &CancellationToken) -> Result<SendRequest<Body>, Unreachable> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
        tcp.set_nodelay(true)?;
        let tls = self.connector.connect(self.name.clone(), tcp).await?;
        let (sender, connection) =
            Builder::new().max_buf_size(MAX_BUFFER).max_header_size(MAX_HEAD).handshake(TokioIo::new(tls)).await?;
        let closing = closing.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                ended = connection.with_upgrades() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "connection to the gateway ended");
                    }
                }
            }
        });
        Ok(sender)
    }
}

fn client_config(config: &DoorConfig) -> Result<ClientConfig, DoorError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&config.ca_pem, "CA")? {
        roots.add(certificate).map_err(|_| DoorError::Malformed("CA"))?;
    }
    let chain = certificates(&config.client_cert_pem, "client certificate")?;
    let key = PrivateKeyDer::from_pem_slice(config.client_key_pem.as_bytes())
        .map_err(|_| DoorError::Malformed("client key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| DoorError::Malformed("TLS provider"))?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|_| DoorError::Malformed("client certificate"))?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}

fn certificates(pem: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, DoorError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    read.ok().filter(|all| !all.is_empty()).ok_or(DoorError::Malformed(what))
}
