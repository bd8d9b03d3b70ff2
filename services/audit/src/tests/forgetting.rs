//! Forgetting an Organization (R-14, L-12): two administrators, nothing that runs, and then nothing that opens. The log stays whole.

use std::path::{Path, PathBuf};

use axum::http::Method;
use domain::{Role, Scope, SessionId};
use serve::Service;
use statement::{Forget, Refusal, Revoked, sha256};
use wire::audit::{Acknowledged, Events, SessionDetail, Sessions};
use wire::event::{Append, EventKind, Receipt};
use wire::forgetting::{LoggedForgettings, is_forgotten_by};

use super::world::{Human, NOW, World, away, body, by_hand, check_receipt, frames, world};
use crate::error::{Error, StoreError};

const KINLOCH: &str = "kinloch-hotels";

fn refused(refusal: &Refusal, status: u16) -> (u16, String) {
    (status, refusal.code().to_owned())
}

/// A sealed Session of two segments.
async fn sealed(w: &World) -> SessionId {
    let (session, _, _) = w.session().await;
    for n in 0..2 {
        w.batch(&session, n, &frames(n * 20, 5)).await.json::<Acknowledged>();
    }
    w.end(&session, 2).await.json::<Receipt>();
    session
}

fn objects(w: &World) -> Vec<PathBuf> {
    let folder = w.folder.path().join("objects/segments");
    std::fs::read_dir(folder).expect("folder").map(|f| f.expect("file").path()).collect()
}

/// The segments go behind the answer.
async fn swept(w: &World) {
    for _ in 0..250 {
        if objects(w).is_empty() && count(w, "SELECT COUNT(*) FROM segments").await == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("segments of a destroyed Recording are still there");
}

async fn count(w: &World, sql: &'static str) -> i64 {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(w.folder.path().join("audit.sqlite"));
    let mut connection = options.connect().await.expect("opens");
    sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut connection).await.expect("reads").0
}

async fn one(w: &World, sql: &'static str) -> Vec<u8> {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(w.folder.path().join("audit.sqlite"));
    let mut connection = options.connect().await.expect("opens");
    sqlx::query_as::<_, (Vec<u8>,)>(sql).fetch_one(&mut connection).await.expect("reads").0
}

/// Where these bytes lie in the database or beside it.
fn found(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let holds = |name: &&&str| {
        std::fs::read(folder.join(name)).is_ok_and(|file| file.windows(bytes.len()).any(|window| window == bytes))
    };
    ["audit.sqlite", "audit.sqlite-wal", "audit.sqlite-shm"]
        .iter()
        .filter(holds)
        .map(|name| (*name).to_owned())
        .collect()
}

async fn kept(w: &World, session: &SessionId) -> u16 {
    w.get_person(&w.ines, &format!("/v1/sessions/{session}/frames?stream=exchanges")).await.status.as_u16()
}

