//! Lists of Sessions (5.6): each filter, orders, counts, cursors, and who sees what.

use domain::{Clock as _, ReasonCategory, Role, Scope, SessionId};
use serve::Service;
use statement::{ReviewVerdict, sha256};
use wire::audit::{Acknowledged, EndRecording, SessionCount, Sessions};
use wire::event::{Append, EventKind, Receipt};
use wire::finding::Weighed;

use super::world::{Case, Human, NOW, World, frames, world};
use crate::sequencer::{Command, NewExamination};

mod beginnings;
mod due;
mod export;
mod forgetting;

/// Three Sessions: of Mara at Kinloch, sealed after a minute; of Rui at Delmar, ten minutes and a change; of Rui at Cobalt, which runs.
struct Three {
    w: World,
    rui: Human,
    kinloch: SessionId,
    delmar: SessionId,
    cobalt: SessionId,
}

fn id(case: &Case) -> SessionId {
    sha256(&case.bundle.open).into()
}

async fn opened(w: &World, case: Case) -> SessionId {
    w.open(&case).await.json::<Receipt>();
    id(&case)
}

async fn ended(w: &World, session: &SessionId, seconds: i64, batches: u64) {
    let end = EndRecording { reason: "person".into(), ended_at: NOW + seconds, batches };
    w.post_as(Service::Gateway, &format!("/v1/recordings/{session}/end"), &end).await.json::<Receipt>();
}

async fn examined(w: &World, session: &SessionId, organization: &str, weighed: Weighed, drawn: bool) {
    let event = Append::new(EventKind::RecordingExamined)
        .session(session)
        .fact("stop", weighed.stop.to_string())
        .fact("look", weighed.look.to_string())
        .fact("note", weighed.note.to_string())
        .fact("drawn", if drawn { "yes" } else { "no" });
    let new = NewExamination {
        session: session.clone(),
        organization: organization.parse().expect("id"),
        weighed,
        drawn,
        findings_json: "[]".into(),
        event,
    };
    let audit = w.service.audit.upgrade().expect("it runs");
    audit.writer.perform(Command::Examine(Box::new(new))).await.expect("keeps it");
}

async fn three() -> Three {
    let w = world().await;
    let rui = w.another("p-rui", &[Role::Engineer]);
    w.enrol(&w.ben, &rui).await;
    let kinloch = opened(&w, w.case().await).await;
    ended(&w, &kinloch, 60, 0).await;
    examined(&w, &kinloch, "kinloch-hotels", Weighed { stop: 1, look: 0, note: 2 }, false).await;
    let delmar = w.case_by(&rui, "delmar-foods", |request| {
        request.organization.name = "Delmar Foods".into();
        request.scope = Scope::ReadWrite;
        request.reason = ReasonCategory::Maintenance;
        request.ticket = "OPS-7".into();
        request.justification = "The depot moved, and its cost centre with it.".into();
    });
    let delmar = opened(&w, delmar.await).await;
    w.batch(&delmar, 0, &frames(0, 5)).await.json::<Acknowledged>();
    ended(&w, &delmar, 600, 1).await;
    examined(&w, &delmar, "delmar-foods", Weighed { stop: 0, look: 0, note: 1 }, false).await;
    let cobalt = opened(&w, w.case_by(&rui, "cobalt-health", |request| request.scope = Scope::Diagnostics).await).await;
    Three { w, rui, kinloch, delmar, cobalt }
}

impl Three {
    /// `k`, `d` and `c` of what is listed, in its order.
    async fn found(&self, query: &str) -> String {
        self.found_by(&self.w.ines, query).await
    }

    async fn found_by(&self, who: &Human, query: &str) -> String {
        let list: Sessions = self.w.get_person(who, &format!("/v1/sessions?{query}")).await.json();
        let letter = |id: &SessionId| match id {
            id if *id == self.kinloch => 'k',
            id if *id == self.delmar => 'd',
            id if *id == self.cobalt => 'c',
            _ => '?',
        };
        list.sessions.iter().map(|one| letter(&one.session)).collect()
    }

