//! What must stand in the log before a Session opens, and what must not.

use domain::PersonId;
use serve::Service;
use statement::{Enrol, sha256};
use wire::event::{Append, EventKind, Receipt, Source};

use super::world::{Case, NOW, World, check_receipt, world};

/// Refused with one entry by this service; then what was missing is written down, and the same call opens.
async fn is_refused(w: &World, case: &Case, code: &str) {
    let size = w.head().await.size;
    assert_eq!(w.open(case).await.problem(), (409, code.to_owned()));
    assert_eq!(w.head().await.size, size + 1, "{code}");
    let entry = w.newest(1).await.remove(0);
    assert_eq!((entry.kind, entry.source), (EventKind::SessionRefused, Source::Audit));
    assert_eq!(entry.facts["code"], code);
}

#[tokio::test]
async fn a_request_and_each_approval_stand_in_the_log_before_the_opening() {
    let w = world().await;
    let case = w.unlogged_case();
    is_refused(&w, &case, "not-in-the-log").await;
    w.append(&case.approved()).await;
    is_refused(&w, &case, "not-in-the-log").await;
    // Under another kind it is not what the broker was to write down.
    w.append(&Append::new(EventKind::DecisionRefused).statement(&case.bundle.request)).await;
    is_refused(&w, &case, "not-in-the-log").await;
    w.append(&case.asked_for()).await;
    let receipt: Receipt = w.open(&case).await.json();
    check_receipt(&w.verifier(), &receipt);

    let undecided = w.unlogged_case();
    w.append(&undecided.asked_for()).await;
    is_refused(&w, &undecided, "not-in-the-log").await;
    w.append(&Append::new(EventKind::Denied).statement(&undecided.bundle.decisions[0])).await;
    is_refused(&w, &undecided, "not-in-the-log").await;
}

#[tokio::test]
async fn a_request_that_the_log_says_is_over_opens_nothing() {
    let w = world().await;
    for kind in [EventKind::Denied, EventKind::RequestWithdrawn, EventKind::RequestExpired] {
        let (case, other) = (w.case().await, w.case().await);
        w.append(&case.over(kind)).await;
        is_refused(&w, &case, "request-over").await;
        let w = &w;
        w.open(&other).await.json::<Receipt>();
        // What opened before goes on, and is known as taken.
        w.append(&other.over(kind)).await;
        w.open(&other).await.json::<Receipt>();
        assert_eq!(w.open(&w.again(&other)).await.problem(), (409, "already-taken".into()));
    }
    let w = w.restart().await;
    let case = w.case().await;
    w.append(&case.over(EventKind::Denied)).await;
    let w = w.restart().await;
    is_refused(&w, &case, "request-over").await;
}

#[tokio::test]
async fn an_enrolment_that_never_was_in_the_log_enrols_nobody_here() {
    let w = world().await;
    let mut case = w.case().await;
    // A second one for the same Device verifies as well as the first; nobody ever wrote it down.
    let again = Enrol { device: w.mara.key.public().thumbprint(), person: PersonId("p-mara".into()) };
    case.bundle.enrols[0] = w.ben.state(again, NOW - 50, 3600, "");
    case.asked.bundle_json = serde_json::to_string(&case.bundle).expect("json");
    is_refused(&w, &case, "not-in-the-log").await;
    let enrol = &case.bundle.enrols[0];
    w.append(&World::enrolled_by(&w.ben, enrol, &w.attest_at(&w.ben, Some(sha256(enrol)), NOW - 50))).await;
    w.open(&case).await.json::<Receipt>();
}

#[tokio::test]
async fn an_enrolment_is_written_down_while_it_is_fresh() {
    let w = world().await;
    for at in [NOW - 3601, NOW + 3601] {
        let enrol = Enrol { device: sha256("a Device"), person: PersonId("p-x".into()) };
        let enrol = w.ben.state(enrol, at, 3600, "");
        let append = World::enrolled_by(&w.ben, &enrol, &w.attest_at(&w.ben, Some(sha256(&enrol)), at));
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &append).await.problem(), (400, "bad-event".into()));
    }
}

