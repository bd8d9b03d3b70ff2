//! `countersignd init` and what the roles refuse to start with, as an operator meets them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use statement::{DeviceKey, Trust};
use tempfile::TempDir;
use wire::join::{JoinFile, PinnedKeys, TrustFile};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("jwks.json"), r#"{"keys":[]}"#).unwrap();
        Self(folder)
    }

    fn init(&self, more: &[&str]) -> Output {
        let command = [
            "init",
            "--dir",
            "d",
            "--operator",
            "Kestrel",
            "--issuer",
            "https://id.test",
            "--provider-keys",
            "jwks.json",
        ];
        let claims = ["--person-claim", "employee_id", "--roles-claim", "roles"];
        countersignd(self.0.path(), &[&command[..], &claims[..], more].concat())
    }

    fn made(&self) -> PathBuf {
        let (one, two) = (thumbprint(), thumbprint());
        let output = self.init(&["--first-administrator", &one, "--first-administrator", &two, "--base-port", "17441"]);
        assert!(output.status.success(), "{}", said(&output));
        self.0.path().join("d")
    }
}

fn countersignd(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersignd")).current_dir(folder).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn thumbprint() -> String {
    DeviceKey::generate().unwrap().0.public().thumbprint().to_string()
}

fn trust_of(config: &Path) -> Trust {
    let table: toml::Table = fs::read_to_string(config).unwrap().parse().unwrap();
    table["trust"].clone().try_into().unwrap()
}

#[test]
fn everybody_pins_the_same() {
    let folder = Folder::new();
    let dir = folder.made();
    let join: JoinFile = serde_json::from_str(&fs::read_to_string(dir.join("join.json")).unwrap()).unwrap();
    let file: TrustFile = serde_json::from_str(&fs::read_to_string(dir.join("trust.json")).unwrap()).unwrap();
    assert_eq!(join.trust, file.trust);
    assert_eq!(join.trust.policy, statement::sha256(&join.policy));
    assert_eq!(file.provider_keys, [PinnedKeys { jwks: r#"{"keys":[]}"#.into(), until: None }]);
    for role in ["broker", "gateway", "audit"] {
        assert_eq!(trust_of(&dir.join(role).join(format!("{role}.toml"))), join.trust, "{role}");
        assert_eq!(fs::read_to_string(dir.join(role).join("ca.pem")).unwrap(), join.ca);
    }
    assert_eq!((join.broker, join.gateway, join.audit), (address(17441), address(17442), address(17443)));
    let key = fs::read(dir.join("broker/attestation.key")).unwrap();
    assert_eq!(DeviceKey::from_pkcs8(&key).unwrap().public(), join.trust.attestation_key);
}

fn address(port: u16) -> String {
    format!("https://127.0.0.1:{port}")
}

#[test]
fn secrets_are_their_owners_alone() {
    let folder = Folder::new();
    let dir = folder.made();
    let mut secrets = 0;
    for role in ["ca", "broker", "gateway", "audit"] {
        assert_eq!(fs::metadata(dir.join(role)).unwrap().permissions().mode() & 0o777, 0o700);
        for entry in fs::read_dir(dir.join(role)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "key" || e == "seed") {
                secrets += 1;
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
            }
        }
    }
    assert_eq!(secrets, 11);
}

#[test]
fn one_administrator_is_not_enough_and_nothing_is_left_behind() {
    let folder = Folder::new();
    let one = thumbprint();
    for administrators in [vec![], vec!["--first-administrator", &one], ["--first-administrator", &one].repeat(2)] {
        let output = folder.init(&administrators);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("at least two different first administrators"), "{}", said(&output));
    }
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 1);
}

#[test]
fn an_installation_is_not_overwritten() {
    let folder = Folder::new();
    let dir = folder.made();
    let before = fs::read(dir.join("audit/log.seed")).unwrap();
    let (one, two) = (thumbprint(), thumbprint());
    let output = folder.init(&["--first-administrator", &one, "--first-administrator", &two]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("is not overwritten"), "{}", said(&output));
    assert_eq!(fs::read(dir.join("audit/log.seed")).unwrap(), before);
}

#[test]
fn a_provider_that_does_not_answer_is_said() {
    let folder = Folder::new();
    let (one, two) = (thumbprint(), thumbprint());
    let arguments =
        ["init", "--dir", "d", "--operator", "Kestrel", "--issuer", "http://127.0.0.1:9", "--person-claim", "e"];
    let more = ["--roles-claim", "r", "--first-administrator", &one, "--first-administrator", &two];
    let output = countersignd(folder.0.path(), &[&arguments[..], &more[..]].concat());
    assert!(said(&output).contains("start it first, or give what it publishes"), "{}", said(&output));
    assert!(!folder.0.path().join("d").exists());
}

#[test]
fn a_role_refuses_a_secret_that_others_read_and_a_key_that_it_does_not_know() {
    let folder = Folder::new();
    let dir = folder.made();
    for role in ["broker", "gateway", "audit"] {
        let config = dir.join(role).join(format!("{role}.toml"));
        let run = || countersignd(folder.0.path(), &[role, "--config", config.to_str().unwrap()]);

        fs::set_permissions(dir.join(role).join("tls.key"), fs::Permissions::from_mode(0o644)).unwrap();
        let output = run();
        assert_eq!(output.status.code(), Some(2), "{role}");
        assert!(said(&output).contains("chmod 600"), "{role}: {}", said(&output));
        fs::set_permissions(dir.join(role).join("tls.key"), fs::Permissions::from_mode(0o600)).unwrap();

        let text = fs::read_to_string(&config).unwrap();
        fs::write(&config, format!("surprise = 1\n{text}")).unwrap();
        let output = run();
        assert_eq!(output.status.code(), Some(2), "{role}");
        assert!(said(&output).contains("surprise"), "{role}: {}", said(&output));
        fs::write(&config, text).unwrap();
    }
}

#[test]
fn the_gateway_knows_each_organization_by_its_name_and_itself_by_its_own() {
    let folder = Folder::new();
    fs::write(folder.0.path().join("upstream.pem"), "a CA").unwrap();
    fs::write(folder.0.path().join("payroll.toml"), crate::rig::TARGET).unwrap();
    for (host, written) in [("Countersign.Example", "countersign.example:17441"), ("::1", "[::1]:17441")] {
        let (one, two) = (thumbprint(), thumbprint());
        let first = ["--first-administrator", &one, "--first-administrator", &two];
        let more = ["--base-port", "17440", "--target", "payroll.toml", "--host", host];
        let output = folder.init(&[&first[..], &more].concat());
        assert!(output.status.success(), "{}", said(&output));
        let gateway = folder.0.path().join("d/gateway");
        let config = gateway::Config::read(gateway.join("gateway.toml")).unwrap();
        assert!(config.host.contains(&written.to_owned()), "{:?}", config.host);
        assert_eq!(config.base_url, format!("https://{written}"));
        let targets = gateway::targets::Targets::read(&config.targets).unwrap();
        let named = targets.organization(&"kinloch-hotels".parse().unwrap()).map(|o| o.name.as_str());
        assert_eq!(named, Some("Kinloch Hotels"));
        fs::remove_dir_all(folder.0.path().join("d")).unwrap();
    }
}
