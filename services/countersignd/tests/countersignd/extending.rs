//! A Session of the three real roles that goes on for longer, and what they say of it after a `kill -9`.

use std::time::Duration;

use domain::Digest;
use statement::{Bundle, Extends, Request, SessionOpen, Unverified, sha256};
use wire::gateway::OpenedSession;

use super::people::Company;
use super::processes::{process_of, signal};
use super::rig::ROLES;

fn tls_client(bundle_json: &[u8]) -> (Digest, Bundle) {
    let bundle: Bundle = serde_json::from_slice(bundle_json).unwrap();
    let open = Unverified::<SessionOpen>::read(&bundle.open).unwrap();
    (open.unverified_body().tls_client.clone(), bundle)
}

fn more(company: &Company, opened: &OpenedSession, bundle: &Bundle) -> String {
    let first = Unverified::<Request>::read(&bundle.request).unwrap();
    let extends = Extends {
        ends_at: opened.ends_at,
        opened_at: opened.opened_at,
        request: sha256(&bundle.request),
        session: opened.session.clone(),
    };
    let body = Request { duration_seconds: 2700, extends: Some(extends), ..first.unverified_body().clone() };
    company.mara.state(body, 1200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_12_a_session_goes_on_for_as_long_as_was_countersigned_through_a_kill() {
    let mut company = Company::new();
    let mut roles = ROLES.map(|role| Some(company.installation.start(role)));
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    let (bytes, session) = company.opening(&bundle);
    let (tls_client, bundle) = tls_client(&bytes);
    let opened: OpenedSession = session.open(bytes).await.expect("opened");
    assert_eq!(opened.ends_at, opened.opened_at + 1800);
    // Each code is good once.
    tokio::time::sleep(Duration::from_secs(31)).await;
    let mut extension = company.countersigned(more(&company, &opened, &bundle), 2700).await;
    assert_eq!(session.status().await.expect("open").ends_at, opened.ends_at, "an Approval alone moves nothing");
    let open = SessionOpen {
        decisions: extension.decisions.iter().map(sha256).collect(),
        request: sha256(&extension.request),
        tls_client,
    };
    extension.open = company.mara.state(open, 60);
    let extended = session.extend(serde_json::to_vec(&extension).unwrap()).await.expect("extended");
    assert_eq!(extended.ends_at, opened.opened_at + 2700);

    let gateway = ROLES.iter().position(|role| *role == "gateway").unwrap();
    signal("-KILL", process_of(company.installation.dir(), "gateway").expect("it runs"));
    drop(roles[gateway].take());
    roles[gateway] = Some(company.installation.start("gateway"));
    let (bytes, again) = company.opening(&bundle);
    again.open(bytes).await.expect("resumed");
    assert_eq!(again.status().await.expect("open").ends_at, opened.opened_at + 2700);
    let mara = company.mara.broker(&company.installation);
    let mut told = mara.request(&sha256(&bundle.request)).await.expect("there").session_ends_at;
    for _ in 0..50 {
        if told == Some(opened.opened_at + 2700) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        told = mara.request(&sha256(&bundle.request)).await.expect("there").session_ends_at;
    }
    assert_eq!(told, Some(opened.opened_at + 2700), "the broker's leases follow");
    again.end().await.expect("ended");
}
