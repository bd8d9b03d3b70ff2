use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use statement::DeviceKey;

/// Publishes keys on loopback until it is away.
pub struct Issuer {
    pub address: String,
    pub key: DeviceKey,
    pub away: Arc<AtomicBool>,
}

impl Issuer {
    pub fn start() -> Self {
        Self::reached_at(|own| own)
    }

    /// Everybody knows it by the address that leads to its own.
    pub fn reached_at(address: impl FnOnce(SocketAddr) -> SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", address(listener.local_addr().unwrap()));
        let issuer = Self { address, key: DeviceKey::generate().unwrap().0, away: Arc::new(AtomicBool::new(false)) };
        let discovery =
            serde_json::json!({"issuer": issuer.address, "jwks_uri": format!("{}/jwks", issuer.address)}).to_string();
        let (jwks, away) = (issuer.jwks(), issuer.away.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten().filter(|_| !away.load(Ordering::SeqCst)) {
                let _ = answer(stream, &discovery, &jwks);
            }
        });
        issuer
    }

    pub fn jwks(&self) -> String {
        let mut jwk = serde_json::to_value(self.key.public()).unwrap();
        jwk["kid"] = "p1".into();
        jwk["alg"] = "ES256".into();
        serde_json::json!({ "keys": [jwk] }).to_string()
    }
}

fn answer(mut stream: TcpStream, discovery: &str, jwks: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
    }
    let body = if head.starts_with(b"GET /jwks") { jwks } else { discovery };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
