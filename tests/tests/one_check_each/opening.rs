//! What the opening names, and what the verifier pins.

use statement::{EcJwk, Refusal, sha256};
use tests::forge::{Person, key};

use super::{company, refusal};

#[test]
fn an_opening_names_its_request_its_decisions_and_its_tls_key() {
    let company = company();
    let spoil = |request: &str, decisions: &[String], tls: &str| {
        let mut good = company.good();
        let request = if request.is_empty() { good.bundle.request.clone() } else { request.to_owned() };
        let decisions = if decisions.is_empty() { good.bundle.decisions.clone() } else { decisions.to_vec() };
        let tls = if tls.is_empty() { good.tls_client.clone() } else { sha256(tls) };
        good.bundle.open = company.open(&company.engineer, &request, &decisions, &tls);
        refusal(&company, &good)
    };
    assert_eq!(spoil("another request", &[], ""), Refusal::OtherRequest);
    assert_eq!(spoil("", &["another decision".into()], ""), Refusal::OtherDecisions);
    assert_eq!(spoil("", &[], "another certificate"), Refusal::OtherTlsKey);
}

#[test]
fn an_opening_is_good_for_a_minute() {
    let company = company();
    let mut good = company.good();
    good.opened_at = company.moments.open + 60;
    assert_eq!(refusal(&company, &good), Refusal::Expired);
    good.opened_at = company.moments.open - 6;
    assert_eq!(refusal(&company, &good), Refusal::FromTheFuture);
}

#[test]
fn pins_are_pins() {
    let company = company();
    let good = company.good();
    let changed = |change: &dyn Fn(&mut statement::Trust)| {
        let mut trust = company.trust.clone();
        change(&mut trust);
        statement::verify_open(&good.bundle, &trust, &company.provider_keys(), &good.tls_client, good.opened_at)
            .map(|_| ())
            .expect_err("nothing may open")
    };
    assert_eq!(changed(&|t| t.issuer.push('/')), Refusal::WrongIssuer);
    assert_eq!(changed(&|t| t.client_id = "broker-web".into()), Refusal::WrongClient);
    assert_eq!(changed(&|t| t.person_claim = "email".into()), Refusal::NoPerson);
    assert_eq!(changed(&|t| t.roles_claim = "groups".into()), Refusal::NotEnrolled);
    assert_eq!(changed(&|t| t.first_administrators.clear()), Refusal::NotEnrolled);
    let stranger: EcJwk = key().public();
    assert_eq!(changed(&|t| t.attestation_key = stranger.clone()), Refusal::BadSignature);
}

#[test]
fn o_21_a_sign_in_is_good_for_eight_hours() {
    let mut company = company();
    company.moments.requester_signs_in = company.moments.request - 8 * 3600;
    company.engineer =
        Person::sign_in(&company.provider, company.engineer.account.clone(), company.moments.requester_signs_in);
    assert_eq!(refusal(&company, &company.good()), Refusal::SignInTooOld);
    company.moments.requester_signs_in = company.moments.request + 6;
    company.engineer =
        Person::sign_in(&company.provider, company.engineer.account.clone(), company.moments.requester_signs_in);
    assert_eq!(refusal(&company, &company.good()), Refusal::FromTheFuture);
}