#[tokio::test]
async fn l_12_a_forgotten_organization_is_gone_and_the_log_is_whole() {
    let w = world().await;
    let session = sealed(&w).await;
    let other = w.case_for("delmar-foods", Scope::Read, "").await;
    w.open(&other).await.json::<Receipt>();
    let sofia = w.sofia().await;
    let forgetting = w.forgetting(&away(KINLOCH), [&w.ben, &sofia]);
    let before = w.head().await;
    let receipt: Receipt = w.forget(&forgetting).await.json();
    let event = check_receipt(&w.verifier(), &receipt);
    assert_eq!(
        (event.kind, event.organization.as_ref().map(|o| o.as_str())),
        (EventKind::OrganizationForgotten, Some(KINLOCH))
    );
    swept(&w).await;

    for path in ["", "/frames?stream=exchanges", "/segments/0"] {
        let answer = w.get_person(&w.ines, &format!("/v1/sessions/{session}{path}")).await;
        assert_eq!(answer.problem(), (410, "organization-forgotten".into()), "{path}");
    }
    let list: Sessions = w.get_person(&w.ines, "/v1/sessions").await.json();
    assert_eq!((list.sessions.len(), list.forgotten.len()), (1, 1));
    assert_eq!((&list.forgotten[0].session, list.forgotten[0].opened_at), (&session, NOW));
    let own: Sessions = w.get_person(&w.mara, "/v1/sessions").await.json();
    assert_eq!((own.sessions.len(), own.forgotten.len()), (1, 0), "nobody's mark is on it any more");

    let w = w.restart().await;
    let page: Events = w.get_person(&w.ines, "/v1/events").await.json();
    let of = |kind| page.events.iter().find(|e| e.event.kind == kind).expect("an entry");
    let opened = page
        .events
        .iter()
        .find(|e| e.event.session.as_ref() == Some(&session) && e.event.kind == EventKind::SessionOpened);
    let opened = opened.expect("still there");
    assert!(opened.personal.is_empty() && opened.event.sealed.contains_key("requester"), "forgotten, and committed to");
    let who = &of(EventKind::OrganizationForgotten).personal;
    assert_eq!((who["administrator-0"].value.as_str(), who["administrator-1"].value.as_str()), ("p-ben", "p-sofia"));
    assert!(who["justification"].value.contains("in writing"), "who did it is known when nothing else is");
    let head = w.head().await;
    let consistency: wire::audit::Consistency =
        w.get(&format!("/v1/consistency?from={}&to={}", before.size, head.size)).await.json();
    let path: Vec<merkle::Hash> = consistency.path.iter().map(super::world::hash).collect();
    merkle::verify_consistency(before.size, head.size, &path, &before.root, &head.root).expect("the log only grew");

    let listed: LoggedForgettings = w.get_person(&w.ines, "/v1/forgettings").await.json();
    assert_eq!((listed.forgettings.len(), &listed.forgettings[0].forgetting), (1, &forgetting));
    let keys = w.service.audit.upgrade().expect("runs").keys_for_tokens(&forgetting.pk_tokens).await.expect("keys");
    let verified = statement::verify_forgetting(&forgetting, &w.trust, &keys, NOW).expect("holds");
    assert!(is_forgotten_by(&check_receipt(&w.verifier(), &listed.forgettings[0].receipt), &verified));
}

#[tokio::test]
async fn r_14_nobody_destroys_a_key_alone() {
    let w = world().await;
    let session = sealed(&w).await;
    let sofia = w.sofia().await;
    let by = |who| w.forgetting(&away(KINLOCH), who);
    let mut alone = by([&w.ben, &sofia]);
    alone.statements.pop();
    alone.mfa.pop();
    alone.pk_tokens.pop();
    alone.enrols.clear();
    assert_eq!(w.forget(&alone).await.problem(), refused(&Refusal::TooFewAdministrators, 409));

    let mut twice = by([&w.ben, &w.ben]);
    twice.enrols.clear();
    assert_eq!(w.forget(&twice).await.problem(), refused(&Refusal::SamePerson, 403), "one administrator twice");
    let at_home = w.another("p-ben", &[Role::Administrator]);
    w.enrol(&sofia, &at_home).await;
    let mut on_two_devices = by([&w.ben, &at_home]);
    on_two_devices.enrols = vec![w.enrolment(&w.ben, &sofia).0, w.enrolment(&sofia, &at_home).0];
    on_two_devices.pk_tokens.push(sofia.token.clone());
    assert_eq!(w.forget(&on_two_devices).await.problem().1, "device-too-new", "and he waits with it");

    let by_an_approver = by([&w.ben, &w.tomasz]);
    assert_eq!(w.forget(&by_an_approver).await.problem(), refused(&Refusal::MissingRole, 403));
    let stranger = w.another("p-zoe", &[Role::Administrator]);
    assert_eq!(w.forget(&by([&w.ben, &stranger])).await.problem().1, "not-enrolled", "her enrolment is not in the log");
    let mut stolen = by([&w.ben, &sofia]);
    let thief = Human { token: sofia.token.clone(), ..w.another("p-sofia", &[Role::Administrator]) };
    stolen.statements[1] = thief.state(away(KINLOCH), NOW - 40, 3600, "");
    stolen.mfa[1] = w.attest_at(&sofia, Some(sha256(&stolen.statements[1])), NOW - 40);
    assert_eq!(w.forget(&stolen).await.problem(), refused(&Refusal::BadSignature, 403), "signed on another Device");
    let mut other = by([&w.ben, &sofia]);
    let elsewhere = Forget { organization: away("delmar-foods").organization, ..away(KINLOCH) };
    other.statements[1] = sofia.state(elsewhere, NOW - 40, 3600, "");
    other.mfa[1] = w.attest_at(&sofia, Some(sha256(&other.statements[1])), NOW - 40);
    assert_eq!(w.forget(&other).await.problem(), refused(&Refusal::ForgettingsDiffer, 409));
    assert_eq!(w.post_as(Service::Gateway, "/v1/forgettings", &by([&w.ben, &sofia])).await.problem().0, 403);

    w.append(&w.revoked(Revoked::Device(sofia.key.public().thumbprint()), &w.ben)).await;
    assert_eq!(w.forget(&by([&w.ben, &sofia])).await.problem(), (403, "revoked".into()));
    assert_eq!((kept(&w, &session).await, objects(&w).len()), (200, 2), "nothing was destroyed");
}

