use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::rig::Installation;

/// A service behind the gateway, over TLS, that answers every request for a page.
pub struct Payroll {
    pub answered: Arc<AtomicU64>,
}

impl Payroll {
    /// Put behind the gateway of the installation, which has to be started after this.
    pub fn behind(installation: &Installation) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["payroll.test".into()]).unwrap().self_signed(&key).unwrap();
        fs::write(installation.path("gateway/payroll-ca.pem"), certificate.pem()).unwrap();
        let chain = vec![certificate.der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let tls = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let targets = installation.path("gateway/targets.toml");
        let address = format!("https://{}", listener.local_addr().unwrap());
        let text = fs::read_to_string(&targets).unwrap();
        assert!(text.contains("https://127.0.0.1:9\""), "{text}");
        fs::write(&targets, text.replace("https://127.0.0.1:9\"", &format!("{address}\""))).unwrap();
        let (tls, answered) = (Arc::new(tls), Arc::<AtomicU64>::default());
        let counted = answered.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, counted) = (tls.clone(), counted.clone());
                std::thread::spawn(move || answer(stream, tls, &counted));
            }
        });
        Self { answered }
    }
}

fn answer(stream: TcpStream, tls: Arc<ServerConfig>, counted: &AtomicU64) -> std::io::Result<()> {
    let mut stream = StreamOwned::new(ServerConnection::new(tls).map_err(std::io::Error::other)?, stream);
    let (mut head, mut byte) = (Vec::new(), [0]);
    while stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let body = format!("{{\"payslip\":{number},\"text\":\"{}\"}}", "salary ".repeat(200));
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )?;
            stream.flush()?;
        }
    }
    Ok(())
}
