//! The desktop's notifications over the session bus. Where nobody shows any, nothing happens: the pages say the same.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError},
};

use futures_util::StreamExt as _;
use tokio::sync::Mutex;
use zbus::{Connection, zvariant::Value};

use super::words::Told;

/// The one action that a click on the notification itself is.
const CHOSEN: &str = "default";
/// As the desktop file is called.
const APP: &str = "countersign";
const NORMAL: u8 = 1;
const CRITICAL: u8 = 2;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Notifications {
    #[expect(clippy::too_many_arguments, reason = "they are those of the interface")]
    fn notify(
        &self,
        app: &str,
        replaces: u32,
        icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        timeout: i32,
    ) -> zbus::Result<u32>;

    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// What a click on a notification does with its page.
pub(super) type Show = Arc<dyn Fn(&str) + Send + Sync>;

/// Who shows notifications, once somebody was found.
#[derive(Default)]
pub(super) struct Bus(Mutex<Option<Desk>>);

struct Desk {
    proxy: NotificationsProxy<'static>,
    /// A body may hold marks, so that ours have to be told from text.
    marks: bool,
    pages: Pages,
}

/// Where each one leads that is still shown.
#[derive(Clone, Default)]
struct Pages(Arc<std::sync::Mutex<BTreeMap<u32, String>>>);

impl Pages {
    fn add(&self, id: u32, page: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, page);
    }

    fn take(&self, id: u32) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}

impl Bus {
    pub(super) async fn say(&self, told: Told, show: Show) {
        let mut desk = self.0.lock().await;
        if desk.is_none() {
            let Ok(connection) = Connection::session().await else { return };
            *desk = Desk::find(&connection, show).await.ok();
        }
        if let Some(there) = desk.as_ref()
            && there.say(told).await.is_err()
        {
            // Whoever showed them is gone; the next one is looked for when there is something to say.
            *desk = None;
        }
    }
}

impl Desk {
    async fn find(connection: &Connection, show: Show) -> zbus::Result<Self> {
        let proxy = NotificationsProxy::new(connection).await?;
        let marks = proxy.get_capabilities().await?.iter().any(|one| one == "body-markup");
        let desk = Self { proxy, marks, pages: Pages::default() };
        desk.listen(show).await?;
        Ok(desk)
    }

    async fn listen(&self, show: Show) -> zbus::Result<()> {
        let mut chosen = self.proxy.receive_action_invoked().await?;
        let mut closed = self.proxy.receive_notification_closed().await?;
        let pages = self.pages.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    // A click comes before the end of what was clicked.
                    biased;
                    Some(signal) = chosen.next() => {
                        let Ok(said) = signal.args() else { continue };
                        if let Some(page) = pages.take(said.id).filter(|_| said.action == CHOSEN) {
                            show(&page);
                        }
                    }
                    Some(signal) = closed.next() => drop(signal.args().map(|said| pages.take(said.id))),
                    else => return,
                }
            }
        });
        Ok(())
    }

    async fn say(&self, told: Told) -> zbus::Result<()> {
        let body = if self.marks { escaped(&told.body) } else { told.body };
        let urgency = if told.urgent { CRITICAL } else { NORMAL };
        let hints = HashMap::from([("urgency", Value::from(urgency)), ("desktop-entry", Value::from(APP))]);
        let (open, timeout) = ([CHOSEN, "Open"], if told.urgent { 0 } else { -1 });
        let id = self.proxy.notify("Countersign", 0, APP, &told.title, &body, &open, hints, timeout).await?;
        self.pages.add(id, told.page);
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
