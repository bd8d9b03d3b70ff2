use domain::Digest;
use serde_json::{Value, json};

use crate::{DeviceKey, EcJwk, Kind, MfaPurpose, Refusal, SessionOpen, Unverified, base64url, sha256, sign};

const GATEWAY: &str = "gateway-1";

fn digest(text: &str) -> Digest {
    sha256(text)
}

fn header() -> Value {
    json!({"alg": "ES256", "kid": digest("token"), "typ": SessionOpen::TYP})
}

fn payload() -> Value {
    json!({
        "aud": GATEWAY, "body": {"decisions": [digest("d")], "request": digest("r"), "tls_client": digest("t")},
        "exp": 1_060, "iat": 1_000, "jti": "abcdefgh", "seen": ""
    })
}

fn signed(key: &DeviceKey, header: &Value, payload: &str) -> String {
    let input = format!("{}.{}", base64url(header.to_string()), base64url(payload));
    let signature = key.sign(input.as_bytes()).expect("signs");
    format!("{input}.{}", base64url(signature))
}

fn key() -> DeviceKey {
    DeviceKey::generate().expect("generates").0
}

fn refusal(compact: &str) -> Refusal {
    Unverified::<SessionOpen>::read(compact).expect_err("must be refused")
}

#[test]
fn a_good_statement_is_read_and_verified() {
    let key = key();
    let compact = signed(&key, &header(), &payload().to_string());
    let statement = Unverified::<SessionOpen>::read(&compact).expect("reads").verify(&key.public()).expect("verifies");
    assert_eq!(statement.digest(), &sha256(&compact));
    assert_eq!(statement.check_envelope(GATEWAY, 1_010), Ok(()));
}

#[test]
fn the_header_is_closed() {
    let key = key();
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("jku", json!("https://evil.test/keys")),
        ("jwk", json!({"kty": "EC"})),
        ("x5u", json!("https://evil.test/cert")),
        ("x5c", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let mut header = header();
        header[name] = value;
        let compact = signed(&key, &header, &payload().to_string());
        assert_eq!(refusal(&compact), Refusal::Malformed("header"), "{name}");
    }
}

#[test]
fn the_algorithm_is_the_keys() {
    let key = key();
    for alg in ["none", "None", "HS256", "RS256", "ES384", "EdDSA", ""] {
        let mut header = header();
        header["alg"] = json!(alg);
        assert_eq!(refusal(&signed(&key, &header, &payload().to_string())), Refusal::WrongAlgorithm, "{alg}");
    }
}

#[test]
fn one_kind_is_not_another() {
    let key = key();
    for typ in ["JWT", "countersign.request+jws", "COUNTERSIGN.SESSION-OPEN+JWS", "dpop+jwt"] {
        let mut header = header();
        header["typ"] = json!(typ);
        assert_eq!(refusal(&signed(&key, &header, &payload().to_string())), Refusal::WrongKind, "{typ}");
    }
}

#[test]
fn the_compact_form_has_one_spelling() {
    let key = key();
    let good = signed(&key, &header(), &payload().to_string());
    let [h, p, s]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    for bad in [
        format!("{h}.{p}"),
        format!("{good}."),
        format!("{good}.{s}"),
        format!("{h}=.{p}.{s}"),
        format!("{h}\n.{p}.{s}"),
        format!(" {good}"),
        String::new(),
    ] {
        assert!(Unverified::<SessionOpen>::read(&bad).is_err(), "{bad:?}");
    }
    let read = Unverified::<SessionOpen>::read(&format!("{h}.{p}.{s}=")).expect("the signature is looked at later");
    assert!(read.verify(&key.public()).is_err());
    assert_eq!(refusal(&"a".repeat(16 * 1024 + 1)), Refusal::TooLarge);
}

#[test]
fn the_payload_is_closed_and_says_nothing_twice() {
    let key = key();
    let mut extra = payload();
    extra["approved"] = json!(true);
    let twice = payload().to_string().replacen("\"aud\"", "\"aud\":\"gateway-2\",\"aud\"", 1);
    let mut text_time = payload();
    text_time["exp"] = json!("1060");
    let mut float_time = payload();
    float_time["exp"] = json!(1e30);
    let mut missing = payload();
    missing.as_object_mut().expect("an object").remove("exp");
    for bad in [extra.to_string(), twice, text_time.to_string(), float_time.to_string(), missing.to_string()] {
        assert_eq!(refusal(&signed(&key, &header(), &bad)), Refusal::Malformed("payload"), "{bad}");
    }
}

#[test]
fn the_signature_covers_every_byte() {
    let key = key();
    let good = signed(&key, &header(), &payload().to_string());
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let bad = String::from_utf8(bytes).expect("ascii");
        let outcome = Unverified::<SessionOpen>::read(&bad).and_then(|s| s.verify(&key.public()));
        assert!(outcome.is_err(), "byte {at} can be changed");
    }
    let other = Unverified::<SessionOpen>::read(&good).expect("reads").verify(&self::key().public());
    assert_eq!(other.expect_err("another key"), Refusal::BadSignature);
}

