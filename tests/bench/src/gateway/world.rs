//! The gateway with all that it needs, each service a process of its own, and Sessions in it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use client::{GatewayClient, ServiceClient};
use domain::Digest;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use statement::{Bundle, Request, Terms, sha256};
use tests::forge::enrolled_event;
use tests::serving::{Running, write};
use tests::site::{Site, moments};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use wire::event::{Append, EventKind};

use super::{HOST, service};
use crate::role::{Process, Role};

pub struct World {
    pub gateway: SocketAddr,
    pub service: SocketAddr,
    gateway_process: Process,
    broker: ServiceClient,
    enrols: Vec<String>,
    asked: usize,
    audit_process: Process,
    _behind: Process,
    _beside: [Running; 2],
    pub site: Site,
}

/// What a desktop holds of a Session.
pub struct Session {
    pub tls: TlsConnector,
    own: GatewayClient,
}

impl World {
    pub async fn start() -> anyhow::Result<Self> {
        let (site, service) = (Site::new(1), spare_ports::address()?);
        let (audit, gateways) = site.configs(&targets(service));
        let beside = tokio::task::block_in_place(|| site.beside());
        let folder = site.folder();
        let (certificate, key) = site.ca.certificate(HOST);
        let of = service::Config {
            listen: service,
            certificate: folder.join("service.pem"),
            private_key: folder.join("service.key"),
        };
        write(&of.certificate, certificate.as_bytes());
        write(&of.private_key, key.as_bytes());
        for (name, text) in [
            ("service.json", serde_json::to_string(&of)?),
            ("audit.toml", toml::to_string(&audit)?),
            ("gateway.toml", toml::to_string(&gateways[0])?),
        ] {
            write(&folder.join(name), text.as_bytes());
        }
        let behind = Process::start(Role::Service, &folder.join("service.json"))?;
        let audit_process = Process::start(Role::Audit, &folder.join("audit.toml"))?;
        listens(site.addresses.audit).await?;
        let gateway_process = Process::start(Role::Gateway, &folder.join("gateway.toml"))?;
        let gateway = site.addresses.gateways[0];
        listens(gateway).await?;
        let (certificate, key) = site.ca.certificate("broker");
        let audit_url = format!("https://{}", site.addresses.audit);
        let broker = ServiceClient::new(&audit_url, &site.ca.pem, &certificate, &key)?;
        let mut world = Self {
            gateway,
            service,
            gateway_process,
            broker,
            enrols: Vec::new(),
            asked: 0,
            audit_process,
            _behind: behind,
            _beside: beside,
            site,
        };
        world.enrol().await?;
        Ok(world)
    }

    pub fn gateway_id(&self) -> u32 {
        self.gateway_process.id()
    }

    pub fn audit_id(&self) -> u32 {
        self.audit_process.id()
    }

    async fn enrol(&mut self) -> anyhow::Result<()> {
        let company = &self.site.company;
        let [first, _] = &company.administrators;
        for person in [&company.engineer, &company.approver] {
            let enrol = company.enrol(first, &person.id(), &person.thumbprint());
            let code = company.mfa(first, Some(&enrol), moments().enrol);
            self.broker.append(&enrolled_event(first, &enrol, &code)).await?;
            self.enrols.push(enrol);
        }
        Ok(())
    }

    /// Asks, countersigns and logs both; what opens it is signed, and nothing is opened yet.
    pub async fn granted(&mut self, key: &SessionKey) -> anyhow::Result<Bundle> {
        self.site.company.moments = moments();
        self.asked += 1;
        let company = &self.site.company;
        let ask = Request { ticket: format!("SUP-{}", self.asked), ..company.ask() };
        let terms = Terms { duration_seconds: ask.duration_seconds, scope: ask.scope };
        let organization = ask.organization.id.clone();
        let request = company.request(&company.engineer, ask);
        let decision = company.approve(&company.approver, &request, terms);
        for (kind, statement) in [(EventKind::RequestSigned, &request), (EventKind::Approved, &decision)] {
            let event = Append::new(kind).organization(&organization);
            self.broker.append(&event.fact("request", sha256(&request).as_str()).statement(statement)).await?;
        }
        let decisions = vec![decision];
        let [first, _] = &company.administrators;
        Ok(Bundle {
            pk_tokens: [first, &company.engineer, &company.approver].map(|p| p.token.clone()).to_vec(),
            enrols: self.enrols.clone(),
            mfa: vec![
                company.mfa(&company.engineer, None, company.moments.requester_code),
                company.mfa(&company.approver, Some(&decisions[0]), company.moments.decide),
            ],
            open: company.open(&company.engineer, &request, &decisions, &key.certificate),
            request,
            decisions,
            break_glass: None,
        })
    }

    /// Opens, and says how long that took.
    pub async fn open(&self, key: &SessionKey, bundle: &Bundle) -> anyhow::Result<(Session, Duration)> {
        let url = format!("https://{}", self.gateway);
        let own = GatewayClient::new(&url, &self.site.ca.pem, &key.certificate_pem, &key.key_pem)?;
        let (bytes, start) = (serde_json::to_vec(bundle)?, Instant::now());
        own.open(bytes).await?;
        Ok((Session { tls: key.tls(&self.site.ca.pem)?, own }, start.elapsed()))
    }

    /// One more Session.
    pub async fn session(&mut self) -> anyhow::Result<Session> {
        let key = SessionKey::new()?;
        let bundle = self.granted(&key).await?;
        Ok(self.open(&key, &bundle).await?.0)
    }
}

impl Session {
    pub async fn end(&self) -> anyhow::Result<()> {
        let status = self.own.end().await?;
        anyhow::ensure!(!status.open, "a Session goes on after its end");
        Ok(())
    }
}

/// A certificate for one Session.
pub struct SessionKey {
    pub certificate: Digest,
    certificate_pem: String,
    key_pem: String,
}

impl SessionKey {
    pub fn new() -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let made = CertificateParams::new(vec!["session".into()])?.self_signed(&key)?;
        Ok(Self { certificate: sha256(made.der()), certificate_pem: made.pem(), key_pem: key.serialize_pem() })
    }

    fn tls(&self, ca: &str) -> anyhow::Result<TlsConnector> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes())?)?;
        let certificate = CertificateDer::from_pem_slice(self.certificate_pem.as_bytes())?;
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes())?;
        let config = rustls::ClientConfig::builder()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![certificate], key)?;
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

async fn listens(address: SocketAddr) -> anyhow::Result<()> {
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("nobody listens on {address}")
}

fn targets(service: SocketAddr) -> String {
    format!(
        r#"
[[targets]]
name = "payroll"
audience = "https://{HOST}"
organizations = ["kinloch-hotels"]
hosts = ["{HOST}"]
upstream = "https://{service}"
upstream_name = "{HOST}"
upstream_ca = "ca.pem"
allowed_addresses = ["127.0.0.1/32"]
start = "https://{HOST}/o/{{organization}}/"
organization_path = "/o/{{organization}}/"
rules = [{{ methods = ["GET"], path = "/", scope = "read" }}]

[targets.mask]
json = ["$.payslips[*].name"]
selectors = ["td.account"]
patterns = ["e-mail", "iban"]

[[organizations]]
id = "kinloch-hotels"
name = "Kinloch Hotels"
"#
    )
}
