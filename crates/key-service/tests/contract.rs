//! What every key service owes, held to each of them: a key that was wrapped opens for the same place and for no other.
//!
//! The transit engine and KMS are imitated after their documentation. With `COUNTERSIGN_KEY_SERVICES` the same is asked of
//! real ones: a file of lines `transit URL KEY TOKEN-FILE` and `aws-kms URL REGION KEY CREDENTIALS-FILE`.

use std::path::PathBuf;
use std::sync::Arc;

use domain::SystemClock;
use key_service::imitation::{self, KMS_CREDENTIALS, KMS_KEY, KMS_REGION, Served, TRANSIT_KEY, TRANSIT_TOKEN};
use key_service::{
    AwsKms, AwsKmsSettings, KeyService, KeyServiceError, Place, ReadCredential, Transit, TransitSettings,
};
use recording::SecretKey;

const ACME: Place<'static> = Place { purpose: "countersign/owner-key/v1", owner: "acme" };
const COMPANY: Place<'static> = Place { purpose: "countersign/owner-key/v1", owner: "" };

fn here() -> std::net::SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn credential(text: &'static str) -> ReadCredential {
    Box::new(move || Ok(text.as_bytes().to_vec().into()))
}

fn transit(url: &str, key: &str, token: ReadCredential) -> Result<KeyService, KeyServiceError> {
    let settings = TransitSettings { url: url.into(), mount: "transit".into(), key: key.into(), namespace: None };
    Transit::new(reqwest::Client::builder().no_proxy().build().expect("a client"), settings, token)
        .map(KeyService::Transit)
}

fn kms(url: &str, region: &str, key: &str, credentials: ReadCredential) -> Result<KeyService, KeyServiceError> {
    let settings = AwsKmsSettings { url: url.into(), region: region.into(), key: key.into() };
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    AwsKms::new(client, settings, Arc::new(SystemClock), credentials).map(KeyService::AwsKms)
}

async fn imitated() -> (Vec<Served>, Vec<KeyService>) {
    let (one, two) = (imitation::transit(here()).await, imitation::aws_kms(here()).await);
    let services = vec![
        KeyService::File(SecretKey::generate().expect("a key")),
        transit(&one.url(), TRANSIT_KEY, credential(TRANSIT_TOKEN)).expect("usable"),
        kms(&two.url(), KMS_REGION, KMS_KEY, credential(KMS_CREDENTIALS)).expect("usable"),
    ];
    (vec![one, two], services)
}

/// Those that the environment names.
fn real() -> Vec<KeyService> {
    let Some(file) = std::env::var_os("COUNTERSIGN_KEY_SERVICES") else { return Vec::new() };
    let read = |file: &str| -> ReadCredential {
        let file = PathBuf::from(file);
        Box::new(move || std::fs::read(&file).map(Into::into).map_err(|error| error.to_string()))
    };
    let text = std::fs::read_to_string(file).expect("a list of key services");
    let services = text.lines().map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["transit", url, key, token] => transit(url, key, read(token)).expect("usable"),
        ["aws-kms", url, region, key, credentials] => kms(url, region, key, read(credentials)).expect("usable"),
        _ => panic!("not a key service: {line}"),
    });
    services.collect()
}

#[tokio::test]
async fn a_wrapped_key_opens_for_its_place_and_for_no_other() {
    let (_served, mut services) = imitated().await;
    services.extend(real());
    for service in &services {
        for (place, other) in [(ACME, COMPANY), (COMPANY, ACME), (ACME, Place { purpose: "other", ..ACME })] {
            let key = SecretKey::generate().expect("a key");
            let wrapped = service.wrap(place, &key).await.expect("wrapped");
            assert!(!wrapped.windows(32).any(|bytes| bytes == key.bytes()));
            assert_eq!(service.unwrap(place, &wrapped).await.expect("opened").bytes(), key.bytes());
            assert!(matches!(service.unwrap(other, &wrapped).await, Err(KeyServiceError::Mismatch)));
            let mut altered = wrapped.clone();
            let at = altered.len() - 6;
            altered[at] ^= 1;
            assert!(service.unwrap(place, &altered).await.is_err());
            assert!(service.unwrap(place, &[]).await.is_err());
        }
    }
}

#[tokio::test]
async fn what_one_key_service_wrapped_no_other_opens() {
    let (_served, services) = imitated().await;
    let key = SecretKey::generate().expect("a key");
    for (n, service) in services.iter().enumerate() {
        let wrapped = service.wrap(ACME, &key).await.expect("wrapped");
        for (m, other) in services.iter().enumerate() {
            assert_eq!(other.unwrap(ACME, &wrapped).await.is_ok(), n == m, "{n} and {m}");
        }
    }
}

#[tokio::test]
async fn a_refusal_an_outage_and_a_bad_credential_are_told_apart_and_quote_nothing() {
    let (served, _) = imitated().await;
    let (bao, aws) = (served[0].url(), served[1].url());
    let other_secret = r#"{"AccessKeyId": "AKIDIMITATED", "SecretAccessKey": "canary-secret", "SessionToken": "x"}"#;
    let refused = [
        transit(&bao, TRANSIT_KEY, credential("canary-token")),
        transit(&bao, "another", credential(TRANSIT_TOKEN)),
        kms(&aws, KMS_REGION, KMS_KEY, credential(other_secret)),
        kms(&aws, "us-east-1", KMS_KEY, credential(KMS_CREDENTIALS)),
        kms(&aws, KMS_REGION, "another", credential(KMS_CREDENTIALS)),
    ];
    let key = SecretKey::generate().expect("a key");
    for service in refused {
        let error = service.expect("usable").wrap(ACME, &key).await.expect_err("refused");
        assert!(matches!(error, KeyServiceError::Refused { .. }), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let bad = [
        transit(&bao, TRANSIT_KEY, credential("two\nlines")),
        kms(&aws, KMS_REGION, KMS_KEY, credential("canary")),
        transit(&bao, TRANSIT_KEY, Box::new(|| Err("no such file".into()))),
    ];
    for service in bad {
        let error = service.expect("usable").wrap(ACME, &key).await.expect_err("no credential");
        assert!(matches!(error, KeyServiceError::Credential(_)), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    for one in served {
        one.stop().await;
    }
    for service in [
        transit(&bao, TRANSIT_KEY, credential(TRANSIT_TOKEN)),
        kms(&aws, KMS_REGION, KMS_KEY, credential(KMS_CREDENTIALS)),
    ] {
        let error = service.expect("usable").wrap(ACME, &key).await.expect_err("nobody there");
        assert!(matches!(error, KeyServiceError::Unreachable { .. }), "{error}");
    }
}

#[test]
fn an_address_is_private_and_nothing_else_stands_in_it() {
    for url in ["http://kms.example", "https://user@kms.example", "https://kms.example?a=b", "ftp://127.0.0.1", "kms"] {
        assert!(transit(url, TRANSIT_KEY, credential("t")).is_err(), "{url}");
        assert!(kms(url, KMS_REGION, KMS_KEY, credential("t")).is_err(), "{url}");
    }
    for name in ["", "..", "."] {
        assert!(transit("https://kms.example", name, credential("t")).is_err(), "{name}");
    }
    assert!(transit("https://kms.example", "a/../../sys/seal", credential("t")).is_ok(), "slashes are escaped");
}
