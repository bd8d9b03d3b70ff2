use std::fs;
use std::net::SocketAddr;

use crate::issuer::Issuer;
use crate::payroll::Payroll;
use crate::people::Company;
use crate::relay::{Cut, Relay};
use crate::rig::Installation;

/// Who calls whom, each way by itself.
pub const WAYS: [&str; 8] = [
    "gateway>broker",
    "gateway>audit",
    "broker>audit",
    "desktop>broker",
    "desktop>gateway",
    "desktop>audit",
    "gateway>service",
    "all>provider",
];

/// A company whose every way can be cut.
pub struct Ways {
    pub company: Company,
    relays: [Relay; 8],
}

impl Ways {
    pub fn new() -> Self {
        let mut provider = None;
        let issuer = Issuer::reached_at(|own| provider.insert(Relay::to(own)).address);
        let mut company = Company::of_issuer(issuer);
        let installation = &mut company.installation;
        let _payroll = Payroll::behind(installation);
        let role = |name: &str| Relay::to(([127, 0, 0, 1], installation.port_of(name)).into());
        let relays = [
            role("broker"),
            role("audit"),
            role("audit"),
            role("broker"),
            role("gateway"),
            role("audit"),
            service(installation),
            provider.unwrap(),
        ];
        let at = |way: &str| &relays[place(way)];
        set(installation, "gateway", "broker", at("gateway>broker").https());
        set(installation, "gateway", "audit", at("gateway>audit").https());
        set(installation, "broker", "audit", at("broker>audit").https());
        for role in ["broker", "gateway", "audit"] {
            let address = at(&format!("desktop>{role}")).https();
            set(installation, role, "base_url", address.clone());
            installation.for_desktops.insert(role, address);
        }
        set(installation, "gateway", "host", vec![at("desktop>gateway").address.to_string()]);
        Self { company, relays }
    }

    pub fn set(&self, way: &str, cut: Cut) {
        self.relays[place(way)].set(cut);
    }
}

fn place(way: &str) -> usize {
    WAYS.iter().position(|w| *w == way).unwrap()
}

fn set(installation: &Installation, role: &str, key: &str, value: impl Into<toml::Value>) {
    let config = installation.config(role);
    let mut table: toml::Table = fs::read_to_string(&config).unwrap().parse().unwrap();
    assert!(table.insert(key.into(), value.into()).is_some(), "{role} has no {key}");
    fs::write(&config, toml::to_string(&table).unwrap()).unwrap();
}

/// Put between the gateway and the service that it knows.
fn service(installation: &Installation) -> Relay {
    let file = installation.path("gateway/targets.toml");
    let text = fs::read_to_string(&file).unwrap();
    let address = text.split("upstream = \"https://").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let relay = Relay::to(address.parse::<SocketAddr>().unwrap());
    fs::write(&file, text.replace(&address, &relay.address.to_string())).unwrap();
    relay
}
