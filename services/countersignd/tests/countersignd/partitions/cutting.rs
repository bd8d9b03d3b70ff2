use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use client::{BrokerClient, CallError, LogClient};
use domain::Digest;
use statement::Bundle;
use wire::event::EventKind;
use wire::gateway::SessionStatus;

use super::live::Live;
use super::table::{Row, expected};
use super::ways::Ways;
use crate::people::{Company, id_of};
use crate::relay::Cut;
use crate::rig::{ROLES, Role};

/// Within this time of the last that was heard of the broker no Session is open any more.
pub const LOST: Duration = Duration::from_secs(15);
/// Without the audit service nothing passes after this.
const BEHIND: Duration = Duration::from_secs(2);
/// How late an end may be told on a computer that is busy.
pub const LATE: Duration = Duration::from_secs(1);
/// Nobody waits longer to be told that somebody does not answer.
const LONGEST: Duration = Duration::from_secs(21);
/// After a cut is healed everything goes on within this time.
pub const GOES_ON: Duration = Duration::from_secs(20);

/// One installation with a Session open, the clients of its people, and an approval that is not used yet.
pub struct Rig {
    pub ways: Ways,
    _roles: [Role; 3],
    broker: BrokerClient,
    log: LogClient,
    pub bundle: Bundle,
    pub live: Live,
    pub next: Option<Bundle>,
    acknowledged: Vec<Digest>,
}

impl Rig {
    pub async fn new() -> Self {
        let mut ways = Ways::new();
        let roles = ROLES.map(|role| ways.company.installation.start(role));
        ways.company.enrol_everybody().await;
        let [bundle, next] = ways.company.two_approved().await;
        let live = Live::open(&ways.company, &bundle).await.expect("opened");
        let installation = &ways.company.installation;
        let log =
            LogClient::new(&installation.address_for_desktops("audit"), &installation.text("audit/ca.pem")).unwrap();
        let broker = ways.company.mara.broker(installation);
        Self { broker, log, live, bundle, next: Some(next), ways, _roles: roles, acknowledged: Vec::new() }
    }

    pub fn company(&self) -> &Company {
        &self.ways.company
    }

    /// Cuts the way, holds what is found against the table, heals it, and sees everything go on.
    pub async fn cut(&mut self, way: &str, cut: Cut) {
        let (row, what) = (expected(way, cut), format!("{way} {cut:?}"));
        // So that every connection is there, and nothing waits.
        self.everything_goes_on(&what).await;
        self.ways.set(way, cut);
        let at = Instant::now();
        let request = self.company().mara.ask();
        let asked = async { said(self.broker.send_request(&request).await) };
        let head = async { said(self.log.checkpoint().await) };
        let page = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            self.live.page().await
        };
        // One of them lasts longer than a lease; one that is late is told by how late it was. What came before one broke may
        // still be passed on.
        let longest = match row.stream {
            "lease-lost" => LOST + 5 * LATE,
            "breaks" => LOST,
            _ if cut == Cut::Both => LOST,
            _ => 4 * LATE,
        };
        let (asked, head, page, opening, ended) =
            tokio::join!(asked, head, page, self.opening(row), self.live.end_of_socket(longest));
        let answered_after = at.elapsed();
        let lasted = self.live.socket().last_message.duration_since(at);
        // What halts for a moment goes on; what stands does not.
        let stood = match row.stream {
            "flows" => !self.live.goes_on(LATE * 5).await,
            _ => self.live.socket().last_message.elapsed() > LATE,
        };
        self.ways.set(way, Cut::Whole);

