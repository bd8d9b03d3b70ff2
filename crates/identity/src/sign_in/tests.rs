use domain::FixedClock;
use serde_json::json;
use statement::{CicHeader, DeviceKey, PkToken, ProviderKeys, nonce_for};
use tokio::task::JoinHandle;

use super::*;
use crate::fake::Fake;
use crate::http_client;

const NOW: i64 = 1_795_000_000;

/// A sign-in that has begun, and a browser that opened its start page.
struct Walk {
    fake: Fake,
    base: String,
    cookie: String,
    state: String,
    authorize: url::Url,
    code: Vec<(String, String)>,
    page: String,
    outcome: JoinHandle<Result<String, SignInError>>,
}

async fn plan(fake: &Fake, nonce: &str) -> SignInPlan {
    SignInPlan {
        issuer: fake.lock().issuer.clone(),
        client_id: "countersign-desktop".into(),
        nonce: nonce.to_owned(),
        http: http_client(None).unwrap(),
        clock: Arc::new(FixedClock::at(NOW)),
    }
}

impl Walk {
    async fn begin() -> Self {
        Self::with_nonce("the-nonce").await
    }

    async fn with_nonce(nonce: &str) -> Self {
        let fake = Fake::start(NOW).await;
        fake.lock().claims.insert("nonce".into(), json!(nonce));
        let sign_in = SignIn::begin(plan(&fake, nonce).await).await.unwrap();
        let (url, match_code) = (sign_in.url(), sign_in.match_code().to_owned());
        let outcome = tokio::spawn(sign_in.finish());
        let answer = reqwest::get(&url).await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let page = answer.text().await.unwrap();
        assert!(page.contains(&match_code));
        let link = page.split("id=continue href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let authorize = url::Url::parse(&link).unwrap();
        let of = |name: &str| authorize.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
        fake.lock().code = Some(("code-1".into(), of("code_challenge")));
        let iss = fake.lock().issuer.clone();
        let (state, base) = (of("state"), of("redirect_uri"));
        let code = vec![("code".to_owned(), "code-1".to_owned()), ("iss".to_owned(), iss)];
        Self { fake, base, cookie, state, authorize, code, page, outcome }
    }

    /// The browser comes back with these parameters.
    async fn back(&self, cookie: &str, parameters: &[(String, String)]) -> Option<(u16, String)> {
        let url = url::Url::parse_with_params(&self.base, parameters).unwrap();
        let client = reqwest::Client::builder().build().unwrap();
        let answer = client.get(url).header("cookie", cookie).send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.unwrap()))
    }

    fn good(&self) -> Vec<(String, String)> {
        let mut all = self.code.clone();
        all.push(("state".into(), self.state.clone()));
        all
    }

    async fn back_well(&self) -> (u16, String) {
        self.back(&self.cookie, &self.good()).await.unwrap()
    }

    fn token_calls(&self) -> u32 {
        self.fake.lock().token_calls
    }
}

#[tokio::test]
async fn a_sign_in_makes_a_pk_token_that_the_gateway_would_believe() {
    let device = DeviceKey::generate().unwrap().0;
    let cic = CicHeader::encoded(&device.public(), [9; 32]);
    let walk = Walk::with_nonce(&nonce_for(&cic)).await;
    let (status, page) = walk.back_well().await;
    assert_eq!(status, 200, "{page}");
    let id_token = walk.outcome.await.unwrap().unwrap();

    let token = PkToken::read(&PkToken::make(&id_token, &cic, &device).unwrap()).unwrap();
    let jwks = json!({ "keys": [crate::fake::jwk("k1", &walk.fake.lock().keys[0].1)] });
    let keys = ProviderKeys::from_jwks(jwks.to_string().as_bytes()).unwrap();
    let identity = token.verify(&trust(&walk.fake), &keys, NOW).unwrap();
    assert_eq!((identity.person.0.as_str(), &identity.device), ("e-1", &device.public().thumbprint()));
}

