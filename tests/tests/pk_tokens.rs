//! What makes a PK token, one wrong thing at a time: the ID token's own claims and header, the provider's keys, and the
//! commitment to the Device key. Ids are those of the OpenID Connect section of the list of bad inputs.

use serde_json::{Value, json};
use statement::{CicHeader, DeviceKey, Identity, PkToken, ProviderKeys, Refusal, base64url, nonce_for};
use tests::forge::{Account, Company, fresh_bytes, key};

const NOON: i64 = 1_795_000_000;

struct Sample {
    company: Company,
    device: DeviceKey,
    cic: String,
    claims: Value,
    header: Value,
}

impl Sample {
    fn new() -> Self {
        let (company, device) = (Company::new(NOON), key());
        let cic = CicHeader::encoded(&device.public(), fresh_bytes());
        let account = Account::new("e-1001", "Mara Lindqvist", &["engineer"]);
        let claims = company.provider.claims(&account, &nonce_for(&cic), NOON - 60);
        let header = json!({"alg": "ES256", "kid": company.provider.kid, "typ": "JWT"});
        Self { company, device, cic, claims, header }
    }

    fn token(&self) -> String {
        let input = format!("{}.{}", base64url(self.header.to_string()), base64url(self.claims.to_string()));
        let signature = self.company.provider.key.sign(input.as_bytes()).expect("signs");
        PkToken::make(&format!("{input}.{}", base64url(signature)), &self.cic, &self.device).expect("signs")
    }

    fn outcome(&self) -> Result<Identity, Refusal> {
        self.outcome_of(&self.token())
    }

    fn outcome_of(&self, token: &str) -> Result<Identity, Refusal> {
        PkToken::read(token)?.verify(&self.company.trust, &self.company.provider_keys(), NOON)
    }

    fn with(name: &str, value: Value) -> Result<Identity, Refusal> {
        let mut sample = Self::new();
        sample.claims[name] = value;
        sample.outcome()
    }
}

#[test]
fn an_ordinary_sign_in_names_a_person() {
    let sample = Sample::new();
    let identity = sample.outcome().expect("verifies");
    assert_eq!(identity.person.0, "e-1001");
    assert_eq!(identity.device, sample.device.public().thumbprint());
}

#[test]
fn o_03_the_nonce_commits_to_the_device_key() {
    let other = CicHeader::encoded(&key().public(), fresh_bytes());
    assert_eq!(Sample::with("nonce", json!(nonce_for(&other))), Err(Refusal::WrongNonce));
    assert_eq!(Sample::with("nonce", json!("")), Err(Refusal::WrongNonce));
    assert_eq!(Sample::with("nonce", Value::Null), Err(Refusal::Malformed("ID token claim")));
    let mut same_key_other_randomness = Sample::new();
    same_key_other_randomness.cic = CicHeader::encoded(&same_key_other_randomness.device.public(), fresh_bytes());
    assert_eq!(same_key_other_randomness.outcome(), Err(Refusal::WrongNonce));
}

#[test]
fn the_device_proves_that_it_holds_the_key() {
    let mut sample = Sample::new();
    sample.device = key();
    assert_eq!(sample.outcome(), Err(Refusal::BadSignature));
}

#[test]
fn the_cic_header_has_one_kind_and_one_algorithm() {
    let spoiled = |change: &dyn Fn(&mut Value)| {
        let mut sample = Sample::new();
        let mut header: Value =
            serde_json::from_slice(&statement::base64url_decode(&sample.cic).expect("base64url")).expect("JSON");
        change(&mut header);
        sample.cic = base64url(header.to_string());
        sample.claims["nonce"] = json!(nonce_for(&sample.cic));
        sample.outcome()
    };
    assert!(spoiled(&|_| ()).is_ok());
    assert_eq!(spoiled(&|h| h["typ"] = json!("CIC")), Err(Refusal::WrongKind));
    assert_eq!(spoiled(&|h| h["alg"] = json!("none")), Err(Refusal::WrongAlgorithm));
    assert_eq!(spoiled(&|h| h["rz"] = json!("AAAA")), Err(Refusal::Malformed("CIC randomness")));
    assert_eq!(spoiled(&|h| h["jku"] = json!("https://evil.test")), Err(Refusal::Malformed("CIC header")));
    assert_eq!(spoiled(&|h| h["upk"]["d"] = json!("AAAA")), Err(Refusal::Malformed("CIC header")));
}

