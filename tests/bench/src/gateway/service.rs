//! The Organization's service: three documents from memory, over TLS, on connections that are kept.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[derive(Serialize, Deserialize)]
pub struct Config {
    pub listen: SocketAddr,
    pub certificate: PathBuf,
    pub private_key: PathBuf,
}

struct Documents {
    json: Bytes,
    html: Bytes,
    people: Bytes,
}

/// Serves until it is killed.
pub async fn serve(config: &Path) -> anyhow::Result<()> {
    let config: Config = serde_json::from_slice(&std::fs::read(config)?)?;
    let chain = CertificateDer::pem_file_iter(&config.certificate)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(&config.private_key)?;
    let tls = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    let (tls, listener) = (TlsAcceptor::from(Arc::new(tls)), TcpListener::bind(config.listen).await?);
    let documents = Arc::new(Documents { json: json(), html: html(), people: people() });
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(tls.clone(), stream, documents.clone()));
    }
}

async fn connection(tls: TlsAcceptor, stream: TcpStream, documents: Arc<Documents>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let stream = TokioIo::new(tls.accept(stream).await?);
    let answer = service_fn(|request: Request<Incoming>| {
        let documents = documents.clone();
        async move { Ok::<_, Infallible>(documents.answer(request.uri().path())) }
    });
    http1::Builder::new().timer(TokioTimer::new()).serve_connection(stream, answer).await?;
    Ok(())
}

impl Documents {
    fn answer(&self, path: &str) -> Response<Full<Bytes>> {
        let (kind, body) = match path.rsplit('/').next() {
            Some("payslips") => ("application/json", &self.json),
            Some("people") => ("text/html; charset=utf-8", &self.people),
            _ => ("text/html; charset=utf-8", &self.html),
        };
        let mut answer = Response::new(Full::new(body.clone()));
        answer.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static(kind));
        answer
    }
}

/// 1 KiB of what an application answers its own scripts.
fn json() -> Bytes {
    let rows = (0..9).map(|n| {
        serde_json::json!({"id": 4711 + n, "name": format!("Person {n}"), "email": format!("p{n}@kinloch.test"),
            "gross": 3200.5, "net": 2100.25, "paid": true})
    });
    let mut text = serde_json::json!({"month": "2026-10", "payslips": rows.collect::<Vec<_>>()}).to_string();
    text.extend(std::iter::repeat_n(' ', 1024_usize.saturating_sub(text.len())));
    text.into()
}

/// 100 KiB of a page with a table.
fn html() -> Bytes {
    table(|n| format!("<tr><td>{n}</td><td>Person {n}</td><td>3200.50</td><td>paid</td></tr>"))
}

/// The same of a page in which each row holds what is masked by a rule, what is masked by its shape, and a secret.
fn people() -> Bytes {
    table(|n| {
        format!(
            "<tr><td class=\"account\">{n}</td><td><a href=\"mailto:p{n}@kinloch.test\">p{n}@kinloch.test</a></td>\
             <td><input type=\"hidden\" name=\"_token\" value=\"{n}\"></td></tr>"
        )
    })
}

fn table(row: impl Fn(usize) -> String) -> Bytes {
    let head = "<!doctype html><html lang=\"en\"><head><title>Payslips</title></head><body><table>";
    let mut text = String::from(head);
    let mut n = 0;
    while text.len() < 100 * 1024 - 64 {
        text.push_str(&row(n));
        n += 1;
    }
    text.push_str("</table></body></html>");
    text.into()
}
