use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::mpsc;
use zbus::{connection::Builder, object_server::SignalEmitter, zvariant::OwnedValue};

use super::{Desk, escaped};
use crate::bell::words::Told;

/// A bus of our own, gone with the test.
struct Bus(Child, String);

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon starts: apt-get install dbus-daemon");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().expect("its output")).read_line(&mut address).expect("its address");
        Self(daemon, address.trim().to_owned())
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

type Shown = (String, String, Vec<String>, u8, i32);

/// A desktop that shows notifications.
struct Shows(Arc<Mutex<Vec<Shown>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Shows {
    #[expect(clippy::too_many_arguments, reason = "they are those of the interface")]
    fn notify(
        &self,
        _app: String,
        _replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout: i32,
    ) -> u32 {
        let urgency = hints["urgency"].downcast_ref::<u8>().expect("a byte");
        let mut shown = self.0.lock().expect("a list");
        shown.push((summary, body, actions, urgency, timeout));
        u32::try_from(shown.len()).expect("a few")
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".into(), "body".into(), "body-markup".into()]
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

fn told(page: &str, urgent: bool) -> Told {
    let (title, body) = ("Mara needs a second signature".into(), "R&D <b>".into());
    let kind = crate::bell::wanted::Kind::Waits;
    Told { kind, about: page.into(), title, body, page: page.into(), once: false, list: None, urgent }
}

#[tokio::test]
async fn a_click_leads_to_the_page_and_does_nothing_else() {
    let bus = Bus::start();
    let shown = Arc::default();
    let desktop = Builder::address(bus.1.as_str())
        .and_then(|at| at.name("org.freedesktop.Notifications"))
        .and_then(|at| at.serve_at("/org/freedesktop/Notifications", Shows(Arc::clone(&shown))))
        .expect("a desktop")
        .build()
        .await
        .expect("the bus");
    let ours = Builder::address(bus.1.as_str()).expect("an address").build().await.expect("the bus");
    let (said, mut heard) = mpsc::unbounded_channel();
    let show = Arc::new(move |page: &str| drop(said.send(page.to_owned())));
    let desk = Desk::find(&ours, show).await.expect("somebody shows notifications");
    for told in [told("approvals/a?code", false), told("log", true), told("access", false)] {
        desk.say(told).await.expect("it is shown");
    }
    let body = "R&amp;D &lt;b&gt;".to_owned();
    let of = |urgency, timeout| {
        (
            "Mara needs a second signature".to_owned(),
            body.clone(),
            vec!["default".to_owned(), "Open".to_owned()],
            urgency,
            timeout,
        )
    };
    assert_eq!(*shown.lock().expect("a list"), [of(1, -1), of(2, 0), of(1, -1)]);
    let emitter = SignalEmitter::new(&desktop, "/org/freedesktop/Notifications").expect("a path");
    Shows::notification_closed(&emitter, 3, 2).await.expect("sent");
    for _ in 0..500 {
        if !desk.pages.0.lock().expect("a map").contains_key(&3) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for (id, action) in [(3, "default"), (9, "default"), (2, "approve"), (2, "default"), (1, "default"), (1, "default")]
    {
        Shows::action_invoked(&emitter, id, action).await.expect("sent");
    }
    let first = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await.expect("a page");
    assert_eq!(first.as_deref(), Some("approvals/a?code"), "one that is gone, unknown or acted on leads nowhere");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(heard.try_recv().is_err(), "and each leads there once");
}

#[tokio::test]
async fn where_nobody_shows_any_nothing_happens() {
    let bus = Bus::start();
    let ours = Builder::address(bus.1.as_str()).expect("an address").build().await.expect("the bus");
    assert!(Desk::find(&ours, Arc::new(|_| unreachable!("nobody clicks"))).await.is_err());
}

#[test]
fn a_name_is_no_mark() {
    assert_eq!(escaped("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
}