#[tokio::test]
async fn r_14_each_code_was_taken_for_exactly_this_and_just_then() {
    let w = world().await;
    let session = sealed(&w).await;
    let sofia = w.sofia().await;
    let good = w.forgetting(&away(KINLOCH), [&w.ben, &sofia]);
    let with = |mfa: String| {
        let mut changed = good.clone();
        changed.mfa[1] = mfa;
        changed
    };
    let of_another = w.attest_at(&sofia, Some(sha256("another statement")), NOW - 40);
    assert_eq!(w.forget(&with(of_another)).await.problem().1, "no-second-factor");
    let of_a_sign_in = w.attest_at(&sofia, None, NOW - 40);
    assert_eq!(w.forget(&with(of_a_sign_in)).await.problem().1, "no-second-factor");
    let stale = w.attest_at(&sofia, Some(sha256(&good.statements[1])), NOW - 40 - 301);
    assert_eq!(w.forget(&with(stale)).await.problem().1, "second-factor-too-old");
    let mut without = good.clone();
    without.mfa.pop();
    assert_eq!(w.forget(&without).await.problem().1, "no-second-factor");
    w.clock.advance(3600);
    assert_eq!(w.forget(&good).await.problem(), refused(&Refusal::Expired, 409), "signed an hour ago");
    assert_eq!(kept(&w, &session).await, 200);
}

#[tokio::test]
async fn l_12_nothing_is_forgotten_while_a_session_runs_and_nothing_opens_afterwards() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    let next = w.case().await;
    let sofia = w.sofia().await;
    let forgetting = w.forgetting(&away(KINLOCH), [&w.ben, &sofia]);
    assert_eq!(w.forget(&forgetting).await.problem(), (409, "sessions-run".into()));
    w.end(&session, 1).await.json::<Receipt>();
    assert_eq!(kept(&w, &session).await, 200);
    w.forget(&forgetting).await.json::<Receipt>();
    assert_eq!(w.forget(&forgetting).await.problem(), (410, "organization-forgotten".into()), "the same again");

    let gone = (410, "organization-forgotten".to_owned());
    assert_eq!(w.open(&next).await.problem(), gone, "countersigned before");
    let asked = w.post_as(Service::Broker, "/v1/events", &w.unlogged_case().asked_for()).await;
    assert_eq!(asked.problem(), gone, "nobody even asks");
    let w = w.restart().await;
    assert_eq!(w.open(&next).await.problem(), gone, "and after a restart");
    assert_eq!(
        w.get_as(Service::Gateway, &format!("/v1/grants/{}", sha256(&case.bundle.request))).await.problem(),
        gone
    );
    let refusal = Append::new(EventKind::RequestRefused).organization(&case.organization).personal("person", "p-mara");
    w.append(&refusal).await;
    let newest: Events = w.get_person(&w.ines, "/v1/events?limit=1").await.json();
    assert_eq!(
        newest.events[0].personal["person"].value, "p-mara",
        "who is refused afterwards is written down all the same"
    );
    assert_eq!(w.forget(&w.forgetting(&away(KINLOCH), [&w.ben, &sofia])).await.problem(), gone, "signed anew");
}

#[tokio::test]
async fn l_12_a_session_by_break_glass_is_reviewed_before_it_is_forgotten() {
    let w = world().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let case = w.use_of(&permission, &body(), 1).await;
    w.open(&case).await.json::<Receipt>();
    let session: SessionId = sha256(&case.bundle.open).into();
    w.end(&session, 0).await.json::<Receipt>();
    let forgetting = w.forgetting(&away(KINLOCH), [&w.ben, &sofia]);
    assert_eq!(w.forget(&forgetting).await.problem(), (409, "review-owed".into()));
    review(&w, &session).await;
    w.forget(&forgetting).await.json::<Receipt>();
    w.restart().await;
}

