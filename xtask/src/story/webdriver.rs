//! A window or a browser, driven from outside through the W3C WebDriver protocol.

mod replayed;

use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use serde_json::{Value, json};

use crate::{desk::Desk, folders, http::Client, packages, process::Process};

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const PATIENCE: Duration = Duration::from_secs(20);
/// WebKitGTK gives a picture of the next frame, and a page that the processor draws has none as long as nothing on it
/// changes: a point that nobody sees does.
const FRAMES: &str = "const point = document.body.appendChild(document.createElement('i')); point.id = 'framing'; \
                      point.style.cssText = 'position:fixed;bottom:0;right:0;width:1px;height:1px'; let turn = 0; \
                      window.framing = setInterval(() => { turn = 1 - turn; \
                      point.style.backgroundColor = `rgb(0 0 0 / ${turn / 255})`; }, 40);";

/// One driven page; dropping it closes what it shows.
pub struct Page {
    session: String,
    driver: Process,
}

impl Page {
    /// The desktop app's main window for one profile.
    pub fn app(desk: &Desk, profile: &str, logs: &Path) -> anyhow::Result<Self> {
        let mut driver = desk.command("WebKitWebDriver");
        driver.env("TAURI_WEBVIEW_AUTOMATION", "true");
        let data = desk.data_dir().to_string_lossy().into_owned();
        let options = json!({
            "binary": folders::program("countersign"),
            "args": ["--profile", profile, "--data-dir", data],
        });
        Self::open(&mut driver, &format!("window-{profile}"), logs, &json!({ "webkitgtk:browserOptions": options }))
    }

    /// A browser with nothing in it, for the provider's pages.
    pub fn browser(desk: &Desk, logs: &Path) -> anyhow::Result<Self> {
        let mut arguments =
            vec!["--no-first-run", "--disable-gpu", "--window-size=1100,860", "--window-position=90,20"];
        if packages::is_root() {
            arguments.push("--no-sandbox");
        }
        let options = json!({ "args": arguments });
        Self::open(&mut desk.command("chromedriver"), "browser", logs, &json!({ "goog:chromeOptions": options }))
    }

    fn open(driver: &mut std::process::Command, name: &str, logs: &Path, wanted: &Value) -> anyhow::Result<Self> {
        let port = spare_ports::reserve(1)?;
        let mut driver = Process::start(name, driver.arg(format!("--port={port}")), logs, "")?;
        driver.wait(PATIENCE, |_| std::net::TcpStream::connect(("127.0.0.1", port)).ok().map(drop))?;
        let base = format!("http://127.0.0.1:{port}/session");
        let made = call("POST", &base, &json!({ "capabilities": { "alwaysMatch": wanted } }))?;
        let id = made["sessionId"].as_str().context("the driver made no session")?;
        Ok(Self { session: format!("{base}/{id}"), driver })
    }

    pub fn visit(&self, address: &str) -> anyhow::Result<()> {
        self.post("url", &json!({ "url": address })).map(drop)
    }

    /// Waits for the element and clicks it.
    pub fn click(&self, path: &str) -> anyhow::Result<()> {
        self.on(path, |element| self.post(&format!("element/{element}/click"), &json!({})).map(drop))
    }

    /// Waits for the field, empties it and types.
    pub fn fill(&self, path: &str, text: &str) -> anyhow::Result<()> {
        self.on(path, |element| {
            self.post(&format!("element/{element}/clear"), &json!({}))?;
            self.post(&format!("element/{element}/value"), &json!({ "text": text })).map(drop)
        })
    }

    /// Puts a long text into a field at once, as a paste does.
    pub fn put(&self, path: &str, text: &str) -> anyhow::Result<()> {
        let script = "const field = document.evaluate(arguments[0], document, null, 9, null).singleNodeValue; \
            Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, arguments[1]); \
            field.dispatchEvent(new InputEvent('input', { bubbles: true }))";
        self.see(path)?;
        self.post("execute/sync", &json!({ "script": script, "args": [path, text] })).map(drop)
    }

