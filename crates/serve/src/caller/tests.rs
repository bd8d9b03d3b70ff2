use axum::http::HeaderValue;
use domain::Digest;
use statement::{DeviceKey, DpopProof, base64url, dpop_proof, sha256};

use self::world::{BASE, NOW, pk_token};
pub(super) use self::world::{World, denied, me, world};
use super::*;
use crate::listen::{Exchange, TestGate};

mod world;

#[tokio::test]
async fn a_good_call_names_its_caller() {
    let w = world().await;
    let caller = w.call(&w.device, &w.claims("GET", &me(), "0123456789abcdef")).await.expect("caller");
    assert_eq!(caller.identity.person.0, "p-1");
    assert_eq!(caller.identity.device, w.device.public().thumbprint());
    assert_eq!(caller.pk_token, w.token);
}

#[tokio::test]
async fn d_01_the_same_proof_twice() {
    let w = world().await;
    let claims = w.claims("GET", &me(), "0123456789abcdef");
    assert!(w.call(&w.device, &claims).await.is_ok());
    assert_eq!(w.call(&w.device, &claims).await, denied("proof-reused"));
    w.clock.advance(29);
    assert_eq!(w.call(&w.device, &claims).await, denied("proof-reused"));
}

/// A proof names the node that it is for, so that what one took another does not.
#[tokio::test]
async fn d_01_a_proof_of_one_node_is_none_on_another() {
    let w = world().await;
    let claims = w.claims("GET", &me(), "0123456789abcdef");
    assert!(w.call(&w.device, &claims).await.is_ok());
    let provider = w.authenticator.provider.clone();
    let other = Authenticator::new(w.trust.clone(), provider, "https://127.0.0.1:7541", w.clock.clone());
    let there = World { authenticator: other, ..w };
    there.clock.advance(1);
    assert_eq!(there.call(&there.device, &claims).await, denied("other-call"));
}

#[tokio::test]
async fn d_01_a_proof_from_before_a_restart() {
    let w = world().await;
    let claims = w.claims("GET", &me(), "0123456789abcdef");
    assert!(w.call(&w.device, &claims).await.is_ok());
    w.clock.advance(1);
    let again = Authenticator::new(w.trust.clone(), w.authenticator.provider.clone(), BASE, w.clock.clone());
    let after = World { authenticator: again, ..w };
    assert_eq!(after.call(&after.device, &claims).await, denied("wrong-clock"));
}

#[tokio::test]
async fn d_01_a_kept_memory_takes_slow_clocks_after_a_restart_and_no_proof_twice() {
    let w = world().await;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("proofs");
    let start = |w: &World| {
        Authenticator::new(w.trust.clone(), w.authenticator.provider.clone(), BASE, w.clock.clone())
            .remembering(&path)
            .expect("file")
    };
    let w = World { authenticator: start(&w), ..w };
    let mut ahead = w.claims("GET", &me(), "0123456789abcdef");
    ahead.iat += 5;
    let slow = w.claims("GET", &me(), "a slow clock's one");
    assert!(w.call(&w.device, &ahead).await.is_ok());
    w.clock.advance(3);
    let w = World { authenticator: start(&w), ..w };
    assert_eq!(w.call(&w.device, &ahead).await, denied("proof-reused"));
    assert!(w.call(&w.device, &slow).await.is_ok());
}

#[tokio::test]
async fn d_02_a_proof_for_another_call() {
    let w = world().await;
    let urls = [
        "https://127.0.0.1:7442/v1/me".to_owned(),
        "https://localhost:7441/v1/me".to_owned(),
        "http://127.0.0.1:7441/v1/me".to_owned(),
        format!("{BASE}/v1/Me"),
        format!("{BASE}/v1/me/"),
        format!("{BASE}/v1/me?x=1"),
        format!("{BASE}/v1/requests"),
    ];
    for (n, url) in urls.iter().enumerate() {
        let claims = w.claims("GET", url, &format!("0123456789abcde{n}"));
        assert_eq!(w.call(&w.device, &claims).await, denied("other-call"), "{url}");
    }
    for method in ["POST", "get", ""] {
        let claims = w.claims(method, &me(), "0123456789abcdefg");
        assert_eq!(w.call(&w.device, &claims).await, denied("other-call"), "{method}");
    }
}

