use recording::{Frame, hold};
use wire::audit::{Acknowledged, SessionDetail};
use wire::event::{EventKind, Receipt};

use super::world::{frames, world};

#[tokio::test]
async fn a_reviewer_gets_the_exact_lines_that_the_manifest_names_and_leaves_an_entry() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.batch(&session, 2, &frames(9, 5)).await.json::<Acknowledged>();
    let path = |number: &str| format!("/v1/sessions/{session}/segments/{number}");
    assert_eq!(w.get_person(&w.ines, &path("0")).await.problem(), (409, "not-sealed".into()));
    w.end(&session, 3).await.json::<Receipt>();
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.expect("sealed");
    let mut all: Vec<Frame> = Vec::new();
    for entry in &manifest.segments {
        let lines = w.get_person(&w.ines, &path(&entry.number.to_string())).await;
        all.extend(hold(&manifest, entry, &lines.body).expect("the manifest's"));
        let newest = w.newest(1).await.remove(0);
        assert_eq!((newest.kind, newest.session.as_ref()), (EventKind::SessionViewed, Some(&session)));
        assert_eq!(newest.facts["segment"], entry.number.to_string());
    }
    assert_eq!(all, [frames(0, 5), frames(9, 5)].concat());
    assert_eq!(w.get_person(&w.mara, &path("0")).await.problem(), (403, "missing-role".into()));
    assert_eq!(w.get_person(&w.ines, &path("9")).await.problem().0, 400);
    assert_eq!(w.get_person(&w.ines, &path("x")).await.problem().0, 400);
}