pub(super) async fn review(w: &World, session: &SessionId) {
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let review = statement::Review {
        manifest: detail.manifest.expect("sealed").digest().expect("digest"),
        note: String::new(),
        session: session.clone(),
        verdict: statement::ReviewVerdict::NothingToReport,
    };
    let signed = wire::broker::SignedStatement { statement: w.ines.state(review, NOW, 300, "") };
    let signed = serde_json::to_vec(&signed).expect("json");
    let path = format!("/v1/sessions/{session}/reviews");
    w.person(&w.ines, Method::POST, &path, Some(signed)).await.json::<Receipt>();
}

#[tokio::test]
async fn l_12_the_wrapped_key_lies_nowhere_in_the_database_afterwards() {
    let w = world().await;
    let session = sealed(&w).await;
    // Among so many keys that the pages of the table are arranged anew, in no order.
    for n in 0..400_u32 {
        let id =
            sha256(n.to_string()).as_str()[..12].to_ascii_lowercase().replace('_', "x").trim_matches('-').to_owned();
        let organization = format!("o-{id}").parse().expect("an id");
        w.append(&Append::new(EventKind::CallRefused).organization(&organization).personal("p", "v")).await;
    }
    let owner = one(&w, "SELECT wrapped FROM owner_keys WHERE owner = 'kinloch-hotels'").await;
    let recording = one(&w, "SELECT wrapped FROM recording_keys").await;
    for key in [&owner, &recording] {
        assert_ne!(found(w.folder.path(), key), Vec::<String>::new(), "it was there");
    }
    let sofia = w.sofia().await;
    w.forget(&w.forgetting(&away(KINLOCH), [&w.ben, &sofia])).await.json::<Receipt>();
    for key in [&owner, &recording] {
        assert_eq!(found(w.folder.path(), key), Vec::<String>::new(), "while the service runs");
    }
    let w = w.crash().await;
    for key in [&owner, &recording] {
        assert_eq!(found(w.folder.path(), key), Vec::<String>::new(), "after a crash");
    }
    assert_eq!(kept(&w, &session).await, 410);
}

#[tokio::test]
async fn l_12_a_crash_between_commit_and_deletion_is_finished_at_the_start() {
    let mut w = world().await;
    let session = sealed(&w).await;
    let segments: Vec<(PathBuf, Vec<u8>)> =
        objects(&w).into_iter().map(|file| (file.clone(), std::fs::read(&file).expect("reads"))).collect();
    let rows = one(&w, "SELECT CAST(json_group_array(entry) AS BLOB) FROM segments").await;
    let sofia = w.sofia().await;
    w.forget(&w.forgetting(&away(KINLOCH), [&w.ben, &sofia])).await.json::<Receipt>();
    swept(&w).await;
    let put_back = |_: &Path| segments.iter().for_each(|(file, bytes)| std::fs::write(file, bytes).expect("writes"));
    w.stop_for(put_back).await;
    let entries: Vec<String> = serde_json::from_slice(&rows).expect("json");
    segment_rows(&w, &session, &entries).await;
    w.begin().await.expect("starts");
    assert_eq!(objects(&w), Vec::<PathBuf>::new(), "it was finished before anything was answered");
    assert_eq!(kept(&w, &session).await, 410);
    w.restart().await;
}

async fn segment_rows(w: &World, session: &SessionId, entries: &[String]) {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(w.folder.path().join("audit.sqlite"));
    let mut connection = options.connect().await.expect("opens");
    for (number, entry) in (0_i64..).zip(entries) {
        sqlx::query("INSERT INTO segments (session, number, entry) VALUES (?, ?, ?)")
            .bind(session.as_str())
            .bind(number)
            .bind(entry)
            .execute(&mut connection)
            .await
            .expect("as it was");
    }
}

#[tokio::test]
async fn l_12_a_recording_that_is_gone_without_an_entry_is_an_error_still() {
    let w = world().await;
    let session = sealed(&w).await;
    std::fs::remove_file(&objects(&w)[0]).expect("removes");
    let answer = w.get_person(&w.ines, &format!("/v1/sessions/{session}/frames?stream=exchanges")).await;
    assert_eq!(answer.problem(), (503, "store-unreadable".into()));
    for sql in [
        "UPDATE recording_keys SET wrapped = zeroblob(length(wrapped))",
        "DELETE FROM recording_keys",
        "DELETE FROM segments",
        "UPDATE sessions SET person_mark = x''",
        "INSERT INTO forgotten VALUES ('kinloch-hotels', 3, x'00')",
        "INSERT INTO expired SELECT session, 3, 5 FROM sessions",
    ] {
        let w = world().await;
        sealed(&w).await;
        let begun = w.restart_after(async |folder| by_hand(folder, sql).await).await;
        assert!(matches!(begun, Err(Error::Store(StoreError::Damaged(_)))), "{sql}");
    }
    for sql in ["DELETE FROM forgotten", "UPDATE forgotten SET organization = 'delmar-foods'"] {
        let w = world().await;
        sealed(&w).await;
        let sofia = w.sofia().await;
        w.forget(&w.forgetting(&away(KINLOCH), [&w.ben, &sofia])).await.json::<Receipt>();
        let begun = w.restart_after(async |folder| by_hand(folder, sql).await).await;
        assert!(matches!(begun, Err(Error::Store(StoreError::Damaged(_)))), "{sql}");
    }
}

