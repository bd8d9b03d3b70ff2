use std::sync::Mutex as StdMutex;

use checkpoint::LogSigner;
use domain::FixedClock;
use keyring_core::{api::CredentialStoreApi as _, mock};
use policy::Policy;
use serde_json::json;
use statement::{Mfa, sha256};
use wire::audit::Time;
use wire::broker::{Attestation, Code, Me, RequestView as Shown};
use wire::join::JoinFile;

use super::*;
use crate::fake::{self, Fake};
use crate::profile::KeptSignIn;
use crate::view::{RequestForm, SetupStep, SignatureCheck};
use crate::world::{NOW, Person, World, jwks};

/// What the services answer, and what they were sent.
struct Services {
    shown: Vec<Shown>,
    posts: Vec<String>,
    /// Which statement the broker attests a code for, instead of the one that was asked.
    attests: Option<domain::Digest>,
    clock_off_ms: i64,
    note: String,
}

/// Tomasz's desktop, signed in, with services that a test can make lie.
struct Desk {
    world: Arc<World>,
    services: Arc<StdMutex<Services>>,
    engine: Engine,
    clock: Arc<FixedClock>,
    folder: tempfile::TempDir,
    file: JoinFile,
}

fn signer() -> LogSigner {
    LogSigner::from_seed("countersign.test/log", &[5; 32]).unwrap()
}

fn attestation(world: &World, subject: &domain::Digest, about: Option<domain::Digest>, at: i64) -> String {
    let purpose = if about.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
    let body = Mfa { method: "totp".into(), purpose, statement: about, subject: subject.clone() };
    let aud = world.trust.gateway_id.clone();
    let payload = Payload { aud, body, exp: at + 8 * 3600, iat: at, jti: "j".repeat(22), seen: String::new() };
    statement::sign(&world.broker, &world.broker.public().thumbprint(), &payload).unwrap()
}

fn answer(
    world: &World,
    kid: &domain::Digest,
    services: &mut Services,
    method: &str,
    path: &str,
    body: &[u8],
) -> (u16, Vec<u8>) {
    if method == "POST" {
        services.posts.push(path.to_owned());
    }
    let json = |value: serde_json::Value| (200, value.to_string().into_bytes());
    match (method, path) {
        ("GET", "/v1/time") => json(json!(Time { now: NOW * 1000 + services.clock_off_ms })),
        ("GET", "/checkpoint") => (200, services.note.clone().into_bytes()),
        ("GET", "/v1/me") => json(json!(Me {
            person: world.tomasz.id.clone(),
            name: world.tomasz.name.clone(),
            roles: Vec::new(),
            device: world.tomasz.thumbprint(),
            enrolled: true,
            second_factor: true,
            now: NOW,
            enrols: Vec::new(),
            enrol_tokens: Vec::new(),
        })),
        ("GET", "/v1/organizations") => json(json!([World::request_body().organization])),
        ("GET", p) if p.starts_with("/v1/requests?") => json(json!(services.shown)),
        ("GET", p) if p.starts_with("/v1/requests/") => json(json!(services.shown[0])),
        ("GET", "/v1/stream") => {
            let push = json!({ "kind": "request", "id": services.shown[0].id, "state": "waiting" });
            (200, format!(": hello\n\ndata: {{\"kind\":\"hello\"}}\n\ndata: {push}\n\n").into_bytes())
        }
        ("POST", "/v1/codes") => {
            let code: Code = serde_json::from_slice(body).unwrap();
            let about = services.attests.clone().or(code.statement);
            json(json!(Attestation { attestation: attestation(world, kid, about, NOW) }))
        }
        ("POST", _) => json(json!(services.shown[0])),
        _ => (404, Vec::new()),
    }
}

impl Desk {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let mut world = World::at(&issuer);
        world.trust.log_key = signer().verifier_key();
        let clock = Arc::new(FixedClock::at(NOW));
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(EngineConfig {
            profile: "tomasz".into(),
            data_dir: folder.path().to_owned(),
            keyring: Some(mock::Store::new().unwrap()),
            clock: clock.clone(),
        })
        .unwrap();
        let device = engine.inner.unlocked().await.unwrap().device.clone();
        world.tomasz =
            Person::with_key(&world.idp, &issuer, "e-tomasz", "Tomasz Wieczorek", &["approver", "engineer"], device);
        let world = Arc::new(world);
        let keys = jwks(&world.idp);
        let discovery = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") }).to_string();
        let provider = move |_: &str, path: &str, _: &[u8]| {
            (200, if path == "/jwks" { keys.clone() } else { discovery.clone() }.into_bytes())
        };
        tokio::spawn(fake::plain(listener, Arc::new(provider)));

