//! A gateway that lost its note of a Session, or an answer, finds here what there is. It opens nothing by that.

use domain::SessionId;
use serve::Service;
use statement::sha256;
use wire::audit::{Acknowledged, RecordingState, TakenGrant};
use wire::event::Receipt;

use super::world::{Case, NOW, World, check_receipt, frames, world};

async fn taken(w: &World, case: &Case) -> TakenGrant {
    let path = format!("/v1/grants/{}", sha256(&case.bundle.request));
    w.get_as(Service::Gateway, &path).await.json()
}

#[tokio::test]
async fn the_same_call_again_gives_the_same_entry() {
    let w = world().await;
    let (_, first, case) = w.session().await;
    let size = w.head().await.size;
    let again = futures_util::future::join_all((0..20).map(|_| w.open(&case))).await;
    for answer in again {
        let receipt: Receipt = answer.json();
        assert_eq!((receipt.index, &receipt.leaf), (first.index, &first.leaf));
        check_receipt(&w.verifier(), &receipt);
    }
    assert_eq!(w.head().await.size, size, "nothing was written");
    let w = w.restart().await;
    w.clock.advance(600);
    assert_eq!(w.open(&case).await.json::<Receipt>().leaf, first.leaf, "the session-open has long expired");
}

#[tokio::test]
async fn the_same_call_at_once_is_one_entry_and_every_other_call_is_refused() {
    let w = world().await;
    let case = w.case().await;
    let before = w.head().await.size;
    let answers = futures_util::future::join_all((0..20).map(|_| w.open(&case))).await;
    let leaves: std::collections::BTreeSet<String> =
        answers.iter().map(|answer| answer.json::<Receipt>().leaf).collect();
    assert_eq!((leaves.len(), w.head().await.size), (1, before + 1));
    let changes: [fn(&mut Case); 5] = [
        |c| c.asked.opened_at += 1,
        |c| c.asked.ends_at -= 1,
        |c| c.asked.target = "another".into(),
        |c| c.asked.tls_client = sha256("another"),
        |c| c.asked.bundle_json.push(' '),
    ];
    for change in changes {
        let mut other = case.clone();
        change(&mut other);
        let (status, code) = w.open(&other).await.problem();
        assert!(matches!((status, code.as_str()), (409, "already-taken") | (403, "other-tls-key")), "{code}");
    }
}

#[tokio::test]
async fn a_gateway_without_its_note_goes_on_where_the_recording_is() {
    let w = world().await;
    let (session, opened, case) = w.session().await;
    let fresh = taken(&w, &case).await;
    assert_eq!((fresh.recording.next_batch, fresh.next_frame, fresh.ended_by), (0, 0, None));
    for n in 0..3 {
        w.batch(&session, n, &frames(n * 10, 10)).await.json::<Acknowledged>();
    }
    let w = w.restart().await;
    // The Device comes back with another `session-open`: only the request still says which Session it was.
    assert_eq!(w.open(&w.again(&case)).await.problem(), (409, "already-taken".into()));
    let found = taken(&w, &case).await;
    assert_eq!((found.recording.next_batch, found.next_frame, found.recording.sealed), (3, 30, false));
    assert_eq!((found.recording.opened_at, found.recording.ends_at), (NOW, NOW + 1800));
    assert_eq!(found.recording.session, session);
    assert_eq!(found.recording.request, sha256(&case.bundle.request));
    assert_eq!(found.recording.device, w.mara.key.public().thumbprint());
    assert_eq!(found.bundle_json, case.asked.bundle_json);
    let event = check_receipt(&w.verifier(), &found.recording.opened);
    assert_eq!((&found.recording.opened.leaf, found.recording.opened.index), (&opened.leaf, opened.index));
    assert_eq!(event.facts["bundle"], sha256(&found.bundle_json).to_string());
    assert_eq!(event.facts["tls-client"], case.asked.tls_client.to_string());
    let state = format!("/v1/recordings/{session}");
    let by_session: RecordingState = w.get_as(Service::Gateway, &state).await.json();
    check_receipt(&w.verifier(), &by_session.opened);
    assert_eq!(RecordingState { opened: found.recording.opened.clone(), ..by_session }, found.recording);
    w.batch(&session, found.recording.next_batch, &frames(found.next_frame, 5)).await.json::<Acknowledged>();
    w.end(&session, 4).await.json::<Receipt>();
    let over = taken(&w, &case).await;
    assert_eq!((over.recording.sealed, over.next_frame, over.ended_by.as_deref()), (true, 35, Some("person")));
    assert_eq!(w.open(&case).await.problem(), (409, "recording-sealed".into()));
}

#[tokio::test]
async fn nobody_but_the_gateway_asks_and_a_grant_that_was_not_taken_is_not_there() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    let grant = format!("/v1/grants/{}", sha256(&case.bundle.request));
    for path in [grant, format!("/v1/recordings/{session}")] {
        assert_eq!(w.get_as(Service::Broker, &path).await.problem(), (403, "other-service".into()));
        assert_eq!(w.get_as(Service::Audit, &path).await.problem(), (403, "other-service".into()));
        for who in [&w.mara, &w.ines, &w.ben] {
            assert_eq!(w.get_person(who, &path).await.problem(), (403, "services-only".into()));
        }
        assert_eq!(w.get(&path).await.problem().1, "services-only");
    }
    let untaken = sha256(&w.case().await.bundle.request);
    let nowhere: SessionId = sha256("nowhere").into();
    for path in [format!("/v1/grants/{untaken}"), "/v1/grants/x".into(), format!("/v1/recordings/{nowhere}")] {
        assert_eq!(w.get_as(Service::Gateway, &path).await.problem(), (404, "no-session".into()), "{path}");
    }
}
