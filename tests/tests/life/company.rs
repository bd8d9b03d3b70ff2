//! A company, its audit service, its two gateways, a hostile broker and the service behind.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use client::ServiceClient;
use serde_json::json;
use tests::serving::{Running, Skewed};
use tests::site::Site;
use tokio::runtime::Runtime;

pub const GATEWAYS: usize = 2;
/// The audit service, as something that can be killed or skewed.
pub const AUDIT: usize = GATEWAYS;

pub struct World {
    pub runtime: Runtime,
    pub clocks: [Arc<Skewed>; GATEWAYS + 1],
    pub addresses: [SocketAddr; GATEWAYS + 1],
    pub broker: ServiceClient,
    /// Requests that reached the service behind.
    pub arrived: Arc<AtomicUsize>,
    configs: (audit::Config, Vec<gateway::Config>),
    services: [Running; GATEWAYS + 1],
    _beside: ([Running; 2], Running),
    pub site: Site,
}

impl World {
    pub fn new() -> Self {
        let site = Site::new(GATEWAYS);
        let service_at = spare_ports::address().expect("a port");
        let arrived = Arc::<AtomicUsize>::default();
        let behind = site.ca.serve("payroll.test", service_at, service_behind(&arrived));
        let beside = (site.beside(), behind);
        let configs = site.configs(&targets(service_at));
        let [first, second] = site.addresses.gateways[..] else { panic!("two gateways") };
        let addresses = [first, second, site.addresses.audit];
        let clocks = [(); GATEWAYS + 1].map(|()| Arc::<Skewed>::default());
        let services = [AUDIT, 0, 1].map(|n| start(n, &configs, &clocks, addresses));
        let [audit, first, second] = services;
        let (certificate, key) = site.ca.certificate("broker");
        let broker = ServiceClient::new(&format!("https://{}", addresses[AUDIT]), &site.ca.pem, &certificate, &key);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Self {
            runtime: runtime.expect("a runtime"),
            clocks,
            addresses,
            broker: broker.expect("a client"),
            arrived,
            configs,
            services: [first, second, audit],
            _beside: beside,
            site,
        }
    }

    /// Kills one of them and starts it again over its files.
    pub fn kill(&mut self, which: usize) {
        self.services[which].kill();
        self.services[which] = start(which, &self.configs, &self.clocks, self.addresses);
    }
}

fn start(
    which: usize,
    (audit, gateways): &(audit::Config, Vec<gateway::Config>),
    clocks: &[Arc<Skewed>; GATEWAYS + 1],
    addresses: [SocketAddr; GATEWAYS + 1],
) -> Running {
    let clock = clocks[which].clone();
    if which == AUDIT {
        let config = audit.clone();
        return Running::start(addresses[which], move || async move {
            audit::run(config, clock, std::future::pending()).await.expect("the audit service runs");
        });
    }
    let config = gateways[which].clone();
    Running::start(addresses[which], move || async move {
        gateway::run(config, clock, std::future::pending()).await.expect("the gateway runs");
    })
}

fn service_behind(arrived: &Arc<AtomicUsize>) -> Router {
    let arrived = arrived.clone();
    Router::new().fallback(move || async move {
        arrived.fetch_add(1, Ordering::SeqCst);
        axum::Json(json!({"ok": true}))
    })
}

fn targets(service_at: SocketAddr) -> String {
    format!(
        r#"
[[targets]]
name = "payroll"
audience = "https://payroll.test"
organizations = ["kinloch-hotels"]
hosts = ["payroll.test"]
upstream = "https://{service_at}"
upstream_name = "payroll.test"
upstream_ca = "ca.pem"
allowed_addresses = ["127.0.0.1/32"]
start = "https://payroll.test/o/{{organization}}/"
organization_path = "/o/{{organization}}/"
rules = [
  {{ methods = ["GET"], path = "/", scope = "read" }},
  {{ methods = ["POST"], path = "/", scope = "read-write" }},
]

[[organizations]]
id = "kinloch-hotels"
name = "Kinloch Hotels"
"#
    )
}