#[tokio::test]
async fn o_01_a_state_that_is_missing_wrong_or_from_another_browser_makes_no_token_call() {
    let walk = Walk::begin().await;
    let with = |state: Option<&str>| {
        let mut all = walk.code.clone();
        all.extend(state.map(|s| ("state".to_owned(), s.to_owned())));
        all
    };
    let twice = [with(Some(&walk.state)), vec![("state".into(), "x".into())]].concat();
    for parameters in [with(None), with(Some("")), with(Some("of-somebody-else")), twice] {
        assert_eq!(walk.back(&walk.cookie, &parameters).await.unwrap().0, 400);
    }
    for cookie in ["", "countersign-sign-in=", "countersign-sign-in=of-another-browser"] {
        assert_eq!(walk.back(cookie, &walk.good()).await.unwrap().0, 400);
    }
    assert_eq!(walk.token_calls(), 0);
    assert_eq!(walk.back_well().await.0, 200, "and the sign-in can still be finished");
}

#[tokio::test]
async fn o_02_a_state_is_good_once() {
    let walk = Walk::begin().await;
    assert_eq!(walk.back_well().await.0, 200);
    let again = walk.back(&walk.cookie, &walk.good()).await;
    assert!(again.is_none_or(|(status, _)| status == 400));
    assert_eq!(walk.token_calls(), 1);
    assert!(walk.outcome.await.unwrap().is_ok());
}

#[tokio::test]
async fn o_03_a_nonce_that_is_missing_or_wrong_is_refused() {
    for nonce in [None, Some("of-an-earlier-sign-in"), Some("")] {
        let walk = Walk::begin().await;
        walk.fake.lock().claims.remove("nonce");
        if let Some(nonce) = nonce {
            walk.fake.lock().claims.insert("nonce".into(), json!(nonce));
        }
        assert_eq!(walk.back_well().await.0, 400);
        assert!(matches!(walk.outcome.await.unwrap(), Err(SignInError::BadToken(_))), "{nonce:?}");
    }
}

#[tokio::test]
async fn o_04_an_answer_of_another_issuer_makes_no_token_call() {
    for iss in [None, Some("https://idp.evil.test"), Some("")] {
        let mut walk = Walk::begin().await;
        walk.code.retain(|(name, _)| name != "iss");
        walk.code.extend(iss.map(|iss| ("iss".to_owned(), iss.to_owned())));
        assert_eq!(walk.back_well().await.0, 400);
        assert_eq!(walk.token_calls(), 0);
        assert_eq!(walk.outcome.await.unwrap(), Err(SignInError::OtherIssuer));
    }
}

#[tokio::test]
async fn o_05_a_provider_that_calls_itself_something_else_is_refused() {
    let fake = Fake::start(NOW).await;
    let issuer = fake.lock().issuer.clone();
    fake.lock().discovery["issuer"] = json!(format!("{issuer}/"));
    assert!(SignIn::begin(plan(&fake, "n").await).await.is_err());
}