#[test]
fn times_and_audience_are_checked() {
    let key = key();
    let read = |p: &Value| {
        let compact = signed(&key, &header(), &p.to_string());
        Unverified::<SessionOpen>::read(&compact).expect("reads").verify(&key.public()).expect("verifies")
    };
    let good = read(&payload());
    assert_eq!(good.check_envelope("gateway-2", 1_010), Err(Refusal::WrongAudience));
    assert_eq!(good.check_envelope(GATEWAY, 994), Err(Refusal::FromTheFuture));
    assert_eq!(good.check_envelope(GATEWAY, 1_059), Ok(()));
    assert_eq!(good.check_envelope(GATEWAY, 1_060), Err(Refusal::Expired));
    for (iat, exp) in [(1_000, 1_061), (1_000, 1_000), (1_000, 900)] {
        let mut p = payload();
        p["iat"] = json!(iat);
        p["exp"] = json!(exp);
        assert_eq!(read(&p).check_issued(GATEWAY, 1_010), Err(Refusal::LivesTooLong), "{iat} to {exp}");
    }
    for (iat, exp) in [(i64::MIN, i64::MAX), (-1, 59), (1_000, i64::MAX), (253_402_300_800, 253_402_300_860)] {
        let mut p = payload();
        p["iat"] = json!(iat);
        p["exp"] = json!(exp);
        assert_eq!(refusal(&signed(&key, &header(), &p.to_string())), Refusal::Malformed("times"), "{iat} to {exp}");
    }
}

#[test]
fn texts_that_mislead_are_refused() {
    let request = |justification: &str, ticket: &str| crate::Request {
        duration_seconds: 60,
        break_glass: None,
        extends: None,
        justification: justification.into(),
        organization: domain::Organization { id: "a".parse().expect("an id"), name: "A".into() },
        policy: digest("p"),
        reason: domain::ReasonCategory::Maintenance,
        scope: domain::Scope::Read,
        ticket: ticket.into(),
    };
    let good = "Payslips of October are missing for 38 people.";
    assert_eq!(request(good, "KP-1").check(), Ok(()));
    assert_eq!(request("קובץ השכר של אוקטובר חסר אצלנו לגמרי", "KP-1").check(), Ok(()));
    for bad in [
        "too short",
        &"x".repeat(1001),
        "October\u{202E} payslips are missing",
        "October\u{200B}payslips missing",
        "a\u{1b}[2Jaaaaaaaaaaaaaaaaaaaaa",
        &" ".repeat(30),
        "October\u{2028}payslips are missing",
        "October\u{3164}payslips are missing",
    ] {
        assert_eq!(request(bad, "KP-1").check(), Err(Refusal::BadText("justification")), "{bad:?}");
    }
    assert_eq!(request(good, "KP-1\nKP-2").check(), Err(Refusal::BadText("ticket")));
    assert_eq!(request(good, "").check(), Err(Refusal::BadText("ticket")));
    for blank in [" KP-1", "KP-1 "] {
        assert_eq!(request(good, blank).check(), Err(Refusal::BadText("ticket")), "{blank:?}");
    }
    assert_eq!(request("Payslips of October are missing.\nThe customer called twice.", "KP-1").check(), Ok(()));
    let mut named = request(good, "KP-1");
    named.organization.name = "Kinloch\u{202E} Hotels".into();
    assert_eq!(named.check(), Err(Refusal::BadText("organization name")));
}

#[test]
fn a_text_that_misleads_is_refused_before_any_signature_is_looked_at() {
    let person = json!({"device": digest("d"), "person": "E-1042"});
    let mut payload = payload();
    payload["body"] = person;
    let header = json!({"alg": "ES256", "kid": digest("token"), "typ": crate::Enrol::TYP});
    let compact = signed(&key(), &header, &payload.to_string());
    assert_eq!(Unverified::<crate::Enrol>::read(&compact).err(), Some(Refusal::BadText("person")));
}

#[test]
fn a_person_is_enrolled_under_one_spelling() {
    let enrol = |person: &str| crate::Enrol { device: digest("d"), person: domain::PersonId(person.into()) }.check();
    assert_eq!(enrol("e-1042"), Ok(()));
    for other in ["E-1042", "e 1042", "é-1042", ""] {
        assert_eq!(enrol(other), Err(Refusal::BadText("person")), "{other:?}");
    }
}

/// RFC 7515, appendix A.3: the published ES256 example verifies, and not with one bit changed.
#[test]
fn rfc_7515_a3() {
    let jwk: EcJwk = serde_json::from_value(json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    }))
    .expect("a key");
    let input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = crate::base64url_decode(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    )
    .expect("base64url");
    assert_eq!(jwk.verify(input.as_bytes(), &signature), Ok(()));
    assert_eq!(jwk.verify(&input.as_bytes()[1..], &signature), Err(Refusal::BadSignature));
}

#[test]
fn what_sign_writes_read_reads() {
    let key = key();
    let body = crate::Mfa {
        method: "totp".into(),
        purpose: MfaPurpose::SignIn,
        statement: None,
        subject: digest("s"),
        address: None,
    };
    let payload = crate::Payload { aud: GATEWAY.into(), body, exp: 20, iat: 10, jti: "j".into(), seen: String::new() };
    let compact = sign(&key, &digest("kid"), &payload).expect("signs");
    let read = Unverified::<crate::Mfa>::read(&compact).expect("reads").verify(&key.public()).expect("verifies");
    assert_eq!(read.payload(), &payload);
}
