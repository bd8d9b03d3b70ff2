//! Opening marks (A-01, A-02, A-08, R-14, R-15, L-01): two people sign the same, and the values go to the first one for a while.

use domain::Role;
use statement::{Directory, Refusal, Reveal, Revoked, SessionOpen, sha256, verify_revealing};
use wire::event::{EventKind, Receipt};
use wire::revealing::{NewReveal, READABLE_SECONDS, RevealList, RevealedMarks, RevealedSession, is_revealed_by};

use super::world::{CANARY, Human, MARK, NOW, OTHER_MARK, World, away, by_hand, check_receipt, originals, world};
use crate::error::{Error, StoreError};

fn refused(refusal: &Refusal, status: u16) -> (u16, String) {
    (status, refusal.code().to_owned())
}

/// The newest entry, and why.
async fn left(w: &World) -> (EventKind, String) {
    let newest = w.newest(1).await.remove(0);
    (newest.kind, newest.facts.get("code").cloned().unwrap_or_default())
}

/// Every byte that the service keeps, and every answer about the log.
async fn is_nowhere(w: &World, value: &str) {
    let mut folders = vec![w.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder").map(|e| e.expect("entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let bytes = std::fs::read(&entry).expect("reads");
                assert!(!bytes.windows(value.len()).any(|w| w == value.as_bytes()), "in {}", entry.display());
            }
        }
    }
    let log = w.get_person(&w.ines, "/v1/events").await;
    assert!(!String::from_utf8_lossy(&log.body).contains(value), "in the log");
}

#[tokio::test]
async fn l_01_two_people_open_a_mark_and_the_log_never_holds_its_value() {
    let w = world().await;
    let session = w.masked().await;
    let id = w.propose_reveal(&w.ines, &session).await;
    assert_eq!(w.read_marks(&w.ines, &id).await.problem(), refused(&Refusal::NoApproval, 409));
    let list: RevealList = w.get_person(&w.tomasz, "/v1/reveals").await.json();
    let proposal = &list.reveals[0];
    assert!(proposal.revealed.is_none() && proposal.revealing.statements.len() == 1);
    assert_eq!(check_receipt(&w.verifier(), &proposal.proposed).kind, EventKind::RevealProposed);

    let new = w.reveal_by(&w.tomasz, &w.wanted(&w.ines, &session), Some(&id));
    let receipt: Receipt = w.sign_reveal(&w.tomasz, &new).await.json();
    let event = check_receipt(&w.verifier(), &receipt);
    assert_eq!((event.kind, event.session.as_ref()), (EventKind::MarksRevealed, Some(&session)));
    let list: RevealList = w.get_person(&w.ines, "/v1/reveals").await.json();
    let logged = &list.reveals[0];
    let keys = w.service.audit.upgrade().expect("runs").known_keys(None).await.expect("keys");
    let revealed = verify_revealing(&logged.revealing, &w.trust, &*keys, NOW).expect("two signed");
    assert!(is_revealed_by(&event, &revealed) && logged.revealed.as_ref().map(|r| r.index) == Some(receipt.index));

    for _ in 0..2 {
        let marks: RevealedMarks = w.read_marks(&w.ines, &id).await.json();
        let seen: Vec<(&str, &str)> = marks.marks.iter().map(|m| (m.mark.as_str(), m.value.as_str())).collect();
        assert_eq!(seen, [(MARK, CANARY)], "what was signed for and nothing else; the first of it");
        assert_eq!(check_receipt(&w.verifier(), &marks.receipt).kind, EventKind::MarksRead, "each giving is an entry");
        assert!(!format!("{marks:?}").contains(CANARY), "no log says what it was");
    }
    for path in ["", "/frames?stream=exchanges", "/segments/0"] {
        let answer = w.get_person(&w.ines, &format!("/v1/sessions/{session}{path}")).await;
        assert!(answer.status.is_success() && !String::from_utf8_lossy(&answer.body).contains(CANARY), "{path}");
    }
    let evidence = w.person(&w.ines, axum::http::Method::POST, &format!("/v1/sessions/{session}/evidence"), None).await;
    assert!(evidence.status.is_success() && !String::from_utf8_lossy(&evidence.body).contains(CANARY));
    is_nowhere(&w, CANARY).await;
    let w = w.restart().await;
    w.read_marks(&w.ines, &id).await.json::<RevealedMarks>();
}

