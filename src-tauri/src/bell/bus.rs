//! The desktop's notifications over the session bus. Where nobody shows any, nothing happens: the pages say the same.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt as _;
use tauri::AppHandle;
use tokio::sync::Mutex;
use zbus::{Connection, zvariant::Value};

use super::{show, words::Told};

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

/// Who shows notifications, once somebody was found.
#[derive(Default)]
pub(super) struct Bus(Mutex<Option<Desk>>);

struct Desk {
    proxy: NotificationsProxy<'static>,
    /// A body may hold marks, so that ours have to be told from text.
    marks: bool,
    /// Where each one leads that is still shown.
    pages: std::sync::Arc<std::sync::Mutex<BTreeMap<u32, String>>>,
}

impl Bus {
    pub(super) async fn say(&self, app: &AppHandle, told: Told) {
        let mut desk = self.0.lock().await;
        if desk.is_none() {
            *desk = Desk::find(app).await.ok();
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
    async fn find(app: &AppHandle) -> zbus::Result<Self> {
        let connection = Connection::session().await?;
        let proxy = NotificationsProxy::new(&connection).await?;
        let marks = proxy.get_capabilities().await?.iter().any(|one| one == "body-markup");
        let desk = Self { proxy, marks, pages: std::sync::Arc::default() };
        desk.listen(app.clone()).await?;
        Ok(desk)
    }

    async fn listen(&self, app: AppHandle) -> zbus::Result<()> {
        let mut chosen = self.proxy.receive_action_invoked().await?;
        let pages = self.pages.clone();
        tauri::async_runtime::spawn(async move {
            while let Some(signal) = chosen.next().await {
                let Ok(said) = signal.args() else { continue };
                let page = pages.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&said.id);
                if let Some(page) = page.filter(|_| said.action == CHOSEN) {
                    show(&app, &page);
                }
            }
        });
        let mut closed = self.proxy.receive_notification_closed().await?;
        let pages = self.pages.clone();
        tauri::async_runtime::spawn(async move {
            while let Some(signal) = closed.next().await {
                if let Ok(said) = signal.args() {
                    pages.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&said.id);
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
        self.pages.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id, told.page);
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_is_no_mark() {
        assert_eq!(super::escaped("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
    }
}