#[test]
fn o_05_the_issuer_is_compared_exactly() {
    for issuer in ["https://id.countersign.test/", "https://ID.countersign.test", "https://id.countersign.test:443", ""]
    {
        assert_eq!(Sample::with("iss", json!(issuer)), Err(Refusal::WrongIssuer), "{issuer}");
    }
}

#[test]
fn o_06_the_algorithm_is_never_none() {
    for alg in ["none", "None", "nOnE", ""] {
        let mut sample = Sample::new();
        sample.header["alg"] = json!(alg);
        assert_eq!(sample.outcome(), Err(Refusal::WrongAlgorithm), "{alg}");
        let token = sample.token();
        let parts: Vec<&str> = token.split('.').collect();
        let unsigned = [parts[0], parts[1], "", parts[3], parts[4]].join(".");
        assert_eq!(sample.outcome_of(&unsigned), Err(Refusal::WrongAlgorithm), "{alg} without a signature");
    }
}

#[test]
fn o_07_a_public_key_is_not_a_shared_secret() {
    for alg in ["HS256", "HS384", "HS512", "RS256", "PS256", "EdDSA"] {
        let mut sample = Sample::new();
        sample.header["alg"] = json!(alg);
        assert_eq!(sample.outcome(), Err(Refusal::WrongAlgorithm), "{alg}");
    }
}

#[test]
fn a_published_algorithm_binds_its_key() {
    let sample = Sample::new();
    let jwks = |change: &dyn Fn(&mut Value)| {
        let mut set: Value = serde_json::from_str(&sample.company.provider.jwks()).expect("JSON");
        change(&mut set["keys"][0]);
        let keys = ProviderKeys::from_jwks(set.to_string().as_bytes()).expect("a JWKS");
        PkToken::read(&sample.token()).expect("reads").verify(&sample.company.trust, &keys, NOON)
    };
    assert!(jwks(&|_| ()).is_ok());
    assert_eq!(jwks(&|k| k["alg"] = json!("ES512")), Err(Refusal::WrongAlgorithm));
    assert_eq!(jwks(&|k| k["use"] = json!("enc")), Err(Refusal::UnknownProviderKey));
    assert_eq!(jwks(&|k| k["key_ops"] = json!(["encrypt"])), Err(Refusal::UnknownProviderKey));
    assert_eq!(jwks(&|k| k["kid"] = json!("signing-2")), Err(Refusal::UnknownProviderKey));
}

#[test]
fn o_08_another_issuers_key_is_no_key_here() {
    let mut sample = Sample::new();
    sample.company.provider.key = key();
    let token = sample.token();
    let honest = Sample::new();
    assert_eq!(honest.outcome_of(&token), Err(Refusal::BadSignature));
}

#[test]
fn without_an_id_only_a_set_of_one_key_is_clear() {
    let mut sample = Sample::new();
    sample.header.as_object_mut().expect("an object").remove("kid");
    assert!(sample.outcome().is_ok(), "one key");
    let own = serde_json::to_value(sample.company.provider.key.public()).expect("a JWK");
    let two = json!({"keys": [own, key().public()]}).to_string();
    let keys = ProviderKeys::from_jwks(two.as_bytes()).expect("a set");
    let outcome = PkToken::read(&sample.token()).expect("reads").verify(&sample.company.trust, &keys, NOON);
    assert_eq!(outcome, Err(Refusal::UnknownProviderKey));
}

#[test]
fn o_10_keys_in_the_header_are_refused() {
    for name in ["jku", "x5u", "jwk", "x5c", "crit"] {
        let mut sample = Sample::new();
        sample.header[name] = json!("https://evil.test/keys");
        assert_eq!(sample.outcome(), Err(Refusal::Malformed("ID token header")), "{name}");
    }
}

#[test]
fn o_11_the_audience_is_this_client_alone() {
    for audience in [
        json!("broker-web"),
        json!(["countersign-desktop", "other"]),
        json!(["other"]),
        json!([]),
        json!({}),
        Value::Null,
    ] {
        assert_eq!(Sample::with("aud", audience.clone()), Err(Refusal::WrongClient), "{audience}");
    }
    assert!(Sample::with("aud", json!(["countersign-desktop"])).is_ok());
    assert!(Sample::with("azp", json!("countersign-desktop")).is_ok());
    assert_eq!(Sample::with("azp", json!("broker-web")), Err(Refusal::WrongClient));
}

