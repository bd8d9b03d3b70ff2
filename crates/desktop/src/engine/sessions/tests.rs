use std::collections::BTreeMap;
use std::sync::Arc;

use checkpoint::LogSigner;
use domain::{FixedClock, SessionId};
use keyring_core::mock;
use policy::Policy;
use statement::{Bundle, Mfa, MfaPurpose, SessionOpen, Verdict, sha256};
use wire::audit::SessionSummary;
use wire::event::{Event, Receipt, Source};
use wire::join::JoinFile;

use super::*;
use crate::engine::EngineConfig;
use crate::fake::{self, Fake};
use crate::world::{NOW, Person, World, jwks};

/// A Session that was really signed, and stands alone in a log.
struct Kept {
    engine: Engine,
    joined: Arc<Joined>,
    detail: SessionDetail,
    id: SessionId,
    _folder: tempfile::TempDir,
}

fn factor(world: &World, person: &Person, about: Option<Digest>) -> String {
    let purpose = if about.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
    let body = Mfa { method: "totp".into(), purpose, statement: about, subject: sha256(&person.pk_token) };
    let (aud, iat, exp) = (world.trust.gateway_id.clone(), NOW - 30, NOW + 3600);
    let payload = statement::Payload { aud, body, exp, iat, jti: "j".repeat(22), seen: String::new() };
    statement::sign(&world.broker, &world.broker.public().thumbprint(), &payload).unwrap()
}

fn detail(world: &World, signer: &LogSigner) -> (SessionDetail, SessionId) {
    let shown = world.decided(world.shown(&world.mara, ""), &world.tomasz, Verdict::Approve);
    let decision = shown.decisions[0].statement.clone();
    let tls = sha256("a certificate");
    let body = SessionOpen { decisions: vec![sha256(&decision)], request: shown.id.clone(), tls_client: tls.clone() };
    let open = world.mara.sign(body, NOW, "");
    let id = SessionId::from(sha256(&open));
    let mfa = vec![factor(world, &world.mara, None), factor(world, &world.tomasz, Some(sha256(&decision)))];
    let bundle = Bundle {
        pk_tokens: shown.pk_tokens,
        enrols: shown.enrols,
        request: shown.request,
        decisions: vec![decision],
        mfa,
        open,
    };
    let facts = [
        ("bundle", sha256(serde_json::to_vec(&bundle).unwrap()).to_string()),
        ("tls-client", tls.to_string()),
        ("opened-at", NOW.to_string()),
    ];
    let event = Event {
        v: 1,
        at: NOW * 1000,
        kind: EventKind::SessionOpened,
        source: Source::Audit,
        organization: Some(shown.organization.id.clone()),
        session: Some(id.clone()),
        statements: vec![shown.id, sha256(&bundle.open)],
        facts: facts.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(),
        sealed: BTreeMap::new(),
    };
    let leaf = serde_json::to_string(&event).unwrap();
    let checkpoint = signer.sign(1, &merkle::leaf_hash(leaf.as_bytes()));
    let summary = SessionSummary {
        session: id.clone(),
        organization: shown.organization,
        person: world.mara.id.clone(),
        name: world.mara.name.clone(),
        approvers: vec![world.tomasz.name.clone()],
        scope: domain::Scope::Read,
        reason: shown.reason,
        ticket: shown.ticket,
        opened_at: NOW,
        ends_at: NOW + 1800,
        ended_at: None,
        ended_by: None,
        exchanges: 0,
        writes: 0,
        refused: 0,
        activity: String::new(),
        review: None,
    };
    let opened = Receipt { index: 0, leaf, inclusion: Vec::new(), checkpoint };
    (SessionDetail { summary, bundle, opened, sealed: None, manifest: None, reviews: Vec::new() }, id)
}

async fn kept() -> (World, Kept) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let signer = LogSigner::from_seed("countersign.test/log", &[5; 32]).unwrap();
    let mut world = World::at(&issuer);
    world.trust.log_key = signer.verifier_key();
    let keys = jwks(&world.idp);
    let discovery = serde_json::json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") }).to_string();
    let answer = move |_: &str, path: &str, _: &[u8]| {
        (200, if path == "/jwks" { keys.clone() } else { discovery.clone() }.into_bytes())
    };
    tokio::spawn(fake::plain(listener, Arc::new(answer)));
    let (detail, id) = detail(&world, &signer);
    let note = detail.opened.checkpoint.clone();
    let audit = Fake::start(Arc::new(move |_, _, _| (200, note.clone().into_bytes()))).await;
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::new(EngineConfig {
        profile: "ines".into(),
        data_dir: folder.path().to_owned(),
        keyring: Some(mock::Store::new().unwrap()),
        clock: Arc::new(FixedClock::at(NOW + 60)),
    })
    .unwrap();
    let file = JoinFile {
        operator: "Kestrel".into(),
        broker: audit.address.clone(),
        audit: audit.address.clone(),
        gateway: audit.address.clone(),
        ca: audit.ca_pem,
        trust: world.trust.clone(),
        policy: Policy::compiled_in().text().to_owned(),
    };
    engine.join(&serde_json::to_string(&file).unwrap()).await.unwrap();
    let joined = engine.inner.joined().unwrap();
    (world, Kept { engine, joined, detail, id, _folder: folder })
}

impl Kept {
    async fn proof(&self, detail: &SessionDetail) -> crate::view::ProofView {
        self.engine.inner.proof(&self.joined, &self.id, detail).await.unwrap()
    }
}

#[tokio::test]
async fn a_good_session_is_in_the_log_unaltered() {
    let (_, kept) = kept().await;
    let proof = kept.proof(&kept.detail).await;
    assert!(proof.verified, "{}", proof.detail);
    assert_eq!((proof.entry, proof.checkpoint, proof.detail.as_str()), (0, 1, "In the log, unaltered"));
}

#[tokio::test]
async fn a_record_that_was_altered_anywhere_is_not_verified() {
    let (world, kept) = kept().await;
    let other = World::new().shown(&world.mara, "").request;
    let changes: [(&str, Box<dyn Fn(&mut SessionDetail)>); 9] = [
        ("another Organization", Box::new(|d| d.summary.organization.id = "delmar-foods".parse().unwrap())),
        ("another person", Box::new(|d| d.summary.person.0 = "e-other".into())),
        ("a narrower Scope", Box::new(|d| d.summary.scope = domain::Scope::Diagnostics)),
        ("another ticket", Box::new(|d| d.summary.ticket = "SUP-1".into())),
        ("another request", Box::new(move |d| d.bundle.request.clone_from(&other))),
        ("no decision", Box::new(|d| d.bundle.decisions.clear())),
        ("no second factor", Box::new(|d| d.bundle.mfa.clear())),
        ("another leaf", Box::new(|d| d.opened.leaf = d.opened.leaf.replace("opened-at\":\"1", "opened-at\":\"2"))),
        ("another place", Box::new(|d| d.opened.index = 1)),
    ];
    for (name, change) in changes {
        let mut detail = kept.detail.clone();
        change(&mut detail);
        let proof = kept.proof(&detail).await;
        assert!(!proof.verified && !proof.detail.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_session_cannot_stand_in_for_another() {
    let (_, kept) = kept().await;
    let other = SessionId::from(sha256("another"));
    assert!(!kept.engine.inner.proof(&kept.joined, &other, &kept.detail).await.unwrap().verified);
}