/// Whoever countersigns may not look at the Session; what proves whose it was comes with what waits for them.
#[tokio::test]
async fn whose_session_it_was_is_handed_out_with_its_proof() {
    let w = world().await;
    let session = w.masked().await;
    w.propose_reveal(&w.ines, &session).await;
    let looked = w.get_person(&w.tomasz, &format!("/v1/sessions/{session}")).await.problem();
    assert_eq!(looked.0, 404, "an approver is not shown the Session itself");
    let list: RevealList = w.get_person(&w.tomasz, "/v1/reveals").await.json();
    let RevealedSession { opened, open, pk_token } = &list.reveals[0].session;
    let event = check_receipt(&w.verifier(), opened);
    assert_eq!((event.kind, event.session.as_ref()), (EventKind::SessionOpened, Some(&session)));
    assert_eq!(event.organization, Some("kinloch-hotels".parse().expect("id")));
    assert_eq!(session.as_str(), sha256(open).as_str());
    let keys = w.service.audit.upgrade().expect("runs").known_keys(None).await.expect("keys");
    assert_eq!(event.facts["provider-keys"], keys.current().digest().to_string());
    let directory = Directory::new([pk_token], &w.trust, &*keys).expect("a token");
    let (_, whose) = directory.verify::<SessionOpen>(open).expect("signed");
    assert_eq!(whose.person, domain::PersonId("p-mara".into()));
}

#[tokio::test]
async fn a_01_a_02_one_person_opens_nothing() {
    let w = world().await;
    let session = w.masked().await;
    let id = w.propose_reveal(&w.ines, &session).await;
    let body = w.wanted(&w.ines, &session);
    let try_by = async |who: &Human| {
        let answer = w.sign_reveal(who, &w.reveal_by(who, &body, Some(&id))).await.problem();
        assert_eq!(left(&w).await, (EventKind::RevealRefused, answer.1.clone()));
        answer
    };
    assert_eq!(try_by(&w.ines).await, refused(&Refusal::SamePerson, 403));
    let again = w.again_now(&w.ines, &[Role::Reviewer, Role::Approver]);
    assert_eq!(try_by(&again).await, refused(&Refusal::SamePerson, 403), "signed in anew");
    let second = w.another("p-ines", &[Role::Reviewer]);
    w.enrol(&w.ben, &second).await;
    w.clock.advance(3700);
    let id = w.propose_reveal(&w.ines, &session).await;
    let new = w.reveal_by(&second, &body, Some(&id));
    assert_eq!(w.sign_reveal(&second, &new).await.problem(), refused(&Refusal::SamePerson, 403), "another Device");
    assert_eq!(w.read_marks(&w.ines, &id).await.problem(), refused(&Refusal::NoApproval, 409));
}

#[tokio::test]
async fn a_01_two_people_on_one_device_open_nothing() {
    let w = world().await;
    let session = w.masked().await;
    let id = w.propose_reveal(&w.ines, &session).await;
    let colleague = w.on_the_device_of(&w.ines, "p-colleague", &[Role::Approver]);
    w.enrol(&w.ben, &colleague).await;
    let new = w.reveal_by(&colleague, &w.wanted(&w.ines, &session), Some(&id));
    assert_eq!(w.sign_reveal(&colleague, &new).await.problem(), refused(&Refusal::SameDevice, 403));
}

#[tokio::test]
async fn a_08_the_second_one_signs_exactly_the_same() {
    let w = world().await;
    let session = w.masked().await;
    let id = w.propose_reveal(&w.ines, &session).await;
    let body = w.wanted(&w.ines, &session);
    let changed: [fn(&mut Reveal); 3] = [
        |r| r.marks.insert(0, OTHER_MARK.into()),
        |r| r.justification = "For another reason than was proposed.".into(),
        |r| r.reader = sha256("another Device"),
    ];
    for change in changed {
        let mut other = body.clone();
        change(&mut other);
        let answer = w.sign_reveal(&w.tomasz, &w.reveal_by(&w.tomasz, &other, Some(&id))).await;
        assert_eq!(answer.problem(), refused(&Refusal::RevealsDiffer, 409));
    }
    let theirs = Reveal { reader: w.tomasz.key.public().thumbprint(), ..body.clone() };
    let answer = w.sign_reveal(&w.ines, &w.reveal_by(&w.ines, &theirs, None)).await;
    assert_eq!(answer.problem(), refused(&Refusal::OtherReader, 403), "nobody proposes for another to read");
    let good = w.reveal_by(&w.tomasz, &body, Some(&id));
    let without = NewReveal { mfa: w.attest_at(&w.tomasz, None, NOW), ..good.clone() };
    assert_eq!(w.sign_reveal(&w.tomasz, &without).await.problem(), refused(&Refusal::NoSecondFactor, 403));
    let nothing = NewReveal { proposal: Some(sha256("nothing")), ..good.clone() };
    assert_eq!(w.sign_reveal(&w.tomasz, &nothing).await.problem(), (404, "no-reveal".into()));
    w.sign_reveal(&w.tomasz, &good).await.json::<Receipt>();
    assert_eq!(w.sign_reveal(&w.tomasz, &good).await.problem(), (409, "already-taken".into()), "once");
}

