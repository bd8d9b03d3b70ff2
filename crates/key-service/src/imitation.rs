//! Servers on this computer that answer as OpenBao's transit engine and AWS KMS are documented to, and hold a key of
//! their own. For tests: nothing that ships has the feature.

mod aws_kms;
mod transit;

use std::net::SocketAddr;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use aws_kms::{KMS_CREDENTIALS, KMS_KEY, KMS_REGION, aws_kms};
pub use transit::{TRANSIT_KEY, TRANSIT_TOKEN, transit};

/// Ends when it is dropped.
pub struct Served {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Served {
    /// # Panics
    /// When the port is taken.
    async fn start(router: Router, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port of this computer");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { address, task }
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends, and the port is free again.
    pub async fn stop(mut self) {
        self.task.abort();
        drop((&mut self.task).await);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What both of them do behind their own shapes.
struct Cipher([u8; 32]);

impl Cipher {
    fn key(&self) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0).expect("32 bytes")
    }

    fn encrypt(&self, context: &[u8], plain: &str) -> Option<Vec<u8>> {
        let mut sealed = STANDARD.decode(plain).ok()?;
        let nonce = self.key().seal_in_place_append_tag(Aad::from(context), &mut sealed).ok()?;
        Some([nonce.as_ref().as_slice(), &sealed].concat())
    }

    fn decrypt(&self, context: &[u8], sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut plain = sealed.to_vec();
        self.key().open_in_place(nonce, Aad::from(context), &mut plain).ok().map(|plain| STANDARD.encode(plain))
    }
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_default()
}
