//! The examples of RFC 7515 (appendix A), RFC 7520 (sections 3 and 4) and RFC 8037 (A.4).

use serde_json::{Value, json};

use super::{outcome, provider};
use crate::{EcJwk, Refusal, b64};

macro_rules! example {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../../../tests/vectors/rfc7520/", $name, ".json")))
            .expect("json")
    };
}

const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn a2() -> (String, Value) {
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds\
                     9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZR\
                     mB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs9\
                     8rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let n = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2l\
             ZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEM\
             a2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2P\
             AcDTW9gb54h4FRWyuXpoQ";
    (format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}.{signature}"), json!({"kty": "RSA", "n": n, "e": "AQAB"}))
}

fn a3() -> (String, Value) {
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let key = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    (format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}.{signature}"), key)
}

#[test]
fn rfc_7515_a2_and_a3_are_taken() {
    for (jws, key) in [a2(), a3()] {
        assert_eq!(outcome(&jws, &[&key]), Ok(()));
    }
    let (jws, key) = a3();
    let (input, signature) = jws.rsplit_once('.').expect("parts");
    let device: EcJwk = serde_json::from_value(key).expect("a Device's JWK");
    assert_eq!(device.verify(input.as_bytes(), &b64::decode(signature).expect("base64url")), Ok(()));
}

/// A.1 (HS256), A.4 (ES512) and A.5 (none) have algorithms that nobody uses here; A.6 and A.7 are no compact form.
#[test]
fn the_other_examples_of_rfc_7515_are_refused() {
    let (_, key) = a3();
    let alone = |header: &str| outcome(&format!("{}.{CLAIMS}.AAAA", b64::encode(header)), &[&key]);
    assert_eq!(alone("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"), Err(Refusal::WrongAlgorithm));
    assert_eq!(alone(r#"{"alg":"ES512"}"#), Err(Refusal::WrongAlgorithm));
    assert_eq!(outcome(&format!("eyJhbGciOiJub25lIn0.{CLAIMS}."), &[&key]), Err(Refusal::WrongAlgorithm));
    let (jws, _) = a3();
    let parts: Vec<&str> = jws.split('.').collect();
    let flat = json!({"payload": CLAIMS, "protected": parts[0], "signature": parts[2]});
    assert!(outcome(&flat.to_string(), &[&key]).is_err());
    let general = json!({"payload": CLAIMS, "signatures": [{"protected": parts[0], "signature": parts[2]}]});
    assert!(outcome(&general.to_string(), &[&key]).is_err());
}

/// E is a JWS with `crit`: what has to be understood and is not, is refused.
#[test]
fn rfc_7515_e_is_refused() {
    let (_, key) = a3();
    let header = "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlL\
                  mNvbS9VTkRFRklORUQiOnRydWUNCn0";
    assert_eq!(outcome(&format!("{header}.RkFJTA."), &[&key]), Err(Refusal::Malformed("ID token header")));
}

#[test]
fn rfc_7520_4_1_and_rfc_8037_a4_are_taken() {
    for example in [example!("4_1.rsa_v15_signature"), example!("rfc8037_a4")] {
        let jws = example["output"]["compact"].as_str().expect("a text");
        let mut key = example["input"]["key"].clone();
        assert_eq!(outcome(jws, &[&key]), Err(Refusal::UnknownProviderKey), "a published private key is nobody's");
        for secret in ["d", "p", "q", "dp", "dq", "qi"] {
            key.as_object_mut().expect("a key").remove(secret);
        }
        assert_eq!(outcome(jws, &[&key]), Ok(()), "{}", example["title"]);
        for other in [example!("3_1.ec_public_key"), a2().1, a3().1] {
            assert!(outcome(jws, &[&other]).is_err(), "{}", example["title"]);
        }
    }
}

/// PS384, ES512 and HS256 are not taken, and neither are detached content and the JSON forms.
#[test]
fn the_other_examples_of_rfc_7520_are_refused() {
    let keys = [example!("3_1.ec_public_key"), example!("3_3.rsa_public_key"), a3().1];
    for example in [
        example!("4_2.rsa-pss_signature"),
        example!("4_3.ecdsa_signature"),
        example!("4_4.hmac-sha2_integrity_protection"),
        example!("4_5.signature_with_detached_content"),
        example!("4_6.protecting_specific_header_fields"),
        example!("4_7.protecting_content_only"),
        example!("4_8.multiple_signatures"),
    ] {
        for (form, jws) in example["output"].as_object().expect("forms") {
            let jws = jws.as_str().map_or_else(|| jws.to_string(), str::to_owned);
            for key in &keys {
                assert!(outcome(&jws, &[key]).is_err(), "{} as {form}", example["title"]);
            }
        }
    }
}

#[test]
fn rfc_7520_3_is_read_to_what_can_sign_an_id_token() {
    let is_usable = |key: &Value| provider(&[key]).expect("a key set").knows(None);
    assert!(is_usable(&example!("3_3.rsa_public_key")));
    for unusable in [
        example!("3_1.ec_public_key"),
        example!("3_2.ec_private_key"),
        example!("3_4.rsa_private_key"),
        example!("3_5.symmetric_key_mac_computation"),
    ] {
        assert!(!is_usable(&unusable), "{}", unusable["kty"]);
    }
}

/// Which of two keys an id means must not hang on their order.
#[test]
fn an_id_that_two_keys_have_is_nobodys() {
    let (jws, mut key) = a3();
    let named = jws.replace("eyJhbGciOiJFUzI1NiJ9", &b64::encode(r#"{"alg":"ES256","kid":"one"}"#));
    key["kid"] = "one".into();
    let mut other = a2().1;
    other["kid"] = "one".into();
    assert_eq!(outcome(&named, &[&key]), Err(Refusal::BadSignature));
    assert_eq!(outcome(&named, &[&key, &key]), Err(Refusal::BadSignature));
    assert_eq!(outcome(&named, &[&key, &other]), Err(Refusal::UnknownProviderKey));
    assert_eq!(outcome(&named, &[&other, &key]), Err(Refusal::UnknownProviderKey));
}
