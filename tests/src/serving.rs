//! The services, each in a runtime of its own, so that one can be killed between any two of its steps.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use domain::{Clock, SystemClock};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// A service's own clock: the computer's, and so many milliseconds more.
#[derive(Default)]
pub struct Skewed(AtomicI64);

impl Skewed {
    pub fn set(&self, seconds: i64) {
        self.0.store(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Skewed {
    fn now_millis(&self) -> i64 {
        SystemClock.now_millis() + self.0.load(Ordering::SeqCst)
    }
}

/// Something that runs, on a thread and a runtime of its own, until it is killed.
pub struct Running(Option<(oneshot::Sender<()>, JoinHandle<()>)>);

impl Running {
    pub fn start<F: Future<Output = ()>>(address: SocketAddr, run: impl FnOnce() -> F + Send + 'static) -> Self {
        let (kill, killed) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let builder = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            let runtime = builder.expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    () = run() => {}
                    _ = killed => {}
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(5));
        });
        let until = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < until && !thread.is_finished(), "nobody listens on {address}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self(Some((kill, thread)))
    }

    /// Every task of it is dropped where it stands; what a database was handed goes through or does not.
    pub fn kill(&mut self) {
        if let Some((kill, thread)) = self.0.take() {
            let _ = kill.send(());
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The internal CA.
pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

impl Default for Ca {
    fn default() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test CA");
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }
}

impl Ca {
    /// Certificate and key of a service, PEM.
    pub fn certificate(&self, name: &str) -> (String, String) {
        let names = vec![name.to_owned(), "127.0.0.1".into()];
        let mut params = CertificateParams::new(names).expect("names");
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("a certificate").pem(), key.serialize_pem())
    }

    /// Serves a router over TLS, without asking who calls.
    pub fn serve(&self, name: &str, address: SocketAddr, router: Router) -> Running {
        let (certificate, key) = self.certificate(name);
        let chain = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<Vec<_>, _>>().expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
        let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).expect("TLS");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Running::start(address, move || async move {
            let listener = tokio::net::TcpListener::bind(address).await.expect("the port");
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, router) = (acceptor.clone(), router.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let http = hyper::server::conn::http1::Builder::new();
                    let _ = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
                });
            }
        })
    }
}

/// A file of its owner's alone.
pub fn write(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, bytes).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
}
