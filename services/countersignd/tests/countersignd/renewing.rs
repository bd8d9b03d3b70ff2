//! Certificates that end, and what takes their place.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use domain::{Clock as _, SystemClock};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rcgen::{CertificateParams, DnType, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use wire::event::{Event, EventKind, Source};

use super::full_disk::SmallDisk;
use super::rig::{Installation, ROLES};

pub fn countersignd(installation: &Installation, arguments: &[&str]) -> Output {
    let dir = installation.dir();
    let dir = dir.to_str().unwrap();
    Command::new(env!("CARGO_BIN_EXE_countersignd")).args(arguments).args(["--dir", dir]).output().unwrap()
}

pub fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said).into_owned()).concat()
}

/// Gives the role a certificate that ends at the beginning of that day from today.
fn ends_in(installation: &Installation, role: &str, days: i64) {
    let ca = KeyPair::from_pem(&installation.text("ca/ca.key")).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&installation.text("ca/ca.pem"), ca).unwrap();
    let mut params = CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, role);
    let today = Timestamp::from_second(SystemClock.now()).unwrap().to_zoned(TimeZone::UTC).date();
    let day = today.checked_add(days.days()).unwrap();
    let (month, date) = (u8::try_from(day.month()).unwrap(), u8::try_from(day.day()).unwrap());
    params.not_after = rcgen::date_time_ymd(i32::from(day.year()), month, date);
    let key = KeyPair::generate().unwrap();
    fs::write(installation.path(&format!("{role}/tls.pem")), params.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    fs::write(installation.path(&format!("{role}/tls.key")), key.serialize_pem()).unwrap();
}

async fn warnings(installation: &Installation) -> Vec<Event> {
    let events = installation.events().await;
    events.into_iter().filter(|event| event.kind == EventKind::CertificateExpires).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_10_each_role_writes_down_once_that_its_certificate_ends_soon() {
    let installation = Installation::new();
    // At midnight a day less is left: that changes none of the thresholds.
    for (role, days) in [("audit", 20), ("broker", 5), ("gateway", 29)] {
        ends_in(&installation, role, days);
    }
    let mut roles = None;
    for _ in 0..2 {
        drop(roles.take());
        roles = Some(ROLES.map(|role| installation.start(role)));
        let begun = Instant::now();
        while warnings(&installation).await.len() < 3 {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", warnings(&installation).await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let found = warnings(&installation).await;
    drop(roles);
    assert_eq!(found.len(), 3, "{found:?}");
    for (source, days) in [(Source::Audit, 20), (Source::Broker, 5), (Source::Gateway, 29)] {
        let event = found.iter().find(|event| event.source == source).expect("of each");
        let left: i64 = event.facts["days"].parse().unwrap();
        assert!(event.facts["certificate"] == "tls" && (days - 2..days).contains(&left), "{:?}", event.facts);
    }
    let output = countersignd(&installation, &["certificates"]);
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.contains("3 of them end within 30 days") && said.lines().count() == 7, "{said}");
}

#[test]
fn ops_10_what_ends_soon_stands_in_the_role_s_own_log() {
    let installation = Installation::new();
    ends_in(&installation, "audit", 5);
    let mut role = installation.command("audit").stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(role.stderr.take().unwrap()).lines();
    let warned = lines.map_while(Result::ok).take(50).find(|line| line.contains("expires soon"));
    role.kill().unwrap();
    role.wait().unwrap();
    let warned = warned.expect("a line");
    assert!(warned.contains("WARN") && warned.contains("audit/tls.pem"), "{warned}");
}

#[test]
fn ops_10_certificates_are_renewed_under_the_same_names_with_other_keys() {
    let installation = Installation::new();
    let output = countersignd(&installation, &["certificates"]);
    assert!(output.status.success(), "{}", said(&output));
    let names = |role| serve::certificates::names(&installation.path(&format!("{role}/tls.pem"))).unwrap();
    let before = ROLES.map(|role| (names(role), installation.text(&format!("{role}/tls.key"))));
    for role in ROLES {
        let output = countersignd(&installation, &["renew", "--role", role]);
        assert!(output.status.success(), "{}", said(&output));
    }
    for (role, (names_before, key)) in ROLES.into_iter().zip(before) {
        assert_eq!(names(role), names_before);
        assert_ne!(installation.text(&format!("{role}/tls.key")), key);
        let mode = fs::metadata(installation.path(&format!("{role}/tls.key"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    fs::remove_file(installation.path("ca/ca.key")).unwrap();
    let output = countersignd(&installation, &["renew"]);
    assert!(output.status.code() == Some(2) && said(&output).contains("ca.key"), "{}", said(&output));
    let _running = installation.all();
}

#[test]
fn ops_05_a_renewed_key_that_finds_no_room_is_whole_or_not_there() {
    let installation = Installation::new();
    let folder = installation.path("broker");
    let Some(disk) = SmallDisk::under(&folder, "size=1m") else {
        return eprintln!("skipped: this user may not mount a small disk");
    };
    let mut refused = 0;
    for pages in 0.. {
        let ballast = disk.leave(pages);
        let output = countersignd(&installation, &["renew", "--role", "broker"]);
        fs::remove_file(ballast).unwrap();
        CertificateDer::from_pem_slice(installation.text("broker/tls.pem").as_bytes()).expect("whole");
        PrivateKeyDer::from_pem_slice(installation.text("broker/tls.key").as_bytes()).expect("whole");
        assert!(fs::read_dir(&folder).unwrap().flatten().all(|e| !e.file_name().to_string_lossy().ends_with(".new")));
        if output.status.success() {
            break;
        }
        assert!(said(&output).contains("No space left on device"), "{}", said(&output));
        refused += 1;
    }
    assert!(refused > 0);
    let _broker = installation.start("broker");
}