        assert_eq!([asked.as_str(), &head, &page, &opening], row.answers, "{what}: request, head, page, opening");
        let stream = match (ended, self.status(&what).await.ended_by) {
            (Some(_), Some(reason)) => reason,
            (Some(_), None) => "breaks".into(),
            (None, _) if stood => "stands".into(),
            (None, _) => "flows".into(),
        };
        assert_eq!(stream, row.stream, "{what}");
        match row.stream {
            "lease-lost" => {
                let after = ended.map(|ended| ended.duration_since(at));
                assert!(after.is_some_and(|after| after <= LOST), "{what}: {after:?}");
            }
            "stands" => assert!(lasted <= BEHIND + LATE, "{what}: {lasted:?}"),
            _ => {}
        }
        assert!(answered_after < LONGEST, "{what}: somebody waited {answered_after:?}");
        println!("{what:24} {asked} {head} {page} {opening} {stream} after {lasted:?}");
        if asked != "ok" {
            // It may be there, and only the answer was lost.
            let again = said(self.broker.send_request(&request).await);
            assert!(["ok", "sent-already"].contains(&again.as_str()), "{what}: sent again: {again}");
        }
        self.acknowledged.push(id_of(&request));
        if row.stream == "lease-lost" {
            self.open_next(&what).await;
        }
        self.everything_goes_on(&what).await;
    }

    /// A new Session, where none can be opened.
    async fn opening(&self, row: &Row) -> String {
        let Some(next) = self.next.as_ref().filter(|_| row.answers[3] != "-") else { return "-".into() };
        let (bytes, client) = self.company().opening(next);
        said(client.open(bytes).await)
    }

    /// The approval that opened nothing while the way was cut is still good.
    async fn open_next(&mut self, what: &str) {
        self.sealed("lease-lost").await;
        let next = self.next.take().expect("one that is not used");
        let begun = Instant::now();
        self.live = loop {
            match Live::open(self.company(), &next).await {
                Ok(live) => break live,
                Err(error) => assert!(begun.elapsed() < GOES_ON, "{what}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        self.bundle = next;
    }

    async fn status(&self, what: &str) -> SessionStatus {
        let begun = Instant::now();
        loop {
            match self.live.client.status().await {
                Ok(status) => return status,
                Err(error) => assert!(begun.elapsed() < GOES_ON, "{what}: {error}"),
            }
        }
    }

    /// People, the log, pages and live connections.
    async fn everything_goes_on(&mut self, what: &str) {
        let begun = Instant::now();
        loop {
            let (me, head) = (said(self.broker.me().await), said(self.log.checkpoint().await));
            let (page, status) = (self.live.page().await, self.status(what).await);
            if [me.as_str(), &head, &page] == ["ok"; 3] && status.open && !status.paused {
                break;
            }
            assert!(begun.elapsed() < GOES_ON, "{what}: {me}, {head}, {page}, {status:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        if self.live.socket().ended.is_some() || self.live.socket().last_message.elapsed() > LATE {
            self.live.listen().await;
        }
    }

    /// The Recording of the Session that is over holds at least what people saw.
    async fn sealed(&self, reason: &str) {
        let answered = self.live.answered.load(Ordering::SeqCst);
        let facts = self.company().installation.sealed_facts(&self.live.session).await;
        let number = |name: &str| facts[name].parse::<u64>().unwrap();
        assert_eq!((facts["reason"].as_str(), number("missing-batches")), (reason, 0));
        assert!(answered > 0 && number("exchanges") >= answered, "{answered} pages, {} exchanges", number("exchanges"));
    }

    /// Ends the Session; nothing that was acknowledged is missing.
    pub async fn end(self) {
        self.live.client.end().await.expect("ended");
        self.nothing_is_missing("ended-by-requester").await;
    }

    pub async fn nothing_is_missing(self, reason: &str) {
        self.sealed(reason).await;
        let events = self.company().installation.events().await;
        let signed = events.iter().filter(|event| event.kind == EventKind::RequestSigned);
        let signed: Vec<_> = signed.map(|event| event.facts["request"].clone()).collect();
        for id in &self.acknowledged {
            assert_eq!(signed.iter().filter(|s| *s == id.as_str()).count(), 1, "{id}: written down once");
            assert_eq!(self.broker.request(id).await.expect("it was acknowledged").id, *id);
        }
    }
}

/// `ok`, the code of a refusal, or that nobody answered.
pub fn said<T>(answer: Result<T, CallError>) -> String {
    match answer {
        Ok(_) => "ok".into(),
        Err(error) if error.is_unreachable() => "unreachable".into(),
        Err(error) => error.code().map_or_else(|| error.to_string(), str::to_owned),
    }
}
