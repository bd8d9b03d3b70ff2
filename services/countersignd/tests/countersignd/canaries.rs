//! Secrets that nobody would find by reading the code: put wherever one can stand, and looked for in all that a role leaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::payroll::Payroll;
use super::people::Company;
use super::rig::{Installation, ROLES, Role};

const IN_THE_ENVIRONMENT: &str = "canary-of-the-environment-7391";
const OF_THE_PAGE: [(&str, &str); 3] = [
    ("authorization", "Bearer canary-of-a-header-5502"),
    ("cookie", "session=canary-of-a-cookie-8817"),
    ("x-api-key", "canary-of-a-key-2260"),
];
const IN_THE_QUERY: &str = "canary-of-a-query-9046";

/// Every file under a folder with what stands in it.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                found.push((path, bytes));
            }
        }
    }
    found
}

fn stands_in(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// What a secret of this file looks like wherever it is copied to.
fn looks(bytes: &[u8]) -> Vec<Vec<u8>> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.starts_with("-----BEGIN")
    {
        let longest = text.lines().filter(|line| !line.starts_with('-')).max_by_key(|line| line.len());
        return longest.map(|line| vec![line.as_bytes().to_vec()]).unwrap_or_default();
    }
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![bytes.to_vec(), hex.into_bytes(), statement::base64url(bytes).into_bytes()]
}

fn is_secret(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "key" || ending == "seed")
}

/// A role that says as much as it can, with a secret among what it was started with.
fn start(installation: &Installation, role: &'static str, level: &str) -> Role {
    let said = fs::File::create(said_by(installation, role)).unwrap();
    let mut command = installation.command(role);
    command.env("RUST_LOG", level).env("COUNTERSIGN_CANARY", IN_THE_ENVIRONMENT).stderr(said);
    installation.wait_for(role, command)
}

fn said_by(installation: &Installation, role: &str) -> PathBuf {
    installation.path(&format!("{role}.said"))
}

/// A Session with a secret in each place of its requests, and its end.
async fn work(company: &mut Company) {
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    let (bytes, session, browser) = company.opening_with_browser(&bundle);
    session.open(bytes).await.expect("opened");
    let mut page = browser.get(&format!("salaries?password={IN_THE_QUERY}&page=2")).header("sec-fetch-dest", "empty");
    for (name, value) in OF_THE_PAGE {
        page = page.header(name, value);
    }
    assert_eq!(page.send().await.expect("an answer").status().as_u16(), 200);
    session.end().await.expect("ended");
    tokio::time::sleep(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn l_01_no_secret_stands_in_what_a_role_writes_however_much_it_says() {
    let mut company = Company::new();
    let payroll = Payroll::behind(&company.installation);
    let roles = ROLES.map(|role| start(&company.installation, role, "trace"));
    work(&mut company).await;
    assert!(payroll.last().contains("canary-of-a-cookie-8817"), "it was sent what the page sent: {}", payroll.last());
    drop(roles);
    let all = files(&company.installation.dir());
    let said: Vec<_> = ROLES.map(|role| said_by(&company.installation, role)).into();
    assert!(said.iter().all(|path| all.iter().any(|(name, bytes)| name == path && bytes.len() > 1000)), "they spoke");
    let mut needles: Vec<(String, Vec<u8>)> = OF_THE_PAGE
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.rsplit([' ', '=']).next().unwrap().as_bytes().to_vec()))
        .chain([("query", IN_THE_QUERY), ("environment", IN_THE_ENVIRONMENT)].map(|(n, v)| (n.into(), v.into())))
        .collect();
    for (path, bytes) in all.iter().filter(|(path, _)| is_secret(path)) {
        needles.extend(looks(bytes).into_iter().map(|look| (path.display().to_string(), look)));
    }
    assert!(needles.len() > 20, "{} needles", needles.len());
    let mut found = Vec::new();
    for (path, bytes) in all.iter().filter(|(path, _)| !is_secret(path)) {
        found.extend(needles.iter().filter(|(_, needle)| stands_in(bytes, needle)).map(|(of, _)| (of, path)));
    }
    assert!(found.is_empty(), "{found:?}");
    // Who signed in stands in the log, sealed; what signs them in stands in nothing that a role says.
    for person in [&company.ben, &company.mara, &company.tomasz] {
        let signature = person.token.rsplit(['.', '"', '~']).next().unwrap().as_bytes();
        assert!(signature.len() > 40 && stands_in(person.token.as_bytes(), signature));
        for (path, bytes) in all.iter().filter(|(path, _)| said.contains(path)) {
            assert!(!stands_in(bytes, signature), "a token in {}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l_01_no_role_has_metrics_or_anything_else_that_shows_its_insides() {
    let installation = Installation::new();
    let _roles = ROLES.map(|role| installation.start(role));
    for (from, to) in [("broker", "audit"), ("gateway", "broker"), ("audit", "gateway")] {
        let client = installation.client(from, to);
        for path in ["/metrics", "/v1/metrics", "/debug/pprof", "/debug/vars", "/stats", "/status", "/v1/config"] {
            let answer = client.get_json::<serde_json::Value>(path).await;
            let code = answer.expect_err("nothing is there").code().map(str::to_owned);
            assert!(code.is_some(), "{to} {path} was refused by the role, in its words");
        }
    }
}
