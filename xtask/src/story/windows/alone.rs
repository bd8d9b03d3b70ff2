use std::{fs, path::Path, thread::sleep, time::Duration};

use anyhow::{Context as _, bail, ensure};

use super::{
    Scene, Seats,
    session::{self, SETTLED},
};
use crate::{
    process::{self, Process},
    story::screen::Screen,
};

const WHOLE: &str = "100%x100%+0+0";
const TITLE: &str = "mara · Countersign";
const TICKET: &str = "KP-48417";
/// A page takes each letter in, and its engine writes them down a little later.
const TYPING: Duration = Duration::from_secs(60);
const WHY: &str = "Two people say that their letters come twice; I look at their addresses.";
/// How often she begins to type: what is typed before there is a form is lost.
const TRIES: usize = 4;

/// Mara's app as she has it: nothing drives it, since a driver ends with the process of the page. That process is killed
/// while she types.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let (mara, screen, looked) = (&seats.mara, &scene.screen, scene.file("looked"));
    let (desk, logs) = (&scene.stage.desk, &scene.stage.logs);
    let (app, window) = scene.stage.steps.take("mara opens the app, and nobody drives it", || {
        let driven = process::child_of(mara.window.driver(), "--profile").context("no process of the app")?;
        process::kill(driven)?;
        session::wait_until("the driven one is still there", || Ok(screen.windows(TITLE).is_empty()))?;
        let app = Process::start("window-mara-alone", &mut desk.countersign("mara"), logs, "")?;
        let window = screen.window(TITLE)?;
        session::wait_until("it shows nothing", || screen.is_drawn(&window, WHOLE, &looked))?;
        Ok((app, window))
    })?;
    let (typed, kept) = (scene.file("30-typed"), desk.data_dir().join("mara/webview"));
    scene.stage.steps.take("she fills in a request by keys", || {
        for _ in 0..TRIES {
            screen.press(&window, &["ctrl+n"])?;
            sleep(SETTLED);
            screen.press(&window, &["ctrl+a"])?;
            screen.types(&window, TICKET)?;
            if session::wait_for(Duration::from_secs(5), "", || Ok(holds(&kept, TICKET))).is_ok() {
                break;
            }
        }
        screen.press(&window, &["Tab"])?;
        screen.types(&window, "Delmar")?;
        screen.press(&window, &["Return", "Tab", "Tab"])?;
        screen.types(&window, WHY)?;
        session::wait_for(TYPING, "there is no such draft", || Ok(holds(&kept, WHY)))?;
        screen.picture(&window, &typed)
    })?;
    let back = scene.file("30-page-came-back");
    scene.stage.steps.take("the process of the page is killed in the middle of it, and the page is back", || {
        let [page] = process::pages_of(app.id())[..] else { bail!("pages: {:?}", process::pages_of(app.id())) };
        process::kill(page)?;
        is_back(screen, &app, &window, &looked)?;
        sleep(SETTLED);
        screen.picture(&window, &back)
    })?;
    scene.stage.steps.take("where it was, with all that she had typed: one key signs it", || {
        let asked = || -> anyhow::Result<Option<serde_json::Value>> {
            let own = mara.person.says(desk, &["requests"])?;
            Ok(own.as_array().and_then(|all| all.iter().find(|one| one["ticket"] == TICKET).cloned()))
        };
        session::wait_until("nothing was signed", || {
            screen.press(&window, &["ctrl+Return"])?;
            sleep(Duration::from_millis(500));
            Ok(asked()?.is_some())
        })?;
        let request = asked()?.context("a request")?;
        ensure!(request["justification"] == WHY, "it says {}", request["justification"]);
        ensure!(request["organization"]["id"] == session::ORGANIZATION, "it asks for {}", request["organization"]);
        Ok(())
    })
}

/// Waits until a process shows the page again.
fn is_back(screen: &Screen, app: &Process, window: &str, looked: &Path) -> anyhow::Result<()> {
    session::wait_until("no process shows the page", || Ok(!process::pages_of(app.id()).is_empty()))?;
    session::wait_until("the page is blank", || screen.is_drawn(window, WHOLE, looked))
}

/// Whether a file under this folder holds the text, as web engines write it.
fn holds(folder: &Path, text: &str) -> bool {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, text);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        [wide.as_slice(), text.as_bytes()].iter().any(|text| bytes.windows(text.len()).any(|some| some == *text))
    })
}
