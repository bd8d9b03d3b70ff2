use statement::{DeviceKey, Enrol, Revoke, Revoked};
use wire::audit::{LoggedRevocation, OwnRevocation};
use wire::event::{Event, EventKind, Receipt, Source};

use super::desk::attestation;
use super::*;

const WHY: &str = "It was left on a train.";

/// Tomasz's desk, on a computer that Ben let in.
async fn let_in() -> Desk {
    let desk = Desk::new().await;
    desk.services().enrols = (desk.world.enrols(), vec![desk.world.ben.pk_token.clone()]);
    desk
}

fn this(desk: &Desk) -> Revoked {
    Revoked::Device(desk.world.tomasz.thumbprint())
}

/// A revocation that somebody signed ten seconds ago, with its code, in a log of one entry.
fn logged(desk: &Desk, by: &Person, what: Revoked) -> LoggedRevocation {
    logged_at(desk, by, what, NOW - 10)
}

fn logged_at(desk: &Desk, by: &Person, what: Revoked, at: i64) -> LoggedRevocation {
    let statement = by.sign(Revoke { reason: WHY.into(), revokes: what }, at, "");
    let mfa = attestation(&desk.world, &sha256(&by.pk_token), Some(sha256(&statement)), at);
    LoggedRevocation {
        receipt: entry(EventKind::Revoked, &statement),
        statement,
        mfa: Some(mfa),
        pk_tokens: vec![by.pk_token.clone(), desk.world.ben.pk_token.clone()],
        enrols: desk.world.enrols(),
    }
}

fn entry(kind: EventKind, statement: &str) -> Receipt {
    let event = Event {
        v: 1,
        at: NOW * 1000,
        kind,
        source: Source::Broker,
        organization: None,
        session: None,
        statements: vec![sha256(statement)],
        facts: Default::default(),
        sealed: Default::default(),
    };
    let leaf = serde_json::to_string(&event).unwrap();
    let checkpoint = signer().sign(1, &merkle::leaf_hash(leaf.as_bytes()));
    Receipt { index: 0, leaf, inclusion: Vec::new(), checkpoint }
}

/// The broker says that this computer's key is out, and the audit service shows this of it.
fn shown(desk: &Desk, logged: Option<LoggedRevocation>) {
    let mut services = desk.services();
    services.out = true;
    services.note = logged.as_ref().map_or_else(|| services.note.clone(), |one| one.receipt.checkpoint.clone());
    services.others.insert("/v1/me/revocation", json!(OwnRevocation { logged }));
    drop(services);
    desk.engine.inner.live().me = None;
}

/// What the keyring holds in place of the Device key.
fn kept(desk: &Desk) -> Vec<u8> {
    desk.store.build("countersign", "device-key/tomasz", None).unwrap().get_secret().unwrap()
}

/// Nobody makes a new key, the one that is there stays, and whoever is signed in stays so.
async fn stays(desk: &Desk, what: &str, code: &str) {
    let before = kept(desk);
    let state = desk.engine.state().await.unwrap();
    assert_eq!((state.step, state.person.is_some()), (SetupStep::Ready, true), "{what}");
    assert_eq!(desk.engine.new_key().await.unwrap_err().code, code, "{what}");
    assert_eq!(kept(desk), before, "{what}");
    assert!(desk.engine.inner.person().await.is_ok(), "{what}");
}

