//! Break-glass (T28): filed once, used as often as it says, told by this service itself, and a duty until somebody else has
//! reviewed it.

use std::sync::{Arc, Mutex};

use axum::http::Method;
use domain::{Role, SessionId};
use serve::Service;
use statement::{Refusal, Review, ReviewVerdict, Revoked, sha256};
use wire::audit::{SessionDetail, Sessions};
use wire::break_glass::{ContactNotice, LoggedPermissions, Notices};
use wire::broker::SignedStatement;
use wire::event::{Append, Event, EventKind, Receipt};

use super::world::{Answer, Case, Human, NOW, World, bare_with, body, by_hand, check_receipt, world};
use crate::config::{Config, ContactConfig};
use crate::error::{Error, StoreError};

fn refused(refusal: &Refusal, status: u16) -> (u16, String) {
    (status, refusal.code().to_owned())
}

fn session(case: &Case) -> SessionId {
    sha256(&case.bundle.open).into()
}

async fn kinds(w: &World, count: usize) -> Vec<EventKind> {
    w.newest(count).await.into_iter().map(|e| e.kind).collect()
}

async fn about(w: &World, kind: EventKind) -> Vec<Event> {
    w.newest(60).await.into_iter().filter(|e| e.kind == kind).collect()
}

async fn review(w: &World, who: &Human, session: &SessionId) -> Answer {
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.expect("sealed").digest().expect("a digest");
    let body = Review {
        manifest,
        note: "As the ticket says.".into(),
        session: session.clone(),
        verdict: ReviewVerdict::NothingToReport,
    };
    let signed = SignedStatement { statement: who.state(body, NOW, 300, "") };
    let signed = serde_json::to_vec(&signed).expect("json");
    w.person(who, Method::POST, &format!("/v1/sessions/{session}/reviews"), Some(signed)).await
}

#[tokio::test]
async fn t28_two_administrators_file_a_permission_once() {
    let w = world().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    let receipt: Receipt = w.permit(&permission).await.json();
    let event = check_receipt(&w.verifier(), &receipt);
    assert_eq!((event.kind, event.facts["permission"].as_str()), (EventKind::BreakGlassFiled, body().id().as_str()));
    assert_eq!(event.statements, permission.signed.statements.iter().map(sha256).collect::<Vec<_>>());
    assert!(event.sealed.contains_key("person-0") && event.sealed.contains_key("administrator-1"));
    assert_eq!(w.permit(&permission).await.problem(), (409, "already-taken".into()));
    let again = w.permission(&body(), [&w.ben, &sofia]);
    assert_eq!(w.permit(&again).await.problem(), (409, "already-taken".into()), "the same, signed anew");
    let listed: LoggedPermissions = w.get_as(Service::Broker, "/v1/break-glass").await.json();
    assert_eq!((listed.permissions.len(), listed.permissions[0].used), (1, 0));
    assert_eq!(listed.permissions[0].permission, permission);
    assert_eq!(w.get_as(Service::Gateway, "/v1/break-glass").await.problem().0, 403);
    assert_eq!(w.post_as(Service::Gateway, "/v1/break-glass", &permission).await.problem().0, 403);
}

#[tokio::test]
async fn t28_nobody_else_files_one() {
    let w = world().await;
    let sofia = w.sofia().await;
    let mut alone = w.permission(&body(), [&w.ben, &sofia]);
    alone.signed.statements.pop();
    alone.signed.mfa.pop();
    alone.pk_tokens.pop();
    alone.enrols.clear();
    assert_eq!(w.permit(&alone).await.problem(), refused(&Refusal::TooFewAdministrators, 409));
    let by_an_approver = w.permission(&body(), [&w.ben, &w.tomasz]);
    assert_eq!(w.permit(&by_an_approver).await.problem(), refused(&Refusal::MissingRole, 403));
    let stranger = w.another("p-zoe", &[Role::Administrator]);
    let unlogged = w.permission(&body(), [&w.ben, &stranger]);
    assert_eq!(w.permit(&unlogged).await.problem().1, "not-enrolled", "her enrolment is not in the log");
    w.append(&w.revoked(Revoked::Device(sofia.key.public().thumbprint()), &w.ben)).await;
    let by_a_revoked = w.permission(&body(), [&w.ben, &sofia]);
    assert_eq!(w.permit(&by_a_revoked).await.problem(), (403, "revoked".into()));
}

