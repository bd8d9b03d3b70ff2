use std::path::Path;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use statement::{DeviceKey, base64url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use wire::gateway::ServiceProof;

/// A gateway that says whatever the test wants: keys and one proof over TLS, and assertions of any content.
pub struct Gateway {
    key: DeviceKey,
    port: u16,
    proof: Arc<Mutex<String>>,
}

impl Gateway {
    pub async fn start(folder: &Path) -> Self {
        let key = DeviceKey::generate().unwrap().0;
        let mut jwk = serde_json::to_value(key.public()).unwrap();
        jwk["kid"] = "a1".into();
        let jwks = json!({ "keys": [jwk] }).to_string();
        let proof = Arc::new(Mutex::new(String::from("{}")));
        let acceptor = TlsAcceptor::from(Arc::new(tls(folder)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shown = Arc::clone(&proof);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap_or(b'\n'));
                }
                let body =
                    if head.starts_with(b"GET /v1/jwks ") { jwks.clone() } else { shown.lock().unwrap().clone() };
                let answer =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { key, port, proof }
    }

    pub fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub fn prove(&self, proof: &ServiceProof) {
        *self.proof.lock().unwrap() = serde_json::to_string(proof).unwrap();
    }

    pub fn assert(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "typ": "countersign-assertion+jwt", "kid": "a1" });
        let input = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        format!("{input}.{}", base64url(self.key.sign(input.as_bytes()).unwrap()))
    }
}

fn tls(folder: &Path) -> ServerConfig {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("gateway-ca.pem"), ca.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap()
}
