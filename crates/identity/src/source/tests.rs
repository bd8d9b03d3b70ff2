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
    for other in [
        format!("{issuer}/"),
        issuer.to_uppercase(),
        issuer.replace("127.0.0.1", "localhost"),
        format!("{}1", issuer.trim_end_matches(|c: char| c.is_ascii_digit())),
        String::new(),
    ] {
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
        assert!(matches!(source.0.fetch().await, Err(IdentityError::Unusable(_))), "{address}");
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

#[tokio::test]
async fn o_14_who_has_a_known_key_waits_for_nobody() {
    let (fake, clock, source) = source().await;
    source.keys_for(Some("k1")).await.unwrap();
    clock.advance(10);
    fake.lock().hangs = true;
    let source = Arc::new(source);
    let unknown = tokio::spawn({
        let source = source.clone();
        async move { source.keys_for(Some("random")).await }
    });
    while fake.lock().jwks_calls < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = std::time::Instant::now();
    let known = (0..100).map(|_| source.keys_for(Some("k1")));
    for keys in futures_join(known).await {
        assert!(keys.unwrap().knows(Some("k1")));
    }
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    assert!(!unknown.is_finished(), "the one with the unknown key waits");
    assert_eq!(fake.lock().jwks_calls, 2, "one fetch at a time");

    let others = (0..20).map(|n| source.keys_for(Some(["random", "other"][n % 2])));
    assert!(timeout(Duration::from_millis(300), futures_join(others)).await.is_err(), "they wait for the same fetch");
    assert_eq!(fake.lock().jwks_calls, 2);
    let waited = unknown.await.unwrap().unwrap();
    assert!(waited.knows(Some("k1")) && began.elapsed() < Duration::from_secs(12), "and not for ever");
}

#[tokio::test]
async fn o_15_a_slow_provider_holds_up_a_stale_set_for_a_moment_only() {
    let (fake, clock, source) = source().await;
    source.keys_for(None).await.unwrap();
    fake.lock().hangs = true;
    clock.advance(700);
    let began = std::time::Instant::now();
    assert!(source.keys_for(Some("k1")).await.unwrap().knows(Some("k1")));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    clock.advance(KEPT_SECONDS);
    assert!(source.keys_for(Some("k1")).await.is_err(), "not beyond the hour");
}

#[tokio::test]
async fn o_15_a_provider_that_never_answered_is_given_up() {
    let (fake, clock, source) = source().await;
    fake.lock().hangs = true;
    let began = std::time::Instant::now();
    assert!(source.keys_for(None).await.is_err());
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    fake.lock().hangs = false;
    clock.advance(PAUSE_SECONDS);
    assert!(source.keys_for(None).await.is_ok(), "the fetch that hung is over");
}

#[tokio::test]
async fn o_15_a_redirect_is_not_followed_and_html_is_no_key_set() {
    for answer in [(302, Vec::new()), (301, Vec::new()), (200, b"<html></html>".to_vec()), (200, vec![b' '; 10 << 20])]
    {
        let (fake, _, source) = source().await;
        fake.lock().jwks = Some(answer);
        assert!(source.keys_for(None).await.is_err());
        assert_eq!(fake.lock().jwks_calls, 1);
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_the_fetch_from_nobody() {
    let (fake, _, source) = source().await;
    fake.lock().hangs = true;
    assert!(timeout(Duration::from_millis(100), source.keys_for(None)).await.is_err());
    fake.lock().hangs = false;
    assert!(source.keys_for(None).await.is_ok());
    assert_eq!(fake.lock().jwks_calls, 1);
}

#[tokio::test]
async fn the_same_keys_in_another_spelling_stay_the_same_set() {
    let (fake, clock, source) = source().await;
    let first = source.keys_for(None).await.unwrap();
    let spelled = [first.raw(), b"\n"].concat();
    fake.lock().jwks = Some((200, spelled));
    clock.advance(700);
    assert_eq!(source.keys_for(None).await.unwrap().digest(), first.digest());
    assert_eq!(fake.lock().jwks_calls, 2);
}

async fn futures_join<F: Future + Send>(futures: impl Iterator<Item = F>) -> Vec<F::Output>
where
    F::Output: Send,
{
    let mut all: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    while let Some(one) = all.pop() {
        done.push(one.await);
    }
    done
}