        let note = signer().sign(0, &merkle::root(&[]));
        let shown = vec![world.shown(&world.mara, "")];
        let services =
            Arc::new(StdMutex::new(Services { shown, posts: Vec::new(), attests: None, clock_off_ms: 0, note }));
        let (behind, of, kid) = (services.clone(), world.clone(), sha256(&world.tomasz.pk_token));
        let fake = Fake::start(Arc::new(move |method, path, body| {
            answer(&of, &kid, &mut behind.lock().unwrap(), method, path, body)
        }))
        .await;
        let file = JoinFile {
            operator: "Kestrel".into(),
            broker: fake.address.clone(),
            audit: fake.address.clone(),
            gateway: fake.address.clone(),
            ca: fake.ca_pem,
            trust: world.trust.clone(),
            policy: Policy::compiled_in().text().to_owned(),
        };
        let desk = Self { world, services, engine, clock, folder, file };
        desk.engine.join(&serde_json::to_string(&desk.file).unwrap()).await.unwrap();
        desk.sign_in(Some(NOW - 10)).await;
        desk
    }

    /// As after a sign-in in the browser; with a code at that time.
    async fn sign_in(&self, code_at: Option<i64>) {
        let inner = &self.engine.inner;
        let pk_token = self.world.tomasz.pk_token.clone();
        let mfa = code_at.map(|at| attestation(&self.world, &sha256(&pk_token), None, at));
        let keys = inner.unlocked().await.unwrap();
        inner.profile.keep_sign_in(&keys.sealer, &KeptSignIn { pk_token, mfa }).unwrap();
        inner.live().person = None;
    }

    fn services(&self) -> std::sync::MutexGuard<'_, Services> {
        self.services.lock().unwrap()
    }

    fn id(&self) -> String {
        self.services().shown[0].id.to_string()
    }

    fn posts(&self) -> Vec<String> {
        self.services().posts.clone()
    }
}

#[tokio::test]
async fn a_good_request_is_countersigned_with_the_code_of_exactly_this_decision() {
    let desk = Desk::new().await;
    let shown = desk.engine.requests("inbox").await.unwrap();
    assert_eq!(
        (shown[0].left.check, shown[0].decidable),
        (SignatureCheck::ChecksOut, true),
        "{}",
        shown[0].left.refusal
    );
    desk.engine.approve(&desk.id(), "Fits.", "123 456").await.unwrap();
    assert_eq!(desk.posts(), ["/v1/codes".to_owned(), format!("/v1/requests/{}/decisions", desk.id())]);
}

#[tokio::test]
async fn what_the_broker_altered_is_not_signed_and_the_signed_words_are_shown() {
    let desk = Desk::new().await;
    desk.services().shown[0].justification = "Nothing to worry about here at all.".into();
    let shown = desk.engine.request(&desk.id()).await.unwrap();
    assert_eq!((shown.left.check, shown.decidable), (SignatureCheck::DoesNotMatch, false));
    assert_eq!(shown.justification, World::request_body().justification);
    let error = desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err();
    assert_eq!(error.code, "does-not-match");
    assert_eq!(desk.engine.deny(&desk.id(), "Looks wrong to me.").await.unwrap_err().code, "does-not-match");
    assert!(desk.posts().is_empty(), "no code and no decision left this computer");
}