#[tokio::test]
async fn d_07_a_computer_whose_key_was_revoked_makes_another_and_is_signed_out() {
    let desk = let_in().await;
    let other = desk.again();
    let (old, secret) = (desk.engine.key().await.unwrap().key, kept(&desk));
    assert_eq!((desk.engine.state().await.unwrap().step, &other.key().await.unwrap().key), (SetupStep::Ready, &old));
    shown(&desk, Some(logged(&desk, &desk.world.ben, this(&desk))));
    let state = desk.engine.state().await.unwrap();
    assert_eq!(state.step, SetupStep::KeyRevoked);
    let revoked = state.revoked.unwrap();
    let at = u32::try_from(NOW - 10).unwrap();
    assert_eq!((revoked.by.as_str(), revoked.reason.as_str(), revoked.at), ("Ben Okafor", WHY, Some(at)));

    let memory = || std::fs::read(desk.folder.path().join("tomasz/log.json")).unwrap();
    let remembered = memory();
    let state = desk.engine.new_key().await.unwrap();
    assert_eq!((state.step, state.person.is_none()), (SetupStep::SignIn, true));
    let new = state.device.unwrap().key;
    assert_ne!(new, old);
    assert_ne!(kept(&desk), secret);
    assert_eq!(memory(), remembered, "what this computer knows of the log stays");
    assert!(state.revoked.is_none());
    assert_eq!(desk.again().key().await.unwrap().key, new, "for every process of the profile");
    // Whoever still has the old key in memory makes no third one.
    assert_eq!(other.new_key().await.unwrap_err().code, "signed-out");
    // The sign-in of before is of no use, wherever somebody kept it.
    desk.sign_in(Some(NOW - 10)).await;
    assert_eq!(desk.engine.inner.person().await.err().unwrap().code, "signed-out");
    assert_eq!(desk.again().new_key().await.unwrap_err().code, "signed-out");
    assert_eq!(desk.again().key().await.unwrap().key, new);
}

#[tokio::test]
async fn whoever_may_revoke_this_computer_is_believed() {
    let desk = Desk::with_roles(&["engineer"]).await;
    let (tomasz, ben, idp) = (&desk.world.tomasz, &desk.world.ben, &desk.world.idp);
    let key = || Arc::new(DeviceKey::generate().unwrap().0);
    let issuer = &desk.world.trust.issuer;
    let second = Person::with_key(idp, issuer, "e-tomasz", "Tomasz Wieczorek", &["engineer"], key());
    let mut by_themselves = logged(&desk, &second, this(&desk));
    let enrol = Enrol { device: second.thumbprint(), person: tomasz.id.clone() };
    by_themselves.enrols.push(ben.sign(enrol, NOW - 55, ""));
    let mut here = logged(&desk, tomasz, this(&desk));
    here.mfa = None;
    let of_person = logged(&desk, ben, Revoked::Person(tomasz.id.clone()));
    for (logged, by) in [(by_themselves, "Tomasz Wieczorek"), (here, "Tomasz Wieczorek"), (of_person, "Ben Okafor")] {
        let joined = desk.engine.inner.joined().unwrap();
        std::fs::remove_file(desk.folder.path().join("tomasz/log.json")).ok();
        shown(&desk, Some(logged));
        let person = desk.engine.inner.person().await.unwrap();
        let revoked = desk.engine.inner.revoked_key(&joined, &person).await;
        assert_eq!((revoked.by.as_str(), revoked.not_proven.is_none()), (by, true), "{revoked:?}");
    }
}

