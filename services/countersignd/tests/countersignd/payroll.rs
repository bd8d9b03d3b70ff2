use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::rig::Installation;

/// A service behind the gateway, over TLS, that answers every request for a page.
pub struct Payroll {
    pub answered: Arc<AtomicU64>,
    /// The last request's head.
    last: Arc<Mutex<String>>,
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
        let payroll = Self { answered: Arc::default(), last: Arc::default() };
        let (tls, answered, last) = (Arc::new(tls), payroll.answered.clone(), payroll.last.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, answered, last) = (tls.clone(), answered.clone(), last.clone());
                std::thread::spawn(move || answer(stream, tls, &answered, &last));
            }
        });
        payroll
    }

    /// The last request's head.
    pub fn last(&self) -> String {
        self.last.lock().unwrap().clone()
    }

    /// The id of the key that signed the last request's assertion.
    pub fn signer(&self) -> String {
        let head = self.last();
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("countersign-assertion:")).unwrap();
        let header = line.split_once(':').unwrap().1.trim().split('.').next().unwrap().to_owned();
        let header: serde_json::Value = serde_json::from_slice(&statement::base64url_decode(&header).unwrap()).unwrap();
        header["kid"].as_str().unwrap().to_owned()
    }
}

fn answer(
    stream: TcpStream,
    tls: Arc<ServerConfig>,
    answered: &AtomicU64,
    last: &Mutex<String>,
) -> std::io::Result<()> {
    let mut stream = StreamOwned::new(ServerConnection::new(tls).map_err(std::io::Error::other)?, stream);
    let (mut head, mut byte) = (Vec::new(), [0]);
    while stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
        if head.ends_with(b"\r\n\r\n") {
            *last.lock().unwrap() = String::from_utf8_lossy(&head).into_owned();
            let is_socket = String::from_utf8_lossy(&head).to_ascii_lowercase().contains("upgrade: websocket");
            head.clear();
            if is_socket {
                return tick(stream);
            }
            let number = answered.fetch_add(1, Ordering::SeqCst);
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

/// A message every tenth of a second, for as long as somebody takes them.
fn tick(mut stream: StreamOwned<ServerConnection, TcpStream>) -> std::io::Result<()> {
    // The answer to the one key that these tests ask with, from RFC 6455.
    let accept = "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n{accept}\r\n\r\n"
    )?;
    loop {
        stream.write_all(b"\x81\x04tick")?;
        stream.flush()?;
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
