//! SIGTERM in the middle of work: each role ends by itself, in good time and well, and what it acknowledged is kept. SIGHUP
//! ends nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use client::GatewayClient;
use domain::SessionId;
use statement::Bundle;
use wire::event::{Append, EventKind, Receipt};

use super::full_disk::SmallDisk;
use super::payroll::Payroll;
use super::people::{Browser, Company, id_of};
use super::processes::{process_of, signal, soon};
use super::rig::{Installation, ROLES, Role};

/// As long as the supervisor waits for a role that it told to stop.
const BOUND: Duration = Duration::from_secs(10);

/// Tells it to stop; it ends by itself and well.
pub fn stop(mut role: Role) {
    let begun = Instant::now();
    signal("-TERM", role.process.id());
    while role.process.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < BOUND, "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(role.process.wait().unwrap().code(), Some(0));
}

/// A Session in which several pages are asked for at once, until something does not answer.
struct Traffic {
    session: SessionId,
    answered: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    pages: Vec<tokio::task::JoinHandle<()>>,
}

impl Traffic {
    async fn begin(company: &Company, bundle: &Bundle) -> (Self, GatewayClient) {
        let (bytes, client, browser) = company.opening_with_browser(bundle);
        let session = client.open(bytes).await.expect("opened").session;
        let (answered, over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let page = |_| tokio::spawn(ask(browser.clone(), answered.clone(), over.clone()));
        let pages = (0..3).map(page).collect();
        (Self { session, answered, over, pages }, client)
    }

    async fn until(&self, pages: u64) {
        let begun = Instant::now();
        while self.answered.load(Ordering::SeqCst) < pages {
            assert!(begun.elapsed() < Duration::from_secs(20), "{} pages", self.answered.load(Ordering::SeqCst));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The pages that came whole.
    async fn end(self) -> (SessionId, u64) {
        self.over.store(true, Ordering::SeqCst);
        for page in self.pages {
            page.await.unwrap();
        }
        (self.session, self.answered.load(Ordering::SeqCst))
    }
}

async fn ask(browser: Browser, answered: Arc<AtomicU64>, over: Arc<AtomicBool>) {
    let mut number = 0;
    while !over.load(Ordering::SeqCst) {
        match browser.page(&format!("page/{number}")).await {
            Ok(200) => drop(answered.fetch_add(1, Ordering::SeqCst)),
            _ => return,
        }
        number += 1;
    }
}

/// The Recording was sealed whole, and holds at least what people saw.
async fn check_sealed(installation: &Installation, session: &SessionId, reason: &str, answered: u64) {
    let facts = installation.sealed_facts(session).await;
    let number = |name: &str| facts[name].parse::<u64>().unwrap();
    assert_eq!((facts["reason"].as_str(), number("missing-batches")), (reason, 0));
    assert!(answered > 0 && number("exchanges") >= answered, "{answered} pages, {} exchanges", number("exchanges"));
    soon("the spool is put away", || !installation.path(&format!("gateway/spool/{session}")).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_11_a_gateway_that_is_told_to_stop_seals_what_it_let_through() {
    let mut company = Company::new();
    let payroll = Payroll::behind(&company.installation);
    let [_audit, _broker, gateway] = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let (traffic, _client) = Traffic::begin(&company, &company.approved().await).await;
    traffic.until(30).await;
    tokio::task::spawn_blocking(|| stop(gateway)).await.unwrap();
    let (session, answered) = traffic.end().await;
    assert!(payroll.answered.load(Ordering::SeqCst) >= answered);
    check_sealed(&company.installation, &session, "gateway-stopped", answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_11_what_a_stopping_gateway_could_not_deliver_is_delivered_by_the_next() {
    let mut company = Company::new();
    let _payroll = Payroll::behind(&company.installation);
    let [audit, _broker, gateway] = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let (traffic, _client) = Traffic::begin(&company, &company.approved().await).await;
    traffic.until(10).await;
    tokio::task::spawn_blocking(|| stop(audit)).await.unwrap();
    // For two seconds answers are released on the strength of the spool alone.
    let before = traffic.answered.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(500)).await;
    tokio::task::spawn_blocking(|| stop(gateway)).await.unwrap();
    let (session, answered) = traffic.end().await;
    assert!(answered > before || before > 10, "{before} {answered}");
    let spool = company.installation.path(&format!("gateway/spool/{session}"));
    assert!(spool.join("ended.json").exists(), "what was not delivered is kept, and how it ended");
    let [_audit, _gateway] = ["audit", "gateway"].map(|role| company.installation.start(role));
    check_sealed(&company.installation, &session, "gateway-stopped", answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_11_a_gateway_whose_disk_is_full_ends_all_the_same() {
    let mut company = Company::new();
    let _payroll = Payroll::behind(&company.installation);
    let Some(disk) = SmallDisk::under(&company.installation.path("gateway"), "size=24m") else {
        return eprintln!("skipped: this user may not mount a small disk");
    };
    let [_audit, _broker, gateway] = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    let (traffic, client) = Traffic::begin(&company, &bundle).await;
    traffic.until(10).await;
    let ballast = disk.fill();
    let begun = Instant::now();
    while !client.status().await.expect("open").paused {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not notice");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::task::spawn_blocking(|| stop(gateway)).await.unwrap();
    let (session, answered) = traffic.end().await;
    std::fs::remove_file(ballast).unwrap();
    let _gateway = company.installation.start("gateway");
    // That it was over found no place on the disk, and the broker was told: it gives no lease, and nothing is missing.
    let (bytes, client) = company.opening(&bundle);
    assert_eq!(client.open(bytes).await.expect_err("it is over").code(), Some("session-over"));
    check_sealed(&company.installation, &session, "lease-lost", answered).await;
}

async fn append(from: client::ServiceClient, over: Arc<AtomicBool>) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    while !over.load(Ordering::SeqCst) {
        match from.append(&Append::new(EventKind::SignInRefused).fact("code", "bad-token")).await {
            Ok(receipt) => receipts.push(receipt),
            Err(_) => break,
        }
    }
    receipts
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_11_an_audit_service_that_is_told_to_stop_keeps_what_it_acknowledged() {
    let mut company = Company::new();
    let _payroll = Payroll::behind(&company.installation);
    let [audit, _broker, _gateway] = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let (traffic, client) = Traffic::begin(&company, &company.approved().await).await;
    let over = Arc::<AtomicBool>::default();
    let writers: Vec<_> =
        (0..4).map(|_| tokio::spawn(append(company.installation.client("broker", "audit"), over.clone()))).collect();
    traffic.until(10).await;
    tokio::task::spawn_blocking(|| stop(audit)).await.unwrap();
    let mut kept = Vec::new();
    for writer in writers {
        kept.extend(writer.await.unwrap());
    }
    assert!(kept.len() > 10, "{}", kept.len());
    let _audit = company.installation.start("audit");
    for receipt in kept.iter().step_by(kept.len().div_ceil(100)).chain(kept.last()) {
        company.installation.check_kept(receipt).await;
    }
    // The same Session goes on, and ends with everything in its Recording.
    let begun = Instant::now();
    while client.status().await.expect("open").paused {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not go on");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (session, answered) = traffic.end().await;
    client.end().await.expect("ended");
    check_sealed(&company.installation, &session, "ended-by-requester", answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_11_a_broker_that_is_told_to_stop_keeps_what_it_acknowledged() {
    let mut company = Company::new();
    let [_audit, broker] = ["audit", "broker"].map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let mara = company.mara.broker(&company.installation);
    let _stream = mara.pushes().await.expect("a stream that stays open");
    let stopping = tokio::task::spawn_blocking(|| {
        std::thread::sleep(Duration::from_millis(300));
        stop(broker);
    });
    let mut asked = Vec::new();
    loop {
        let request = company.mara.ask();
        match mara.send_request(&request).await {
            Ok(_) => asked.push(id_of(&request)),
            Err(_) => break,
        }
    }
    stopping.await.unwrap();
    assert!(!asked.is_empty());
    let _broker = company.installation.start("broker");
    for id in &asked {
        assert_eq!(mara.request(id).await.expect("it was acknowledged").id, *id);
    }
}

#[test]
fn ops_11_sighup_ends_nobody() {
    let running = Installation::new().all();
    let processes = ROLES.map(|role| process_of(running.dir(), role).expect("it runs"));
    for process in processes.into_iter().chain([running.supervisor.id()]) {
        for _ in 0..3 {
            signal("-HUP", process);
        }
    }
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(ROLES.map(|role| process_of(running.dir(), role).expect("it runs")), processes);
    let answers =
        |role: &str| std::net::TcpStream::connect(running.installation.base_url(role).trim_start_matches("https://"));
    assert!(ROLES.iter().all(|role| answers(role).is_ok()));
}
