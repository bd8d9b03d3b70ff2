//! The gateway with everything on: each body is kept, pages get the recorder, nothing passes before its record is on disk.
//! Beside it nginx and the service itself, asked for the same documents by the same callers.

mod load;
mod nginx;
mod process;
pub mod service;
mod world;

use std::time::Duration;

use anyhow::Context as _;
use tokio_rustls::TlsConnector;

use crate::measure::{Case, RUNS};
use load::{Connection, Document, HTML, JSON, PEOPLE};
use nginx::Nginx;
use world::{Session, SessionKey, World};

/// How the service is called.
const HOST: &str = "payroll.test";
/// So many connections a certificate may have.
const OF_A_SESSION: usize = 64;
const SESSIONS: usize = 200;

/// Callers and requests of a run, for the small document and the large one.
const LOADS: [(usize, usize, usize); 3] = [(1, 600, 200), (32, 4_000, 600), (256, 4_000, 600)];

struct Bench {
    world: World,
    nginx: Nginx,
    sessions: Vec<Session>,
}

/// Those whose names may begin like `only`.
pub async fn cases(only: &str) -> anyhow::Result<Vec<Case>> {
    let wanted = |names: &str| names.starts_with(only) || only.starts_with(names);
    let world = World::start().await?;
    let nginx = Nginx::start(world.site.folder(), world.service).await?;
    let nginx = nginx.context("nginx is not installed (apt-get install nginx-light)")?;
    let mut bench = Bench { world, nginx, sessions: Vec::new() };
    let mut cases = Vec::new();
    cases.push(bench.memory("idle")?);
    if wanted("open/") {
        cases.push(bench.opening().await?);
    }
    for _ in bench.sessions.len()..256 / OF_A_SESSION {
        let session = bench.world.session().await?;
        bench.sessions.push(session);
    }
    for document in [JSON, HTML] {
        for (callers, small, large) in LOADS {
            let name = format!("rps/{}/c{callers}", document.name);
            let requests = if document.name == JSON.name { small } else { large };
            if wanted(&name) {
                cases.extend(bench.rates(&name, document, callers, requests).await?);
            }
        }
        let name = format!("latency/{}", document.name);
        if wanted(&name) {
            cases.extend(bench.latency(&name, document).await?);
        }
    }
    let name = format!("rps/{}/c32", PEOPLE.name);
    if wanted(&name) {
        cases.extend(bench.rates(&name, PEOPLE, 32, 200).await?);
    }
    cases.push(bench.memory("after")?);
    cases.push(bench.peak()?);
    if wanted("sessions/") {
        cases.push(bench.many().await?);
        cases.push(bench.memory("sessions")?);
    }
    for session in &bench.sessions {
        session.end().await?;
    }
    Ok(cases)
}

impl Bench {
    fn memory(&self, when: &str) -> anyhow::Result<Case> {
        let both = [(process::resident(self.world.gateway_id())?, process::resident(self.nginx.id())?)];
        Ok(Case::of(&format!("memory/{when}"), "nginx", "MiB", &both))
    }

    /// The most that was ever held.
    fn peak(&self) -> anyhow::Result<Case> {
        let both = [(process::peak(self.world.gateway_id())?, process::peak(self.nginx.id())?)];
        Ok(Case::of("memory/peak", "nginx", "MiB", &both))
    }