#[tokio::test]
async fn l_12_a_key_that_an_earlier_version_left_copies_of_is_gone_too() {
    let mut w = world().await;
    let ids: Vec<String> = (0..400_u32).map(|n| format!("o-{:08x}", n.wrapping_mul(2_654_435_761))).collect();
    for id in &ids {
        let organization = id.parse().expect("an id");
        w.append(&Append::new(EventKind::CallRefused).organization(&organization).personal("p", "v")).await;
    }
    w.stop_for(|_| {}).await;
    let keys = written_anew_carelessly(w.folder.path()).await;
    w.begin().await.expect("starts");
    let file = std::fs::read(w.folder.path().join("audit.sqlite")).expect("reads");
    let copies = |key: &[u8]| file.windows(key.len()).filter(|window| *window == key).count();
    let copied: Vec<_> = keys.iter().filter(|(owner, key)| ids.contains(owner) && copies(key) > 1).take(8).collect();
    assert_eq!(copied.len(), 8, "there are copies of some");
    let sofia = w.sofia().await;
    for (owner, key) in copied {
        w.forget(&w.forgetting(&away(owner), [&w.ben, &sofia])).await.json::<Receipt>();
        assert_eq!(found(w.folder.path(), key), Vec::<String>::new(), "{owner}");
    }
}

/// As a version wrote them that left what it moved where it was.
async fn written_anew_carelessly(folder: &Path) -> Vec<(String, Vec<u8>)> {
    use sqlx::{ConnectOptions as _, Connection as _};
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("audit.sqlite"));
    let mut connection = options.pragma("secure_delete", "off").connect().await.expect("opens");
    let mut keys: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT owner, wrapped FROM owner_keys").fetch_all(&mut connection).await.expect("reads");
    sqlx::query("DELETE FROM owner_keys").execute(&mut connection).await.expect("takes away");
    keys.sort_by_key(|(owner, _)| sha256(owner));
    for (owner, wrapped) in &keys {
        sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES (?, ?)")
            .bind(owner)
            .bind(wrapped)
            .execute(&mut connection)
            .await
            .expect("writes");
    }
    connection.close().await.expect("closes");
    keys
}

#[tokio::test]
async fn l_12_the_evidence_of_a_forgotten_session_says_that_it_was_destroyed_and_by_whom() {
    let w = world().await;
    let session = sealed(&w).await;
    w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json::<wire::audit::SessionDetail>();
    let path = format!("/v1/sessions/{session}/evidence");
    let before = w.person(&w.ines, Method::POST, &path, None).await;
    let sofia = w.sofia().await;
    w.forget(&w.forgetting(&away(KINLOCH), [&w.ben, &sofia])).await.json::<Receipt>();
    let file = w.person(&w.ines, Method::POST, &path, None).await;
    let sets: wire::audit::ProviderKeySets = w.get("/v1/provider-keys").await.json();
    let pinned = sets.sets.iter().map(|set| wire::join::PinnedKeys { jwks: set.jwks.clone(), until: None }).collect();
    let trust =
        wire::join::TrustFile { trust: w.trust.clone(), provider_keys: pinned, witnesses: Vec::new(), quorum: 0 };
    let said = verify::verify(&file.body, &trust).expect("the offline verifier accepts it").to_string();
    for part in ["destroyed on purpose", "p-ben", "p-sofia", "in writing", "Who opened it"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("mara"), "{said}");
    let earlier = verify::verify(&before.body, &trust).expect("what was given out before proves it still").to_string();
    assert!(earlier.contains("p-mara"));

    let other = statement::Trust { first_administrators: vec![sha256("a"), sha256("b")], ..w.trust.clone() };
    let rejected = verify::verify(&file.body, &wire::join::TrustFile { trust: other, ..trust }).expect_err("by others");
    assert_eq!(rejected.part, "forgetting", "{rejected}");
}
