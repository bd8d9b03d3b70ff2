//! Roles whose partners or identity provider are not there, at the start and later.

use std::sync::atomic::Ordering;

use wire::event::{Append, EventKind};

use super::people::Company;
use super::rig::Installation;

#[tokio::test(flavor = "multi_thread")]
async fn t24_without_the_provider_every_role_starts_and_nobody_gets_in_until_it_is_back() {
    let mut company = Company::new();
    company.installation.issuer.away.store(true, Ordering::SeqCst);
    let _roles = super::rig::ROLES.map(|role| company.installation.start(role));
    let refused = company.mara.broker(&company.installation).me().await.expect_err("no keys, nobody gets in");
    assert_eq!(refused.code(), Some("provider-unreachable"), "{refused}");
    let receipt = company.installation.client("broker", "audit").append(&Append::new(EventKind::SignInRefused)).await;
    company.installation.check_kept(&receipt.expect("services need no provider among themselves")).await;
    company.installation.issuer.away.store(false, Ordering::SeqCst);
    // A role asks again after some seconds, not with every call.
    let begun = std::time::Instant::now();
    while let Err(error) = company.mara.broker(&company.installation).me().await {
        assert!(begun.elapsed().as_secs() < 30, "{error}");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    company.installation.issuer.away.store(true, Ordering::SeqCst);
    let (bytes, session) = company.opening(&bundle);
    let refused = session.open(bytes).await.expect_err("the gateway has never seen the keys");
    assert_eq!(refused.code(), Some("provider-unreachable"), "{refused}");
    company.installation.issuer.away.store(false, Ordering::SeqCst);
    let opened = loop {
        let (bytes, session) = company.opening(&bundle);
        match session.open(bytes).await {
            Ok(opened) => break opened,
            Err(error) => assert!(begun.elapsed().as_secs() < 60, "{error}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    };
    company.installation.issuer.away.store(true, Ordering::SeqCst);
    // What was fetched is good for a while: a provider that is away for a moment stops nobody.
    let (bytes, session) = company.opening(&bundle);
    assert_eq!(session.open(bytes).await.expect("resumed").session, opened.session);
    session.end().await.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn t17_without_the_audit_service_nothing_is_done_and_nothing_is_lost() {
    let mut company = Company::new();
    let _others = ["broker", "gateway"].map(|role| company.installation.start(role));
    let refused = company.mara.broker(&company.installation).me().await.expect_err("nothing can be written down");
    assert_eq!(refused.code(), Some("audit-unreachable"), "{refused}");
    let audit = company.installation.start("audit");
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    drop(audit);
    let mara = company.mara.broker(&company.installation);
    let request = company.mara.ask();
    let refused = mara.send_request(&request).await.expect_err("nothing can be written down");
    assert_eq!(refused.code(), Some("audit-unreachable"), "{refused}");
    let (bytes, session) = company.opening(&bundle);
    let refused = session.open(bytes).await.expect_err("no record, no access");
    assert_eq!(refused.code(), Some("audit-unreachable"), "{refused}");
    let _audit = company.installation.start("audit");
    mara.send_request(&request).await.expect("the same request can still be sent");
    let (bytes, session) = company.opening(&bundle);
    session.open(bytes).await.expect("the Grant was not used up");
    session.end().await.expect("ended");
}

#[test]
fn a_port_that_is_taken_is_said() {
    let installation = Installation::new();
    for role in super::rig::ROLES {
        let _first = installation.start(role);
        let (status, said) = installation.refused(role);
        assert_ne!(status, Some(0), "{role}");
        assert!(said.contains("countersignd:") && said.len() > 30, "{role}: {said}");
    }
}