    /// From the bundle to the answer, beside a connection with a certificate alone.
    async fn opening(&mut self) -> anyhow::Result<Case> {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let key = SessionKey::new()?;
            let bundle = self.world.granted(&key).await?;
            let (session, took) = self.world.open(&key, &bundle).await?;
            let start = std::time::Instant::now();
            drop(Connection::open(&session.tls, self.nginx.address).await?);
            times.push((took, start.elapsed()));
            self.sessions.push(session);
        }
        Ok(Case::micros("open/session", "a TLS connection", 1, &times))
    }

    /// Connections to the gateway, in its Sessions by turns.
    async fn through(&self, callers: usize) -> anyhow::Result<Vec<Connection>> {
        let mut connections = Vec::with_capacity(callers);
        for session in self.sessions.iter().cycle().take(callers) {
            connections.push(Connection::open(&session.tls, self.world.gateway).await?);
        }
        Ok(connections)
    }

    fn tls(&self) -> &TlsConnector {
        &self.sessions[0].tls
    }

    async fn beside(&self, callers: usize, address: std::net::SocketAddr) -> anyhow::Result<Vec<Connection>> {
        let mut connections = Vec::with_capacity(callers);
        for _ in 0..callers {
            connections.push(Connection::open(self.tls(), address).await?);
        }
        Ok(connections)
    }

    async fn rates(&self, name: &str, what: Document, callers: usize, requests: usize) -> anyhow::Result<[Case; 4]> {
        let (mut beside_nginx, mut beside_service) = (Vec::new(), Vec::new());
        let (mut busy, mut audit) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let (callers_of_ours, before) = (self.through(callers).await?, process::busy(self.world.gateway_id())?);
            let at_audit = process::busy(self.world.audit_id())?;
            let took = load::closed(callers_of_ours, what, requests).await?;
            let at_audit = process::busy(self.world.audit_id())? - at_audit;
            let ours = process::busy(self.world.gateway_id())? - before;
            let (nginx, before) = (self.beside(callers, self.nginx.address).await?, process::busy(self.nginx.id())?);
            beside_nginx.push((took, load::closed(nginx, what, requests).await?));
            let by_nginx = process::busy(self.nginx.id())? - before;
            busy.push((ours, by_nginx));
            audit.push((at_audit, by_nginx));
            let service = self.beside(callers, self.world.service).await?;
            beside_service.push((took, load::closed(service, what, requests).await?));
        }
        let of = |name: &str, beside: &str, times: &[(Duration, Duration)]| {
            Case::rates(name, beside, "requests a second", requests, times)
        };
        let processor = name.replace("rps", "processor");
        Ok([
            of(name, "nginx", &beside_nginx),
            of(&format!("{name}/direct"), "the service itself", &beside_service),
            Case::micros(&processor, "nginx", requests, &busy),
            Case::micros(&format!("{processor}/audit"), "nginx", requests, &audit),
        ])
    }

    /// The slowest of a hundred at half of what the gateway takes.
    async fn latency(&self, name: &str, what: Document) -> anyhow::Result<[Case; 2]> {
        const CALLERS: usize = 32;
        const MOST: usize = 1_000;
        /// Fewer have no slowest of a hundred.
        const FEWEST: usize = 200;
        /// A turn of each of the three takes about so many seconds, unless that would be fewer requests.
        const TURN: f64 = 3.0;
        let all = load::closed(self.through(CALLERS).await?, what, MOST).await?;
        let rate = MOST as f64 / all.as_secs_f64() / 2.0;
        let requests = ((rate * TURN) as usize).clamp(FEWEST, MOST);
        let p99 = |times: Vec<Duration>| times[times.len() * 99 / 100].as_secs_f64() * 1e3;
        let (mut beside_nginx, mut beside_service) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let took = p99(load::paced(self.through(CALLERS).await?, what, requests, rate).await?);
            let nginx = self.beside(CALLERS, self.nginx.address).await?;
            beside_nginx.push((took, p99(load::paced(nginx, what, requests, rate).await?)));
            let service = self.beside(CALLERS, self.world.service).await?;
            beside_service.push((took, p99(load::paced(service, what, requests, rate).await?)));
        }
        let of = |name: &str, beside: &str, both: &[(f64, f64)]| Case::of(name, beside, "milliseconds", both);
        Ok([
            of(&format!("{name}/p99"), "nginx", &beside_nginx),
            of(&format!("{name}/p99/direct"), "the service itself", &beside_service),
        ])
    }

    /// Each of 200 Sessions with a connection of its own, beside as many connections to nginx.
    async fn many(&mut self) -> anyhow::Result<Case> {
        while self.sessions.len() < SESSIONS {
            let session = self.world.session().await?;
            self.sessions.push(session);
        }
        let name = format!("sessions/{SESSIONS}");
        let [case, ..] = self.rates(&name, JSON, SESSIONS, 4_000).await?;
        Ok(case)
    }
}
