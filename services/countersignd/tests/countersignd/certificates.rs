//! Certificates that do not match: another authority's, another role's, another key's.

use std::fs;

use client::ServiceClient;
use wire::event::{Append, EventKind};

use super::people::Company;
use super::rig::{Installation, ROLES};

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_authority_or_role_writes_nothing() {
    let (own, other) = (Installation::new(), Installation::new());
    let _audit = own.start("audit");
    let before = own.head().await.size;
    let pem = |from: &Installation, name: &str| from.text(&format!("broker/{name}"));
    let stranger = ServiceClient::new(
        &own.base_url("audit"),
        &pem(&own, "ca.pem"),
        &pem(&other, "tls.pem"),
        &pem(&other, "tls.key"),
    );
    assert!(stranger.unwrap().append(&Append::new(EventKind::SignInRefused)).await.is_err());
    let deceived = ServiceClient::new(
        &own.base_url("audit"),
        &pem(&other, "ca.pem"),
        &pem(&own, "tls.pem"),
        &pem(&own, "tls.key"),
    );
    let error = deceived.unwrap().append(&Append::new(EventKind::SignInRefused)).await.expect_err("not its authority");
    assert!(error.is_unreachable(), "{error}");
    assert_eq!(own.head().await.size, before, "nothing came in");
    let gateway = own.client("gateway", "audit");
    let error = gateway.append(&Append::new(EventKind::Approved)).await.expect_err("the broker's to write");
    assert_eq!(error.code(), Some("other-service"));
}

#[test]
fn a_certificate_without_its_key_keeps_a_role_from_starting() {
    let (own, other) = (Installation::new(), Installation::new());
    for role in ROLES {
        fs::copy(other.path(&format!("{role}/tls.pem")), own.path(&format!("{role}/tls.pem"))).unwrap();
        let (status, said) = own.refused(role);
        assert_ne!(status, Some(0), "{role}");
        assert!(said.to_lowercase().contains("key") || said.contains("certificate"), "{role}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_service_with_another_authority_s_certificate_is_not_believed() {
    let (company, other) = (Company::new(), Installation::new());
    for name in ["tls.pem", "tls.key"] {
        fs::copy(other.path(&format!("audit/{name}")), company.installation.path(&format!("audit/{name}"))).unwrap();
    }
    let _roles = ROLES.map(|role| company.installation.start(role));
    let refused = company.mara.broker(&company.installation).me().await.expect_err("it is nobody we know");
    assert_eq!(refused.code(), Some("audit-unreachable"), "{refused}");
}