#[tokio::test]
async fn r_14_r_15_nobody_else_reads_and_nobody_reads_later() {
    let w = world().await;
    let session = w.masked().await;
    let id = w.revealed([&w.ines, &w.tomasz], &session).await;
    let other = w.another("p-other", &[Role::Reviewer]);
    w.enrol(&w.ben, &other).await;
    assert_eq!(w.read_marks(&other, &id).await.problem(), (403, "not-the-reader".into()));
    assert_eq!(w.read_marks(&w.tomasz, &id).await.problem(), (403, "missing-role".into()));
    let reviews_too = w.again_now(&w.tomasz, &[Role::Approver, Role::Reviewer]);
    assert_eq!(w.read_marks(&reviews_too, &id).await.problem(), (403, "not-the-reader".into()));
    let second = w.another("p-ines", &[Role::Reviewer]);
    w.enrol(&w.ben, &second).await;
    assert_eq!(w.read_marks(&second, &id).await.problem(), (403, "not-the-reader".into()), "another Device of theirs");
    assert_eq!(left(&w).await, (EventKind::CallRefused, "not-the-reader".into()));
    assert_eq!(w.read_marks(&w.ines, &sha256("nothing")).await.problem(), (404, "no-reveal".into()));
    w.clock.advance(READABLE_SECONDS - 1);
    w.read_marks(&w.ines, &id).await.json::<RevealedMarks>();
    w.clock.advance(1);
    assert_eq!(w.read_marks(&w.ines, &id).await.problem(), (409, "reveal-over".into()));
}

#[tokio::test]
async fn a_07_a_proposal_that_has_lapsed_is_not_countersigned() {
    let w = world().await;
    let session = w.masked().await;
    let id = w.propose_reveal(&w.ines, &session).await;
    let in_time = w.reveal_by(&w.tomasz, &w.wanted(&w.ines, &session), Some(&id));
    w.clock.advance(3600);
    assert_eq!(w.sign_reveal(&w.tomasz, &in_time).await.problem(), refused(&Refusal::Expired, 409), "handed in late");
    let new = w.reveal_by(&w.tomasz, &w.wanted(&w.ines, &session), Some(&id));
    assert_eq!(w.sign_reveal(&w.tomasz, &new).await.problem(), refused(&Refusal::Expired, 409), "signed late");
}

#[tokio::test]
async fn a_bad_proposal_opens_nothing() {
    let w = world().await;
    let session = w.masked().await;
    let (open, _, _) = w.session().await;
    w.batch_beside(&open, 0, &originals()).await.json::<wire::audit::Acknowledged>();
    let body = w.wanted(&w.ines, &session);
    let cases: [(fn(&mut Reveal), &str); 5] = [
        (|r| r.marks = vec!["ffffffffffffffff".into()], "no-such-mark"),
        (|r| r.session = sha256("nothing").into(), "no-session"),
        (|r| r.organization.id = "delmar-foods".parse().expect("id"), "other-organization"),
        (|r| r.marks = vec![MARK.into(), MARK.into()], "malformed"),
        (|r| r.marks.clear(), "malformed"),
    ];
    for (change, code) in cases {
        let mut other = body.clone();
        change(&mut other);
        assert_eq!(w.sign_reveal(&w.ines, &w.reveal_by(&w.ines, &other, None)).await.problem().1, code);
        assert_eq!(left(&w).await, (EventKind::RevealRefused, code.into()));
    }
    let running = Reveal { session: open, ..body.clone() };
    let answer = w.sign_reveal(&w.ines, &w.reveal_by(&w.ines, &running, None)).await;
    assert_eq!(answer.problem(), (409, "not-sealed".into()));
    let approver = w.wanted(&w.tomasz, &session);
    let answer = w.sign_reveal(&w.tomasz, &w.reveal_by(&w.tomasz, &approver, None)).await;
    assert_eq!(answer.problem(), refused(&Refusal::MissingRole, 403), "an approver proposes nothing");
    let mara = w.again_now(&w.mara, &[Role::Engineer, Role::Reviewer]);
    let answer = w.sign_reveal(&mara, &w.reveal_by(&mara, &w.wanted(&mara, &session), None)).await;
    assert_eq!(answer.problem(), (403, "own-session".into()));
    let posing = NewReveal { ..w.reveal_by(&w.ines, &body, None) };
    assert_eq!(w.sign_reveal(&w.tomasz, &posing).await.problem().0, 403, "signed by somebody else");
}