#[tokio::test]
async fn o_06_o_07_o_10_o_11_o_12_o_13_bad_id_tokens_are_refused() {
    type Spoil = fn(&mut crate::fake::Answers);
    let cases: [(&str, Spoil); 20] = [
        ("alg none", |a| {
            a.header = json!({ "alg": "none" });
            a.signature = Some(Vec::new());
        }),
        ("alg nOnE", |a| a.header = json!({ "alg": "nOnE", "kid": "k1" })),
        ("empty signature", |a| a.signature = Some(Vec::new())),
        ("HS256 with the public key", |a| {
            a.header = json!({ "alg": "HS256", "kid": "k1" });
            a.signature = Some(vec![1; 32]);
        }),
        ("another key", |a| a.keys[0].1 = DeviceKey::generate().unwrap().0),
        ("another issuer's token", |a| drop(a.claims.insert("iss".into(), json!("https://other.test")))),
        ("another client", |a| drop(a.claims.insert("aud".into(), json!("broker")))),
        ("a second audience", |a| drop(a.claims.insert("aud".into(), json!(["countersign-desktop", "broker"])))),
        ("expired", |a| drop(a.claims.insert("exp".into(), json!(NOW - 1)))),
        ("no exp", |a| drop(a.claims.remove("exp"))),
        ("exp as a text", |a| drop(a.claims.insert("exp".into(), json!("1795000600")))),
        ("exp beyond all times", |a| drop(a.claims.insert("exp".into(), json!(1e308)))),
        ("exp before all times", |a| drop(a.claims.insert("exp".into(), json!(-1)))),
        ("not good before later", |a| drop(a.claims.insert("nbf".into(), json!(NOW + 60)))),
        ("nbf as a text", |a| drop(a.claims.insert("nbf".into(), json!("now")))),
        ("issued later", |a| drop(a.claims.insert("iat".into(), json!(NOW + 3600)))),
        ("a logout token", |a| a.header = json!({ "alg": "ES256", "kid": "k1", "typ": "logout+jwt" })),
        ("an access token", |a| a.header = json!({ "alg": "ES256", "kid": "k1", "typ": "at+jwt" })),
        ("its own key", |a| a.header = json!({ "alg": "ES256", "kid": "k1", "jku": "http://127.0.0.1:1/" })),
        ("what must be understood", |a| a.header = json!({ "alg": "ES256", "kid": "k1", "crit": ["exp"] })),
    ];
    for (name, spoil) in cases {
        let walk = Walk::begin().await;
        spoil(&mut walk.fake.lock());
        assert_eq!(walk.back_well().await.0, 400, "{name}");
        assert!(walk.outcome.await.unwrap().is_err(), "{name}");
    }
}

#[tokio::test]
async fn o_22_a_code_that_was_used_gives_nothing() {
    let walk = Walk::begin().await;
    walk.fake.lock().seen_codes.insert("code-1".into());
    assert_eq!(walk.back_well().await.0, 400);
    assert!(matches!(walk.outcome.await.unwrap(), Err(SignInError::Refused(why)) if why.contains("invalid_grant")));
}

/// The browser comes back twice at the same moment, or somebody else with what it was given.
#[tokio::test]
async fn o_22_a_code_that_comes_ten_times_at_once_makes_one_sign_in() {
    let walk = Walk::begin().await;
    let url = url::Url::parse_with_params(&walk.base, walk.good()).unwrap();
    let mut backs = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let request = reqwest::Client::new().get(url.clone()).header("cookie", &walk.cookie);
        backs.spawn(async move { request.send().await.ok().map(|answer| answer.status().as_u16()) });
    }
    let answers = backs.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == Some(200)).count(), 1, "{answers:?}");
    assert_eq!(walk.token_calls(), 1);
    assert!(walk.outcome.await.unwrap().is_ok());
}

