//! The door: a proxy on loopback through which exactly one Session window reaches exactly one Session.
//!
//! It answers `CONNECT HOST:443` for the Session's own hosts, after the secret of this door, and nothing else. Inside
//! the tunnel it is the TLS server of a certificate made for this Session, and carries every request to the gateway
//! over mutual TLS. What it is not: it decides nothing about requests (the gateway does) and keeps nothing.

mod carry;
mod certificate;
mod gateway;
mod headers;
mod lock;
mod page;
mod proxy;
mod tunnel;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::UnixSeconds;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use gateway::Gateway;
use lock::Lock;
use proxy::Proxy;

/// Open tunnels of one door, and as many callers that have not shown the secret yet.
const MAX_CONNECTIONS: usize = 64;
/// Largest request or response head, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// What one connection may hold back in memory, in bytes.
const MAX_BUFFER: usize = 128 * 1024;
/// A caller has this long for its head, a peer for its TLS handshake, the gateway for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// A tunnel without requests is closed after this.
const IDLE: Duration = Duration::from_secs(120);

/// What a door needs to know.
pub struct DoorConfig {
    /// Base address of the gateway, `https` only.
    pub gateway: String,
    /// The internal CA: the only one that the gateway is checked against.
    pub ca_pem: String,
    /// The TLS client certificate that the `session-open` statement names.
    pub client_cert_pem: String,
    pub client_key_pem: String,
    /// The hosts that this door lets through, lower case, without port.
    pub hosts: Vec<String>,
    /// The certificate of the tunnels is valid from here, by this computer's clock…
    pub opened_at: UnixSeconds,
    /// …to here.
    pub ends_at: UnixSeconds,
}

/// Why a door did not open.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    #[error("the door's {0} is not usable")]
    Malformed(&'static str),
    #[error("the door could not listen on this computer")]
    Listen(#[source] std::io::Error),
    #[error("the system has no randomness")]
    Randomness,
}

/// An open door. Dropping it closes it.
pub struct Door {
    /// `http://USER:SECRET@127.0.0.1:PORT`; whoever has it can use the door.
    pub proxy_url: String,
    pub address: SocketAddr,
    pub user: &'static str,
    pub secret: String,
    /// The certificate that the Session window allows for the hosts, and no other window.
    pub certificate_pem: String,
    closing: CancellationToken,
}

impl Door {
    /// Opens a door on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// [`DoorError`].
    pub async fn start(config: DoorConfig) -> Result<Self, DoorError> {
        if config.hosts.is_empty() || !config.hosts.iter().all(|h| is_host(h)) {
            return Err(DoorError::Malformed("list of hosts"));
        }
        let certificate = certificate::make(&config.hosts, config.opened_at, config.ends_at)?;
        let gateway = Gateway::new(&config)?;
        let lock = Lock::fresh()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(DoorError::Listen)?;
        let address = listener.local_addr().map_err(DoorError::Listen)?;
        let closing = CancellationToken::new();
        let door = Self {
            proxy_url: format!("http://{}:{}@{address}", lock::USER, lock.secret()),
            address,
            user: lock::USER,
            secret: lock.secret().to_owned(),
            certificate_pem: certificate.pem,
            closing: closing.clone(),
        };
        let proxy = Proxy::new(lock, config.hosts, certificate.tls, gateway, closing.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                () = proxy::listen(listener, Arc::new(proxy)) => {}
            }
        });
        Ok(door)
    }

    /// Cuts every stream at once and lets nobody in again.
    pub fn close(&self) {
        self.closing.cancel();
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("address", &self.address).finish_non_exhaustive()
    }
}

fn is_host(host: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}
