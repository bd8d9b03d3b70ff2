//! Watching a Session that runs: an entry first, then the gateway is told, and only then is anything given.

use axum::http::Method;
use domain::{Role, SessionId};
use recording::{Captured, Frame};
use serve::Service;
use statement::sha256;
use wire::audit::{Acknowledged, Frames};
use wire::event::{EventKind, Receipt};
use wire::watching::{OpenNow, Part, Watched};

use super::world::{Answer, Human, World, check_receipt, frames, world};

async fn begin(w: &World, who: &Human, session: &SessionId) -> Answer {
    w.person(who, Method::POST, &format!("/v1/sessions/{session}/watches"), None).await
}

async fn watch(w: &World, who: &Human, session: &SessionId) -> u64 {
    begin(w, who, session).await.json::<Receipt>().index
}

async fn part(w: &World, who: &Human, session: &SessionId, (watch, from): (u64, u64)) -> Answer {
    w.get_person(who, &format!("/v1/sessions/{session}/watches/{watch}?from={from}")).await
}

/// As the gateway that has these open asks.
async fn tell(w: &World, sessions: &[&SessionId]) -> Watched {
    let open = OpenNow { sessions: sessions.iter().map(|s| (*s).clone()).collect() };
    w.post_as(Service::Gateway, "/v1/watched", &open).await.json()
}

fn lines(frames: &[Frame]) -> String {
    frames.iter().map(|frame| format!("{}\n", serde_json::to_string(frame).expect("json"))).collect()
}

#[tokio::test]
async fn a_watch_stands_in_the_log_and_gives_nothing_before_the_gateway_was_told() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    let receipt: Receipt = begin(&w, &w.ines, &session).await.json();
    let entry = check_receipt(&w.verifier(), &receipt);
    assert_eq!((entry.kind, entry.session.as_ref()), (EventKind::SessionWatched, Some(&session)));
    assert!(entry.sealed.contains_key("person") && entry.sealed.contains_key("name"));
    let untold: Part = part(&w, &w.ines, &session, (receipt.index, 0)).await.json();
    assert_eq!((untold.lines.as_str(), untold.next, untold.untold), ("", 0, true));
    let told = tell(&w, &[&session]).await;
    assert_eq!(told.sessions[0].watchers[0].name, "Name of p-ines");
    let given: Part = part(&w, &w.ines, &session, (receipt.index, 0)).await.json();
    assert_eq!((given.lines, given.next, given.untold, given.over), (lines(&frames(0, 5)), 5, false, false));
    let left: Vec<EventKind> = w.newest(3).await.iter().map(|event| event.kind).collect();
    let expected = [EventKind::Viewed, EventKind::Viewed, EventKind::SessionWatched];
    assert_eq!(
        left, expected,
        "one each: the gateway was told, the watcher got something, and the watch, however often"
    );
}

#[tokio::test]
async fn what_comes_is_given_at_once_and_only_as_far_as_nothing_before_it_is_missing() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let watch = watch(&w, &w.ines, &session).await;
    tell(&w, &[&session]).await;
    let began = std::time::Instant::now();
    let coming = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        w.batch(&session, 0, &frames(0, 3)).await.json::<Acknowledged>();
    };
    let (given, ()) = futures_util::future::join(part(&w, &w.ines, &session, (watch, 0)), coming).await;
    assert_eq!(given.json::<Part>().next, 3);
    assert!(began.elapsed() < std::time::Duration::from_millis(900), "{:?}", began.elapsed());
    w.batch(&session, 2, &frames(6, 3)).await.json::<Acknowledged>();
    let waits: Part = part(&w, &w.ines, &session, (watch, 3)).await.json();
    assert_eq!((waits.lines.as_str(), waits.next), ("", 3), "batch 1 has not come");
    w.batch(&session, 1, &frames(3, 3)).await.json::<Acknowledged>();
    let both: Part = part(&w, &w.ines, &session, (watch, 3)).await.json();
    assert_eq!((both.lines, both.next), (lines(&frames(3, 6)), 9));
}

#[tokio::test]
async fn what_is_given_is_to_the_byte_what_is_sealed_afterwards() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let watch = watch(&w, &w.ines, &session).await;
    tell(&w, &[&session]).await;
    let (mut given, mut from) = (String::new(), 0);
    for round in 0..6_u64 {
        // Numbers that only an exact copy of the text keeps.
        let event =
            serde_json::json!({ "x": 0.1 + 0.2 + f64::from(u32::try_from(round).expect("small")), "y": 1.1e-7 });
        let content = Captured::Page { page: "p".into(), events: vec![event] };
        w.batch(&session, round, &[Frame { seq: round, at: 7, content }]).await.json::<Acknowledged>();
        if round == 3 {
            let audit = w.service.audit.upgrade().expect("it runs");
            let row = audit.reader.session(&session).await.expect("reads").expect("there");
            audit.fold(&row, false).await.map_err(|p| p.code().to_owned()).expect("folds");
        }
        if round % 2 == 1 {
            let part: Part = part(&w, &w.ines, &session, (watch, from)).await.json();
            given.push_str(&part.lines);
            from = part.next;
        }
    }
    w.end(&session, 6).await.json::<Receipt>();
    let over: Part = part(&w, &w.ines, &session, (watch, from)).await.json();
    assert!(over.over && over.lines.is_empty());
    let mut sealed = String::new();
    for number in 0..2 {
        let answer = w.get_person(&w.ines, &format!("/v1/sessions/{session}/segments/{number}")).await;
        assert_eq!(answer.status, 200);
        sealed.push_str(std::str::from_utf8(&answer.body).expect("text"));
    }
    assert_eq!(given, sealed);
    let again: Part = part(&w, &w.ines, &session, (watch, 2)).await.json();
    assert_eq!((again.lines.lines().count(), again.over), (4, false), "what is there can be asked for again");
}