#[tokio::test]
async fn an_enrolment_is_written_down_once_with_a_code_for_exactly_it() {
    let w = world().await;
    let body = || Enrol { device: sha256("a Device"), person: PersonId("p-x".into()) };
    let enrol = w.ben.state(body(), NOW, 3600, "");
    let code = |statement: Option<&str>, at| w.attest_at(&w.ben, statement.map(sha256), at);
    let good = World::enrolled_by(&w.ben, &enrol, &code(Some(&enrol), NOW));
    let of_somebody_else = w.attest_at(&w.ines, Some(sha256(&enrol)), NOW);
    let mut nameless = good.clone();
    nameless.facts.clear();
    let mut without = good.clone();
    without.statements.remove(1);
    let mut named_by_caller = good.clone();
    named_by_caller.unique = Some("enrol/x".into());
    let bad = [
        World::enrolled_by(&w.ben, &enrol, &code(None, NOW)),
        World::enrolled_by(&w.ben, &enrol, &code(Some("another statement"), NOW)),
        World::enrolled_by(&w.ben, &enrol, &code(Some(&enrol), NOW - 301)),
        World::enrolled_by(&w.ben, &enrol, &code(Some(&enrol), NOW + 301)),
        World::enrolled_by(&w.ben, &enrol, &of_somebody_else),
        nameless,
        without,
        good.clone().statement(w.ben.state(body(), NOW, 3600, "")),
        Append::new(EventKind::Enrolled),
    ];
    for append in bad {
        assert_eq!(w.post_as(Service::Broker, "/v1/events", &append).await.problem(), (400, "bad-event".into()));
    }
    let answer = w.post_as(Service::Broker, "/v1/events", &named_by_caller).await;
    assert_eq!(answer.problem(), (403, "other-service".into()));
    w.append(&good).await;
    let with_another_code = World::enrolled_by(&w.ben, &enrol, &code(Some(&enrol), NOW));
    for again in [good, with_another_code] {
        let answer = w.post_as(Service::Broker, "/v1/events", &again).await;
        assert_eq!(answer.problem(), (409, "already-taken".into()));
    }
}

#[tokio::test]
async fn only_the_broker_writes_down_what_an_opening_rests_on() {
    use EventKind as K;
    let w = world().await;
    let case = w.unlogged_case();
    for kind in [K::RequestSigned, K::Approved, K::Enrolled, K::Denied, K::RequestWithdrawn, K::RequestExpired] {
        for service in [Service::Gateway, Service::Audit] {
            let append = case.over(kind).statement(&case.bundle.request);
            assert_eq!(
                w.post_as(service, "/v1/events", &append).await.problem(),
                (403, "other-service".into()),
                "{kind:?}"
            );
        }
    }
}

#[tokio::test]
async fn one_service_does_not_use_up_another_s_texts() {
    let w = world().await;
    let mut hostile = Append::new(EventKind::CallRefused).fact("code", "x");
    hostile.unique = Some("withdraw/x".into());
    w.post_as(Service::Gateway, "/v1/events", &hostile).await.json::<Receipt>();
    assert_eq!(w.post_as(Service::Gateway, "/v1/events", &hostile).await.problem().1, "already-taken");
    let mut withdrawn = Append::new(EventKind::RequestWithdrawn).fact("request", "x");
    withdrawn.unique = Some("withdraw/x".into());
    let receipt = w.append(&withdrawn).await;
    assert_eq!(check_receipt(&w.verifier(), &receipt).kind, EventKind::RequestWithdrawn);
    let w = w.restart().await;
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &withdrawn).await.problem().1, "already-taken");
}

#[tokio::test]
async fn whether_a_request_is_over_is_answered_by_an_index() {
    use sqlx::ConnectOptions as _;
    let w = world().await;
    let file = w.folder.path().join("audit.sqlite");
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new().filename(file).connect().await.expect("opens");
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", crate::sequencer::IS_OVER));
    let plan: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(explain).bind("x").fetch_all(&mut connection).await.expect("plans");
    assert!(plan.iter().any(|(.., step)| step.contains("leaves_that_end_a_request")), "{plan:?}");
}
