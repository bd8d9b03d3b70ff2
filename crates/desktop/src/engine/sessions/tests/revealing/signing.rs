//! Proposing and countersigning: what would be refused is refused here before a code is taken, and what the services answer is
//! held to what was signed.

use wire::broker::{Attestation, Code};
use wire::revealing::NewReveal;

use super::*;

const WHY: &str = "The customer asks who was called on Friday.";
const MARK: &str = "7f3a91c2d0b4e6f8";

/// A desktop before services that take codes and reveals, and a log that grows by them.
struct Desk {
    kept: Kept,
    taken: Arc<StdMutex<Vec<NewReveal>>>,
}

/// Signed in is somebody of these roles. `attested` is what the code is attested for, where that is not the statement.
async fn desk(id: &str, roles: &[&str], change: fn(&mut SessionDetail), attested: Option<Digest>) -> Desk {
    let kept = kept().await;
    let world = kept.world.clone();
    let name = if id == "e-mara" { "Mara Lindqvist" } else { "Ines Carvalho" };
    let person = Arc::new(Person::new(&world.idp, &world.trust.issuer, id, name, roles));
    let mut detail = kept.detail.clone();
    change(&mut detail);
    let mut signed_in = kept.signed_in(&person);
    signed_in.factor = Some((factor(&world, &person, None), NOW - 30));
    kept.engine.inner.live().person = Some(Arc::new(signed_in));
    let taken: Arc<StdMutex<Vec<NewReveal>>> = Arc::default();
    let (behind, opened_by, session) = (taken.clone(), opened_by(&kept, &kept.stored().entries), kept.id.clone());
    let mut stored = kept.stored();
    for (path, answer) in [
        ("/v1/time".to_owned(), serde_json::json!({ "now": (NOW + 60) * 1000 })),
        ("/v1/policies".to_owned(), serde_json::json!({ "adopted": [], "proposed": [] })),
        (format!("/v1/sessions/{}", kept.id), serde_json::to_value(&detail).unwrap()),
    ] {
        stored.others.insert(path, answer);
    }
    stored.first = Some(Box::new(move |stored, method, path, body| match (method, path) {
        ("POST", "/v1/codes") => {
            let code: Code = serde_json::from_slice(body).unwrap();
            let attestation = factor(&world, &person, attested.clone().or(code.statement));
            Some((200, serde_json::to_vec(&Attestation { attestation }).unwrap()))
        }
        ("POST", "/v1/reveals") => {
            let new: NewReveal = serde_json::from_slice(body).unwrap();
            let mut leaves: Vec<String> = stored.entries.iter().map(|r| r.leaf.clone()).collect();
            let digest = sha256(&new.statement);
            leaves.push(leaf(EventKind::RevealProposed, &session, vec![digest], &[]));
            let receipts = grown(stored, &leaves);
            let proposed = receipts.last().unwrap().clone();
            let ines = Enrol { device: person.thumbprint(), person: person.id.clone() };
            let revealing = Revealing {
                statements: vec![new.statement.clone()],
                mfa: vec![new.mfa.clone()],
                enrols: [world.enrols(), vec![world.ben.sign(ines, NOW - 50, "")]].concat(),
                pk_tokens: vec![person.pk_token.clone(), world.ben.pk_token.clone()],
            };
            let session = RevealedSession { opened: receipts[0].clone(), ..opened_by.clone() };
            let reveals = vec![LoggedReveal { revealing, proposed: proposed.clone(), revealed: None, session }];
            stored.others.insert("/v1/reveals".into(), serde_json::to_value(RevealList { reveals }).unwrap());
            behind.lock().unwrap().push(new);
            Some((200, serde_json::to_vec(&proposed).unwrap()))
        }
        _ => None,
    }));
    drop(stored);
    Desk { kept, taken }
}

async fn reviewer() -> Desk {
    desk("e-ines", &["reviewer"], |_| (), None).await
}

impl Desk {
    async fn propose(&self, marks: &[String], why: &str, code: &str) -> Result<crate::view::RevealView, String> {
        self.kept.engine.propose_reveal(self.kept.id.as_str(), marks, why, code).await.map_err(|error| error.code)
    }

    fn nothing_was_signed(&self) -> bool {
        let asked = self.kept.stored().asked.iter().any(|path| path == "/v1/codes");
        !asked && self.taken.lock().unwrap().is_empty()
    }
}

fn marks(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{n:016x}")).collect()
}