#[tokio::test]
async fn o_23_pkce_is_s256_and_the_verifier_is_checked() {
    let walk = Walk::begin().await;
    let of = |name: &str| walk.authorize.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
    assert_eq!(of("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(of("prompt").as_deref(), Some("login"));
    assert_eq!(of("response_type").as_deref(), Some("code"));
    walk.fake.lock().code = Some(("code-1".into(), "challenge-of-somebody-else".into()));
    assert_eq!(walk.back_well().await.0, 400);
    assert!(walk.outcome.await.unwrap().is_err());
}

#[tokio::test]
async fn o_24_what_the_provider_says_is_shown_as_text() {
    let mut walk = Walk::begin().await;
    let hostile = "<script>alert(1)</script><img src=x onerror='a'>\r\nset-cookie: x";
    walk.code = vec![
        ("error".into(), "access_denied\"><b>".into()),
        ("error_description".into(), hostile.into()),
        ("iss".into(), walk.fake.lock().issuer.clone()),
    ];
    let (status, page) = walk.back_well().await;
    assert_eq!(status, 400);
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>"), "{page}");
    assert!(page.contains("&lt;script&gt;"));
    assert!(matches!(walk.outcome.await.unwrap(), Err(SignInError::Refused(_))));
}

#[tokio::test]
async fn o_25_the_start_page_shows_the_match_code_and_can_do_nothing_by_itself() {
    let walk = Walk::begin().await;
    assert!(
        walk.page.contains("Continue only if") && !walk.page.contains("http-equiv") && !walk.page.contains("<script")
    );
    let origin = walk.base.trim_end_matches("/callback").to_owned();
    for guess in ["/", "/sign-in/", "/sign-in/guess"] {
        assert_eq!(reqwest::get(format!("{origin}{guess}")).await.unwrap().status().as_u16(), 404);
    }
}

/// There is no way to be sent on from here: nothing that an address names is gone to, and nothing but the start page links.
#[tokio::test]
async fn o_26_nobody_is_sent_where_an_address_says() {
    let walk = Walk::begin().await;
    let targets =
        ["//evil.test", "/\\evil.test", "https:evil.test", "%0d%0aLocation: https://evil.test", "https://evil.test"];
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for name in ["next", "return_to", "redirect_uri", "continue", "url"] {
        for target in targets {
            let mut parameters = walk.code.clone();
            parameters.push((name.to_owned(), target.to_owned()));
            let url = url::Url::parse_with_params(&walk.base, &parameters).unwrap();
            let answer = client.get(url).header("cookie", &walk.cookie).send().await.unwrap();
            assert_eq!(answer.status(), 400, "{name}={target}");
            assert!(answer.headers().get("location").is_none() && answer.headers().get("refresh").is_none());
            assert!(!answer.text().await.unwrap().contains("evil.test"), "{name}={target}");
        }
    }
    let mut good = walk.good();
    good.push(("next".to_owned(), targets[0].to_owned()));
    let (status, page) = walk.back(&walk.cookie, &good).await.unwrap();
    assert!(status == 400 || !page.contains("evil.test"), "{status} {page}");
    assert_eq!(walk.page.matches("href=").count(), 1, "the one link goes to the provider");
    assert!(walk.authorize.as_str().starts_with(&walk.fake.lock().issuer));
}

#[tokio::test]
async fn x_03_another_host_name_or_method_gets_nothing() {
    let walk = Walk::begin().await;
    let client = reqwest::Client::new();
    let url = url::Url::parse_with_params(&walk.base, walk.good()).unwrap();
    let rebound = client.get(url.clone()).header("host", "evil.test").header("cookie", &walk.cookie).send().await;
    assert!(rebound.is_err());
    assert!(client.post(url).header("cookie", &walk.cookie).send().await.is_err());
    assert_eq!(walk.token_calls(), 0);
}

#[tokio::test]
async fn a_dropped_sign_in_frees_its_port() {
    let walk = Walk::begin().await;
    walk.outcome.abort();
    drop(walk.outcome.await);
    assert!(reqwest::get(&walk.base).await.is_err());
}

fn trust(fake: &Fake) -> statement::Trust {
    statement::Trust {
        issuer: fake.lock().issuer.clone(),
        client_id: "countersign-desktop".into(),
        person_claim: "employee_id".into(),
        roles_claim: "roles".into(),
        policy_claims: statement::PolicyClaims::default(),
        gateway_id: "gateway".into(),
        log_key: String::new(),
        attestation_key: DeviceKey::generate().unwrap().0.public(),
        first_administrators: Vec::new(),
        limits: statement::Limits { max_duration_seconds: 1, max_scope: domain::Scope::Read },
        policy: statement::sha256("policy"),
        waits: statement::Waits::default(),
    }
}
