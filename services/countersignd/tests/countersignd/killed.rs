//! `kill -9` of each role while all of them write: what was acknowledged is there afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use client::ServiceClient;
use wire::event::{Append, EventKind, Receipt};
use wire::gateway::OpenedSession;

use super::people::{Company, id_of};
use super::processes::{process_of, signal, soon};
use super::rig::ROLES;

/// Appends for as long as it is told to, through every death of the service.
async fn write(from: ServiceClient, kind: EventKind, stop: Arc<AtomicBool>) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        match from.append(&Append::new(kind).fact("n", format!("{n}"))).await {
            Ok(receipt) => receipts.push(receipt),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    receipts
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_t20_kill_9_of_each_role_while_all_write_loses_nothing_that_was_acknowledged() {
    let mut company = Company::new();
    let _roles = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    let (bytes, session) = company.opening(&bundle);
    let opened: OpenedSession = session.open(bytes).await.expect("opened");
    drop(_roles);
    let mut running = Some(ROLES.map(|role| company.installation.start(role)));
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = [("broker", EventKind::SignInRefused), ("gateway", EventKind::ExchangeRefused)]
        .into_iter()
        .map(|(from, kind)| tokio::spawn(write(company.installation.client(from, "audit"), kind, stop.clone())))
        .collect();
    let mara = company.mara.broker(&company.installation);
    let mut asked = Vec::new();
    for round in 0..6_u64 {
        let killed = ROLES[usize::try_from(round).unwrap() % 3];
        let process = process_of(company.installation.dir(), killed).expect("it runs");
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(40 + 53 * round));
            signal("-KILL", process);
        });
        for _ in 0..12 {
            let request = company.mara.ask();
            if mara.send_request(&request).await.is_ok() {
                asked.push(id_of(&request));
            }
        }
        killer.join().unwrap();
        soon("it dies", || process_of(company.installation.dir(), killed).is_none_or(|now| now != process));
        let place = ROLES.iter().position(|role| *role == killed).unwrap();
        if let Some(roles) = running.as_mut() {
            roles[place] = company.installation.start(killed);
        }
    }
    stop.store(true, Ordering::SeqCst);
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.expect("no panic"));
    }
    assert!(acknowledged.len() > 20 && !asked.is_empty(), "{} entries, {} requests", acknowledged.len(), asked.len());
    for receipt in acknowledged.iter().step_by(acknowledged.len().div_ceil(200)).chain(acknowledged.last()) {
        company.installation.check_kept(receipt).await;
    }
    for id in &asked {
        assert_eq!(mara.request(id).await.expect("the broker still has it").id, *id);
    }
    // The gateway said that this Session is open: the same one goes on, on its old clock.
    let (bytes, session) = company.opening(&bundle);
    let resumed = session.open(bytes).await.expect("resumed");
    assert_eq!((resumed.session, resumed.ends_at), (opened.session, opened.ends_at));
    session.end().await.expect("ended");
}