/// Each is what a broker and an audit service could show who lie together, as far as nobody signs for them.
#[tokio::test]
async fn d_07_no_lie_throws_a_good_key_away() {
    type Lie = fn(&Desk) -> LoggedRevocation;
    let lies: [(&str, Lie, &str); 14] = [
        (
            "of another Device",
            |d| logged(d, &d.world.ben, Revoked::Device(d.world.mara.thumbprint())),
            "revocation-not-proven",
        ),
        (
            "of another person",
            |d| logged(d, &d.world.ben, Revoked::Person(d.world.mara.id.clone())),
            "revocation-not-proven",
        ),
        (
            "of the person before this Device was enrolled",
            |d| logged_at(d, &d.world.ben, Revoked::Person(d.world.tomasz.id.clone()), NOW - 55),
            "revocation-not-proven",
        ),
        ("of a Grant", |d| logged(d, &d.world.ben, Revoked::Grant(sha256("a request"))), "revocation-not-proven"),
        ("by nobody who may", |d| logged(d, &d.world.mara, this(d)), "missing-role"),
        (
            "by nobody who is enrolled",
            |d| {
                let issuer = &d.world.trust.issuer;
                logged(d, &Person::new(&d.world.idp, issuer, "e-eve", "Eve", &["administrator"]), this(d))
            },
            "not-enrolled",
        ),
        (
            "with another signature",
            |d| {
                let mut lie = logged(d, &d.world.ben, this(d));
                lie.statement.replace_range(lie.statement.len() - 8.., "AAAAAAAA");
                lie.receipt = entry(EventKind::Revoked, &lie.statement);
                lie
            },
            "bad-signature",
        ),
        (
            "without its signer",
            |d| LoggedRevocation { pk_tokens: Vec::new(), ..logged(d, &d.world.ben, this(d)) },
            "unknown-signer",
        ),
        ("without its code", |d| LoggedRevocation { mfa: None, ..logged(d, &d.world.ben, this(d)) }, "malformed"),
        (
            "with the code of something else",
            |d| {
                let ben = sha256(&d.world.ben.pk_token);
                let mfa = attestation(&d.world, &ben, Some(sha256("something else")), NOW - 10);
                LoggedRevocation { mfa: Some(mfa), ..logged(d, &d.world.ben, this(d)) }
            },
            "no-second-factor",
        ),
        (
            "in an entry about something else",
            |d| LoggedRevocation { receipt: entry(EventKind::Revoked, "x"), ..logged(d, &d.world.ben, this(d)) },
            "revocation-not-proven",
        ),
        (
            "in an entry of another kind",
            |d| {
                let lie = logged(d, &d.world.ben, this(d));
                LoggedRevocation { receipt: entry(EventKind::CallRefused, &lie.statement), ..lie }
            },
            "revocation-not-proven",
        ),
        (
            "in no entry of the log",
            |d| {
                let mut lie = logged(d, &d.world.ben, this(d));
                lie.receipt.checkpoint = entry(EventKind::Revoked, "another").checkpoint;
                lie
            },
            "not-in-the-log",
        ),
        (
            "in another log",
            |d| {
                let mut lie = logged(d, &d.world.ben, this(d));
                let other = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap();
                let root = merkle::leaf_hash(lie.receipt.leaf.as_bytes());
                let honest = std::mem::replace(&mut lie.receipt.checkpoint, other.sign(1, &root));
                assert_ne!(honest, lie.receipt.checkpoint);
                lie
            },
            "log-broken",
        ),
    ];
    for (what, lie, code) in lies {
        let desk = let_in().await;
        let lie = lie(&desk);
        let note = desk.services().note.clone();
        let is_of_this_log = code != "log-broken";
        shown(&desk, Some(lie));
        if !is_of_this_log {
            desk.services().note = note;
        }
        let told = desk.engine.state().await.unwrap().revoked.and_then(|revoked| revoked.not_proven);
        assert_eq!(told.map(|error| error.code).as_deref(), Some(code), "{what}");
        stays(&desk, what, code).await;
    }
}

#[tokio::test]
async fn d_07_a_key_that_counts_is_not_replaced() {
    let desk = let_in().await;
    stays(&desk, "nobody says so", "key-counts").await;
    // The audit service alone, however well it proves it.
    shown(&desk, Some(logged(&desk, &desk.world.ben, this(&desk))));
    desk.services().out = false;
    stays(&desk, "the broker knows of nothing", "key-counts").await;
    let desk = let_in().await;
    shown(&desk, None);
    stays(&desk, "the broker alone says so", "key-counts").await;
}

#[tokio::test]
async fn l_02_a_computer_that_saw_another_log_makes_no_new_key() {
    let desk = let_in().await;
    desk.services().note = signer().sign(1, &[9; 32]);
    desk.engine.check_log().await.unwrap();
    shown(&desk, Some(logged(&desk, &desk.world.ben, this(&desk))));
    stays(&desk, "another log", "log-broken").await;
    let honest = desk.services().note.clone();
    desk.services().note = honest;
    assert_eq!(desk.again().new_key().await.unwrap_err().code, "log-broken", "for good");
}

#[tokio::test]
async fn a_window_that_was_open_learns_that_its_key_is_out_when_the_pushes_end() {
    let desk = let_in().await;
    desk.engine.state().await.unwrap();
    let me = desk.engine.inner.live().me.clone();
    shown(&desk, Some(logged(&desk, &desk.world.ben, this(&desk))));
    desk.engine.inner.live().me = me;
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::Ready, "it asks nobody while nothing changed");
    assert!(!desk.engine.inner.follow().await);
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::KeyRevoked);
    // What was proven once is not asked for again.
    desk.services().others.clear();
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::KeyRevoked);
}
