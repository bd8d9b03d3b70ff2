//! One gateway, one audit service, people who go in and a reviewer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use client::{AuditClient, Credentials, GatewayClient, LogClient, ServiceClient};
use domain::{SessionId, SystemClock};
use rcgen::{CertificateParams, KeyPair};
use statement::{Bundle, Request, Terms, sha256};
use tests::forge::{Person, enrolled_event};
use tests::serving::Running;
use tests::site::{Site, moments, now};
use tokio::runtime::Runtime;
use wire::audit::LogEntry;
use wire::event::{Append, EventKind};
use wire::gateway::SessionStatus;

pub struct World {
    pub runtime: Runtime,
    pub site: Site,
    /// For whoever has no Session.
    pub gateway: GatewayClient,
    pub enrols: Vec<String>,
    broker: ServiceClient,
    _running: Vec<Running>,
}

/// Somebody in a Session.
pub struct Inside {
    pub session: SessionId,
    gateway: GatewayClient,
    pages: reqwest::Client,
    at: String,
}

/// Whose name no Recording holds.
pub const PERSON: &str = "Zora Quillfeather";

impl World {
    pub fn new() -> Self {
        Self::with("")
    }

    /// What the service says of people is masked, and what marks stand for is kept.
    pub fn that_masks() -> Self {
        Self::with("mask = { json = [\"$.person\"], originals = true }")
    }

    fn with(mask: &str) -> Self {
        let site = Site::new(1);
        let behind_at = spare_ports::address().expect("a port");
        let behind = site.ca.serve("payroll.test", behind_at, service_behind());
        let mut running: Vec<Running> = site.beside().into();
        let (audit, mut gateways) = site.configs(&targets(behind_at, mask));
        let (gateway, audit_at, gateway_at) = (gateways.remove(0), audit.listen, site.addresses.gateways[0]);
        running.push(Running::start(audit_at, move || async move {
            audit::run(audit, Arc::new(SystemClock), std::future::pending()).await.expect("the audit service runs");
        }));
        running.push(Running::start(gateway_at, move || async move {
            gateway::run(gateway, Arc::new(SystemClock), std::future::pending()).await.expect("the gateway runs");
        }));
        running.push(behind);
        let (certificate, key) = site.ca.certificate("broker");
        let broker = ServiceClient::new(&format!("https://{audit_at}"), &site.ca.pem, &certificate, &key).expect("PEM");
        let gateway = GatewayClient::anonymous(&format!("https://{gateway_at}"), &site.ca.pem).expect("PEM");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let world = Self {
            runtime: runtime.expect("a runtime"),
            gateway,
            enrols: enrols(&site),
            broker,
            _running: running,
            site,
        };
        world.runtime.block_on(async {
            let [first, _] = &world.site.company.administrators;
            for enrol in &world.enrols {
                let code = world.site.company.mfa(first, Some(enrol), moments().enrol);
                world.broker.append(&enrolled_event(first, enrol, &code)).await.expect("enrolled");
            }
        });
        world
    }

    /// The audit service for the reviewer.
    pub fn reviewer(&self) -> AuditClient {
        self.audit_for(&self.site.company.reviewer)
    }

    pub fn audit_for(&self, who: &Person) -> AuditClient {
        let (company, address) = (&self.site.company, self.site.addresses.audit);
        let log = LogClient::new(&format!("https://{address}"), &self.site.ca.pem).expect("PEM");
        let person = Credentials::new(&who.token, who.device.clone(), Arc::new(SystemClock));
        AuditClient::new(&log, person, company.mfa(who, None, now() - 1))
    }

