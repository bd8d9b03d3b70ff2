use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::routing::{get, post};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::client::TlsStream;

use super::*;
use crate::tls::server_config;

mod crowd;
mod slow;

struct Served {
    ca: CertifiedIssuer<'static, KeyPair>,
    base: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("ca")
}

fn certify(ca: &CertifiedIssuer<'static, KeyPair>, name: &str) -> (String, String) {
    let mut params = CertificateParams::new(vec!["127.0.0.1".into()]).expect("names");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().expect("key");
    (params.signed_by(&key, ca).expect("certificate").pem(), key.serialize_pem())
}

async fn served() -> Served {
    served_within(Limits::default()).await
}

async fn served_within(limits: Limits) -> Served {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca = authority();
    let (certificate, key) = certify(&ca, "broker");
    let tls = server_config(certificate.as_bytes(), key.as_bytes(), Some(ca.pem().as_bytes())).expect("tls");
    let router = Router::new()
        .route("/peer", get(|Extension(peer): Extension<Peer>| async move { format!("{:?}", peer.service) }))
        .route("/body", post(|body: Bytes| async move { body.len().to_string() }))
        .route(
            "/json",
            post(|body: Result<crate::JsonBody<u8>, ProblemResponse>| async { body.map(|b| b.0.to_string()) }),
        )
        .route("/stream", get(slow::stream))
        .route("/pour", get(slow::pour))
        .route("/page", get(|| async { vec![b'x'; slow::PAGE] }))
        .route("/slow", get(|| async { std::future::pending::<()>().await }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let base = format!("https://{}", listener.local_addr().expect("address"));
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(serve_within(limits, listener, router, tls, async {
        let _ = stopped.await;
    }));
    Served { ca, base, stop: Some(stop), task }
}

impl Served {
    fn client(&self, identity: Option<(String, String)>) -> reqwest::Client {
        let root = reqwest::Certificate::from_pem(self.ca.pem().as_bytes()).expect("pem");
        let mut builder = reqwest::Client::builder().tls_certs_only([root]).no_proxy();
        if let Some((certificate, key)) = identity {
            let identity = reqwest::Identity::from_pem(format!("{certificate}\n{key}").as_bytes()).expect("identity");
            builder = builder.identity(identity);
        }
        builder.build().expect("client")
    }

    fn address(&self) -> &str {
        self.base.trim_start_matches("https://")
    }

    /// A connection of nobody in particular, its handshake done.
    async fn connected(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.ca.der().clone()).expect("root");
        let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = rustls::pki_types::ServerName::try_from("127.0.0.1").expect("name");
        let stream = TcpStream::connect(self.address()).await?;
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    async fn peer(&self, identity: Option<(String, String)>) -> Result<String, reqwest::Error> {
        self.client(identity).get(format!("{}/peer", self.base)).send().await?.text().await
    }
}

#[tokio::test]
async fn a_peer_is_what_its_certificate_says() {
    let served = served().await;
    assert_eq!(served.peer(None).await.expect("answer"), "None");
    assert_eq!(served.peer(Some(certify(&served.ca, "gateway"))).await.expect("answer"), "Some(Gateway)");
    assert_eq!(served.peer(Some(certify(&served.ca, "somebody"))).await.expect("answer"), "None");
    assert!(served.peer(Some(certify(&authority(), "gateway"))).await.is_err(), "another CA's");
}

#[tokio::test]
async fn answers_are_not_kept_and_bodies_and_heads_are_bounded() {
    let served = served().await;
    let client = served.client(None);
    let answer = client.get(format!("{}/peer", served.base)).send().await.expect("answer");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    let body = |n: usize| client.post(format!("{}/body", served.base)).body(vec![b'x'; n]).send();
    assert_eq!(body(BODY_LIMIT).await.expect("answer").text().await.expect("text"), BODY_LIMIT.to_string());
    assert_eq!(body(BODY_LIMIT + 1).await.expect("answer").status(), 413);
    let mut many = client.get(format!("{}/peer", served.base));
    for n in 0..100 {
        many = many.header(format!("x-{n}"), "y");
    }
    assert_eq!(many.send().await.expect("answer").status(), 431);
    let long = client.get(format!("{}/peer", served.base)).header("x", "y".repeat(80 * 1024)).send().await;
    assert!(long.map_or(true, |answer| answer.status() == 431));
}

#[tokio::test]
async fn plain_text_and_old_tls_get_nothing() {
    let served = served().await;
    let mut plain = TcpStream::connect(served.address()).await.expect("connected");
    plain.write_all(b"GET /peer HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), plain.read_to_end(&mut answer)).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let root = reqwest::Certificate::from_pem(served.ca.pem().as_bytes()).expect("pem");
    let old = reqwest::Client::builder().tls_certs_only([root]).tls_version_max(reqwest::tls::Version::TLS_1_2);
    assert!(old.build().expect("client").get(format!("{}/peer", served.base)).send().await.is_err());
}

#[tokio::test]
async fn it_stops_when_asked_even_with_a_call_in_the_air() {
    let mut served = served().await;
    let call = tokio::spawn(served.client(None).get(format!("{}/slow", served.base)).send());
    tokio::time::sleep(Duration::from_millis(300)).await;
    served.stop.take().expect("stop").send(()).expect("running");
    let ended = tokio::time::timeout(FAREWELL + Duration::from_secs(2), served.task).await.expect("in time");
    assert!(ended.expect("joined").is_ok());
    assert!(call.await.expect("joined").is_err());
}
