use axum::http::Method;
use domain::{Role, Scope};
use serve::Service;
use wire::audit::{Acknowledged, Frames, SessionDetail, Sessions};
use wire::event::{EventKind, Receipt};

use super::world::{NOW, frames, world};

#[tokio::test]
async fn sessions_are_found_by_organization_person_time_and_scope() {
    let w = world().await;
    for organization in ["kinloch-hotels", "delmar-foods", "cobalt-health"] {
        w.open(&w.case_for(organization, Scope::Read, "").await).await.json::<Receipt>();
    }
    w.open(&w.case_for("delmar-foods", Scope::Diagnostics, "").await).await.json::<Receipt>();
    let count = async |who: &super::world::Human, query: &str| {
        w.get_person(who, &format!("/v1/sessions{query}")).await.json::<Sessions>().sessions.len()
    };
    assert_eq!(count(&w.ines, "").await, 4);
    assert_eq!(count(&w.ines, "?organization=delmar-foods").await, 2);
    assert_eq!(count(&w.ines, "?organization=delmar-foods&scope=diagnostics").await, 1);
    assert_eq!(count(&w.ines, "?person=p-mara").await, 4);
    assert_eq!(count(&w.ines, "?person=p-tomasz").await, 0);
    assert_eq!(count(&w.ines, &format!("?from={}", NOW + 1)).await, 0);
    assert_eq!(count(&w.ines, &format!("?from={NOW}&to={}", NOW + 1)).await, 4);
    assert_eq!(count(&w.mara, "").await, 4, "her own");
    assert_eq!(count(&w.tomasz, "").await, 0, "not hers");
    assert_eq!(count(&w.mara, "?person=p-mara").await, 4);
    assert_eq!(w.get_person(&w.tomasz, "/v1/sessions?person=p-mara").await.problem(), (403, "missing-role".into()));
    assert_eq!(w.get_person(&w.ines, "/v1/sessions?sql=1").await.problem().0, 400);
    assert_eq!(w.get_person(&w.ines, "/v1/sessions?organization=%27%20OR%201=1").await.problem().0, 400);
}

#[tokio::test]
async fn pages_of_sessions_follow_each_other() {
    let w = world().await;
    for n in 0..53 {
        let organization = format!("org-{n}");
        w.open(&w.case_for(&organization, Scope::Read, "").await).await.json::<Receipt>();
    }
    let first: Sessions = w.get_person(&w.ines, "/v1/sessions").await.json();
    assert_eq!((first.sessions.len(), first.sessions[0].organization.id.as_str()), (50, "org-52"));
    let cursor = first.next.expect("more");
    let rest: Sessions = w.get_person(&w.ines, &format!("/v1/sessions?cursor={cursor}")).await.json();
    assert_eq!((rest.sessions.len(), rest.next), (3, None));
    assert_eq!(rest.sessions[2].organization.id.as_str(), "org-0");
}

#[tokio::test]
async fn r_15_a_recording_is_shown_to_reviewers_only_and_leaves_an_entry() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    let path = format!("/v1/sessions/{session}/frames?stream=dom");
    for who in [&w.mara, &w.tomasz, &w.ben] {
        assert_eq!(w.get_person(who, &path).await.problem(), (403, "missing-role".into()));
    }
    assert_eq!(w.get(&path).await.problem(), (401, "no-token".into()));
    assert_eq!(w.get_as(Service::Gateway, &path).await.problem(), (401, "no-token".into()));
    let detail = format!("/v1/sessions/{session}");
    assert_eq!(w.get_person(&w.mara, &detail).await.json::<SessionDetail>().summary.exchanges, 4);
    assert_eq!(w.get_person(&w.tomasz, &detail).await.problem(), (404, "no-session".into()));
    w.get_person(&w.ines, &path).await.json::<Frames>();
    let newest = w.newest(1).await.remove(0);
    assert_eq!((newest.kind, newest.session.as_ref()), (EventKind::SessionViewed, Some(&session)));
    assert_eq!(newest.facts["stream"], "dom");
}

/// The routes that give what was captured, and everybody who might ask: reviewers get it, each time with an entry.
/// An administrator alone gets nothing, and neither does a service: there is no other way out, and no key leaves.
#[tokio::test]
async fn r_14_only_a_reviewer_reads_a_recording_and_no_administrator_or_service_exports_one() {
    const MARK: &str = "/o/kinloch-hotels/1\"";
    let w = world().await;
    let (session, _, case) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    let everything = w.another("p-all", &[Role::Engineer, Role::Approver, Role::Administrator]);
    w.enrol(&w.ben, &everything).await;
    let get = |path: String| (Method::GET, path);
    let content = [
        get(format!("/v1/sessions/{session}/frames?stream=exchanges")),
        get(format!("/v1/sessions/{session}/frames?stream=dom")),
        get(format!("/v1/sessions/{session}/segments/0")),
        (Method::POST, format!("/v1/sessions/{session}/evidence")),
    ];
    for (method, path) in &content {
        for who in [&w.mara, &w.tomasz, &w.ben, &everything] {
            let answer = w.person(who, method.clone(), path, None).await;
            assert_eq!(answer.problem(), (403, "missing-role".into()), "{path} for {}", who.person);
        }
        for service in [Service::Broker, Service::Gateway, Service::Audit] {
            let answer = w.call_as(service, method.clone(), path).await;
            assert_eq!(answer.problem(), (401, "no-token".into()), "{path} for {service:?}");
        }
        let size = w.head().await.size;
        assert_eq!(w.person(&w.ines, method.clone(), path, None).await.status, 200, "{path}");
        assert_eq!(w.head().await.size, size + 1, "{path}: whoever looks leaves an entry");
    }
    let shown = w.get_person(&w.ines, &content[0].1).await;
    assert!(String::from_utf8_lossy(&shown.body).contains(MARK), "the mark is in what a reviewer reads");
    let grant = format!("/v1/grants/{}", statement::sha256(&case.bundle.request));
    let of_gateway = [format!("/v1/recordings/{session}"), grant];
    for path in &of_gateway {
        let answer = w.get_as(Service::Gateway, path).await;
        assert!(answer.status == 200 && !String::from_utf8_lossy(&answer.body).contains(MARK), "{path}");
    }
    for path in ["/v1/sessions".to_owned(), format!("/v1/sessions/{session}"), "/v1/events".to_owned()] {
        let answer = w.get_person(&w.ines, &path).await;
        assert!(answer.status == 200 && !String::from_utf8_lossy(&answer.body).contains(MARK), "{path}");
    }
}
