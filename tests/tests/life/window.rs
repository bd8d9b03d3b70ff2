//! What a desktop holds of a Session: a TLS key of its own and a gateway to bring it to.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use client::{CallError, GatewayClient};
use domain::{Digest, SessionId};
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Client, Method};
use statement::{Bundle, sha256};
use wire::gateway::{OpenedSession, SessionStatus};

/// A certificate for one Session.
pub struct SessionKey {
    pub certificate: Digest,
    certificate_pem: String,
    key_pem: String,
}

impl SessionKey {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let made = CertificateParams::new(vec!["session".into()]).expect("a name").self_signed(&key).expect("signs");
        Self { certificate: sha256(made.der()), certificate_pem: made.pem(), key_pem: key.serialize_pem() }
    }
}

/// A Session that a gateway said is open.
pub struct Window {
    pub grant: usize,
    pub gateway: usize,
    pub session: SessionId,
    /// No byte may pass from here on, by the one clock that cannot be set: what two persons signed, extensions included.
    pub ends: Instant,
    /// The same, as the opening's two persons signed it.
    pub first_end: Instant,
    /// What was signed for it so far, in seconds from its start.
    pub seconds: i64,
    /// Start and end by the gateway's clock, as far as it was told here.
    pub told: (i64, i64),
    /// Of the TLS key.
    pub certificate: Digest,
    /// A clock was wrong when it was opened or taken up.
    pub loose: bool,
    /// The grants that extended it at this gateway.
    pub extended_by: Vec<usize>,
    /// Somebody ended it, here or at another gateway.
    pub ended: Option<(Instant, usize)>,
    address: SocketAddr,
    own: GatewayClient,
    pages: Client,
}

/// Opens at one gateway.
pub async fn open(
    (gateway, address): (usize, SocketAddr),
    ca: &str,
    key: &SessionKey,
    bundle: &Bundle,
    (grant, seconds): (usize, i64),
) -> Result<(Window, OpenedSession), CallError> {
    let own = GatewayClient::new(&format!("https://{address}"), ca, &key.certificate_pem, &key.key_pem)?;
    let opened = own.open(serde_json::to_vec(bundle).expect("JSON")).await?;
    let identity = format!("{}\n{}", key.certificate_pem, key.key_pem);
    let pages = Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(ca.as_bytes()).expect("PEM")])
        .identity(reqwest::Identity::from_pem(identity.as_bytes()).expect("PEM"))
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client");
    // It began before this answer came.
    let ends = Instant::now() + Duration::from_secs(u64::try_from(seconds).expect("positive"));
    let window = Window {
        grant,
        gateway,
        session: opened.session.clone(),
        ends,
        first_end: ends,
        seconds,
        told: (opened.opened_at, opened.ends_at),
        certificate: key.certificate.clone(),
        loose: false,
        extended_by: Vec::new(),
        ended: None,
        address,
        own,
        pages,
    };
    Ok((window, opened))
}

impl Window {
    /// By when every stream is cut: within a second, and within what clocks may differ when one was wrong.
    pub fn cut(&self) -> Instant {
        self.ends + self.late()
    }

    /// The same without what extended it.
    pub fn first_cut(&self) -> Instant {
        self.first_end + self.late()
    }

    fn late(&self) -> Duration {
        Duration::from_secs(if self.loose { 7 } else { 1 })
    }

    /// Hands this bundle over as one that extends the Session.
    pub async fn extend(&self, bundle: &Bundle) -> Result<SessionStatus, CallError> {
        self.own.extend(serde_json::to_vec(bundle).expect("JSON")).await
    }

    /// A request of the page; whether it was answered by the service.
    pub async fn ask(&self, method: Method) -> bool {
        let url = format!("https://{}/o/kinloch-hotels/x", self.address);
        let request = self.pages.request(method, url).header("host", "payroll.test").header("sec-fetch-dest", "empty");
        request.send().await.is_ok_and(|answer| answer.status().is_success())
    }

    pub async fn end(&self) -> bool {
        self.own.end().await.is_ok_and(|status| !status.open)
    }
}
