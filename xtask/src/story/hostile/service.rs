use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::ensure;
use serde_json::{Value, json};

use super::traps::Traps;
use crate::{certificate, folders::root, process::Process};

/// The Organization that it has.
pub const ORGANIZATION: &str = "harbour-lane";
/// The one that its page is not opened for.
pub const OTHER: &str = "kinloch-hotels";
const HOST: &str = "harbour.test";
/// Tries that need no command of ours: the web engine's and the framework's own.
const FOREIGN_COMMANDS: [&str; 12] = [
    "plugin:event|listen",
    "plugin:event|emit",
    "plugin:app|version",
    "plugin:path|resolve_directory",
    "plugin:window|create",
    "plugin:window|get_all_windows",
    "plugin:webview|create_webview",
    "plugin:webview|get_all_webviews",
    "plugin:opener|open_url",
    "plugin:opener|open_path",
    "plugin:resources|close",
    "no_such_command",
];
/// Every argument that a command of ours could want.
const ARGUMENTS: [&str; 12] =
    ["request", "session", "id", "code", "comment", "file", "url", "text", "person", "device", "view", "to"];
const LINKS: [&str; 7] = [
    "countersign://approve?id=1",
    "tauri://localhost/index.html",
    "http://tauri.localhost/index.html",
    "replay://localhost/player.html",
    "file:///etc/passwd",
    "data:text/html,elsewhere",
    "https://foreign.example/",
];
const START: Duration = Duration::from_secs(20);

/// It runs, and what it was told.
pub struct Hostile {
    process: Process,
    pub traps: Traps,
    /// What the gateway is to know of it.
    pub target: PathBuf,
    expected: Vec<String>,
}

impl Hostile {
    /// Sets the traps and starts the service with a certificate of a CA of its own.
    pub fn start(state: &Path, logs: &Path) -> anyhow::Result<Self> {
        let folder = state.join("hostile");
        fs::create_dir_all(&folder)?;
        certificate::make(&folder, HOST)?;
        let inside = folder.join("inside.html");
        fs::write(&inside, "<script>parent.postMessage('a file', '*')</script>")?;
        let traps = Traps::set()?;
        let names = fs::read_to_string(root().join("src-tauri/command-names.in"))?;
        let mut commands: Vec<String> = names.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        ensure!(!commands.is_empty(), "the app has no commands");
        commands.extend(FOREIGN_COMMANDS.map(str::to_owned));
        let mut links = LINKS.map(str::to_owned).to_vec();
        links.extend(traps.addresses());
        let arguments: serde_json::Map<String, Value> =
            ARGUMENTS.iter().map(|name| ((*name).to_owned(), Value::String("x".to_owned()))).collect();
        let plan = json!({
            "organization": ORGANIZATION,
            "other": OTHER,
            "neighbour": "https://payroll.test",
            "commands": commands,
            "arguments": arguments,
            "addresses": traps.addresses(),
            "foreign": ["https://foreign.example", "https://harbour.test:8443", "http://harbour.test"],
            "file": format!("file://{}", inside.display()),
            "stun": traps.stun(),
            "links": links,
        });
        let told = json!({ "port": 0, "folder": folder, "plan": plan });
        let mut node = Command::new("node");
        node.arg(root().join("xtask/hostile/service.mjs")).arg(told.to_string());
        let mut process = Process::start("hostile", &mut node, logs, "")?;
        let port = process.wait(START, |text| said(text).find_map(|line| line["port"].as_u64()))?;
        let target = folder.join("target.toml");
        fs::write(&target, described(port))?;
        let mut expected: Vec<String> = commands.iter().map(|name| format!("command: {name}")).collect();
        expected.extend(links.iter().map(|link| format!("leaving: {link}")));
        Ok(Self { process, traps, target, expected })
    }

    /// What the page has reported, by attempt.
    pub fn reports(&self) -> BTreeMap<String, String> {
        let text = self.process.text();
        said(&text)
            .filter(|line| line["kind"] == "report")
            .filter_map(|line| Some((line["name"].as_str()?.to_owned(), line["outcome"].as_str()?.to_owned())))
            .collect()
    }

    /// Whether it has tried everything.
    pub fn is_done(&self) -> bool {
        self.reports().contains_key("end")
    }

    /// What reached the service that should not have: another Organization, or a write.
    pub fn passed(&self) -> Vec<String> {
        said(&self.process.text())
            .filter(|line| line["kind"] == "foreign" || line["kind"] == "write")
            .map(|line| line.to_string())
            .collect()
    }

    /// Nothing was found, caught or let through, and nothing was left untried. Answers how many attempts there were.
    ///
    /// # Errors
    /// The first thing that was.
    pub fn judge(&self) -> anyhow::Result<usize> {
        let reports = self.reports();
        for name in &self.expected {
            ensure!(reports.contains_key(name), "\"{name}\" was not tried");
        }
        let mut found: Vec<String> = reports
            .iter()
            .filter(|(_, outcome)| outcome.starts_with('!'))
            .map(|(name, outcome)| format!("{name} {outcome}"))
            .collect();
        found.extend(self.traps.hits().into_iter().map(|hit| format!("caught: {hit}")));
        found.extend(self.passed().into_iter().map(|passed| format!("the service was asked: {passed}")));
        ensure!(found.is_empty(), "ways out: {found:#?}");
        Ok(reports.len())
    }
}

fn said(text: &str) -> impl Iterator<Item = Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

fn described(port: u64) -> String {
    format!(
        r#"[[targets]]
name = "harbour-lane"
audience = "https://{HOST}"
organizations = ["{ORGANIZATION}"]
hosts = ["{HOST}"]
upstream = "https://127.0.0.1:{port}"
upstream_name = "{HOST}"
upstream_ca = "ca.pem"
allowed_addresses = ["127.0.0.1/32"]
start = "https://{HOST}/o/{{organization}}/"
organization_path = "/o/{{organization}}/"
organization_headers = ["x-organization"]
organization_query = ["organization"]
organization_json = ["organization"]
rules = [
  {{ methods = ["GET"], path = "/", scope = "read" }},
  {{ methods = ["POST", "PUT"], path = "/", scope = "read-write" }},
]

[[organizations]]
id = "{ORGANIZATION}"
name = "Harbour Lane Books"
"#
    )
}
