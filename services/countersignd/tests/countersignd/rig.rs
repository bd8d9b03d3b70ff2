use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use checkpoint::{Checkpoint, LogVerifier};
use client::{LogClient, ServiceClient};
use domain::{Digest, SessionId};
use statement::{DeviceKey, Trust};
use tempfile::TempDir;
use tokio::sync::Mutex;
use wire::audit::Inclusion;
use wire::event::{Event, EventKind, Receipt};

use super::issuer::Issuer;
use super::processes::soon;

pub const ROLES: [&str; 3] = ["audit", "broker", "gateway"];

/// A folder as `init` makes it, and an identity provider that may be away.
pub struct Installation {
    folder: TempDir,
    pub issuer: Issuer,
    port: u16,
    /// Entries of its log that were read: they stay what they are.
    read: Mutex<Vec<Event>>,
    /// Where desktops reach a role, if not at its own address.
    pub for_desktops: BTreeMap<&'static str, String>,
}

/// The supervisor with its three roles.
pub struct Running {
    pub supervisor: Child,
    pub installation: Installation,
}

/// One role as a process.
pub struct Role {
    pub process: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.supervisor.kill();
        let _ = self.supervisor.wait();
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Running {
    pub fn dir(&self) -> PathBuf {
        self.installation.dir()
    }
}

impl Installation {
    /// With administrators whom nobody knows.
    pub fn new() -> Self {
        let key = || DeviceKey::generate().unwrap().0.public().thumbprint();
        Self::with_administrators([key(), key()])
    }

    pub fn with_administrators(administrators: [Digest; 2]) -> Self {
        Self::of_issuer(Issuer::start(), administrators)
    }

