//! A gateway that starts while it cannot reach one of the others.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use client::GatewayClient;
use wire::event::EventKind;

use super::cutting::{GOES_ON, LATE, said};
use super::live::Live;
use super::ways::Ways;
use crate::relay::Cut;
use crate::rig::{Installation, ROLES};

async fn opened(installation: &Installation) -> usize {
    installation.events().await.iter().filter(|event| event.kind == EventKind::SessionOpened).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn t24_a_gateway_that_starts_alone_opens_nothing_until_it_is_not() {
    let mut ways = Ways::new();
    let [_audit, _broker, mut gateway] = ROLES.map(|role| ways.company.installation.start(role));
    ways.company.enrol_everybody().await;
    let [first, second] = ways.company.two_approved().await;
    let mut bundles = vec![first, second];
    let cells = [
        ("gateway>audit", "audit-unreachable"),
        ("all>provider", "provider-unreachable"),
        ("gateway>broker", "broker-unreachable"),
    ];
    for (number, (way, code)) in cells.into_iter().enumerate() {
        let company = &ways.company;
        let installation = &company.installation;
        if bundles.len() == number {
            bundles.push(company.approved_again().await);
        }
        let bundle = &bundles[number];
        drop(gateway);
        ways.set(way, Cut::Both);
        gateway = installation.start("gateway");
        for cut in [Cut::Both, Cut::Reset] {
            ways.set(way, cut);
            let (bytes, client, browser) = company.opening_with_browser(bundle);
            assert_eq!(said(client.open(bytes).await), code, "{way}");
            assert_eq!(said(client.status().await), "no-session", "{way}");
            assert_eq!(browser.page("page").await.expect("an answer"), 403, "{way}");
        }
        let ca = installation.text("gateway/ca.pem");
        let anybody = GatewayClient::anonymous(&installation.address_for_desktops("gateway"), &ca).unwrap();
        if way != "gateway>broker" {
            assert!(!anybody.health().await.unwrap_or_else(|e| panic!("{way}: it says so: {e}")).ready, "{way}");
        }
        assert_eq!(opened(installation).await, number, "{way}");
        ways.set(way, Cut::Whole);
        let begun = Instant::now();
        let live = loop {
            match Live::open(company, bundle).await {
                Ok(live) => break live,
                Err(error) => assert!(begun.elapsed() < GOES_ON, "{way}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        assert_eq!(live.page().await, "ok", "{way}");
        live.client.end().await.expect("ended");
        assert_eq!(installation.sealed_facts(&live.session).await["missing-batches"], "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t24_a_gateway_that_starts_again_goes_on_with_nothing_before_the_audit_service_answers() {
    let mut ways = Ways::new();
    let [_audit, _broker, gateway] = ROLES.map(|role| ways.company.installation.start(role));
    ways.company.enrol_everybody().await;
    let bundle = ways.company.approved().await;
    let live = Live::open(&ways.company, &bundle).await.expect("opened");
    live.has_answered(5).await;
    let installation = &ways.company.installation;
    ways.set("gateway>audit", Cut::Both);
    // What is let through now is in the spool alone.
    live.has_answered(3).await;
    drop(gateway);
    let at = Instant::now();
    let ended = live.end_of_socket(Duration::from_secs(5)).await.expect("it ends with the process");
    assert!(ended.duration_since(at) < LATE);
    let _gateway = installation.start("gateway");
    assert_eq!(live.page().await, "no-session", "nothing goes on by itself");
    let (bytes, client) = ways.company.opening(&bundle);
    assert_eq!(said(client.open(bytes).await), "audit-unreachable");
    assert_eq!(said(client.status().await), "no-session");
    ways.set("gateway>audit", Cut::Whole);
    let begun = Instant::now();
    let again = loop {
        match Live::open(&ways.company, &bundle).await {
            Ok(live) => break live,
            Err(error) => assert!(begun.elapsed() < GOES_ON, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(again.session, live.session, "the same Session, on its old clock");
    again.has_answered(3).await;
    again.client.end().await.expect("ended");
    let facts = installation.sealed_facts(&live.session).await;
    assert_eq!(facts["missing-batches"], "0");
    let answered = [&live, &again].map(|live| live.answered.load(Ordering::SeqCst)).iter().sum::<u64>();
    // Beside the pages, a live connection each time.
    assert!(facts["exchanges"].parse::<u64>().unwrap() >= answered + 2, "{answered} pages: {}", facts["exchanges"]);
}
