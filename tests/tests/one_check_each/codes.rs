//! One-time codes: one for each signature, by the pinned broker, not for long.

use statement::{Mfa, MfaPurpose, Payload, Refusal, sha256, sign};
use tests::forge::{Person, key};

use super::{NOON, company, refusal};

#[test]
fn a_second_factor_is_attested_for_each_signature() {
    let company = company();
    let mut none = company.good();
    none.bundle.mfa.clear();
    assert_eq!(refusal(&company, &none), Refusal::NoSecondFactor);

    let mut sign_in_only = company.good();
    sign_in_only.bundle.mfa.truncate(1);
    assert_eq!(refusal(&company, &sign_in_only), Refusal::NoSecondFactor);

    let mut decision_only = company.good();
    decision_only.bundle.mfa.remove(0);
    assert_eq!(refusal(&company, &decision_only), Refusal::NoSecondFactor);
}

#[test]
fn m_06_a_code_for_one_statement_is_not_a_code_for_another() {
    let company = company();
    let mut good = company.good();
    good.bundle.mfa[1] = company.mfa(&company.approver, Some("another decision"), company.moments.decide);
    assert_eq!(refusal(&company, &good), Refusal::NoSecondFactor);
    good.bundle.mfa[1] = company.mfa(&company.approver, None, company.moments.decide);
    assert_eq!(refusal(&company, &good), Refusal::NoSecondFactor);
    good.bundle.mfa[1] = company.mfa(&company.second_approver, Some(&good.bundle.decisions[0]), company.moments.decide);
    assert_eq!(refusal(&company, &good), Refusal::NoSecondFactor);
}

#[test]
fn codes_grow_old() {
    let company = company();
    let moments = company.moments;
    let mut opening = company.good();
    opening.bundle.mfa[0] = company.mfa(&company.engineer, None, moments.open - 15 * 60 - 1);
    assert_eq!(refusal(&company, &opening), Refusal::SecondFactorTooOld);
    opening.bundle.mfa[0] = company.mfa(&company.engineer, None, moments.open - 15 * 60);
    assert!(opening.verify(&company).is_ok());

    // A later sign-in with a fresh code opens; it does not make up for a request that was signed without one.
    let later = Person::sign_in_on(
        &company.provider,
        company.engineer.account.clone(),
        company.engineer.device.clone(),
        moments.decide,
    );
    let mut asking = company.good();
    asking.bundle.pk_tokens.push(later.token.clone());
    asking.bundle.open = company.open(&later, &asking.bundle.request, &asking.bundle.decisions, &asking.tls_client);
    asking.bundle.mfa.push(company.mfa(&later, None, moments.open - 60));
    assert!(asking.verify(&company).is_ok());
    asking.bundle.mfa[0] = company.mfa(&company.engineer, None, moments.request - 8 * 3600 - 1);
    assert_eq!(refusal(&company, &asking), Refusal::SecondFactorTooOld);
    asking.bundle.mfa.remove(0);
    assert_eq!(refusal(&company, &asking), Refusal::NoSecondFactor);

    for at in [moments.decide - 301, moments.decide + 306] {
        let mut decision = company.good();
        decision.bundle.mfa[1] = company.mfa(&company.approver, Some(&decision.bundle.decisions[0]), at);
        assert_eq!(refusal(&company, &decision), Refusal::SecondFactorTooOld, "{at}");
    }
}

#[test]
fn only_the_pinned_broker_attests() {
    let company = company();
    let mut good = company.good();
    let body = Mfa {
        method: "totp".into(),
        purpose: MfaPurpose::SignIn,
        statement: None,
        subject: company.engineer.kid(),
        address: None,
    };
    let attest = |aud: &str, key: &statement::DeviceKey, body: &Mfa| {
        let payload = Payload {
            aud: aud.into(),
            body: body.clone(),
            exp: NOON,
            iat: NOON - 60,
            jti: "j".into(),
            seen: String::new(),
        };
        sign(key, &key.public().thumbprint(), &payload).expect("signs")
    };
    good.bundle.mfa[0] = attest(&company.trust.gateway_id, &key(), &body);
    assert_eq!(refusal(&company, &good), Refusal::BadSignature);
    good.bundle.mfa[0] = attest("another-gateway", &company.broker, &body);
    assert_eq!(refusal(&company, &good), Refusal::WrongAudience);
    let odd = Mfa { statement: Some(sha256("x")), ..body };
    good.bundle.mfa[0] = attest(&company.trust.gateway_id, &company.broker, &odd);
    assert_eq!(refusal(&company, &good), Refusal::Malformed("attestation"));
}