#[tokio::test]
async fn another_request_under_this_id_is_not_signed() {
    let desk = Desk::new().await;
    let asked = desk.id();
    let mut other = World::request_body();
    other.duration_seconds = 7200;
    let statement = desk.world.mara.sign(other, NOW - 20, "");
    {
        let mut services = desk.services();
        services.shown[0].id = sha256(&statement);
        services.shown[0].request = statement;
        services.shown[0].duration_seconds = 7200;
    }
    assert_eq!(desk.engine.approve(&asked, "", "123456").await.unwrap_err().code, "does-not-match");
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn a_log_that_the_signer_saw_otherwise_shows_in_the_request() {
    let desk = Desk::new().await;
    let split = signer().sign(0, &[7; 32]);
    desk.services().shown = vec![desk.world.shown(&desk.world.mara, &split)];
    let shown = desk.engine.request(&desk.id()).await.unwrap();
    assert_eq!(shown.left.check, SignatureCheck::DoesNotMatch);
    assert_eq!(desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err().code, "log-broken");
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn an_attestation_about_something_else_is_not_used() {
    let desk = Desk::new().await;
    desk.services().attests = Some(sha256("another statement"));
    assert_eq!(desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err().code, "other-attestation");
    assert_eq!(desk.posts(), ["/v1/codes"], "the decision stays here");
}

#[tokio::test]
async fn what_must_not_be_signed_is_not_even_sent() {
    let desk = Desk::new().await;
    let form = |change: fn(&mut RequestForm)| {
        let mut form = RequestForm {
            organization: "kinloch-hotels".into(),
            reason: "customer-reported-problem".into(),
            ticket: "SUP-4411".into(),
            justification: "The customer cannot see last month's payslips.".into(),
            scope: "read".into(),
            duration_seconds: 1800,
        };
        change(&mut form);
        form
    };
    let cases = [
        (form(|f| f.duration_seconds = 0), "duration-out-of-policy"),
        (form(|f| f.duration_seconds = u32::MAX), "duration-out-of-policy"),
        (form(|f| f.scope = "administer".into()), "scope-not-for-reason"),
        (form(|f| f.scope = "everything".into()), "bad-form"),
        (form(|f| f.reason = "curiosity".into()), "bad-form"),
        (form(|f| f.organization = "nobody".into()), "no-such-organization"),
        (form(|f| f.organization = "../x".into()), "bad-form"),
        (form(|f| f.justification = "Too short.".into()), "bad-text"),
        (form(|f| f.justification = "Innocent \u{202E}words that read the other way".into()), "bad-text"),
        (form(|f| f.ticket = String::new()), "bad-text"),
    ];
    for (form, code) in cases {
        assert_eq!(desk.engine.sign_request(form).await.unwrap_err().code, code);
    }
    for code in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"] {
        assert_eq!(desk.engine.enter_code(code).await.unwrap_err().code, "wrong-code");
    }
    assert_eq!(desk.engine.deny(&desk.id(), "no").await.unwrap_err().code, "bad-text");
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn a_wrong_clock_signs_nothing() {
    let desk = Desk::new().await;
    for off in [-6_000, 6_000, 86_400_000] {
        desk.services().clock_off_ms = off;
        let error = desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err();
        assert_eq!(error.code, "wrong-clock");
        assert!(error.next.contains("clock"));
    }
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn opening_needs_a_code_of_the_last_fifteen_minutes() {
    let desk = Desk::new().await;
    for code_at in [None, Some(NOW - 15 * 60)] {
        desk.sign_in(code_at).await;
        assert_eq!(desk.engine.open_session(&desk.id(), None).await.unwrap_err().code, "code-needed");
    }
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn a_sign_in_lasts_eight_hours_and_an_altered_one_is_none() {
    let desk = Desk::new().await;
    assert!(desk.engine.requests("inbox").await.is_ok());
    desk.clock.advance(8 * 3600);
    assert_eq!(desk.engine.requests("inbox").await.unwrap_err().code, "signed-out");
    desk.clock.advance(-8 * 3600);

    let path = desk.folder.path().join("tomasz/sign-in");
    let mut sealed = std::fs::read(&path).unwrap();
    assert!(!sealed.windows(20).any(|w| w == &desk.world.tomasz.pk_token.as_bytes()[..20]), "no token in the clear");
    *sealed.last_mut().unwrap() ^= 1;
    std::fs::write(&path, sealed).unwrap();
    desk.engine.inner.live().person = None;
    assert_eq!(desk.engine.requests("inbox").await.unwrap_err().code, "file");
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::SignIn, "and one can sign in again");
}

#[tokio::test]
async fn the_brokers_word_alone_enrols_nobody() {
    let desk = Desk::new().await;
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::WaitForEnrolment);
}

#[tokio::test]
async fn what_is_pinned_stays_pinned() {
    let desk = Desk::new().await;
    let join = async |change: fn(&mut JoinFile)| {
        let mut file = desk.file.clone();
        change(&mut file);
        desk.engine.join(&serde_json::to_string(&file).unwrap()).await.map_err(|e| e.code)
    };
    assert!(join(|_| {}).await.is_ok());
    let other = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().verifier_key();
    assert_eq!(join(|f| f.broker = "https://evil.test".into()).await.unwrap_err(), "already-joined");
    assert_eq!(join(|f| f.trust.first_administrators.push(sha256("evil"))).await.unwrap_err(), "already-joined");
    let mut file = desk.file.clone();
    file.trust.log_key = other;
    let error = desk.engine.join(&serde_json::to_string(&file).unwrap()).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.next.as_str()), ("log-key-differs", "Do not continue. Call security."));
    assert_eq!(desk.engine.join("{}").await.unwrap_err().code, "bad-join-file");
}

