//! What a statement may say at all: its own fields, in a life of their own length.

use serde_json::{Value, json};
use statement::{Payload, Refusal, base64url, base64url_decode};
use tests::forge::Person;

use super::{company, refusal};

/// A statement of this signer with its payload changed, signed again.
fn rewritten(compact: &str, signer: &Person, change: impl FnOnce(&mut Value)) -> String {
    let parts: Vec<&str> = compact.split('.').collect();
    let mut payload: Value = serde_json::from_slice(&base64url_decode(parts[1]).expect("base64url")).expect("JSON");
    change(&mut payload);
    let input = format!("{}.{}", parts[0], base64url(payload.to_string()));
    let signature = signer.device.sign(input.as_bytes()).expect("signs");
    format!("{input}.{}", base64url(signature))
}

#[test]
fn a_05_a_request_has_no_place_for_its_approvers() {
    let company = company();
    for (field, value) in [
        ("approvers", json!(["e-1002"])),
        ("approver", json!("e-1001")),
        ("approvals", json!(0)),
        ("status", json!("approved")),
        ("id", json!("x")),
    ] {
        let mut good = company.good();
        good.bundle.request = rewritten(&good.bundle.request, &company.engineer, |payload| {
            payload["body"][field] = value.clone();
        });
        assert!(matches!(refusal(&company, &good), Refusal::Malformed(_)), "{field} in the body");
        let mut good = company.good();
        good.bundle.request =
            rewritten(&good.bundle.request, &company.engineer, |payload| payload[field] = value.clone());
        assert!(matches!(refusal(&company, &good), Refusal::Malformed(_)), "{field} beside it");
    }
}

#[test]
fn a_12_nothing_extends_an_approval() {
    let company = company();
    let mut good = company.good();
    let (first, good_bundle) = (good.bundle.decisions[0].clone(), good.bundle.clone());
    // A decision lives no longer than its kind may, whoever signs it and whatever it says.
    good.bundle.decisions[0] = rewritten(&first, &company.approver, |payload| {
        payload["exp"] = json!(payload["exp"].as_i64().expect("a time") + 1);
    });
    assert_eq!(refusal(&company, &good), Refusal::LivesTooLong);
    // And one that ends before it begins is none.
    good.bundle = good_bundle;
    good.bundle.decisions[0] = rewritten(&first, &company.approver, |payload| payload["exp"] = payload["iat"].clone());
    assert_eq!(refusal(&company, &good), Refusal::LivesTooLong);
}

#[test]
fn a_statement_is_not_from_the_future() {
    let company = company();
    let mut good = company.good();
    let at = good.opened_at + 6;
    let ask = Payload {
        aud: company.trust.gateway_id.clone(),
        body: company.ask(),
        exp: at + 60,
        iat: at,
        jti: "j".into(),
        seen: String::new(),
    };
    good.bundle.request = company.engineer.sign_payload(&ask);
    assert_eq!(refusal(&company, &good), Refusal::FromTheFuture);
}

#[test]
fn a_bundle_has_bounds() {
    let company = company();
    let many = |change: &dyn Fn(&mut statement::Bundle)| {
        let mut good = company.good();
        change(&mut good.bundle);
        refusal(&company, &good)
    };
    let grow = |list: &mut Vec<String>| list.resize(1000, list[0].clone());
    assert_eq!(many(&|b| grow(&mut b.pk_tokens)), Refusal::TooLarge);
    assert_eq!(many(&|b| grow(&mut b.enrols)), Refusal::TooLarge);
    assert_eq!(many(&|b| grow(&mut b.decisions)), Refusal::TooLarge);
    assert_eq!(many(&|b| grow(&mut b.mfa)), Refusal::TooLarge);
}

#[test]
fn who_has_seen_no_checkpoint_is_held_to_none() {
    let company = company();
    let opening = company.good().verify(&company).expect("opens");
    assert_eq!(opening.seen().count(), 0);
}
