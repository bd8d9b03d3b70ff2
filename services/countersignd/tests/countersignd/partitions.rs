//! Every way between two, cut in every direction, with a Session open: what still works, what is refused with which code,
//! when live streams end, and that everything goes on afterwards with nothing missing that was acknowledged.

mod cold;
mod cutting;
mod live;
mod table;
mod ways;

use std::time::{Duration, Instant};

use client::GatewayClient;
use statement::{Revoke, Revoked, sha256};
use wire::gateway::Revocation;

use super::relay::{CUTS, Cut};
use cutting::{LOST, Rig};
use table::TABLE;
use ways::WAYS;

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
