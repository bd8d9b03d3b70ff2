//! The broker as it runs: from its configuration file, over TLS, with the audit service on the other side of mutual TLS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::{BrokerClient, CallError, Credentials, ServiceClient};
use domain::{Clock as _, Digest, SystemClock};
use serde_json::{Value, json};
use serve::Service;
use statement::{DeviceKey, sha256};
use wire::broker::{LeaseRequest, Leases, LocalCode, LocalRefusal, Push};
use wire::event::EventKind;

use self::installation::{Authority, Installation, audit, secret};
use super::world::account;
use crate::{ConfigError, Error, run};

mod installation;

fn refused(error: &CallError) -> (Option<u16>, Option<&str>) {
    (error.status(), error.code())
}

#[tokio::test]
async fn it_runs_from_its_file_and_stops_when_asked() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca = Authority::new();
    let (appends, audit_address, audit_task) = audit(&ca, "127.0.0.1:0".parse().expect("address")).await;
    let installation = Installation::new(audit_address, ca).await;
    let config = installation.read(&installation.config).expect("config");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run(config, Arc::new(SystemClock), async {
        let _ = stopped.await;
    }));
    installation.listening().await;

    let key = Arc::new(DeviceKey::generate().expect("key").0);
    let again = DeviceKey::generate().expect("key").0;
    let now = SystemClock.now();
    let names = ("e-900", "ben");
    let first =
        account(&installation.provider, &installation.trust, installation.first, names, &["administrator"], now);
    let admin = Credentials::new(&first.token, Arc::new(first.key), Arc::new(SystemClock));
    let admin = BrokerClient::new(&installation.base, &installation.ca.0.pem(), admin).expect("client");
    let me = admin.me().await.expect("me");
    assert!(me.enrolled);
    let events: Vec<_> = appends.lock().expect("appends").iter().map(|(peer, a)| (*peer, a.kind)).collect();
    assert_eq!(events, [EventKind::SignedIn, EventKind::Viewed].map(|kind| (Some(Service::Broker), kind)));
    let start = admin.begin_second_factor().await.expect("second factor");
    assert!(start.uri.starts_with("otpauth://totp/Countersign:"), "{}", start.uri);

    let mut pushes = admin.pushes().await.expect("pushes");
    assert_eq!(pushes.next().await.expect("a push"), Push::Hello);
    let waits = DeviceKey::generate().expect("key").0;
    let waits = account(&installation.provider, &installation.trust, waits, ("e-300", "new"), &["approver"], now);
    let token = waits.token.clone();
    let waits = Credentials::new(&token, Arc::new(waits.key), Arc::new(SystemClock));
    let waits = BrokerClient::new(&installation.base, &installation.ca.0.pem(), waits).expect("client");
    let began = Instant::now();
    assert!(!waits.me().await.expect("me").enrolled);
    assert_eq!(pushes.next().await.expect("a push"), Push::Enrolment);
    assert!(began.elapsed() < Duration::from_secs(2), "over TLS and with the Event written: {:?}", began.elapsed());
    drop(pushes);
    let mut back = admin.pushes().await.expect("pushes");
    assert_eq!(back.next().await.expect("a push"), Push::Hello);
    waits.report_refusal(&LocalRefusal::new(LocalCode::OtherCertificate)).await.expect("reported");
    let last = appends.lock().expect("appends").last().map(|(_, a)| (a.kind, a.facts["code"].clone()));
    assert_eq!(last, Some((EventKind::RefusedOnDesktop, "other-certificate".to_owned())));
    drop(back);

    let stolen = Credentials::new(&first.token, key, Arc::new(SystemClock));
    let stolen = BrokerClient::new(&installation.base, &installation.ca.0.pem(), stolen).expect("client");
    assert_eq!(refused(&stolen.me().await.expect_err("refused")), (Some(401), Some("other-call")));

    let (certificate, gateway_key) = installation.ca.certify("gateway");
    let gateway =
        ServiceClient::new(&installation.base, &installation.ca.pem(), &certificate, &gateway_key).expect("client");
    let nothing = LeaseRequest { sessions: Vec::new() };
    let leases: Leases = gateway.post_json("/v1/leases", &nothing).await.expect("leases");
    assert!(leases.leases.is_empty());

    audit_task.abort();
    let _ = audit_task.await;
    let stranger = account(&installation.provider, &installation.trust, again, ("e-100", "mara"), &["engineer"], now);
    let mara = Credentials::new(&stranger.token, Arc::new(stranger.key), Arc::new(SystemClock));
    let mara = BrokerClient::new(&installation.base, &installation.ca.0.pem(), mara).expect("client");
    assert_eq!(refused(&mara.me().await.expect_err("refused")), (Some(503), Some("audit-unreachable")));
    let (appends, _, _task) = audit(&installation.ca, audit_address).await;
    assert!(!mara.me().await.expect("me").enrolled);
    assert_eq!(appends.lock().expect("appends").len(), 2);

    stop.send(()).expect("running");
    tokio::time::timeout(Duration::from_secs(5), running).await.expect("stops").expect("joined").expect("well");
}