    async fn count(&self, query: &str) -> (u64, bool) {
        let SessionCount { sessions, more } =
            self.w.get_person(&self.w.ines, &format!("/v1/sessions/count?{query}")).await.json();
        (sessions, more)
    }

    async fn refused(&self, query: &str) -> (u16, String) {
        self.w.get_person(&self.w.ines, &format!("/v1/sessions?{query}")).await.problem()
    }

    async fn reviewed(&self, session: &SessionId, verdict: ReviewVerdict) {
        let detail: wire::audit::SessionDetail =
            self.w.get_person(&self.w.ines, &format!("/v1/sessions/{session}")).await.json();
        let manifest = detail.manifest.expect("sealed").digest().expect("digest");
        let review = statement::Review { manifest, note: String::new(), session: session.clone(), verdict };
        let signed =
            wire::broker::SignedStatement { statement: self.w.ines.state(review, self.w.clock.now(), 300, "") };
        let path = format!("/v1/sessions/{session}/reviews");
        let body = serde_json::to_vec(&signed).expect("json");
        self.w.person(&self.w.ines, axum::http::Method::POST, &path, Some(body)).await.json::<Receipt>();
    }
}

fn filter(tokens: &str) -> String {
    let encoded: String = tokens.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("filter={encoded}")
}

#[tokio::test]
async fn each_filter_finds_what_fits_and_leaves_the_rest() {
    let t = three().await;
    for (tokens, found) in [
        ("", "cdk"),
        ("organization:delmar-foods", "d"),
        ("organization:!delmar-foods", "ck"),
        ("organization:delmar-foods\norganization:cobalt-health", "cd"),
        ("person:p-rui", "cd"),
        ("person:NAME OF p-r", "cd"),
        ("person:!p-rui", "k"),
        ("person:nobody", ""),
        ("person:!nobody", "cdk"),
        ("scope:read", "k"),
        ("scope:!read", "cd"),
        ("scope:administer", ""),
        ("reason:maintenance", "d"),
        ("reason:!maintenance", "ck"),
        ("reason:maintenance\nreason:customer-reported-problem", "cdk"),
        ("ticket:ops-7", "d"),
        ("ticket: OPS-7 ", "d"),
        ("ticket:OPS", ""),
        ("ticket:!OPS-7", "ck"),
        ("ticket:ops-7\nticket:sup-4711", "cdk"),
        ("ticket:sup-4711\norganization:cobalt-health", "c"),
        ("ticket:ops-7\nticket:OPS-7\nticket:!kp-1\nticket:!KP-1", "d"),
        ("organization:delmar-foods\norganization:delmar-foods", "d"),
        ("person:rui\nperson:p-rui", "cd"),
        ("length:>5\nlength:>5\nscope:read-write\nscope:read-write", "d"),
        ("length:>10", "d"),
        ("length:>11", ""),
        ("length:<9", "ck"),
        ("length:<1", "ck"),
        ("length:>0", "cdk"),
        ("length:>1\nlength:<10", "dk"),
        ("finding:any", "k"),
        ("finding:stop", "k"),
        ("finding:look", ""),
        ("finding:note", "dk"),
        ("finding:none", "d"),
        ("finding:!none", "ck"),
        ("review:recording", "c"),
        ("review:open", "dk"),
        ("review:due", "k"),
        ("review:!due", "cd"),
        ("review:open\nreview:!due", "d"),
        ("review:due\nreview:recording", "ck"),
        ("review:!open", "c"),
        ("changes:yes", "d"),
        ("changes:no", "ck"),
        ("person:p-rui\nscope:diagnostics\nreview:recording", "c"),
        ("finding:stop\nchanges:yes", ""),
    ] {
        assert_eq!(t.found(&filter(tokens)).await, found, "{tokens:?}");
        assert_eq!(t.count(&filter(tokens)).await, (found.len() as u64, false), "{tokens:?}");
    }
    t.w.clock.advance(660);
    assert_eq!(t.found(&filter("length:>11")).await, "c", "it runs, and lasts eleven minutes by now");
    t.reviewed(&t.kinloch, ReviewVerdict::NothingToReport).await;
    assert_eq!(
        (t.found(&filter("review:reviewed")).await, t.found(&filter("review:open")).await),
        ("k".into(), "d".into())
    );
    t.reviewed(&t.kinloch, ReviewVerdict::Flagged).await;
    t.reviewed(&t.kinloch, ReviewVerdict::NothingToReport).await;
    assert_eq!(t.found(&filter("review:flagged")).await, "k", "a flag stays");
}

