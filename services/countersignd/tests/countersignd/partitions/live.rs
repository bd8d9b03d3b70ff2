use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use client::GatewayClient;
use domain::SessionId;
use statement::Bundle;
use tokio::io::AsyncReadExt as _;

use crate::people::{Browser, Company};

/// An open Session: messages come, and pages are asked for one after another.
pub struct Live {
    pub session: SessionId,
    pub client: GatewayClient,
    pub browser: Browser,
    pub answered: Arc<AtomicU64>,
    socket: Arc<Mutex<Socket>>,
    over: Arc<AtomicBool>,
}

#[derive(Clone, Copy)]
pub struct Socket {
    pub last_message: Instant,
    pub ended: Option<Instant>,
}

impl Live {
    /// Opened, if it is not refused.
    pub async fn open(company: &Company, bundle: &Bundle) -> Result<Self, client::CallError> {
        let (bytes, client, browser) = company.opening_with_browser(bundle);
        let session = client.open(bytes).await?.session;
        let socket = Arc::new(Mutex::new(Socket { last_message: Instant::now(), ended: None }));
        let mut live = Self { session, client, browser, answered: Arc::default(), socket, over: Arc::default() };
        live.listen().await;
        tokio::spawn(ask(live.browser.anew(), live.answered.clone(), live.over.clone()));
        Ok(live)
    }

    /// Another live connection, in place of one that is gone.
    pub async fn listen(&mut self) {
        let asked = self.browser.anew().get("live").header("connection", "Upgrade").header("upgrade", "websocket");
        let asked =
            asked.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").header("origin", "https://payroll.test");
        let answer = asked.header("sec-websocket-version", "13").send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 101);
        let mut stream = answer.upgrade().await.expect("a live connection");
        let socket = Arc::new(Mutex::new(Socket { last_message: Instant::now(), ended: None }));
        self.socket = socket.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 1024];
            // The first byte of a message is its kind: one that closes is none.
            while let Ok(n) = stream.read(&mut buffer).await
                && n > 0
                && buffer[0] == 0x81
            {
                socket.lock().unwrap().last_message = Instant::now();
            }
            socket.lock().unwrap().ended = Some(Instant::now());
        });
    }

    /// Waits for so many more pages.
    pub async fn has_answered(&self, pages: u64) {
        let (begun, before) = (Instant::now(), self.answered.load(Ordering::SeqCst));
        while self.answered.load(Ordering::SeqCst) < before + pages {
            assert!(begun.elapsed() < Duration::from_secs(20), "no pages come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn socket(&self) -> Socket {
        *self.socket.lock().unwrap()
    }

    /// Waits for one more message.
    pub async fn goes_on(&self, longest: Duration) -> bool {
        let (begun, before) = (Instant::now(), self.socket().last_message);
        while self.socket().last_message == before && begun.elapsed() < longest {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.socket().last_message > before
    }

    /// Waits for the end of the live connection.
    pub async fn end_of_socket(&self, longest: Duration) -> Option<Instant> {
        let begun = Instant::now();
        while self.socket().ended.is_none() && begun.elapsed() < longest {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.socket().ended
    }

    /// What asking for a page over a new connection gives.
    pub async fn page(&self) -> String {
        let asked = self.browser.anew().get("page").header("sec-fetch-dest", "empty").timeout(Duration::from_secs(7));
        match asked.send().await {
            Ok(answer) if answer.status().is_success() => "ok".into(),
            Ok(answer) => {
                let problem: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
                problem["code"].as_str().unwrap().to_owned()
            }
            Err(_) => "no-answer".into(),
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// One page after another, each over a new connection after one that broke.
async fn ask(browser: Browser, answered: Arc<AtomicU64>, over: Arc<AtomicBool>) {
    let mut browser = browser;
    while !over.load(Ordering::SeqCst) {
        match tokio::time::timeout(Duration::from_secs(5), browser.page("page")).await {
            Ok(Ok(200)) => drop(answered.fetch_add(1, Ordering::SeqCst)),
            _ => browser = browser.anew(),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