#[tokio::test]
async fn a_join_file_that_does_not_hold_together_is_not_kept() {
    let desk = Desk::new().await;
    let changes: [fn(&mut JoinFile); 5] = [
        |f| f.policy.push(' '),
        |f| f.trust.first_administrators.truncate(1),
        |f| f.trust.log_key = "x".into(),
        |f| f.audit = f.audit.replace("https", "http"),
        |f| f.ca = "no certificate".into(),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let mut file = desk.file.clone();
        change(&mut file);
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(EngineConfig {
            profile: "new".into(),
            data_dir: folder.path().to_owned(),
            keyring: Some(mock::Store::new().unwrap()),
            clock: desk.clock.clone(),
        })
        .unwrap();
        assert_eq!(engine.join(&serde_json::to_string(&file).unwrap()).await.unwrap_err().code, "bad-join-file", "{n}");
        assert!(!folder.path().join("new/join.json").exists(), "{n}");
    }
}

#[tokio::test]
async fn a_service_with_another_certificate_gets_no_token() {
    let desk = Desk::new().await;
    let stranger = Fake::start(Arc::new(|_, _, _| unreachable!("nothing reaches it"))).await;
    let mut file = desk.file.clone();
    file.broker = stranger.address.clone();
    let inner = &desk.engine.inner;
    inner.profile.keep_join(&file).unwrap();
    inner.live().joined = None;
    inner.live().person = None;
    let error = desk.engine.requests("inbox").await.unwrap_err();
    assert_eq!(error.code, "other-certificate", "{}", error.message);
}

#[tokio::test]
async fn x_06_without_a_keyring_nothing_begins_and_the_reason_is_shown() {
    let store = mock::Store::new().unwrap();
    let entry = store.build("countersign", "probe", None).unwrap();
    let credential: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    credential.set_error(keyring_core::Error::NoStorageAccess(Box::new(std::io::Error::other("locked"))));
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::new(EngineConfig {
        profile: "mara".into(),
        data_dir: folder.path().to_owned(),
        keyring: Some(store),
        clock: Arc::new(FixedClock::at(NOW)),
    })
    .unwrap();
    let state = engine.state().await.unwrap();
    assert_eq!(state.step, SetupStep::NoKeyring);
    assert!(state.status.keyring.contains("Unlock"), "{}", state.status.keyring);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept anywhere else");
    // Unlocked in the meantime, it goes on without a restart.
    assert_eq!(engine.state().await.unwrap().step, SetupStep::Join);
}

#[test]
fn a_profile_is_a_plain_name() {
    for profile in ["", "..", "a/b", "a\\b", ".hidden", "a b", &"x".repeat(65)] {
        let config = EngineConfig {
            profile: profile.to_owned(),
            data_dir: "/nonexistent".into(),
            keyring: None,
            clock: Arc::new(FixedClock::at(NOW)),
        };
        assert_eq!(Engine::new(config).err().map(|e| e.code).as_deref(), Some("bad-profile"), "{profile:?}");
    }
}

#[tokio::test]
async fn a_push_becomes_a_sentence_from_what_was_verified_here() {
    let desk = Desk::new().await;
    let mut notices = desk.engine.notices();
    desk.engine.state().await.unwrap();
    desk.engine.watch();
    let told = async {
        loop {
            if let Notice::Requests { id, text } = notices.recv().await.unwrap()
                && !text.is_empty()
            {
                return (id, text);
            }
        }
    };
    let (id, text) = tokio::time::timeout(std::time::Duration::from_secs(2), told).await.unwrap();
    assert_eq!((id, text.as_str()), (desk.id(), "Mara Lindqvist asks for access to Kinloch Hotels."));

    desk.services().shown[0].organization.name = "Delmar Foods".into();
    let text = desk.engine.inner.sentence(&desk.id().parse().unwrap()).await;
    assert_eq!(text, None, "nothing is announced in the broker's words");
}