#[tokio::test]
async fn whoever_may_not_watch_is_refused_and_that_is_an_entry() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let refused = async |who: &Human, session: &SessionId, code: &str| {
        let size = w.head().await.size;
        assert_eq!(begin(&w, who, session).await.problem().1, code, "{}", who.person);
        let entry = w.newest(1).await.remove(0);
        assert_eq!((entry.kind, entry.facts["code"].as_str()), (EventKind::CallRefused, code));
        assert_eq!(w.head().await.size, size + 1);
    };
    for who in [&w.mara, &w.tomasz, &w.ben] {
        refused(who, &session, "missing-role").await;
    }
    // Mara asked for it; as a reviewer too she does not watch herself.
    let mara = w.again_now(&w.mara, &[Role::Engineer, Role::Reviewer]);
    refused(&mara, &session, "own-session").await;
    refused(&w.ines, &sha256("nowhere").into(), "no-session").await;
    w.end(&session, 0).await.json::<Receipt>();
    refused(&w.ines, &session, "not-running").await;
    assert!(tell(&w, &[&session]).await.sessions.is_empty(), "nobody watches");
}

#[tokio::test]
async fn a_watch_is_its_watchers_and_of_its_session() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let (other, _, _) = w.session().await;
    let leila = w.another("p-leila", &[Role::Reviewer]);
    w.enrol(&w.ben, &leila).await;
    let watch = watch(&w, &w.ines, &session).await;
    tell(&w, &[&session, &other]).await;
    for (who, session, watch) in
        [(&leila, &session, watch), (&w.ines, &other, watch), (&w.ines, &session, watch + 1), (&w.ines, &session, 0)]
    {
        assert_eq!(part(&w, who, session, (watch, 0)).await.problem(), (404, "no-watch".into()));
    }
    for path in ["x?from=0", "-1?from=0", "99999999999999999999?from=0"] {
        let answer = w.get_person(&w.ines, &format!("/v1/sessions/{session}/watches/{path}")).await;
        assert_eq!(answer.problem(), (404, "no-watch".into()), "{path}");
    }
    for query in ["", "?from=", "?from=-1", "?from=1&to=2", "?from=x"] {
        let answer = w.get_person(&w.ines, &format!("/v1/sessions/{session}/watches/{watch}{query}")).await;
        assert_eq!(answer.problem(), (400, "malformed".into()), "{query}");
    }
    let beyond: Part = part(&w, &w.ines, &session, (watch, u64::MAX)).await.json();
    assert_eq!((beyond.lines.as_str(), beyond.next), ("", u64::MAX));
    for service in [Service::Broker, Service::Audit] {
        let open = OpenNow { sessions: vec![session.clone()] };
        assert_eq!(w.post_as(service, "/v1/watched", &open).await.problem().0, 403);
    }
    let revoked = super::revoked::revoked(&w, &w.ben, statement::Revoked::Device(w.ines.key.public().thumbprint()));
    w.append(&revoked).await;
    assert_eq!(part(&w, &w.ines, &session, (watch, 0)).await.problem(), (403, "revoked".into()));
}

#[tokio::test]
async fn while_somebody_is_inside_frames_are_for_watchers_alone() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    let path = format!("/v1/sessions/{session}/frames?stream=exchanges");
    assert_eq!(w.get_person(&w.ines, &path).await.json::<Frames>().frames.len(), 4);
    tell(&w, &[&session]).await;
    assert_eq!(w.get_person(&w.ines, &path).await.problem(), (409, "somebody-inside".into()));
    w.end(&session, 1).await.json::<Receipt>();
    assert_eq!(w.get_person(&w.ines, &path).await.json::<Frames>().frames.len(), 4, "it is over");
}

#[tokio::test]
async fn nobody_watches_more_than_sixteen_at_once() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    for _ in 0..16 {
        watch(&w, &w.ines, &session).await;
    }
    let size = w.head().await.size;
    assert_eq!(begin(&w, &w.ines, &session).await.problem(), (409, "too-many-watches".into()));
    assert_eq!(w.head().await.size, size + 1, "one refusal, and no watch");
}