    /// Asked for, countersigned and opened a moment later.
    pub async fn open(&self, organization: &str) -> Inside {
        let company = &self.site.company;
        let mut ask = Request { duration_seconds: 600, ..company.ask() };
        ask.organization.id = organization.parse().expect("an id");
        ask.organization.name = name_of(organization).into();
        let terms = Terms { scope: ask.scope, duration_seconds: 600 };
        let request = company.request(&company.engineer, ask);
        let decision = company.approve(&company.approver, &request, terms);
        for (kind, text) in [(EventKind::RequestSigned, &request), (EventKind::Approved, &decision)] {
            let of = Append::new(kind).organization(&organization.parse().expect("an id"));
            self.broker.append(&of.fact("request", sha256(&request).as_str()).statement(text)).await.expect("logged");
        }
        let key = KeyPair::generate().expect("a key");
        let made = CertificateParams::new(vec!["session".into()]).expect("a name").self_signed(&key).expect("signs");
        let decisions = vec![decision];
        let [first, _] = &company.administrators;
        let bundle = Bundle {
            pk_tokens: [first, &company.engineer, &company.approver].map(|p| p.token.clone()).to_vec(),
            enrols: self.enrols.clone(),
            mfa: vec![
                company.mfa(&company.engineer, None, company.moments.requester_code),
                company.mfa(&company.approver, Some(&decisions[0]), company.moments.decide),
            ],
            open: company.open(&company.engineer, &request, &decisions, &sha256(made.der())),
            request,
            decisions,
            break_glass: None,
        };
        let at = format!("https://{}", self.site.addresses.gateways[0]);
        let (certificate, key, ca) = (made.pem(), key.serialize_pem(), &self.site.ca.pem);
        let gateway = GatewayClient::new(&at, ca, &certificate, &key).expect("PEM");
        let opened = gateway.open(serde_json::to_vec(&bundle).expect("JSON")).await.expect("opens");
        let pages = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(ca.as_bytes()).expect("PEM")])
            .identity(reqwest::Identity::from_pem(format!("{certificate}\n{key}").as_bytes()).expect("PEM"))
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        Inside { session: opened.session, gateway, pages, at: format!("{at}/o/{organization}") }
    }

    /// The entry of this kind about this Session, once it is there.
    pub async fn entry(&self, kind: EventKind, session: &SessionId) -> LogEntry {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let page = self.reviewer().events(None, 100).await.expect("the log");
            let is_it = |e: &LogEntry| e.event.kind == kind && e.event.session.as_ref() == Some(session);
            if let Some(entry) = page.events.into_iter().find(is_it) {
                return entry;
            }
            assert!(Instant::now() < until, "{kind:?} never came");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Inside {
    fn ask(&self, page: &str) -> reqwest::RequestBuilder {
        let request = self.pages.get(format!("{}/{page}", self.at));
        request.header("host", "payroll.test").header("sec-fetch-dest", "empty")
    }

    /// The status, once the whole answer came.
    pub async fn get(&self, page: &str) -> u16 {
        let answer = self.ask(page).send().await.expect("an answer");
        let status = answer.status().as_u16();
        drop(answer.bytes().await);
        status
    }

    /// An answer that never ends.
    pub async fn stream(&self) -> reqwest::Response {
        self.ask("stream").send().await.expect("an answer")
    }

    pub async fn status(&self) -> SessionStatus {
        self.gateway.status().await.expect("a status")
    }

    pub async fn end(&self) {
        self.gateway.end().await.expect("ended");
    }
}

/// Everybody is enrolled by the first administrator.
fn enrols(site: &Site) -> Vec<String> {
    let company = &site.company;
    let [first, _] = &company.administrators;
    let people = [&company.engineer, &company.approver, &company.reviewer];
    people.map(|p| company.enrol(first, &p.id(), &p.thumbprint())).to_vec()
}

fn service_behind() -> Router {
    let stream = || async {
        let lines = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            Some((Ok::<_, std::convert::Infallible>(Bytes::from_static(b"data: {\"ok\":true}\n\n")), ()))
        });
        ([("content-type", "text/event-stream")], Body::from_stream(lines))
    };
    Router::new()
        .route("/o/kinloch-hotels/stream", get(stream))
        .route("/o/kinloch-hotels/person", get(|| async { axum::Json(serde_json::json!({"person": PERSON})) }))
        .fallback(|| async { axum::Json(serde_json::json!({"ok": true})) })
}

fn name_of(organization: &str) -> &'static str {
    if organization == "kinloch-hotels" { "Kinloch Hotels" } else { "Delmar Foods" }
}

fn targets(behind: SocketAddr, mask: &str) -> String {
    format!(
        r#"
[[targets]]
name = "payroll"
audience = "https://payroll.test"
organizations = ["*"]
hosts = ["payroll.test"]
upstream = "https://{behind}"
upstream_name = "payroll.test"
upstream_ca = "ca.pem"
allowed_addresses = ["127.0.0.1/32"]
start = "https://payroll.test/o/{{organization}}/"
organization_path = "/o/{{organization}}/"
rules = [{{ methods = ["GET"], path = "/", scope = "read" }}]
{mask}

[[organizations]]
id = "kinloch-hotels"
name = "Kinloch Hotels"

[[organizations]]
id = "delmar-foods"
name = "Delmar Foods"
"#
    )
}
