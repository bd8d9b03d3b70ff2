//! The service as the gateway meets it: over TLS, with real bundles, receipts and assertions, and with gateways that lie.

#[path = "../../../tests/src/forge/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the company is made for all tests; this one needs a part of it")]
mod forge;
#[path = "entry/forks.rs"]
mod forks;
mod gateway;
mod issuer;

use std::net::SocketAddr;
use std::path::PathBuf;

use checkpoint::LogVerifier;
use domain::{Clock as _, Scope, SystemClock};
use forge::{Company, Good, More, Provider, extended_event, opened_event};
use gateway::Gateway;
use issuer::Issuer;
use payroll::Options;
use reqwest::{Certificate, Client, StatusCode};
use serde_json::{Value, json};
use statement::sha256;
use wire::audit::Consistency;
use wire::event::Source;
use wire::extension::LoggedExtension;
use wire::gateway::{LogShown, ServiceProof};
use wire::join::TrustFile;

struct Stage {
    company: Company,
    gateway: Gateway,
    issuer: Issuer,
    browser: Client,
    control: SocketAddr,
    folder: PathBuf,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Stage {
    async fn set(name: &str) -> Self {
        Self::pinning(name, |company| company.trust_file()).await
    }

    async fn pinning(name: &str, pin: impl FnOnce(&mut Company) -> TrustFile) -> Self {
        Self::opening_ago(name, 5, pin).await
    }

    /// Of a company whose Session opened so many seconds ago.
    async fn opening_ago(name: &str, seconds: i64, pin: impl FnOnce(&mut Company) -> TrustFile) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = std::env::temp_dir().join(format!("payroll-entry-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let issuer = Issuer::start().await;
        let mut company = company_opening(&issuer, seconds);
        let gateway = Gateway::start(&folder).await;
        std::fs::write(folder.join("trust.json"), serde_json::to_string(&pin(&mut company)).unwrap()).unwrap();
        issuer.publish(Some(company.provider.jwks()));
        let (listen, control) = (spare_ports::address().unwrap(), spare_ports::address().unwrap());
        let options = Options {
            dir: folder.clone(),
            listen,
            prepare: false,
            gateway: Some(gateway.address()),
            gateway_ca: Some(folder.join("gateway-ca.pem")),
            trust: Some(folder.join("trust.json")),
            provider_ca: None,
            control: Some(control),
        };
        payroll::prepare(&options).unwrap();
        tokio::spawn(payroll::run(options));
        let ca = Certificate::from_pem(&std::fs::read(folder.join("ca.pem")).unwrap()).unwrap();
        let browser = Client::builder()
            .tls_certs_only([ca])
            .redirect(reqwest::redirect::Policy::none())
            .resolve("payroll.test", listen)
            .build()
            .unwrap();
        for address in [listen, control] {
            while tokio::net::TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
        Self { company, gateway, issuer, browser, control, folder }
    }

    /// The gateway opens the ordinary Session of the pinned company; the claims that it makes of it.
    fn opened(&mut self) -> Value {
        let gateway_id = self.company.trust.gateway_id.clone();
        opened_in(&mut self.company, &self.gateway, &gateway_id)
    }

    async fn get(&self, claims: &Value, path: &str) -> (StatusCode, String) {
        let answer = self.ask(claims, reqwest::Method::GET, path).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    fn ask(&self, claims: &Value, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.browser
            .request(method, format!("https://payroll.test{path}"))
            .header(wire::ASSERTION_HEADER, self.gateway.assert(claims))
    }

    async fn served(&self) -> Value {
        let answer = Client::new().get(format!("http://{}/demo/served", self.control)).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

/// A company whose people sign in at this provider, under a key of its own.
fn company_at(issuer: &Issuer) -> Company {
    company_opening(issuer, 5)
}

fn company_opening(issuer: &Issuer, seconds_ago: i64) -> Company {
    let provider = Provider::new(&issuer.address, "countersign-desktop");
    Company::signing_in_at(provider, SystemClock.now() - seconds_ago, policy::Policy::compiled_in().text())
}

/// The gateway opens the ordinary Session of any company, which the service may not pin.
fn opened_in(company: &mut Company, gateway: &Gateway, gateway_id: &str) -> Value {
    let good = company.good();
    let bundle_json = serde_json::to_string(&good.bundle).unwrap();
    let index = company.log.append(Source::Audit, &opened_event(company, &good), good.opened_at * 1000);
    let receipt = company.log.receipt(index);
    let proof = ServiceProof {
        bundle_json: bundle_json.clone(),
        receipt,
        opened_at: good.opened_at,
        extensions: Vec::new(),
        policies: company.adoptions.clone(),
        log: LogShown::default(),
    };
    gateway.prove(&with_log(company, &proof));
    claims(&good, &bundle_json, gateway_id)
}

/// The proof with what holds it to the log, as the gateway adds it.
fn with_log(company: &Company, proof: &ServiceProof) -> ServiceProof {
    let (log, to) = (&company.log, company.log.size());
    let verifier = LogVerifier::parse(&log.verifier_key()).unwrap();
    let path = |from| Consistency { from, to, path: log.path(from, to) };
    let heads = proof.heads().unwrap();
    let sizes = heads.iter().filter_map(|note| verifier.open(note).ok()).map(|head| head.size);
    let paths = sizes.filter(|size| (1..to).contains(size)).map(path).collect();
    ServiceProof { log: LogShown { head: log.checkpoint(), paths }, ..proof.clone() }
}

fn claims(good: &Good, bundle_json: &str, gateway_id: &str) -> Value {
    let now = SystemClock.now();
    json!({ "iss": gateway_id, "aud": "https://payroll.test", "sub": "e-1001", "name": "Mara Lindqvist", "iat": now,
        "exp": now + 60, "jti": forge::jti(), "organization": "kinloch-hotels", "scope": "read", "session": good.session(),
        "bundle": sha256(bundle_json) })
}

#[tokio::test]
async fn a_proven_session_reads_its_own_organization_and_nothing_else() {
    let mut stage = Stage::set("own").await;
    let claims = stage.opened();
    for path in [
        "",
        "overview",
        "people",
        "people?q=a&page=2",
        "payslips",
        "settings/status",
        "exports/payslips.csv",
        "api/people",
    ] {
        let (status, body) = stage.get(&claims, &format!("/o/kinloch-hotels/{path}")).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        assert!(body.len() > 60, "{path}");
    }
    assert_eq!(stage.get(&claims, "/assets/kestrel.css").await.0, StatusCode::OK);

    for path in [
        "/o/delmar-foods/people",
        "/o/kinloch-hotels/people?organization=delmar-foods",
        "/o/delmar%2Dfoods/people",
        "/o/",
    ] {
        assert_eq!(stage.get(&claims, path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    let elsewhere =
        stage.ask(&claims, reqwest::Method::GET, "/o/kinloch-hotels/people").header("x-organization", "delmar-foods");
    assert_eq!(elsewhere.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/settings").await.0, StatusCode::FORBIDDEN);
    let write = stage.ask(&claims, reqwest::Method::POST, "/o/kinloch-hotels/payslips/generate").body("month=2026-10");
    assert_eq!(write.send().await.unwrap().status(), StatusCode::FORBIDDEN);

    let served = stage.served().await;
    assert!(served["organizations"]["kinloch-hotels"]["bytes"].as_u64().unwrap() > 10_000);
    for other in ["delmar-foods", "brightwater-logistics", "ferrous-works", "cobalt-health"] {
        assert_eq!(served["organizations"][other], json!({ "requests": 0, "bytes": 0, "writes": 0 }), "{other}");
    }
    assert_eq!(served["refused"], 7);
}

#[tokio::test]
async fn the_browser_gets_a_cookie_that_only_its_own_origin_sees() {
    let mut stage = Stage::set("cookie").await;
    let claims = stage.opened();
    let answer = stage.ask(&claims, reqwest::Method::GET, "/o/kinloch-hotels/").send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-kestrel=") && cookie.contains("; Secure; HttpOnly"), "{cookie}");
    let foreign = stage.ask(&claims, reqwest::Method::GET, "/o/kinloch-hotels/").header("origin", "https://evil.test");
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nothing_is_served_without_an_assertion() {
    let stage = Stage::set("bare").await;
    for path in ["/", "/o/kinloch-hotels/", "/assets/kestrel.css", "/demo/served"] {
        let answer = stage.browser.get(format!("https://payroll.test{path}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(stage.served().await["organizations"]["kinloch-hotels"]["bytes"], 0);
}

#[tokio::test]
async fn a_gateway_that_widens_what_was_signed_is_not_believed() {
    let mut stage = Stage::set("widen").await;
    for (name, value) in [
        ("scope", serde_json::to_value(Scope::ReadWrite).unwrap()),
        ("scope", json!("diagnostics")),
        ("organization", json!("delmar-foods")),
        ("session", json!("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")),
        ("bundle", json!("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")),
    ] {
        let mut claims = stage.opened();
        claims[name] = value.clone();
        let path = format!("/o/{}/people", claims["organization"].as_str().unwrap());
        assert_eq!(stage.get(&claims, &path).await.0, StatusCode::FORBIDDEN, "{name} = {value}");
    }
    assert_eq!(stage.served().await["organizations"]["delmar-foods"]["bytes"], 0);
}

#[tokio::test]
async fn a_gateway_that_signs_everything_itself_is_not_believed() {
    let mut stage = Stage::set("forged").await;
    let mut forged = company_at(&stage.issuer);
    let gateway_id = stage.company.trust.gateway_id.clone();
    let claims = opened_in(&mut forged, &stage.gateway, &gateway_id);
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::FORBIDDEN);

    // The people's own signatures, but a log that the service does not pin.
    let mut own_log = company_at(&stage.issuer);
    std::mem::swap(&mut own_log.log, &mut stage.company.log);
    let claims = stage.opened();
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::FORBIDDEN);

    std::mem::swap(&mut own_log.log, &mut stage.company.log);
    let claims = stage.opened();
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::OK);
}

#[tokio::test]
async fn after_a_rotation_the_enrolments_of_before_hold_under_the_pinned_set() {
    let mut stage = Stage::pinning("rotated", |company| {
        let before = company.trust_file();
        company.rotate();
        before
    })
    .await;
    let claims = stage.opened();
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::OK);
}

#[tokio::test]
async fn after_a_rotation_a_set_that_is_not_pinned_enrols_nobody() {
    let mut stage = Stage::pinning("unpinned", |company| {
        company.rotate();
        let mut file = company.trust_file();
        file.provider_keys.remove(0);
        file
    })
    .await;
    let claims = stage.opened();
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn after_a_rotation_nobody_asks_with_the_retired_key() {
    let mut stage = Stage::set("retired").await;
    let claims = stage.opened();
    stage.company.rotate();
    stage.issuer.publish(Some(stage.company.provider.jwks()));
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_the_issuer_nobody_comes_in() {
    let mut stage = Stage::set("silent").await;
    stage.issuer.publish(None);
    let claims = stage.opened();
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::FORBIDDEN);
}

/// A Session whose first end has passed, and what extended it then.
struct Longer {
    good: Good,
    more: More,
    proof: ServiceProof,
}

impl Longer {
    fn of(stage: &mut Stage) -> Self {
        let company = &mut stage.company;
        let good = company.good();
        let more = company.more(&good);
        let bundle_json = serde_json::to_string(&good.bundle).unwrap();
        let index = company.log.append(Source::Audit, &opened_event(company, &good), good.opened_at * 1000);
        let receipt = company.log.receipt(index);
        let proof = ServiceProof {
            bundle_json,
            receipt,
            opened_at: good.opened_at,
            extensions: Vec::new(),
            policies: Vec::new(),
            log: LogShown::default(),
        };
        Self { good, more, proof }
    }

    fn extension(&self, company: &mut Company, ends_at: i64) -> LoggedExtension {
        let event = extended_event(company, &self.good, &self.more, ends_at);
        let index = company.log.append(Source::Audit, &event, self.more.extended_at * 1000);
        let bundle_json = serde_json::to_string(&self.more.bundle).unwrap();
        LoggedExtension { bundle_json, receipt: company.log.receipt(index) }
    }

    async fn visit(&self, stage: &Stage) -> StatusCode {
        let claims = claims(&self.good, &self.proof.bundle_json, &stage.company.trust.gateway_id);
        stage.get(&claims, "/o/kinloch-hotels/people").await.0
    }
}

#[tokio::test]
async fn an_extended_session_is_believed_for_as_long_as_was_countersigned() {
    let mut stage = Stage::opening_ago("longer", 2000, |company| company.trust_file()).await;
    let mut longer = Longer::of(&mut stage);
    stage.gateway.prove(&with_log(&stage.company, &longer.proof));
    assert_eq!(longer.visit(&stage).await, StatusCode::FORBIDDEN, "its first end has passed");
    let ends_at = longer.good.opened_at + 2700;
    let extension = longer.extension(&mut stage.company, ends_at);
    longer.proof.extensions.push(extension);
    stage.gateway.prove(&with_log(&stage.company, &longer.proof));
    assert_eq!(longer.visit(&stage).await, StatusCode::OK, "it asks the gateway again");

    let mut over = Stage::opening_ago("longer-over", 2701, |company| company.trust_file()).await;
    let mut longer = Longer::of(&mut over);
    let ends_at = longer.good.opened_at + 2700;
    let extension = longer.extension(&mut over.company, ends_at);
    longer.proof.extensions.push(extension);
    over.gateway.prove(&with_log(&over.company, &longer.proof));
    assert_eq!(longer.visit(&over).await, StatusCode::FORBIDDEN, "and its last end has passed");
}

#[tokio::test]
async fn a_12_a_gateway_that_extends_by_itself_is_not_believed() {
    let mut stage = Stage::opening_ago("longer-alone", 2000, |company| company.trust_file()).await;
    let mut longer = Longer::of(&mut stage);
    let ends_at = longer.good.opened_at + 2700;
    let good = longer.extension(&mut stage.company, ends_at);
    let further = longer.extension(&mut stage.company, ends_at + 3600);
    let own = LoggedExtension { bundle_json: longer.proof.bundle_json.clone(), ..good.clone() };
    let elsewhere = LoggedExtension { receipt: longer.proof.receipt.clone(), ..good.clone() };
    longer.more.bundle.decisions.clear();
    let alone = longer.extension(&mut stage.company, ends_at);
    for forged in [further, own, elsewhere, alone] {
        longer.proof.extensions = vec![forged];
        stage.gateway.prove(&with_log(&stage.company, &longer.proof));
        assert_eq!(longer.visit(&stage).await, StatusCode::FORBIDDEN);
    }
    longer.proof.extensions = vec![good];
    stage.gateway.prove(&with_log(&stage.company, &longer.proof));
    assert_eq!(longer.visit(&stage).await, StatusCode::OK);
}
