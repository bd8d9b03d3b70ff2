//! Every secret of an installation in turn, as docs/operations/rotating.md says, with a Session open where that is possible.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::{GatewayClient, ServiceClient};
use recording::IngestSecret;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use statement::{DeviceKey, sha256};
use wire::event::{Append, EventKind};
use wire::gateway::AssertionKeys;

use super::drained::stop;
use super::payroll::Payroll;
use super::people::{Browser, Company};
use super::processes::{signal, soon};
use super::renewing::{countersignd, said};
use super::rig::{Installation, ROLES, Role};

/// A role has taken up what was rotated in this time.
const BOUND: Duration = Duration::from_secs(5);

fn secret(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The certificate that a role shows to whoever believes these authorities.
fn shown(installation: &Installation, role: &str, ca: &str) -> Option<domain::Digest> {
    let mut roots = RootCertStore::empty();
    for one in CertificateDer::pem_slice_iter(ca.as_bytes()) {
        roots.add(one.unwrap()).unwrap();
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("127.0.0.1").unwrap()).unwrap();
    let address = installation.base_url(role);
    let socket = TcpStream::connect(address.trim_start_matches("https://")).ok()?;
    let mut stream = StreamOwned::new(connection, socket);
    stream.conn.complete_io(&mut stream.sock).ok()?;
    stream.conn.peer_certificates().map(|chain| sha256(&chain[0]))
}

fn on_disk(installation: &Installation, role: &str) -> domain::Digest {
    sha256(CertificateDer::from_pem_slice(installation.text(&format!("{role}/tls.pem")).as_bytes()).unwrap())
}

/// Tells each role to read its files again, and waits until it shows what is on the disk.
fn take_up(company: &Company, roles: &[Role; 3]) {
    let begun = Instant::now();
    for (name, role) in ROLES.iter().zip(roles) {
        signal("-HUP", role.process.id());
        let ca = company.installation.text(&format!("{name}/ca.pem"));
        soon(name, || shown(&company.installation, name, &ca) == Some(on_disk(&company.installation, name)));
    }
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
}

/// The Session is still the one that it was, and its record comes through.
async fn goes_on(client: &GatewayClient, browser: &Browser, page: &str) {
    assert_eq!(browser.page(page).await.expect("an answer"), 200, "{page}");
    let begun = Instant::now();
    loop {
        let status = client.status().await.expect("a Session");
        assert!(status.open, "{:?}", status.ended_by);
        if status.recording_lag == 0 {
            return;
        }
        assert!(begun.elapsed() < BOUND, "{page}: its record is not acknowledged");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_12_tls_keys_and_the_authority_are_rotated_with_a_session_open() {
    let mut company = Company::new();
    let _payroll = Payroll::behind(&company.installation);
    // A new authority is announced before it is used: everybody believes both for a while.
    let other = Installation::new();
    let (old, new) = (company.installation.text("ca/ca.pem"), other.text("ca/ca.pem"));
    let roles = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    for role in ROLES {
        fs::write(company.installation.path(&format!("{role}/ca.pem")), format!("{old}{new}")).unwrap();
    }
    take_up(&company, &roles);
    let bundle = company.approved().await;
    let (bytes, client, browser) = company.opening_with_browser(&bundle);
    let session = client.open(bytes).await.expect("opened").session;
    goes_on(&client, &browser, "one").await;

    let before = ROLES.map(|role| on_disk(&company.installation, role));
    assert!(countersignd(&company.installation, &["renew"]).status.success());
    assert!(ROLES.iter().zip(&before).all(|(role, before)| on_disk(&company.installation, role) != *before));
    take_up(&company, &roles);
    goes_on(&client, &browser, "two").await;

    for file in ["ca.pem", "ca.key"] {
        fs::copy(other.path(&format!("ca/{file}")), company.installation.path(&format!("ca/{file}"))).unwrap();
    }
    let output = countersignd(&company.installation, &["renew"]);
    assert!(output.status.success(), "{}", said(&output));
    take_up(&company, &roles);
    goes_on(&client, &browser, "three").await;

    let stale = |name: &str| other_certificate(&company.installation, &old, name);
    assert!(stale("audit").append(&Append::new(EventKind::SignInRefused)).await.is_err(), "it shows the new one's");
    for role in ROLES {
        fs::write(company.installation.path(&format!("{role}/ca.pem")), &new).unwrap();
    }
    take_up(&company, &roles);
    // Connections that were open stay as they were. An audit service that starts anew is shown the new certificates.
    let [audit, _broker, _gateway] = roles;
    tokio::task::spawn_blocking(|| stop(audit)).await.unwrap();
    let _audit = company.installation.start("audit");
    let begun = Instant::now();
    while client.status().await.expect("open").paused {
        assert!(begun.elapsed() < 2 * BOUND, "it does not go on");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    goes_on(&client, &browser, "four").await;
    let asked = company.mara.broker(&company.installation).send_request(&company.mara.ask()).await;
    asked.expect("the broker reaches the audit service");
    client.end().await.expect("ended");
    let facts = company.installation.sealed_facts(&session).await;
    assert_eq!((facts["exchanges"].as_str(), facts["missing-batches"].as_str()), ("4", "0"));
}

/// Somebody who believes this authority alone.
fn other_certificate(installation: &Installation, ca: &str, to: &str) -> ServiceClient {
    let pem = |name: &str| installation.text(&format!("broker/{name}"));
    ServiceClient::new(&installation.base_url(to), ca, &pem("tls.pem"), &pem("tls.key")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_12_files_that_do_not_belong_together_change_nothing() {
    let company = Company::new();
    let roles = ROLES.map(|role| company.installation.start(role));
    let other = Installation::new();
    let before = ROLES.map(|role| on_disk(&company.installation, role));
    for role in ROLES {
        fs::copy(other.path(&format!("{role}/tls.pem")), company.installation.path(&format!("{role}/tls.pem")))
            .unwrap();
    }
    for role in &roles {
        signal("-HUP", role.process.id());
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for (role, before) in ROLES.iter().zip(before) {
        let ca = company.installation.text(&format!("{role}/ca.pem"));
        assert_eq!(shown(&company.installation, role, &ca), Some(before), "{role}");
    }
    let refused = company.mara.broker(&company.installation).me().await;
    assert!(refused.is_ok(), "the broker still reaches the audit service");
}

#[test]
fn ops_12_files_that_others_may_change_are_not_taken_up() {
    let installation = Installation::new();
    for name in ROLES {
        let role = installation.start(name);
        let (before, ca) = (on_disk(&installation, name), installation.text(&format!("{name}/ca.pem")));
        assert!(countersignd(&installation, &["renew", "--role", name]).status.success());
        let file = installation.path(&format!("{name}/tls.pem"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        signal("-HUP", role.process.id());
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(shown(&installation, name, &ca), Some(before), "{name}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        signal("-HUP", role.process.id());
        soon(name, || shown(&installation, name, &ca) == Some(on_disk(&installation, name)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_12_the_key_of_assertions_is_rotated_with_a_session_open() {
    let mut company = Company::new();
    let payroll = Payroll::behind(&company.installation);
    let roles = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    let (bytes, client, browser) = company.opening_with_browser(&bundle);
    client.open(bytes).await.expect("opened");
    goes_on(&client, &browser, "one").await;
    let before = payroll.signer();
    let (key, pkcs8) = DeviceKey::generate().unwrap();
    secret(&company.installation.path("gateway/assertion.key"), pkcs8);
    signal("-HUP", roles[2].process.id());
    let begun = Instant::now();
    let new = key.public().thumbprint().to_string();
    loop {
        goes_on(&client, &browser, "two").await;
        if payroll.signer() == new {
            break;
        }
        assert!(begun.elapsed() < BOUND, "it signs with the old key");
    }
    let keys: AssertionKeys =
        company.installation.client("broker", "gateway").get_json("/v1/jwks").await.expect("its keys");
    let kids: Vec<String> = keys.keys.into_iter().map(|key| key.kid).collect();
    assert_eq!(kids, [new, before], "what the one before signed is believed for its minute");
    client.end().await.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_12_the_ingest_key_is_rotated_while_no_session_is_open() {
    let mut company = Company::new();
    let _payroll = Payroll::behind(&company.installation);
    let [audit, _broker, gateway] = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let (first, second) = (company.approved().await, company.approved_again().await);
    let (bytes, client, browser) = company.opening_with_browser(&first);
    let session = client.open(bytes).await.expect("opened").session;
    goes_on(&client, &browser, "one").await;
    let stopping = tokio::task::spawn_blocking(|| {
        stop(gateway);
        stop(audit);
    });
    stopping.await.unwrap();
    assert!(!company.installation.path(&format!("gateway/spool/{session}")).exists(), "nothing waits in the spool");
    let key = IngestSecret::generate().unwrap();
    secret(&company.installation.path("audit/ingest.key"), key.encoded().as_bytes());
    let config = company.installation.config("gateway");
    let mut table: toml::Table = fs::read_to_string(&config).unwrap().parse().unwrap();
    table.insert("ingest_key".into(), key.public().unwrap().to_string().into());
    secret(&config, toml::to_string(&table).unwrap());
    let [_audit, _gateway] = ["audit", "gateway"].map(|role| company.installation.start(role));
    let (bytes, client, browser) = company.opening_with_browser(&second);
    let next = client.open(bytes).await.expect("opened").session;
    goes_on(&client, &browser, "two").await;
    client.end().await.expect("ended");
    for session in [session, next] {
        let facts = company.installation.sealed_facts(&session).await;
        assert_eq!((facts["exchanges"].as_str(), facts["missing-batches"].as_str()), ("1", "0"));
    }
}

#[test]
fn ops_12_the_key_that_wraps_the_others_is_rotated_while_the_audit_service_rests() {
    let installation = Installation::new();
    let (config, next) = (installation.path("audit/audit.toml"), installation.path("audit/next.toml"));
    let text = fs::read_to_string(&config).unwrap();
    secret(&next, text.replace("storage.key", "fresh.key"));
    let random = DeviceKey::generate().unwrap().1;
    secret(&installation.path("audit/fresh.key"), &random[..32]);
    let rewrap = || {
        let arguments = ["rewrap", "--config", config.to_str().unwrap(), "--to", next.to_str().unwrap()];
        Command::new(env!("CARGO_BIN_EXE_countersignd")).args(arguments).output().unwrap()
    };
    let running = installation.start("audit");
    let refused = rewrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("another audit service holds"), "{refused:?}");
    drop(running);
    let moved = rewrap();
    assert!(moved.status.success(), "{moved:?}");
    assert!(String::from_utf8_lossy(&moved.stdout).contains("keys wrapped anew: 1"), "{moved:?}");
    assert_ne!(installation.refused("audit").0, Some(0), "the old key opens nothing any more");
    fs::rename(&next, &config).unwrap();
    fs::remove_file(installation.path("audit/storage.key")).unwrap();
    drop(installation.start("audit"));
}

#[test]
fn ops_12_what_cannot_be_rotated_is_refused_and_comes_back_with_the_old_key() {
    let installation = Installation::new();
    drop(installation.start("audit"));
    drop(installation.start("broker"));
    let random = DeviceKey::generate().unwrap().1;
    let cases = [
        ("audit", "log.seed", &random[..32]),
        ("audit", "storage.key", &random[..32]),
        ("broker", "totp.key", &random[..32]),
        ("broker", "attestation.key", &random[..]),
    ];
    for (role, file, bytes) in cases {
        let path = installation.path(&format!("{role}/{file}"));
        let old = fs::read(&path).unwrap();
        secret(&path, bytes);
        let (status, said) = installation.refused(role);
        assert_ne!(status, Some(0), "{file}");
        assert!(said.contains("key") || said.contains("owner"), "{file}: {said}");
        secret(&path, old);
        drop(installation.start(role));
    }
}
