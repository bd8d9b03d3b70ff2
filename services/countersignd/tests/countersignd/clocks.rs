//! Services whose clocks are apart, and an audit service whose clock goes back.

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, SystemClock, UnixMillis};
use wire::event::{Append, EventKind};

use super::people::Company;
use super::rig::Installation;

/// The system's clock, moved.
struct Moved(i64);

impl Clock for Moved {
    fn now_millis(&self) -> UnixMillis {
        SystemClock.now_millis() + self.0 * 1000
    }
}

/// The audit service in this process on a clock of its own, until dropped.
struct Audit {
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    running: Option<std::thread::JoinHandle<Result<(), audit::Error>>>,
}

impl Audit {
    async fn start(installation: &Installation, seconds: i64) -> Self {
        let config = audit::Config::read(&installation.config("audit")).unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(audit::run(config, Arc::new(Moved(seconds)), async {
                let _ = stopped.await;
            }))
        });
        let log = installation.log();
        for _ in 0..300 {
            if log.time().await.is_ok() {
                return Self { stop: Some(stop), running: Some(running) };
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the audit service does not answer");
    }

    async fn stop(mut self) {
        drop(self.stop.take());
        let running = self.running.take().unwrap();
        tokio::task::spawn_blocking(move || running.join()).await.unwrap().unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_with_clocks_six_seconds_apart_the_gateway_opens_nothing() {
    let mut company = Company::new();
    let audit = Audit::start(&company.installation, 0).await;
    let _others = ["broker", "gateway"].map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    audit.stop().await;
    // So that the log is not ahead of a clock that goes back.
    tokio::time::sleep(Duration::from_secs(7)).await;
    for seconds in [-6, 6] {
        let audit = Audit::start(&company.installation, seconds).await;
        let (bytes, session) = company.opening(&bundle);
        let refused = session.open(bytes).await.expect_err("the clocks are apart");
        assert!(refused.status().is_some_and(|status| status == 409 || status == 503), "{refused}");
        assert!(session.status().await.is_err(), "nothing is open");
        let events = company.installation.events().await;
        assert!(events.iter().all(|event| event.kind != EventKind::SessionOpened), "{seconds}");
        audit.stop().await;
    }
    tokio::time::sleep(Duration::from_secs(8)).await;
    let audit = Audit::start(&company.installation, 0).await;
    let (bytes, session) = company.opening(&bundle);
    session.open(bytes).await.expect("the clocks agree again, and the Grant was not used up");
    session.end().await.expect("ended");
    audit.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_07_an_audit_service_whose_clock_went_back_does_not_start() {
    let installation = Installation::new();
    let audit = Audit::start(&installation, 24 * 3600).await;
    let kept = installation.client("broker", "audit").append(&Append::new(EventKind::SignInRefused)).await.unwrap();
    audit.stop().await;
    let (status, said) = installation.refused("audit");
    assert_ne!(status, Some(0));
    assert!(said.contains("clock is behind the last entry"), "{said}");
    let audit = Audit::start(&installation, 24 * 3600).await;
    installation.check_kept(&kept).await;
    audit.stop().await;
}