#[tokio::test]
async fn certificates_decide_who_is_the_gateway() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca = Authority::new();
    let (_, audit_address, _task) = audit(&ca, "127.0.0.1:0".parse().expect("address")).await;
    let installation = Installation::new(audit_address, ca).await;
    let config = installation.read(&installation.config).expect("config");
    tokio::spawn(run(config, Arc::new(SystemClock), std::future::pending()));
    installation.listening().await;
    let nothing = LeaseRequest { sessions: Vec::new() };
    for name in ["audit", "broker", "mara"] {
        let answer: Result<Leases, _> = installation.service(name).post_json("/v1/leases", &nothing).await;
        assert_eq!(refused(&answer.expect_err("refused")), (Some(403), Some("gateway-only")), "{name}");
    }
    let (certificate, key) = Authority::new().certify("gateway");
    let foreign = ServiceClient::new(&installation.base, &installation.ca.pem(), &certificate, &key).expect("client");
    let answer: Result<Leases, _> = foreign.post_json("/v1/leases", &nothing).await;
    assert!(answer.expect_err("refused").is_unreachable(), "another CA's gateway does not get past the handshake");
    let (certificate, key) = installation.ca.certify("gateway");
    let misled = ServiceClient::new(&installation.base, &Authority::new().pem(), &certificate, &key).expect("client");
    let answer: Result<Leases, _> = misled.post_json("/v1/leases", &nothing).await;
    assert!(answer.expect_err("refused").is_unreachable(), "and a broker of another CA is not believed");
}

#[tokio::test]
async fn configurations_that_it_does_not_start_with() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let installation = Installation::new("127.0.0.1:9".parse().expect("address"), Authority::new()).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut config = installation.config.clone();
        change(&mut config);
        installation.read(&config).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(with(&|_| ()), Ok(()));
    let other: Digest = sha256("another policy");
    for (change, says) in [
        ((|c| c["unknown"] = json!(1)) as fn(&mut Value), "unknown"),
        (|c| c["base_url"] = json!("http://127.0.0.1:7441"), "base_url"),
        (|c| c["trust"]["first_administrators"] = json!([sha256("one")]), "fewer than two"),
        (|c| c["organizations"][1] = c["organizations"][0].clone(), "stands twice"),
        (|c| c["organizations"][0]["id"] = json!("*"), "Organization id"),
    ] {
        let error = with(&change).expect_err(says);
        assert!(error.contains(says), "{error}");
    }
    assert!(with(&|c| c["trust"]["policy"] = json!(other)).expect_err("other policy").contains("policy"));

    let config = installation.read(&installation.config).expect("config");
    std::fs::set_permissions(&config.totp_key, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("mode");
    let ended = run(config.clone(), Arc::new(SystemClock), std::future::pending()).await;
    assert!(matches!(ended, Err(Error::Config(ConfigError::ReadableByOthers(_)))), "{ended:?}");
    secret(&config.totp_key, &[5; 31]);
    let ended = run(config.clone(), Arc::new(SystemClock), std::future::pending()).await;
    assert!(matches!(ended, Err(Error::Config(ConfigError::Wrong(_)))), "{ended:?}");
    let fields = crate::fields::Fields::new(&[6; 32]).expect("key");
    crate::store::Store::open(&config.database, fields).await.expect("sealed with another key").close().await;
    secret(&config.totp_key, &[5; 32]);
    let ended = run(config.clone(), Arc::new(SystemClock), std::future::pending()).await;
    assert!(matches!(ended, Err(Error::Config(ConfigError::Wrong(w))) if w.contains("totp_key")), "{ended:?}");
    secret(&config.attestation_key, &DeviceKey::generate().expect("key").1);
    let ended = run(config, Arc::new(SystemClock), std::future::pending()).await;
    assert!(matches!(ended, Err(Error::Config(ConfigError::Wrong(w))) if w.contains("attestation_key")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_26_leases_and_ends_go_on_while_desktops_flood() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca = Authority::new();
    let (_, audit_address, _task) = audit(&ca, "127.0.0.1:0".parse().expect("address")).await;
    let installation = Installation::new(audit_address, ca).await;
    let config = installation.read(&installation.config).expect("config");
    tokio::spawn(run(config, Arc::new(SystemClock), std::future::pending()));
    installation.listening().await;
    let mut flood = Vec::new();
    for _ in 0..600 {
        flood.push(
            tokio::net::TcpStream::connect(installation.base.trim_start_matches("https://")).await.expect("port"),
        );
    }
    let nobody = || {
        let root = reqwest::Certificate::from_pem(installation.ca.pem().as_bytes()).expect("pem");
        reqwest::Client::builder().tls_certs_only([root]).no_proxy().build().expect("client")
    };
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let (client, url) = (nobody(), format!("{}/v1/me", installation.base));
            tokio::spawn(async move { while client.get(&url).send().await.is_ok() {} })
        })
        .collect();
    let gateway = installation.service("gateway");
    let ended = json!({"kind": "ended", "request": sha256("x"), "session": sha256("s"), "reason": "expired"});
    for _ in 0..10 {
        let began = Instant::now();
        let leases: Leases =
            gateway.post_json("/v1/leases", &LeaseRequest { sessions: Vec::new() }).await.expect("leases");
        assert!(leases.leases.is_empty());
        let told: Result<(), _> = gateway.post_json("/v1/session-changes", &ended).await;
        assert_eq!(refused(&told.expect_err("of nothing")), (Some(404), Some("no-such-request")));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    calls.iter().for_each(tokio::task::JoinHandle::abort);
}