#[tokio::test]
async fn d_03_a_proof_for_another_token() {
    let w = world().await;
    let other: Digest = sha256("another token");
    let claims = DpopProof { ath: other, ..w.claims("GET", &me(), "0123456789abcdef") };
    assert_eq!(w.call(&w.device, &claims).await, denied("other-call"));
    let without = format!(r#"{{"htm":"GET","htu":"{}","iat":{},"jti":"0123456789abcdef"}}"#, me(), w.clock.now());
    let head = dpop_proof(&w.device, &claims).expect("proof");
    let input = format!("{}.{}", head.split('.').next().expect("head"), base64url(without));
    let proof = format!("{input}.{}", base64url(w.device.sign(input.as_bytes()).expect("sign")));
    assert_eq!(w.call_with(&w.token, &proof).await, denied("malformed"));
}

#[tokio::test]
async fn d_04_a_proof_from_another_time() {
    let w = world().await;
    for (n, off) in [-600, -31, 6, 31, 600].into_iter().enumerate() {
        let mut claims = w.claims("GET", &me(), &format!("0123456789abcde{n}"));
        claims.iat += off;
        assert_eq!(w.call(&w.device, &claims).await, denied("wrong-clock"), "{off}");
    }
    for (n, off) in [-30, 5].into_iter().enumerate() {
        let mut claims = w.claims("GET", &me(), &format!("1123456789abcde{n}"));
        claims.iat += off;
        assert!(w.call(&w.device, &claims).await.is_ok(), "{off}");
    }
}

#[tokio::test]
async fn d_05_a_proof_by_another_key() {
    let w = world().await;
    let (thief, _) = DeviceKey::generate().expect("key");
    assert_eq!(w.call(&thief, &w.claims("GET", &me(), "0123456789abcdef")).await, denied("other-call"));
}

#[tokio::test]
async fn a_call_without_token_or_with_two() {
    let w = world().await;
    let proof = dpop_proof(&w.device, &w.claims("GET", &me(), "0123456789abcdef")).expect("proof");
    let value = |v: &str| HeaderValue::from_str(v).expect("header");
    let cases: [&[(&'static str, String)]; 4] = [
        &[],
        &[("authorization", format!("Bearer {}", w.token)), ("dpop", proof.clone())],
        &[("authorization", format!("DPoP {}", w.token))],
        &[("authorization", format!("DPoP {}", w.token)), ("dpop", proof.clone()), ("dpop", proof.clone())],
    ];
    for case in cases {
        let mut headers = HeaderMap::new();
        for (name, v) in case {
            headers.append(*name, value(v));
        }
        let denied = w.authenticator.authenticate(&Method::GET, "/v1/me", &headers).await.expect_err("denied");
        assert_eq!((denied.problem.0.status, denied.problem.code()), (401, "no-token"), "{case:?}");
    }
}

#[tokio::test]
async fn tokens_that_are_not_good() {
    let w = world().await;
    let (stranger, _) = DeviceKey::generate().expect("key");
    let other_client = Trust { client_id: "somebody-else".into(), ..w.trust.clone() };
    let other_issuer = Trust { issuer: "https://elsewhere.test".into(), ..w.trust.clone() };
    let cases = [
        (pk_token(&stranger, &w.trust, &w.device, "p-1", NOW), "bad-signature"),
        (pk_token(&w.provider, &other_client, &w.device, "p-1", NOW), "wrong-client"),
        (pk_token(&w.provider, &other_issuer, &w.device, "p-1", NOW), "wrong-issuer"),
        (pk_token(&w.provider, &w.trust, &w.device, "p-1", NOW - 8 * 3600), "sign-in-too-old"),
        (pk_token(&w.provider, &w.trust, &w.device, "p-1", NOW + 3600), "from-the-future"),
        (pk_token(&w.provider, &w.trust, &w.device, "", NOW), "no-person"),
    ];
    for (n, (token, code)) in cases.into_iter().enumerate() {
        let claims = DpopProof { ath: sha256(&token), ..w.claims("GET", &me(), &format!("0123456789abcde{n}")) };
        let proof = dpop_proof(&w.device, &claims).expect("proof");
        assert_eq!(w.call_with(&token, &proof).await, denied(code));
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_a_503() {
    let w = world().await;
    let http = identity::http_client(None).expect("client");
    let nowhere = Arc::new(ProviderSource::new("http://127.0.0.1:1", http, w.clock.clone()));
    let authenticator = Authenticator::new(w.trust.clone(), nowhere, BASE, w.clock.clone());
    let w = World { authenticator, ..w };
    let answer = w.call(&w.device, &w.claims("GET", &me(), "0123456789abcdef")).await;
    assert_eq!(answer, Err((503, "provider-unreachable".to_owned())));
}

#[tokio::test]
async fn d_04_there_is_no_nonce_of_the_servers() {
    let w = world().await;
    let mut claims = w.claims("GET", &me(), "0123456789abcdef");
    claims.iat -= 600;
    let proof = dpop_proof(&w.device, &claims).expect("proof");
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_str(&format!("DPoP {}", w.token)).expect("header"));
    headers.insert("dpop", HeaderValue::from_str(&proof).expect("header"));
    let refused = w.authenticator.authenticate(&Method::GET, "/v1/me", &headers).await.expect_err("refused");
    let answer = axum::response::IntoResponse::into_response(refused.problem);
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().get("dpop-nonce").is_none(), "so no stale one can be played");
    let challenge = answer.headers()["www-authenticate"].to_str().expect("text");
    assert!(!challenge.contains("use_dpop_nonce"), "{challenge}");

    let claims = w.claims("GET", &me(), "1123456789abcdef");
    let plain = serde_json::to_value(&claims).expect("json");
    let mut with_nonce = plain.clone();
    with_nonce["nonce"] = "stale".into();
    let head = proof.split('.').next().expect("head");
    let signed = |claims: &serde_json::Value| {
        let input = format!("{head}.{}", base64url(claims.to_string()));
        format!("{input}.{}", base64url(w.device.sign(input.as_bytes()).expect("sign")))
    };
    assert_eq!(w.call_with(&w.token, &signed(&with_nonce)).await, denied("malformed"), "one that it carries anyway");
    assert!(w.call_with(&w.token, &signed(&plain)).await.is_ok());
}

#[tokio::test]
async fn one_person_has_a_share_of_what_is_answered() {
    let w = world().await;
    let gate = TestGate::new(crate::Limits { per_person: 2, ..crate::Limits::default() });
    let mut answered = Vec::new();
    for n in 0..3 {
        let proof = dpop_proof(&w.device, &w.claims("GET", &me(), &format!("0123456789abcde{n}"))).expect("proof");
        let exchange = Exchange::detached(gate.clone());
        let request = axum::http::Request::get("/v1/me")
            .header("authorization", format!("DPoP {}", w.token))
            .header("dpop", proof)
            .extension(exchange.clone());
        let (parts, ()) = request.body(()).expect("request").into_parts();
        let answer = w.authenticator.authenticate_call(&parts).await;
        answered.push((exchange, answer.map(|_| ()).map_err(|d| (d.problem.0.status, d.identity.is_some()))));
    }
    assert_eq!(answered.iter().map(|(_, a)| *a).collect::<Vec<_>>(), [Ok(()), Ok(()), Err((429, true))]);
    drop(answered.remove(0));
    let third = Exchange::detached(gate);
    assert!(third.is_of(&domain::PersonId("p-1".into())).is_ok(), "a call that was answered gives its place back");
}