#[tokio::test]
async fn whoever_is_revoked_opens_nothing() {
    let w = world().await;
    let session = w.masked().await;
    let id = w.propose_reveal(&w.ines, &session).await;
    w.append(&super::revoked::revoked(&w, &w.ben, Revoked::Person(domain::PersonId("p-ines".into())))).await;
    let new = w.reveal_by(&w.tomasz, &w.wanted(&w.ines, &session), Some(&id));
    assert_eq!(w.sign_reveal(&w.tomasz, &new).await.problem(), (403, "revoked".into()));
}

#[tokio::test]
async fn l_12_with_the_organization_its_originals_are_gone() {
    let w = world().await;
    let session = w.masked().await;
    let id = w.revealed([&w.ines, &w.tomasz], &session).await;
    let sofia = w.sofia().await;
    w.forget(&w.forgetting(&away("kinloch-hotels"), [&w.ben, &sofia])).await.json::<Receipt>();
    let answer = w.read_marks(&w.ines, &id).await;
    assert!(matches!(answer.problem().0, 404 | 410), "{:?}", answer.problem());
    let new = w.reveal_by(&w.ines, &w.wanted(&w.ines, &session), None);
    assert_eq!(w.sign_reveal(&w.ines, &new).await.problem(), (410, "organization-forgotten".into()));
    assert!(w.get_person(&w.ines, "/v1/reveals").await.json::<RevealList>().reveals.is_empty());
    let w = w.restart().await;
    assert!(w.get_person(&w.ines, "/v1/reveals").await.json::<RevealList>().reveals.is_empty());
}

#[tokio::test]
async fn r_14_with_the_recording_its_originals_are_gone() {
    let w = world().await;
    let session = w.masked().await;
    w.clock.advance(366 * 24 * 3600);
    w.service.audit.upgrade().expect("it runs").expire().await;
    let ines = w.again_now(&w.ines, &[Role::Reviewer]);
    let new = w.reveal_by(&ines, &w.wanted(&ines, &session), None);
    assert_eq!(w.sign_reveal(&ines, &new).await.problem(), (410, "recording-expired".into()));
    let left: (i64,) = {
        use sqlx::ConnectOptions as _;
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(w.folder.path().join("audit.sqlite"));
        let mut connection = options.connect().await.expect("opens");
        sqlx::query_as("SELECT COUNT(*) FROM originals").fetch_one(&mut connection).await.expect("reads")
    };
    assert_eq!(left.0, 0, "nothing of it is left");
    let w = w.restart().await;
    assert_eq!(w.sign_reveal(&ines, &w.reveal_by(&ines, &w.wanted(&ines, &session), None)).await.problem().0, 410);
}

/// Without rules there is nothing: not even an empty row.
#[tokio::test]
async fn without_masking_there_is_nothing_to_open() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &super::world::frames(0, 5)).await.json::<wire::audit::Acknowledged>();
    let receipt: Receipt = w.end(&session, 1).await.json();
    assert!(!check_receipt(&w.verifier(), &receipt).facts.contains_key("originals"));
    let new = w.reveal_by(&w.ines, &w.wanted(&w.ines, &session), None);
    assert_eq!(w.sign_reveal(&w.ines, &new).await.problem(), (409, "no-such-mark".into()));
}

#[tokio::test]
async fn originals_that_somebody_takes_away_or_adds_are_missed() {
    for change in [
        "DELETE FROM originals",
        "INSERT INTO originals SELECT s.session, 7, x'00' FROM sessions s WHERE s.session NOT IN (SELECT session FROM originals)",
    ] {
        let w = world().await;
        w.masked().await;
        let (session, _, _) = w.session().await;
        w.end(&session, 0).await.json::<Receipt>();
        let started = w.restart_after(async |folder| by_hand(folder, change).await).await;
        assert!(matches!(started, Err(Error::Store(StoreError::Damaged(_)))), "{change}: {started:?}");
    }
    let mut w = world().await;
    let session = w.masked().await;
    let id = w.revealed([&w.ines, &w.tomasz], &session).await;
    w.stop_for(|_| {}).await;
    by_hand(w.folder.path(), "UPDATE originals SET sealed = zeroblob(length(sealed))").await;
    w.begin().await.expect("starts");
    assert_eq!(w.read_marks(&w.ines, &id).await.problem(), (503, "store-unreadable".into()));
}
