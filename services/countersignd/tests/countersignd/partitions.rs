//! Every way between two, cut in every direction, with a Session open: what still works, what is refused with which code,
//! when live streams end, and that everything goes on afterwards with nothing missing that was acknowledged.

mod cold;
mod live;
mod ways;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use client::{BrokerClient, CallError, GatewayClient, LogClient};
use domain::Digest;
use statement::{Bundle, Revoke, Revoked, sha256};
use wire::event::EventKind;
use wire::gateway::Revocation;

use super::people::{Company, id_of};
use super::relay::{CUTS, Cut};
use super::rig::{ROLES, Role};
use live::Live;
use ways::{WAYS, Ways};

/// A broker that is not heard for so long has no Session open any more.
const LOST: Duration = Duration::from_secs(15);
/// Without the audit service nothing passes after this.
const BEHIND: Duration = Duration::from_secs(2);
/// How late an end may be told on a computer that is busy.
const LATE: Duration = Duration::from_secs(1);
/// Nobody waits longer to be told that somebody does not answer.
const LONGEST: Duration = Duration::from_secs(21);
/// After a cut is healed everything goes on within this time.
const GOES_ON: Duration = Duration::from_secs(20);

/// What is found while a way is cut.
struct Row {
    way: &'static str,
    cuts: &'static [Cut],
    /// A new request, the log's head, a page asked for after 3 s, and an opening.
    answers: [&'static str; 4],
    /// The live connection.
    stream: &'static str,
}

const fn row(way: &'static str, cuts: &'static [Cut], answers: [&'static str; 4], stream: &'static str) -> Row {
    Row { way, cuts, answers, stream }
}

const FORWARD: &[Cut] = &[Cut::There];
const DEAF: &[Cut] = &[Cut::Back, Cut::Both, Cut::Late];
const RESET: &[Cut] = &[Cut::Reset];

#[rustfmt::skip]
const TABLE: &[Row] = &[
    row("gateway>broker",  &CUTS,   ["ok", "ok", "ok", "broker-unreachable"], "lease-lost"),
    row("gateway>audit",   &CUTS,   ["ok", "ok", "no-answer", "audit-unreachable"], "stands"),
    row("broker>audit",    &CUTS,   ["audit-unreachable", "ok", "ok", "-"], "flows"),
    row("desktop>broker",  &CUTS,   ["unreachable", "ok", "ok", "-"], "flows"),
    row("desktop>gateway", FORWARD, ["ok", "ok", "no-answer", "unreachable"], "flows"),
    row("desktop>gateway", DEAF,    ["ok", "ok", "no-answer", "unreachable"], "stands"),
    row("desktop>gateway", RESET,   ["ok", "ok", "no-answer", "unreachable"], "breaks"),
    row("desktop>audit",   &CUTS,   ["ok", "unreachable", "ok", "-"], "flows"),
    row("gateway>service", FORWARD, ["ok", "ok", "upstream-unreachable", "-"], "flows"),
    row("gateway>service", DEAF,    ["ok", "ok", "upstream-unreachable", "-"], "stands"),
    row("gateway>service", RESET,   ["ok", "ok", "upstream-unreachable", "-"], "breaks"),
    row("all>provider",    &CUTS,   ["ok", "ok", "ok", "-"], "flows"),
];

fn expected(way: &str, cut: Cut) -> &'static Row {
    TABLE.iter().find(|row| row.way == way && row.cuts.contains(&cut)).unwrap()
}

/// One installation with a Session open, the clients of its people, and an approval that is not used yet.
struct Rig {
    ways: Ways,
    _roles: [Role; 3],
    broker: BrokerClient,
    log: LogClient,
    bundle: Bundle,
    live: Live,
    next: Option<Bundle>,
    acknowledged: Vec<Digest>,
}

impl Rig {
    async fn new() -> Self {
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

    fn company(&self) -> &Company {
        &self.ways.company
    }

    /// Cuts the way, holds what is found against the table, heals it, and sees everything go on.
    async fn cut(&mut self, way: &str, cut: Cut) {
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
        let longest = if row.stream == "lease-lost" { LOST + LATE } else { Duration::from_secs(4) };
        let (asked, head, page, opening, ended) =
            tokio::join!(asked, head, page, self.opening(row), self.live.end_of_socket(longest));
        let answered_after = at.elapsed();
        let lasted = self.live.socket().last_message.duration_since(at);
        let stood = self.live.socket().last_message.elapsed() > LATE;
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
            "lease-lost" => assert!(ended.unwrap().duration_since(at) <= LOST + LATE, "{what}"),
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

    async fn status(&self, what: &str) -> wire::gateway::SessionStatus {
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
    async fn end(self) {
        self.live.client.end().await.expect("ended");
        self.nothing_is_missing("ended-by-requester").await;
    }

    async fn nothing_is_missing(self, reason: &str) {
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
fn said<T>(answer: Result<T, CallError>) -> String {
    match answer {
        Ok(_) => "ok".into(),
        Err(error) if error.is_unreachable() => "unreachable".into(),
        Err(error) => error.code().map_or_else(|| error.to_string(), str::to_owned),
    }
}

/// Cuts that end the Session each time.
async fn of_leases(cuts: &[Cut]) {
    let mut rig = Rig::new().await;
    for cut in cuts {
        if rig.next.is_none() {
            rig.next = Some(rig.company().approved_again().await);
        }
        rig.cut("gateway>broker", *cut).await;
    }
    rig.end().await;
}

async fn of(ways: &[&str]) {
    let mut rig = Rig::new().await;
    for way in ways {
        for cut in CUTS {
            rig.cut(way, cut).await;
        }
    }
    rig.end().await;
}

/// A gateway that hears neither broker nor audit service ends what somebody else tells it to end.
async fn of_what_the_gateway_cannot_hear() {
    let mut rig = Rig::new().await;
    for cut in CUTS {
        rig.cut("gateway>audit", cut).await;
    }
    for way in ["gateway>audit", "gateway>broker"] {
        rig.ways.set(way, Cut::Both);
    }
    let (company, bundle) = (rig.company(), &rig.bundle);
    let revoke = Revoke { reason: "The laptop was stolen.".into(), revokes: Revoked::Grant(sha256(&bundle.request)) };
    let statement = company.tomasz.state(revoke, 300);
    let revocation =
        Revocation { statement, mfa: None, pk_tokens: bundle.pk_tokens.clone(), enrols: bundle.enrols.clone() };
    let installation = &company.installation;
    let anybody =
        GatewayClient::anonymous(&installation.address_for_desktops("gateway"), &installation.text("gateway/ca.pem"));
    let at = Instant::now();
    let heard = anybody.unwrap().revoke(&revocation).await.expect("heard");
    assert_eq!(heard.ended, [rig.live.session.clone()]);
    let ended = rig.live.end_of_socket(LOST).await.expect("it ends");
    assert!(ended.duration_since(at) < Duration::from_secs(1), "{:?}", ended.duration_since(at));
    for way in ["gateway>audit", "gateway>broker"] {
        rig.ways.set(way, Cut::Whole);
    }
    rig.nothing_is_missing("revoked").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn t17_t25_every_way_cut_in_every_direction() {
    for way in WAYS {
        assert!(
            CUTS.iter().all(|cut| TABLE.iter().filter(|r| r.way == way && r.cuts.contains(cut)).count() == 1),
            "{way}"
        );
    }
    // Installations side by side: most of the time somebody waits for somebody who does not answer.
    let groups = [
        tokio::spawn(of_leases(&[Cut::There, Cut::Back, Cut::Reset])),
        tokio::spawn(of_leases(&[Cut::Both, Cut::Late])),
        tokio::spawn(of_what_the_gateway_cannot_hear()),
        tokio::spawn(of(&["desktop>broker"])),
        tokio::spawn(of(&["desktop>gateway"])),
        tokio::spawn(of(&["desktop>audit"])),
        tokio::spawn(of(&["gateway>service"])),
        tokio::spawn(of(&["broker>audit", "all>provider"])),
    ];
    let mut found = Vec::new();
    for group in groups {
        found.push(group.await.is_ok());
    }
    assert!(found.iter().all(|as_in_the_table| *as_in_the_table), "{found:?}");
}