#[tokio::test]
async fn times_bound_a_list_exactly() {
    let t = three().await;
    for (query, found) in [
        (format!("from={NOW}"), "cdk"),
        (format!("from={}", NOW + 1), ""),
        (format!("to={NOW}"), ""),
        (format!("from={NOW}&to={}&{}", NOW + 1, filter("scope:read")), "k"),
        (format!("from={}&to={}", i64::MIN, i64::MAX), "cdk"),
        (format!("from={}", i64::MAX), ""),
    ] {
        assert_eq!(t.found(&query).await, found, "{query}");
    }
}

#[tokio::test]
async fn text_is_looked_for_in_names_tickets_ids_and_justifications_and_how_far_is_said() {
    let t = three().await;
    let session = t.delmar.as_str().to_owned();
    for (text, found) in [
        ("delmar", "d"),
        ("NAME%20OF%20p-rui", "cd"),
        ("ops-7", "d"),
        ("cost%20centre", "d"),
        (&session, "d"),
        ("nothing", ""),
    ] {
        assert_eq!(t.found(&format!("text={text}")).await, found, "{text}");
    }
    let list: Sessions = t.w.get_person(&t.w.ines, "/v1/sessions?text=rui&limit=1").await.json();
    assert_eq!((list.sessions.len(), list.looked, list.next.is_some()), (1, Some(1), true));
    let next = list.next.expect("more");
    let list: Sessions = t.w.get_person(&t.w.ines, &format!("/v1/sessions?text=rui&cursor={next}")).await.json();
    assert_eq!((list.sessions.len(), list.looked, list.next), (1, Some(2), None));
    let list: Sessions = t.w.get_person(&t.w.ines, "/v1/sessions").await.json();
    assert_eq!(list.looked, None, "nothing was looked through");
    assert_eq!(t.count("text=delmar").await, (3, false), "of the list that is looked through");
}

#[tokio::test]
async fn a_list_is_ordered_as_it_is_asked_for_and_pages_follow_each_other() {
    let t = three().await;
    let few = filter("scope:!administer");
    for (order, found) in [
        ("newest", "cdk"),
        ("oldest", "kdc"),
        ("longest", "dkc"),
        ("shortest", "ckd"),
        ("findings", "kdc"),
        ("findings-last", "cdk"),
    ] {
        assert_eq!(t.found(&format!("order={order}")).await, found);
        assert_eq!(t.found(&format!("order={order}&{few}")).await, found, "sorted where few fit");
        for also in ["", few.as_str()] {
            let (mut cursor, mut seen) = (String::new(), String::new());
            while seen.len() < 4 {
                let query = format!("order={order}&limit=1{cursor}&{also}");
                seen += &t.found(&query).await;
                let page: Sessions = t.w.get_person(&t.w.ines, &format!("/v1/sessions?{query}")).await.json();
                let Some(next) = page.next else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(seen, found, "{order} {also}");
        }
    }
}

#[tokio::test]
async fn sessions_that_are_alike_are_each_found_once_page_by_page() {
    let t = three().await;
    for organization in ["org-a", "org-b"] {
        opened(&t.w, t.w.case_for(organization, Scope::Read, "").await).await;
    }
    for order in ["newest", "oldest", "longest", "shortest", "findings", "findings-last"] {
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        for _ in 0..5 {
            let path = format!("/v1/sessions?order={order}&limit=1{cursor}");
            let page: Sessions = t.w.get_person(&t.w.ines, &path).await.json();
            seen.extend(page.sessions.into_iter().map(|one| one.session));
            cursor = page.next.map(|next| format!("&cursor={next}")).unwrap_or_default();
        }
        assert_eq!(cursor, "", "{order}: the last page");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 5, "{order}");
    }
}

