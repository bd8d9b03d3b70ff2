//! Connections to a target's upstream: only to its allowed addresses, only with its own CA and name.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::Error;
use crate::refused::Refused;
use crate::targets::Target;

const CONNECT_TIME: Duration = Duration::from_secs(5);
/// An upstream that has not begun to answer after this is given up.
const ANSWER_TIME: Duration = Duration::from_secs(60);
const MAX_HEADERS: usize = 128;
const MAX_HEAD: usize = 64 * 1024;

/// How to reach each target.
pub struct Upstreams(std::collections::HashMap<String, Arc<TlsConnector>>);

/// One connection to one target, used for one request at a time by one connection of one person.
#[derive(Default)]
pub struct Upstream {
    open: Option<(String, SendRequest<Full<Bytes>>)>,
}

impl Upstreams {
    /// Reads each target's CA.
    ///
    /// # Errors
    /// [`Error::Config`] when one of them holds no certificate.
    pub fn read(targets: &[Target]) -> Result<Self, Error> {
        let connector = |target: &Target| {
            let wrong =
                || Error::Config(format!("target {}: no certificate in {}", target.name, target.upstream_ca.display()));
            let mut roots = rustls::RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(&target.upstream_ca).map_err(|_| wrong())? {
                roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
            }
            if roots.is_empty() {
                return Err(wrong());
            }
            let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok((target.name.clone(), Arc::new(TlsConnector::from(Arc::new(config)))))
        };
        targets.iter().map(connector).collect::<Result<_, _>>().map(Self)
    }

    async fn connect(&self, target: &Target) -> Result<SendRequest<Full<Bytes>>, Refused> {
        let address = allowed_address(target).await?;
        let connector = self.0.get(&target.name).ok_or_else(|| unavailable("no way to this target"))?;
        let name = ServerName::try_from(target.upstream_name.clone()).map_err(|_| unavailable("not a name"))?;
        let connected = timeout(CONNECT_TIME, async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            connector.connect(name, stream).await
        });
        let stream = match connected.await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(unavailable(&error.to_string())),
            Err(_) => return Err(unavailable("no connection in time")),
        };
        let mut builder = Builder::new();
        builder.max_headers(MAX_HEADERS).max_buf_size(MAX_HEAD);
        let handshake = builder.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(|e| unavailable(&e.to_string()))?;
        tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%error, "a connection to an upstream ended");
            }
        });
        Ok(sender)
    }
}

impl Upstream {
    /// Sends a request and returns when the answer begins. A kept connection that turns out to be closed is replaced
    /// only when nothing of the request left us.
    ///
    /// # Errors
    /// [`Refused`] when the upstream does not answer.
    pub async fn send(
        &mut self,
        upstreams: &Upstreams,
        target: &Target,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Refused> {
        let mut request = request;
        let kept = self.open.take().filter(|(name, sender)| *name == target.name && !sender.is_closed());
        let mut again = kept.is_some();
        let mut sender = match kept {
            Some((_, sender)) => sender,
            None => upstreams.connect(target).await?,
        };
        loop {
            let ready = sender.ready().await.is_ok();
            let sent = if ready {
                timeout(ANSWER_TIME, sender.try_send_request(request)).await
            } else {
                return Err(unavailable("closed"));
            };
            match sent {
                Ok(Ok(answer)) => {
                    self.open = Some((target.name.clone(), sender));
                    return Ok(answer);
                }
                Ok(Err(mut error)) => match error.take_message() {
                    Some(unsent) if again => {
                        again = false;
                        request = unsent;
                        sender = upstreams.connect(target).await?;
                    }
                    _ => return Err(unavailable(&error.into_error().to_string())),
                },
                Err(_) => {
                    return Err(Refused::new(
                        504,
                        "upstream-slow",
                        "The service takes too long to answer.",
                        "Try again in a minute.",
                    ));
                }
            }
        }
    }

    /// Whether a connection waits for the next request.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.open.is_some()
    }

    /// Drops the connection, so that nothing more comes over it.
    pub fn cut(&mut self) {
        self.open = None;
    }
}

/// Resolves once and uses what it checked: a name that changes its address between check and use gains nothing.
async fn allowed_address(target: &Target) -> Result<SocketAddr, Refused> {
    let port = target.upstream.port_or_known_default().unwrap_or(443);
    let host = target.upstream.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let resolved = tokio::net::lookup_host((host, port)).await.map_err(|e| unavailable(&e.to_string()))?;
    let mut addresses = resolved.filter(|a| target.allowed_addresses.iter().any(|block| block.holds(a.ip())));
    addresses.next().ok_or_else(|| unavailable("no address that is allowed for it"))
}

fn unavailable(why: &str) -> Refused {
    tracing::warn!(why, "an upstream cannot be reached");
    Refused::new(
        502,
        "upstream-unreachable",
        "The service does not answer.",
        "Nothing was lost. Try again in a minute.",
    )
}