    pub fn of_issuer(issuer: Issuer, administrators: [Digest; 2]) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (folder, port) = (tempfile::tempdir().unwrap(), spare_ports::reserve(3).unwrap());
        let made = Self { folder, issuer, port, read: Mutex::default(), for_desktops: BTreeMap::new() };
        fs::write(made.folder.path().join("jwks.json"), made.issuer.jwks()).unwrap();
        fs::write(made.folder.path().join("upstream.pem"), a_certificate()).unwrap();
        fs::write(made.folder.path().join("payroll.toml"), TARGET).unwrap();
        let [one, two] = administrators.map(|a| a.to_string());
        let output = Command::new(env!("CARGO_BIN_EXE_countersignd"))
            .current_dir(made.folder.path())
            .args(["init", "--dir", "d", "--operator", "Kestrel", "--issuer", &made.issuer.address])
            .args(["--provider-keys", "jwks.json", "--person-claim", "employee_id", "--roles-claim", "roles"])
            .args(["--base-port", &port.to_string(), "--target", "payroll.toml"])
            .args(["--first-administrator", &one, "--first-administrator", &two])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        made
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("d")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    pub fn config(&self, role: &str) -> PathBuf {
        self.path(role).join(format!("{role}.toml"))
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn trust(&self) -> Trust {
        let table: toml::Table = fs::read_to_string(self.config("audit")).unwrap().parse().unwrap();
        table["trust"].clone().try_into().unwrap()
    }

    pub fn base_url(&self, role: &str) -> String {
        format!("https://127.0.0.1:{}", self.port_of(role))
    }

    pub fn address_for_desktops(&self, role: &str) -> String {
        self.for_desktops.get(role).cloned().unwrap_or_else(|| self.base_url(role))
    }

    pub fn port_of(&self, role: &str) -> u16 {
        match role {
            "broker" => self.port,
            "gateway" => self.port + 1,
            _ => self.port + 2,
        }
    }

    /// Supervised, and every role answers.
    pub fn all(self) -> Running {
        let mut supervisor = Command::new(env!("CARGO_BIN_EXE_countersignd"))
            .args(["all", "--dir"])
            .arg(self.dir())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(supervisor.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Running { supervisor, installation: self }
    }

    pub fn command(&self, role: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersignd"));
        command.arg(role).arg("--config").arg(self.config(role)).stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// One role by itself, which listens when this returns.
    pub fn start(&self, role: &str) -> Role {
        self.wait_for(role, self.command(role))
    }

    /// This role, which listens when this returns.
    pub fn wait_for(&self, role: &str, mut command: Command) -> Role {
        let mut started = Role { process: command.spawn().unwrap() };
        soon(role, || {
            assert_eq!(started.process.try_wait().unwrap(), None, "{role} did not start");
            TcpStream::connect(("127.0.0.1", self.port_of(role))).is_ok()
        });
        started
    }

    /// The same, for [`super::broken_disk`]: a write that the system cuts short is an error and no signal.
    pub fn start_on_a_disk_that_breaks(&self, role: &str) -> Role {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_countersignd"), role, "--config"]);
        command.arg(self.config(role)).stdin(Stdio::null()).stderr(Stdio::null());
        self.wait_for(role, command)
    }

    /// What a role that refuses to start says, and its status.
    pub fn refused(&self, role: &str) -> (Option<i32>, String) {
        let mut child = self.command(role).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if begun.elapsed() > Duration::from_secs(20) {
                let _ = child.kill();
                let _ = child.wait();
                panic!("the {role} runs");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// A role's own way to another one.
    pub fn client(&self, from: &str, to: &str) -> ServiceClient {
        let pem = |name: &str| self.text(&format!("{from}/{name}"));
        ServiceClient::new(&self.base_url(to), &pem("ca.pem"), &pem("tls.pem"), &pem("tls.key")).unwrap()
    }

    pub fn log(&self) -> LogClient {
        LogClient::new(&self.base_url("audit"), &self.text("audit/ca.pem")).unwrap()
    }

    pub async fn head(&self) -> Checkpoint {
        let verifier = LogVerifier::parse(&self.trust().log_key).unwrap();
        verifier.open(&self.log().checkpoint().await.unwrap()).unwrap()
    }

    /// The entry is in the log that the audit service shows now.
    pub async fn check_kept(&self, receipt: &Receipt) {
        let head = self.head().await;
        let asked = format!("/v1/inclusion?index={}&size={}", receipt.index, head.size);
        let proof: Inclusion = self.client("broker", "audit").get_json(&asked).await.expect("still there");
        assert_eq!(proof.leaf, receipt.leaf);
        let path: Vec<_> = proof.path.iter().map(hash).collect();
        let leaf = merkle::leaf_hash(proof.leaf.as_bytes());
        merkle::verify_inclusion(receipt.index, head.size, &leaf, &path, &head.root).expect("in the log");
    }

    /// Every Event of the log, oldest first.
    pub async fn events(&self) -> Vec<Event> {
        let size = self.head().await.size;
        let client = self.client("broker", "audit");
        let mut events = self.read.lock().await;
        for index in events.len() as u64..size {
            let proof: Inclusion =
                client.get_json(&format!("/v1/inclusion?index={index}&size={size}")).await.expect("an entry");
            events.push(serde_json::from_str(&proof.leaf).expect("an Event"));
        }
        events.clone()
    }

    /// What the log says of a Session's Recording once it is sealed.
    pub async fn sealed_facts(&self, session: &SessionId) -> BTreeMap<String, String> {
        let begun = Instant::now();
        loop {
            let sealed = |e: &Event| e.kind == EventKind::RecordingSealed && e.session.as_ref() == Some(session);
            if let Some(event) = self.events().await.into_iter().find(sealed) {
                return event.facts;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "never sealed");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn hash(digest: &Digest) -> merkle::Hash {
    statement::base64url_decode(digest.as_str()).unwrap().try_into().unwrap()
}

fn a_certificate() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    rcgen::CertificateParams::new(vec!["payroll.test".into()]).unwrap().self_signed(&key).unwrap().pem()
}

pub const TARGET: &str = r#"
[[targets]]
name = "payroll"
audience = "https://payroll.test"
organizations = ["*"]
hosts = ["payroll.test"]
upstream = "https://127.0.0.1:9"
upstream_name = "payroll.test"
upstream_ca = "upstream.pem"
allowed_addresses = ["127.0.0.1/32"]
start = "https://payroll.test/o/{organization}/"
organization_path = "/o/{organization}/"
organization_headers = []
organization_query = []
organization_json = []
shared_paths = []
rules = [{ methods = ["GET"], path = "/", scope = "read" }]

[[organizations]]
id = "kinloch-hotels"
name = "Kinloch Hotels"
"#;