#[tokio::test]
async fn a_proposal_says_what_is_asked_for_and_stands_in_the_log() {
    let desk = reviewer().await;
    let named = [format!("[masked e-mail {MARK}]"), "0011223344556677".into()];
    let view = desk.propose(&named, &format!(" {WHY} "), "123 456").await.unwrap();
    assert_eq!((view.whose.as_str(), view.justification.as_str()), ("Mara Lindqvist", WHY));
    assert_eq!((view.is_own, view.may_sign, view.readable_until), (true, false, None));
    assert_eq!(i64::from(view.until), NOW + 60 + 24 * 3600);
    let taken = desk.taken.lock().unwrap().pop().unwrap();
    assert_eq!((taken.proposal, sha256(&taken.statement).to_string()), (None, view.id));
    let signed = statement::Unverified::<Reveal>::read(&taken.statement).unwrap().unverified_body().clone();
    assert_eq!(signed.marks, ["0011223344556677", MARK]);
    assert_eq!((signed.session, signed.organization.name.as_str()), (desk.kept.id.clone(), "Kinloch Hotels"));
    let mfa = statement::verify_mfa(&taken.mfa, &desk.kept.world.trust).unwrap();
    assert_eq!(mfa.body().statement, Some(sha256(&taken.statement)));
}

#[tokio::test]
async fn what_is_just_within_its_bounds_is_signed() {
    let desk = reviewer().await;
    for (count, letters) in [(1, 20), (100, 1000)] {
        let view = desk.propose(&marks(count), &"y".repeat(letters), "123456").await.unwrap();
        assert_eq!((view.marks.len(), view.justification.len()), (count, letters));
    }
}

#[tokio::test]
async fn a_01_what_would_be_refused_takes_no_code() {
    let desk = reviewer().await;
    let one = || vec![MARK.to_owned()];
    let (short, long) = ("y".repeat(19), "y".repeat(1001));
    for (marks, why, code, refused) in [
        (vec![], WHY, "123456", "no-marks"),
        (marks(101), WHY, "123456", "too-many-marks"),
        (vec!["7f3a".into()], WHY, "123456", "not-a-mark"),
        (one(), short.as_str(), "123456", "bad-text"),
        (one(), long.as_str(), "123456", "bad-text"),
        (one(), WHY, "12345", "wrong-code"),
    ] {
        assert_eq!(desk.propose(&marks, why, code).await.map(|v| v.id), Err(refused.into()));
    }
    assert!(desk.nothing_was_signed());
    let unsealed: fn(&mut SessionDetail) = |d| (d.sealed, d.manifest) = (None, None);
    let other: fn(&mut SessionDetail) = |d| d.summary.organization.id = "delmar-foods".parse().unwrap();
    let somebody: fn(&mut SessionDetail) = |d| d.summary.person = domain::PersonId("e-else".into());
    for (who, role, change, refused) in [
        ("e-ines", "engineer", (|_| ()) as fn(&mut SessionDetail), "missing-role"),
        ("e-ines", "approver", |_| (), "missing-role"),
        ("e-mara", "reviewer", |_| (), "own-session"),
        // Nobody talks the one whose Session it was out of being that.
        ("e-mara", "reviewer", somebody, "does-not-match"),
        ("e-ines", "reviewer", unsealed, "not-sealed"),
        ("e-ines", "reviewer", other, "does-not-match"),
    ] {
        let other = super::signing::desk(who, &[role], change, None).await;
        assert_eq!(other.propose(&one(), WHY, "123456").await.map(|v| v.id), Err(refused.into()), "{who} {role}");
        assert!(other.nothing_was_signed(), "{who} {role}");
    }
}

#[tokio::test]
async fn a_code_for_something_else_is_no_second_factor() {
    let desk = desk("e-ines", &["reviewer"], |_| (), Some(sha256("another statement"))).await;
    assert_eq!(desk.propose(&marks(1), WHY, "123456").await.map(|v| v.id), Err("other-attestation".into()));
    assert!(desk.taken.lock().unwrap().is_empty(), "nothing was handed over");
}

/// Which marks there are originals of is known to the audit service alone.
#[tokio::test]
async fn what_the_audit_service_refuses_is_told_as_it_says() {
    let desk = reviewer().await;
    let mut inner = desk.kept.stored().first.take().unwrap();
    desk.kept.stored().first = Some(Box::new(move |stored, method, path, body| {
        if (method, path) != ("POST", "/v1/reveals") {
            return inner(stored, method, path, body);
        }
        let problem = wire::problem::Problem::new(409, "no-such-mark", "There is no original.", "Copy the digits.");
        Some((409, serde_json::to_vec(&problem).unwrap()))
    }));
    assert_eq!(desk.propose(&marks(1), WHY, "123456").await.map(|v| v.id), Err("no-such-mark".into()));
}

/// The receipt of another entry, proven as it may be, is not the entry of what was signed here.
#[tokio::test]
async fn the_receipt_is_of_what_was_signed() {
    let desk = reviewer().await;
    let mut inner = desk.kept.stored().first.take().unwrap();
    desk.kept.stored().first = Some(Box::new(move |stored, method, path, body| {
        let answer = inner(stored, method, path, body);
        if (method, path) != ("POST", "/v1/reveals") {
            return answer;
        }
        Some((200, serde_json::to_vec(&stored.entries[1]).unwrap()))
    }));
    assert_eq!(desk.propose(&marks(1), WHY, "123456").await.map(|v| v.id), Err("does-not-match".into()));
}

