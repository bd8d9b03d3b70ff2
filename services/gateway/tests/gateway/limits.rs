//! What the gateway does not speak, what it does not lift, and what it keeps of pages that would rather not be kept.

use std::sync::Arc;
use std::time::Duration;

use recording::Captured;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::bundle::Wish;
use crate::rig::Rig;

/// A handshake that offers these protocols and nothing else.
async fn offering(rig: &Rig, protocols: &[&[u8]]) -> std::io::Result<Option<Vec<u8>>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(rig.ca_pem.as_bytes()).unwrap()).unwrap();
    let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
    let stream = TcpStream::connect(&rig.address).await?;
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    Ok(stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec))
}

#[tokio::test]
async fn g_11_http_2_is_not_spoken() {
    let rig = Rig::new().await;
    assert!(offering(&rig, &[b"h2"]).await.is_err(), "a client of HTTP/2 alone is turned away");
    assert!(offering(&rig, &[b"h2c", b"h3"]).await.is_err());
    assert_eq!(offering(&rig, &[b"h2", b"http/1.1"]).await.unwrap().as_deref(), Some(&b"http/1.1"[..]));
    let person = rig.inside(Wish::default()).await;
    // The preface, and what would follow it: SETTINGS, then headers with a Host of their own.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let answer = person.raw(preface).await;
    assert!((400..=505).contains(&answer.status) && answer.closed, "{}", answer.head);
    let upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";
    let answer = person.request("GET", "/o/kinloch-hotels/data", upgrade, "").await;
    assert_eq!(answer.status, 200, "an upgrade to it is not heard");
    let arrived = &rig.service.arrived()[0].headers;
    assert!(["upgrade", "http2-settings", "connection"].iter().all(|n| !arrived.contains_key(*n)), "{arrived:?}");
}

#[tokio::test]
async fn g_22_g_31_there_are_no_streams_to_reset_or_flood() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let mut stream = person.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    // HEADERS and RST_STREAM, again and again; CONTINUATION, empty DATA, SETTINGS, PING.
    let frames: Vec<u8> = [1_u8, 3, 9, 0, 4, 6].iter().flat_map(|kind| [0, 0, 0, *kind, 0, 0, 0, 0, 1]).collect();
    for _ in 0..1_000 {
        if stream.write_all(&frames).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the connection is over");
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4") || answer.starts_with(b"HTTP/1.1 5"));
    assert!(rig.service.arrived().is_empty());
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    // Its own connections to services offer nothing else either.
    assert_eq!(rig.service.arrived()[0].version, axum::http::Version::HTTP_11);
}

#[tokio::test]
async fn g_26_a_page_that_wants_no_recorder_is_recorded() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    for page in ["strict", "removes", "frames"] {
        let answer = person.visit(&format!("/o/kinloch-hotels/hostile/{page}")).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.text().contains("the salaries"), "{page}");
    }
    rig.until("recorded", |r| {
        r.audit.contents().iter().filter(|c| matches!(c, Captured::Done { cut: None, .. })).count() == 3
    })
    .await;
    let contents = rig.audit.contents();
    let bodies = contents.iter().filter_map(|c| String::from_utf8(c.part()?.into_owned()).ok());
    let bodies: Vec<String> = bodies.collect();
    assert_eq!(bodies.iter().filter(|b| b.contains("the salaries") && b.contains("hostile")).count(), 3, "{bodies:?}");
    assert!(
        bodies.iter().all(|b| !b.contains("recorder.js")),
        "it is the service's page, without what was put into it"
    );
}

#[tokio::test]
async fn g_35_what_an_organization_answers_is_stored_nowhere() {
    let rig = Rig::new().await;
    let (kinloch, delmar) =
        (rig.inside(Wish::default()).await, rig.inside(Wish { organization: "delmar-foods", ..Wish::default() }).await);
    for _ in 0..2 {
        for (person, own) in [(&kinloch, "kinloch-hotels"), (&delmar, "delmar-foods")] {
            let answer = person.get(&format!("/o/{own}/cached")).await;
            assert_eq!(answer.text(), format!("of {own}"));
            let fields: Vec<&str> = answer.head.lines().filter(|l| l.starts_with("cache-control:")).collect();
            assert_eq!(fields, ["cache-control: no-store"], "{}", answer.head);
        }
    }
    assert_eq!(rig.service.arrived().len(), 4, "each request went to the service");
    assert_eq!(kinloch.get("/o/delmar-foods/cached").await.code(), "other-organization");
    let refused = kinloch.get("/o/kinloch-hotels/leave").await;
    assert!(refused.head.contains("cache-control: no-store"), "{}", refused.head);
    let own = kinloch.call("GET", "/v1/session", "").await;
    assert!(own.head.contains("cache-control: no-store"), "{}", own.head);
    let shared = kinloch.get("/assets/app.css").await;
    assert!(!shared.head.contains("no-store"), "what belongs to no Organization may be kept");
}

#[tokio::test]
async fn its_own_names_are_known_however_they_are_written() {
    let mut rig = Rig::new().await;
    rig.stop().await;
    let name = rig.address.replace("127.0.0.1", "Gateway.Example");
    rig.edit("gateway.toml", "host = [", &format!("host = [\"{name}\", "));
    rig.start().await;
    for written in [name.clone(), name.to_ascii_lowercase()] {
        let answer = rig.person().raw(format!("GET /v1/health HTTP/1.1\r\nHost: {written}\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.status, 200, "{written}");
    }
}
