use domain::FixedClock;
use serde_json::json;
use statement::DeviceKey;

use super::*;
use crate::fake::Fake;
use crate::http_client;

const NOW: i64 = 1_795_000_000;

async fn source() -> (Fake, Arc<FixedClock>, ProviderSource) {
    let fake = Fake::start(NOW).await;
    let clock = Arc::new(FixedClock::at(NOW));
    let issuer = fake.lock().issuer.clone();
    let source = ProviderSource::new(issuer, http_client(None).unwrap(), clock.clone());
    (fake, clock, source)
}

#[tokio::test]
async fn keys_are_fetched_once_in_ten_minutes() {
    let (fake, clock, source) = source().await;
    for _ in 0..3 {
        assert!(source.keys_for(Some("k1")).await.unwrap().knows(Some("k1")));
    }
    assert_eq!(fake.lock().jwks_calls, 1);
    clock.advance(601);
    source.keys_for(None).await.unwrap();
    assert_eq!(fake.lock().jwks_calls, 2);
}

#[tokio::test]
async fn o_05_a_discovery_document_of_another_issuer_is_refused() {
    let (fake, _, _) = source().await;
    let issuer = fake.lock().issuer.clone();
    for other in [format!("{issuer}/"), issuer.to_uppercase(), issuer.replace("127.0.0.1", "localhost"), String::new()]
    {
        fake.lock().discovery["issuer"] = json!(other);
        let source = ProviderSource::new(issuer.clone(), http_client(None).unwrap(), Arc::new(FixedClock::at(NOW)));
        assert!(matches!(source.keys_for(None).await, Err(IdentityError::Unusable(_))), "{other}");
    }
}

#[tokio::test]
async fn o_14_rotation_is_seen_and_an_unknown_key_makes_no_storm() {
    let (fake, clock, source) = source().await;
    source.keys_for(Some("k1")).await.unwrap();
    for n in 0..100 {
        assert!(!source.keys_for(Some(&format!("unknown-{n}"))).await.unwrap().knows(Some("unknown")));
    }
    assert_eq!(fake.lock().jwks_calls, 1, "asked a moment ago");
    clock.advance(10);
    fake.lock().keys = vec![("k2".into(), DeviceKey::generate().unwrap().0)];
    let keys = source.keys_for(Some("k2")).await.unwrap();
    assert!(keys.knows(Some("k2")) && !keys.knows(Some("k1")), "the old key is not published any more");
    assert_eq!(fake.lock().jwks_calls, 2);
}

#[tokio::test]
async fn o_15_without_the_provider_kept_keys_last_an_hour() {
    let (fake, clock, source) = source().await;
    source.keys_for(None).await.unwrap();
    let many: Vec<_> = (0..10_000).map(|n| crate::fake::jwk(&n.to_string(), &fake.lock().keys[0].1)).collect();
    let bad = [
        (503, Vec::new()),
        (302, Vec::new()),
        (200, b"<html>not keys</html>".to_vec()),
        (200, vec![b' '; 10 * 1024 * 1024]),
        (200, serde_json::to_vec(&json!({ "keys": many })).unwrap()),
    ];
    for answer in bad {
        fake.lock().jwks = Some(answer);
        clock.advance(700);
        assert!(source.keys_for(None).await.unwrap().knows(Some("k1")));
    }
    clock.advance(101);
    assert!(source.keys_for(None).await.is_err(), "an hour has passed");
    fake.lock().jwks = None;
    clock.advance(10);
    assert!(source.keys_for(None).await.is_ok());
}

#[tokio::test]
async fn keys_come_over_https_or_from_this_computer() {
    let (fake, _, source) = source().await;
    for address in ["http://example.test/jwks", "file:///etc/passwd", "http://user:pass@127.0.0.1/jwks", "jwks"] {
        fake.lock().discovery["jwks_uri"] = json!(address);
        assert!(matches!(source.fetch().await, Err(IdentityError::Unusable(_))), "{address}");
    }
}

#[tokio::test]
async fn a_clock_that_goes_backwards_makes_nothing_young() {
    let (fake, clock, source) = source().await;
    source.keys_for(None).await.unwrap();
    clock.advance(-100_000);
    source.keys_for(None).await.unwrap();
    assert_eq!(fake.lock().jwks_calls, 2);
}