/// The second person is another one, with a role that signs, and not whose Session it was; nothing else takes a code.
#[tokio::test]
async fn a_01_a_08_who_cannot_be_the_second_person_signs_nothing() {
    let with = |id: &'static str, name: &'static str, roles: &'static [&'static str]| (id, name, roles);
    for ((id, name, roles), refused) in [
        (with("e-ines", "Ines Carvalho", &["reviewer", "approver"]), "same-person"),
        (with("e-mara", "Mara Lindqvist", &["approver"]), "own-session"),
        (with("e-rui", "Rui Tanaka", &["engineer"]), "missing-role"),
        (with("e-rui", "Rui Tanaka", &["administrator"]), "missing-role"),
    ] {
        let told = told(|w| vec![&w.ines], false, tomasz).await;
        let person = Person::new(&told.kept.world.idp, &told.kept.world.trust.issuer, id, name, roles);
        told.sign_in(&person);
        let [view] = &told.kept.engine.reveals().await.unwrap()[..] else { panic!("one") };
        assert!(!view.may_sign, "{id}");
        let error = told.kept.engine.countersign_reveal(&told.id, "123456").await.unwrap_err();
        assert_eq!(error.code, refused);
        assert!(!told.kept.stored().asked.iter().any(|path| path == "/v1/codes"), "{id}: no code was taken");
    }
    let told = told(|w| vec![&w.ines], false, tomasz).await;
    let (ines, issuer) = (&told.kept.world.ines, &told.kept.world.trust.issuer);
    let same =
        Person::with_key(&told.kept.world.idp, issuer, "e-rui", "Rui Tanaka", &["approver"], ines.device.clone());
    told.sign_in(&same);
    let error = told.kept.engine.countersign_reveal(&told.id, "123456").await.unwrap_err();
    assert_eq!(error.code, "same-device");
}

/// What it names and what the code is for is exactly what the first one signed.
#[tokio::test]
async fn whoever_countersigns_signs_the_same() {
    let told = told(|w| vec![&w.ines], false, tomasz).await;
    let (world, taken) = (told.kept.world.clone(), Arc::new(StdMutex::new(Vec::new())));
    let behind = taken.clone();
    told.kept.stored().first = Some(Box::new(move |stored, method, path, body| match (method, path) {
        ("POST", "/v1/codes") => {
            let code: Code = serde_json::from_slice(body).unwrap();
            let attestation = factor(&world, &world.tomasz, code.statement);
            Some((200, serde_json::to_vec(&Attestation { attestation }).unwrap()))
        }
        ("POST", "/v1/reveals") => {
            let new: NewReveal = serde_json::from_slice(body).unwrap();
            let answer = countersigned(stored, &world, &new);
            behind.lock().unwrap().push(new);
            Some(answer)
        }
        _ => None,
    }));
    let view = told.kept.engine.countersign_reveal(&told.id, "123456").await.unwrap();
    assert_eq!(
        (view.id.as_str(), view.by.join(" and ").as_str()),
        (told.id.as_str(), "Ines Carvalho and Tomasz Wieczorek")
    );
    assert_eq!((view.readable_until.map(i64::from), view.may_sign), (Some(NOW + READABLE_SECONDS), false));
    let new: NewReveal = taken.lock().unwrap().pop().unwrap();
    assert_eq!(new.proposal.map(|id| id.to_string()), Some(told.id.clone()));
    let signed = statement::Unverified::<Reveal>::read(&new.statement).unwrap().unverified_body().clone();
    assert_eq!(signed, body(&told.kept, &told.kept.world.ines));
}

/// The entry about the second signature, and the list with it.
fn countersigned(stored: &mut Stored, world: &World, new: &NewReveal) -> (u16, Vec<u8>) {
    let list: RevealList = serde_json::from_value(stored.others["/v1/reveals"].clone()).unwrap();
    let mut one = list.reveals.into_iter().next().unwrap();
    let session: SessionId = sha256(&one.session.open).into();
    one.revealing.statements.push(new.statement.clone());
    one.revealing.mfa.push(new.mfa.clone());
    one.revealing.pk_tokens.push(world.tomasz.pk_token.clone());
    let signed = one.revealing.statements.iter().map(sha256).collect();
    let mut leaves: Vec<String> = stored.entries.iter().map(|r| r.leaf.clone()).collect();
    leaves.push(leaf(EventKind::MarksRevealed, &session, signed, &[]));
    let receipts = grown(stored, &leaves);
    let revealed = receipts.last().unwrap().clone();
    one.revealed = Some(revealed.clone());
    one.session.opened = receipts[0].clone();
    one.proposed = receipts[2].clone();
    let list = RevealList { reveals: vec![one] };
    stored.others.insert("/v1/reveals".into(), serde_json::to_value(list).unwrap());
    (200, serde_json::to_vec(&revealed).unwrap())
}