#[test]
fn o_12_times_are_whole_numbers_in_their_bounds() {
    assert_eq!(Sample::with("iat", json!(NOON + 6)), Err(Refusal::FromTheFuture));
    assert_eq!(Sample::with("iat", json!(NOON - 8 * 3600)), Err(Refusal::SignInTooOld));
    assert_eq!(Sample::with("iat", json!(0)), Err(Refusal::SignInTooOld));
    let before_and_after = [i64::MIN, -1, 253_402_300_800, i64::MAX].map(Value::from);
    for odd in before_and_after.into_iter().chain([json!("1795000000"), json!(1e308), json!(1.5), Value::Null]) {
        assert_eq!(Sample::with("iat", odd.clone()), Err(Refusal::Malformed("ID token claim")), "{odd}");
        assert_eq!(Sample::with("nbf", odd.clone()), Err(Refusal::Malformed("ID token claim")), "{odd}");
    }
    assert!(Sample::with("nbf", json!(NOON + 5)).is_ok());
    assert_eq!(Sample::with("nbf", json!(NOON + 6)), Err(Refusal::FromTheFuture));
}

#[test]
fn o_13_an_access_or_logout_token_is_not_an_id_token() {
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt"] {
        let mut sample = Sample::new();
        sample.header["typ"] = json!(typ);
        assert_eq!(sample.outcome(), Err(Refusal::WrongKind), "{typ}");
    }
}

#[test]
fn o_15_a_key_set_has_a_size() {
    assert!(matches!(ProviderKeys::from_jwks(b"<html>not found</html>"), Err(Refusal::Malformed("JWKS"))));
    let many = json!({"keys": vec![json!({"kty": "EC"}); 33]}).to_string();
    assert!(matches!(ProviderKeys::from_jwks(many.as_bytes()), Err(Refusal::TooLarge)));
    let large = format!("{}{}", r#"{"keys":[]}"#, " ".repeat(256 * 1024));
    assert!(matches!(ProviderKeys::from_jwks(large.as_bytes()), Err(Refusal::TooLarge)));
}

#[test]
fn a_person_claim_has_a_length() {
    assert!(Sample::with("employee_id", json!("e".repeat(128))).is_ok());
    assert_eq!(Sample::with("employee_id", json!("e".repeat(129))), Err(Refusal::NoPerson));
}

#[test]
fn o_20_an_email_address_is_nobody() {
    let mut sample = Sample::new();
    sample.claims["email"] = json!("ben.okafor@kestrel.test");
    sample.claims["email_verified"] = json!(true);
    sample.claims["name"] = json!("Ben Okafor");
    assert_eq!(sample.outcome().expect("verifies").person.0, "e-1001");
}

#[test]
fn a_claim_that_stands_twice_is_refused() {
    let sample = Sample::new();
    let doubled =
        sample.claims.to_string().replacen("\"employee_id\"", "\"employee_id\":\"e-1002\",\"employee_id\"", 1);
    let input = format!("{}.{}", base64url(sample.header.to_string()), base64url(doubled));
    let signature = sample.company.provider.key.sign(input.as_bytes()).expect("signs");
    let token =
        PkToken::make(&format!("{input}.{}", base64url(signature)), &sample.cic, &sample.device).expect("signs");
    assert_eq!(sample.outcome_of(&token), Err(Refusal::Malformed("ID token payload")));
}

#[test]
fn a_token_has_a_size_and_one_form() {
    let sample = Sample::new();
    let token = sample.token();
    assert_eq!(sample.outcome_of(&format!("{token}.")), Err(Refusal::Malformed("PK token")));
    assert_eq!(sample.outcome_of(token.rsplit_once('.').expect("dots").0), Err(Refusal::Malformed("PK token")));
    assert_eq!(sample.outcome_of(&"a".repeat(16 * 1024 + 1)), Err(Refusal::TooLarge));
}

/// One `sub` at two issuers is two accounts, and only one issuer is ours: nothing but the person claim of a token that
/// it signed says who somebody is.
#[test]
fn o_19_a_subject_of_another_issuer_is_somebody_else() {
    let ours = Sample::new();
    let mut theirs = Sample::new();
    theirs.claims["sub"] = ours.claims["sub"].clone();
    theirs.claims["iss"] = json!("https://id.elsewhere.test");
    assert_eq!(theirs.outcome(), Err(Refusal::WrongIssuer));
    let mut renamed = Sample::new();
    renamed.claims["sub"] = json!("another-account");
    let (one, other) = (ours.outcome().expect("verifies"), renamed.outcome().expect("verifies"));
    assert_ne!(one.subject, other.subject);
    assert_eq!(one.person, other.person, "two accounts of one person are one person");
}