    /// Waits until the element is no longer there.
    pub fn gone(&self, path: &str) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.post("element", &json!({ "using": "xpath", "value": path })).is_ok() {
            if Instant::now() > end {
                bail!("{path} is still there");
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Waits for the element and answers the text that it shows.
    pub fn text(&self, path: &str) -> anyhow::Result<String> {
        self.on(path, |element| {
            let text = call("GET", &format!("{}/element/{element}/text", self.session), &Value::Null)?;
            text.as_str().map(str::to_owned).context("a text")
        })
    }

    /// Waits until the element is there.
    pub fn see(&self, path: &str) -> anyhow::Result<()> {
        self.on(path, |_| Ok(()))
    }

    /// Waits until the page shows this sentence somewhere.
    pub fn read(&self, sentence: &str) -> anyhow::Result<()> {
        self.read_within(sentence, PATIENCE)
    }

    pub fn read_within(&self, sentence: &str, limit: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + limit;
        loop {
            let shown = self.script("return document.body ? document.body.innerText : ''")?;
            let shown = shown.as_str().unwrap_or_default();
            if shown.replace('\u{a0}', " ").contains(sentence) {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("the page does not say \"{sentence}\"; it says: {shown}");
            }
            sleep(Duration::from_millis(100));
        }
    }

    /// Runs a script in the page.
    pub fn script(&self, script: &str) -> anyhow::Result<Value> {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// How many such elements there are now.
    pub fn count(&self, path: &str) -> anyhow::Result<usize> {
        let found = self.post("elements", &json!({ "using": "xpath", "value": path }))?;
        found.as_array().map(Vec::len).context("a list of elements")
    }

    /// All that the page holds, shown or not.
    pub fn html(&self) -> anyhow::Result<String> {
        let html = self.script("return document.documentElement.outerHTML")?;
        html.as_str().map(str::to_owned).context("a page")
    }

    /// Chooses how the app looks, by the palette. What opens may still be moving when it is clicked.
    pub fn theme(&self, theme: &str) -> anyhow::Result<()> {
        let chosen = format!("return document.documentElement.dataset.theme === '{theme}'");
        for _ in 0..4 {
            self.click("//*[@data-testid='find']")?;
            self.see("//*[@data-testid='palette-input']")?;
            sleep(Duration::from_millis(300));
            self.click(&format!("//*[@data-testid='palette-theme:{theme}']"))?;
            sleep(Duration::from_millis(700));
            if self.script(&chosen)? == true {
                self.gone("//*[@data-testid='palette-input']")?;
                // What is on the page is painted a little later, and later still when the computer is busy.
                sleep(Duration::from_millis(1000));
                return Ok(());
            }
        }
        bail!("the window is not {theme}")
    }

    /// The driver's process, whose child shows the page.
    pub fn driver(&self) -> u32 {
        self.driver.id()
    }

    /// Leaves a picture of the page.
    pub fn picture(&self, file: &Path) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.script("return document.fonts.status === 'loaded'")? != true && Instant::now() < end {
            sleep(Duration::from_millis(50));
        }
        sleep(Duration::from_millis(250));
        self.script(FRAMES)?;
        let picture = call("GET", &format!("{}/screenshot", self.session), &Value::Null);
        self.script("clearInterval(window.framing); document.getElementById('framing')?.remove();")?;
        let picture = picture?;
        let picture = base64::engine::general_purpose::STANDARD.decode(picture.as_str().context("a picture")?)?;
        fs::write(file, picture).with_context(|| format!("{} cannot be written", file.display()))
    }

    fn on<T>(&self, path: &str, act: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.post("element", &json!({ "using": "xpath", "value": path }));
            let done = found.and_then(|found| act(found[ELEMENT].as_str().context("an element")?));
            match done {
                Ok(done) => return Ok(done),
                Err(error) if Instant::now() > end => return Err(error.context(format!("nothing to do with {path}"))),
                Err(_) => sleep(Duration::from_millis(100)),
            }
        }
    }

    fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        call("POST", &format!("{}/{path}", self.session), body)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = call("DELETE", &self.session, &Value::Null);
    }
}

fn call(method: &str, address: &str, body: &Value) -> anyhow::Result<Value> {
    let answer = Client::default().ask(method, address, "application/json", &body.to_string())?;
    let mut value: Value = serde_json::from_str(&answer.body).with_context(|| format!("{address}: {}", answer.body))?;
    if answer.status != 200 {
        bail!(
            "{}: {}",
            value["value"]["error"].as_str().unwrap_or("?"),
            value["value"]["message"].as_str().unwrap_or("")
        );
    }
    Ok(value["value"].take())
}
