//! What the rules say of a Session that runs, and to whom.

use std::sync::Arc;

use findings::Rules;
use recording::{Captured, Frame};
use wire::audit::{Acknowledged, SessionDetail, SessionSummary, Sessions};
use wire::event::Receipt;

use super::world::{Human, NOW, World, frames, world};
use crate::so_far::Looking;

fn looking() -> Looking {
    Looking::new(Arc::new(Rules::compiled_in().expect("rules")))
}

async fn look(w: &World, looking: &mut Looking) {
    looking.look(&w.service.audit.upgrade().expect("it runs")).await;
}

/// As the list says it.
async fn so_far(w: &World, who: &Human) -> Option<Vec<(String, u64)>> {
    let list: Sessions = w.get_person(who, "/v1/sessions").await.json();
    let one: &SessionSummary = list.sessions.first().expect("one");
    let found = one.so_far.as_ref()?.iter().map(|finding| (finding.rule.clone(), finding.times));
    Some(found.filter(|(rule, _)| rule != "outside-hours" && rule != "first-time-here").collect())
}

fn refused(seq: u64) -> Frame {
    let (method, path, code) = ("DELETE".into(), "/o/other".into(), "other-organization".into());
    Frame { seq, at: NOW * 1000, content: Captured::Refused { exchange: 100 + seq, method, path, code } }
}

#[tokio::test]
async fn what_was_denied_shows_while_the_session_runs_and_to_reviewers_alone() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let mut looking = looking();
    assert_eq!(so_far(&w, &w.ines).await, None, "nobody has looked");
    w.batch(&session, 0, &frames(0, 3)).await.json::<Acknowledged>();
    look(&w, &mut looking).await;
    assert_eq!(so_far(&w, &w.ines).await, Some(Vec::new()));
    // What comes before what is missing waits for it, as it does for whoever watches.
    w.batch(&session, 2, &[refused(5)]).await.json::<Acknowledged>();
    look(&w, &mut looking).await;
    assert_eq!(so_far(&w, &w.ines).await, Some(Vec::new()));
    w.batch(&session, 1, &[refused(3), refused(4)]).await.json::<Acknowledged>();
    let size = w.head().await.size;
    look(&w, &mut looking).await;
    look(&w, &mut looking).await;
    let found = Some(vec![("refused-attempts".to_owned(), 1)]);
    assert_eq!((so_far(&w, &w.ines).await, w.head().await.size), (found.clone(), size), "no entry says it");
    let detail =
        async |who: &Human| -> SessionDetail { w.get_person(who, &format!("/v1/sessions/{session}")).await.json() };
    let told = detail(&w.ines).await.summary.so_far.expect("to reviewers");
    assert!(told.iter().any(|finding| finding.sentence == "3 requests were refused."), "{told:?}");
    assert_eq!((so_far(&w, &w.mara).await, detail(&w.mara).await.summary.so_far), (None, None), "she is inside");
    // Looked at from the beginning, as after a restart, it comes to the same.
    look(&w, &mut self::looking()).await;
    assert_eq!(so_far(&w, &w.ines).await, found);
    w.end(&session, 3).await.json::<Receipt>();
    assert_eq!(so_far(&w, &w.ines).await, None, "its examination says it from here on");
    look(&w, &mut looking).await;
    assert_eq!(w.service.audit.upgrade().expect("it runs").so_far.of(&session), None, "nothing is kept of it");
}

#[tokio::test]
async fn nothing_is_drawn_while_a_session_runs() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 3)).await.json::<Acknowledged>();
    let every = include_str!("../../../../crates/findings/rules/drawn.yml").replace("one_in: 20", "one_in: 1");
    let rules = Rules::read([every.as_str()]).expect("a rule");
    look(&w, &mut Looking::new(Arc::new(rules))).await;
    assert_eq!(so_far(&w, &w.ines).await, Some(Vec::new()));
}
