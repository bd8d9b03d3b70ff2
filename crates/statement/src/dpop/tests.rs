use serde_json::{Value, json};

use super::*;

const NOW: UnixSeconds = 1_795_000_000;
const URL: &str = "https://127.0.0.1:7441/v1/requests";

struct Call {
    key: DeviceKey,
    header: Value,
    claims: Value,
}

impl Call {
    fn new() -> Self {
        let key = DeviceKey::generate().expect("generates").0;
        let header = json!({"alg": "ES256", "jwk": key.public(), "typ": "dpop+jwt"});
        let claims =
            json!({"ath": b64::sha256("token"), "htm": "POST", "htu": URL, "iat": NOW, "jti": "0123456789abcdef"});
        Self { key, header, claims }
    }

    fn proof(&self) -> String {
        let input = format!("{}.{}", b64::encode(self.header.to_string()), b64::encode(self.claims.to_string()));
        format!("{input}.{}", b64::encode(self.key.sign(input.as_bytes()).expect("signs")))
    }

    fn outcome_of(&self, proof: &str) -> Result<(), Refusal> {
        verify_dpop(proof, "POST", URL, &b64::sha256("token"), &self.key.public(), NOW).map(drop)
    }

    fn with_header(name: &str, value: Value) -> Result<(), Refusal> {
        let mut call = Self::new();
        call.header[name] = value;
        call.outcome_of(&call.proof())
    }

    fn with_claim(name: &str, value: Value) -> Result<(), Refusal> {
        let mut call = Self::new();
        call.claims[name] = value;
        call.outcome_of(&call.proof())
    }
}

#[test]
fn what_dpop_proof_makes_verify_dpop_takes() {
    let call = Call::new();
    let claims: DpopProof = serde_json::from_value(call.claims.clone()).expect("claims");
    assert_eq!(call.outcome_of(&dpop_proof(&call.key, &claims).expect("signs")), Ok(()));
    assert_eq!(call.outcome_of(&call.proof()), Ok(()));
}

#[test]
fn d_02_a_proof_is_for_one_method_and_one_address() {
    for method in ["GET", "post", ""] {
        assert_eq!(Call::with_claim("htm", json!(method)), Err(Refusal::OtherCall), "{method:?}");
    }
    for other in ["https://127.0.0.1:7442/v1/requests", "https://127.0.0.1:7441/V1/requests", &format!("{URL}?a=b")] {
        assert_eq!(Call::with_claim("htu", json!(other)), Err(Refusal::OtherCall), "{other}");
    }
}

#[test]
fn d_03_a_proof_is_for_one_token() {
    assert_eq!(Call::with_claim("ath", json!(b64::sha256("another"))), Err(Refusal::OtherCall));
}

#[test]
fn d_04_a_proof_is_of_now() {
    for (iat, expected) in [(-31, false), (-30, true), (30, true), (31, false), (-600, false), (600, false)] {
        let outcome = Call::with_claim("iat", json!(NOW + iat));
        assert_eq!(outcome, if expected { Ok(()) } else { Err(Refusal::Expired) }, "{iat}");
    }
    for iat in [i64::MIN, i64::MIN + NOW, i64::MAX] {
        assert_eq!(Call::with_claim("iat", json!(iat)), Err(Refusal::Expired), "{iat}");
    }
}

#[test]
fn d_05_the_key_is_the_tokens_own() {
    let call = Call::new();
    let other = Call::new();
    assert_eq!(call.outcome_of(&other.proof()), Err(Refusal::OtherCall));
    let mut claimed = Call::new();
    claimed.header["jwk"] = json!(call.key.public());
    assert_eq!(call.outcome_of(&claimed.proof()), Err(Refusal::BadSignature));
}

#[test]
fn the_header_says_one_kind_and_one_algorithm_and_nothing_else() {
    assert_eq!(Call::with_header("typ", json!("jwt")), Err(Refusal::WrongKind));
    assert_eq!(Call::with_header("alg", json!("none")), Err(Refusal::WrongAlgorithm));
    assert_eq!(Call::with_header("alg", json!("HS256")), Err(Refusal::WrongAlgorithm));
    assert_eq!(Call::with_header("jku", json!("https://evil.test")), Err(Refusal::Malformed("proof header")));
    assert_eq!(Call::with_claim("nonce", json!("n")), Err(Refusal::Malformed("proof")));
}

#[test]
fn a_proof_and_its_id_have_sizes() {
    for (id, good) in [("0".repeat(15), false), ("0".repeat(16), true), ("0".repeat(64), true), ("0".repeat(65), false)]
    {
        assert_eq!(Call::with_claim("jti", json!(id)).is_ok(), good, "{}", id.len());
    }
    let call = Call::new();
    let long = format!("{}{}", call.proof(), "A".repeat(4096));
    assert_eq!(call.outcome_of(&long), Err(Refusal::TooLarge));
    assert_eq!(call.outcome_of("a.b"), Err(Refusal::Malformed("proof")));
}