#[tokio::test]
async fn a_page_stays_where_it_is_while_sessions_open() {
    let t = three().await;
    for (order, rest) in [("newest", "dk"), ("longest", "kc"), ("findings", "dc")] {
        let page: Sessions = t.w.get_person(&t.w.ines, &format!("/v1/sessions?order={order}&limit=1")).await.json();
        let organization = format!("org-{order}");
        opened(&t.w, t.w.case_for(&organization, Scope::Read, "").await).await;
        let next = page.next.expect("more");
        let found = t.found(&format!("order={order}&limit=2&cursor={next}")).await;
        let known: String = found.chars().filter(|c| *c != '?').collect();
        assert!(rest.starts_with(&known) && !known.is_empty(), "{order}: {found}");
    }
}

#[tokio::test]
async fn what_is_no_list_is_refused() {
    let t = three().await;
    let long = format!("text={}", "x".repeat(201));
    let bad: [String; 17] = [
        filter("colour:red"),
        filter("scope:everything"),
        filter("person:"),
        filter("length:5"),
        filter("ticket:^OP"),
        filter(&vec!["changes:no"; 25].join("\n")),
        "order=cheapest".into(),
        "limit=0".into(),
        "limit=201".into(),
        "limit=-1".into(),
        "cursor=x".into(),
        "cursor=1.1".into(),
        "order=longest&cursor=1".into(),
        "order=shortest&cursor=1".into(),
        "order=findings-last&cursor=1".into(),
        "sql=1".into(),
        long,
    ];
    for query in bad {
        assert_eq!(t.refused(&query).await, (400, "malformed".into()), "{query}");
        if !query.starts_with("limit") && !query.contains("cursor") {
            let answer = t.w.get_person(&t.w.ines, &format!("/v1/sessions/count?{query}")).await;
            assert_eq!(answer.problem(), (400, "malformed".into()), "{query}");
        }
    }
    for cursor in ["0", "9223372036854775807"] {
        let found = t.found(&format!("cursor={cursor}")).await;
        assert_eq!(found, if cursor == "0" { "" } else { "cdk" }, "a cursor that is made up begins elsewhere");
    }
}

#[tokio::test]
async fn nobody_finds_or_counts_what_they_may_not_see() {
    let t = three().await;
    for (tokens, own) in [
        ("", "cd"),
        ("organization:kinloch-hotels", ""),
        ("person:p-mara", ""),
        ("person:!p-mara", "cd"),
        ("ticket:sup-4711", "c"),
        ("finding:stop", ""),
        ("review:open", "d"),
    ] {
        assert_eq!(t.found_by(&t.rui, &filter(tokens)).await, own, "{tokens}");
        let count = t.w.get_person(&t.rui, &format!("/v1/sessions/count?{}", filter(tokens))).await;
        assert_eq!(count.json::<SessionCount>().sessions, own.len() as u64, "{tokens}");
    }
    assert_eq!(t.found_by(&t.rui, "text=kinloch").await, "c", "her other Session bears that name too");
    for order in ["oldest", "longest", "shortest", "findings", "findings-last"] {
        assert_eq!(t.found_by(&t.rui, &format!("order={order}&limit=1")).await.len(), 1);
        assert!(!t.found_by(&t.rui, &format!("order={order}")).await.contains('k'), "{order}");
    }
    let other = t.w.get_person(&t.rui, "/v1/sessions/count?person=p-mara").await;
    assert_eq!(other.problem(), (403, "missing-role".into()));
    assert_eq!(t.found_by(&t.w.tomasz, "").await, "", "who countersigned opened nothing");
}