#[tokio::test]
async fn t28_it_opens_as_often_as_it_says_and_no_more() {
    let w = world().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let first = w.use_of(&permission, &body(), 1).await;
    let receipt: Receipt = w.open(&first).await.json();
    let event = check_receipt(&w.verifier(), &receipt);
    assert_eq!((event.kind, event.facts["use"].as_str()), (EventKind::SessionOpened, "1"));
    assert_eq!(event.facts["break-glass"], body().id().as_str());
    assert_eq!(w.open(&first).await.json::<Receipt>().index, receipt.index, "the very same call again");

    let second = w.use_of(&permission, &body(), 2).await;
    assert_eq!(w.open(&second).await.problem(), (409, "permission-used-up".into()));
    assert_eq!(kinds(&w, 1).await, [EventKind::SessionRefused]);
    let w = w.restart().await;
    assert_eq!(w.open(&second).await.problem(), (409, "permission-used-up".into()), "and after a restart");
    let used = about(&w, EventKind::BreakGlassUsed).await;
    assert_eq!(used.len(), 1);
    assert_eq!((used[0].facts["use"].as_str(), used[0].facts["uses"].as_str()), ("1", "1"));

    let twice = statement::BreakGlass { uses: 2, ..body() };
    let permission = w.permission(&twice, [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let uses = [w.use_of(&permission, &twice, 3).await, w.use_of(&permission, &twice, 4).await];
    let third = w.use_of(&permission, &twice, 5).await;
    let (one, two, three) = tokio::join!(w.open(&uses[0]), w.open(&uses[1]), w.open(&third));
    let opened = [one, two, three].iter().filter(|a| a.status == axum::http::StatusCode::OK).count();
    assert_eq!(opened, 2, "three at once");
}

#[tokio::test]
async fn t28_what_is_not_filed_ended_or_revoked_opens_nothing() {
    let w = world().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    let case = w.use_of(&permission, &body(), 1).await;
    assert_eq!(w.open(&case).await.problem().1, "not-in-the-log", "nobody filed it");
    w.permit(&permission).await.json::<Receipt>();
    let unlogged = w.unlogged_use(&permission, &body(), 2);
    assert_eq!(w.open(&unlogged).await.problem().1, "not-in-the-log", "its request is not in the log");

    let short = statement::BreakGlass { until: NOW, ..body() };
    let ended = w.permission(&short, [&w.ben, &sofia]);
    assert_eq!(w.permit(&ended).await.problem(), refused(&Refusal::NotPermittedNow, 403));
    assert_eq!(w.open(&w.use_of(&ended, &short, 3).await).await.problem(), refused(&Refusal::NotPermittedNow, 403));

    w.append(&w.revoked(Revoked::Grant(body().id()), &w.tomasz)).await;
    assert_eq!(w.open(&case).await.problem(), (403, "revoked".into()), "the permission itself");
}

#[tokio::test]
async fn t28_a_revoked_administrator_takes_it_along() {
    let w = world().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let case = w.use_of(&permission, &body(), 1).await;
    w.append(&w.revoked(Revoked::Device(sofia.key.public().thumbprint()), &w.ben)).await;
    assert_eq!(w.open(&case).await.problem(), (403, "revoked".into()));
}

#[tokio::test]
async fn t28_what_it_opened_goes_on_no_longer_than_the_permission_stands() {
    let w = world().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let case = w.use_of(&permission, &body(), 1).await;
    w.open(&case).await.json::<Receipt>();
    let resumed = Append::new(EventKind::SessionResumed).organization(&case.organization).session(&session(&case));
    w.post_as(Service::Gateway, "/v1/events", &resumed).await.json::<Receipt>();
    w.append(&w.revoked(Revoked::Grant(body().id()), &w.tomasz)).await;
    let refused = w.post_as(Service::Gateway, "/v1/events", &resumed).await;
    assert_eq!(refused.problem(), (403, "revoked".into()));
}

#[tokio::test]
async fn t28_everybody_who_was_skipped_is_told_by_the_audit_service() {
    let w = world().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    w.open(&w.use_of(&permission, &body(), 1).await).await.json::<Receipt>();
    let used = &about(&w, EventKind::BreakGlassUsed).await[0];
    // Tomasz and Ines (of neither does the log know the roles), Ben and Sofia; not Mara.
    assert_eq!((used.facts["told"].as_str(), used.facts["contact"].as_str()), ("4", "none"));
    assert_eq!(about(&w, EventKind::NoticeMade).await.len(), 4);

    for who in [&w.tomasz, &w.ben, &sofia] {
        let told: Notices = w.get_person(who, "/v1/notices").await.json();
        let notice = &told.notices[0];
        assert_eq!((told.notices.len(), notice.person.0.as_str(), notice.reviewed), (1, "p-mara", false));
        assert_eq!(notice.signed_by, ["Name of p-ben", "Name of p-sofia"]);
        assert_eq!(check_receipt(&w.verifier(), &notice.entry).kind, EventKind::NoticeMade);
        w.get_person(who, "/v1/notices").await.json::<Notices>();
    }
    let seen = about(&w, EventKind::NoticeSeen).await;
    assert_eq!(seen.len(), 3, "each once");
    assert!(seen.iter().all(|e| e.sealed.contains_key("person")));
    for nobody in [&w.mara, &w.ines] {
        assert_eq!(w.get_person(nobody, "/v1/notices").await.json::<Notices>().notices, []);
    }
}

#[tokio::test]
async fn t28_it_stands_as_a_duty_until_somebody_else_has_reviewed_it() {
    let w = world().await;
    let sofia = w.sofia().await;
    // All of them review too, and hold what a review takes.
    let roles = [Role::Engineer, Role::Administrator, Role::Reviewer];
    let [mara, ben, sofia_too] = [&w.mara, &w.ben, &sofia].map(|who| w.again_now(who, &roles));
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let case = w.use_of(&permission, &body(), 1).await;
    w.open(&case).await.json::<Receipt>();
    let session = session(&case);
    let duties: Sessions = w.get_person(&w.ines, "/v1/duties").await.json();
    assert_eq!(duties.sessions.len(), 1);
    let used = duties.sessions[0].break_glass.clone().expect("by break-glass");
    assert!(used.duty && used.permission == body().id());
    assert_eq!(w.get_person(&w.tomasz, "/v1/duties").await.problem().0, 403);
    w.end(&session, 0).await.json::<Receipt>();

    for own in [&mara, &ben, &sofia_too] {
        assert_eq!(review(&w, own, &session).await.problem(), refused(&Refusal::SamePerson, 403), "{}", own.person);
        assert_eq!(kinds(&w, 1).await, [EventKind::ReviewRefused]);
    }
    let no_rules = std::sync::Arc::new(findings::Rules::read([]).expect("none"));
    w.service.audit.upgrade().expect("it runs").examine_sealed(&no_rules).await;
    let duties: Sessions = w.get_person(&w.ines, "/v1/duties").await.json();
    assert!(duties.sessions.len() == 1 && duties.sessions[0].due, "whatever the rules say of it");
    review(&w, &w.ines, &session).await.json::<Receipt>();
    assert_eq!(w.get_person(&w.ines, "/v1/duties").await.json::<Sessions>().sessions, []);
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    assert!(!detail.summary.due && !detail.summary.break_glass.expect("by break-glass").duty);
}

/// A contact that fails `failures` times, then takes everything.
async fn contact(failures: usize) -> (String, Arc<Mutex<Vec<ContactNotice>>>) {
    use axum::http::StatusCode;
    let taken = Arc::new(Mutex::new(Vec::new()));
    let left = Arc::new(Mutex::new(failures));
    let kept = taken.clone();
    let take = move |axum::Json(notice): axum::Json<ContactNotice>| async move {
        let mut left = left.lock().expect("lock");
        if *left > 0 {
            *left -= 1;
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        kept.lock().expect("lock").push(notice);
        StatusCode::NO_CONTENT
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let url = format!("http://{}/told", listener.local_addr().expect("address"));
    let router = axum::Router::new().route("/told", axum::routing::post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, taken)
}

fn with_contact(config: &Config, url: &str) -> Config {
    let organization = "kinloch-hotels".parse().expect("id");
    Config { contacts: vec![ContactConfig { organization, url: url.to_owned(), ca: None }], ..config.clone() }
}

#[tokio::test]
async fn t28_the_organizations_contact_is_told_until_it_takes_it() {
    let mut w = bare_with(Vec::new()).await;
    w.enrol_everybody().await;
    let (url, taken) = contact(2).await;
    w.config = with_contact(&w.config, &url);
    let w = w.restart().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let case = w.use_of(&permission, &body(), 1).await;
    w.open(&case).await.json::<Receipt>();
    for _ in 0..250 {
        if !about(&w, EventKind::NoticeDelivered).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let taken = taken.lock().expect("lock").clone();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].session.clone(), taken[0].kind.as_str()), (session(&case), "break-glass-used"));
    assert_eq!(check_receipt(&w.verifier(), &taken[0].entry).facts["to"], "contact");
    let said = serde_json::to_string(&taken[0]).expect("json");
    assert!(!said.contains("mara"), "it names nobody: {said}");
    assert_eq!(about(&w, EventKind::NoticeFailed).await.len(), 2);
    assert_eq!(about(&w, EventKind::NoticeFailed).await[0].facts["code"], "503");
    assert_eq!(about(&w, EventKind::NoticeDelivered).await.len(), 1);
    assert_eq!(about(&w, EventKind::BreakGlassUsed).await[0].facts["contact"], "configured");
}

#[tokio::test]
async fn a_contact_is_reached_over_tls_or_on_this_computer() {
    let w = world().await;
    for bad in ["http://told.test", "https://told.test/", "ftp://told.test", ""] {
        let begun = w.beside(&with_contact(&w.config, bad)).await;
        assert!(matches!(begun, Err(Error::Misconfigured(_))), "{bad}");
    }
}

#[tokio::test]
async fn t28_a_use_that_is_taken_out_of_the_database_is_noticed() {
    for (sql, what) in [
        ("DELETE FROM permission_uses", "uses of permissions"),
        ("UPDATE permissions SET uses = 9", "the permission at"),
        ("DELETE FROM notices WHERE idx = (SELECT MAX(idx) FROM notices)", "notices"),
    ] {
        let w = world().await;
        let sofia = w.sofia().await;
        let permission = w.permission(&body(), [&w.ben, &sofia]);
        w.permit(&permission).await.json::<Receipt>();
        w.open(&w.use_of(&permission, &body(), 1).await).await.json::<Receipt>();
        let begun = w.restart_after(async |folder| by_hand(folder, sql).await).await;
        let Err(Error::Store(StoreError::Damaged(why))) = begun else { panic!("{sql}: it starts") };
        assert!(why.contains(what), "{why}");
    }
}

#[tokio::test]
async fn t28_the_evidence_of_each_use_verifies_and_holds_nothing_of_another() {
    let w = world().await;
    let sofia = w.sofia().await;
    let twice = statement::BreakGlass { uses: 2, ..body() };
    let permission = w.permission(&twice, [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let cases = [w.use_of(&permission, &twice, 1).await, w.use_of(&permission, &twice, 2).await];
    for case in &cases {
        w.open(case).await.json::<Receipt>();
        w.end(&session(case), 0).await.json::<Receipt>();
    }
    w.get_person(&w.tomasz, "/v1/notices").await.json::<Notices>();
    review(&w, &w.ines, &session(&cases[1])).await.json::<Receipt>();
    let trust = |content: &wire::evidence::Content| {
        let pinned = wire::join::PinnedKeys { jwks: content.provider_keys.clone(), until: None };
        wire::join::TrustFile { trust: w.trust.clone(), provider_keys: vec![pinned], witnesses: Vec::new(), quorum: 0 }
    };
    let mut said = Vec::new();
    for case in &cases {
        let path = format!("/v1/sessions/{}/evidence", session(case));
        let file = w.person(&w.ines, Method::POST, &path, None).await;
        let evidence: wire::evidence::Evidence = file.json();
        let content: wire::evidence::Content = serde_json::from_str(&evidence.content).expect("content");
        said.push(verify::verify(&file.body, &trust(&content)).expect("the offline verifier accepts it").to_string());
    }
    assert!(said[0].contains("this was use 1 of it") && said[1].contains("this was use 2 of it"), "{said:?}");
    assert!(said[0].contains("stands as a duty") && !said[1].contains("stands as a duty"), "{said:?}");
    assert!(said[0].contains("p-tomasz") && said[0].contains("1 of them had been given theirs"), "{}", said[0]);

    let asked = wire::audit::PeriodEvidence { organization: cases[0].organization.clone(), from: NOW, to: NOW + 1 };
    let body = Some(serde_json::to_vec(&asked).expect("json"));
    let file = w.person(&w.ines, Method::POST, "/v1/evidence", body).await;
    let evidence: wire::evidence::Evidence = file.json();
    let period: wire::evidence::PeriodContent = serde_json::from_str(&evidence.content).expect("content");
    verify::verify(&file.body, &trust(&period.sessions[0])).expect("and of both together");
}
