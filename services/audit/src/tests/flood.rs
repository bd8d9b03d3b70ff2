//! Whoever floods waits behind themselves.

use serve::Service;
use wire::audit::Acknowledged;
use wire::event::{Append, EventKind, Receipt};

use super::world::{check_receipt, frames, world};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t26_a_flood_of_the_broker_s_refusals_does_not_hold_up_recordings_and_ends() {
    const FLOOD: usize = 3000;
    let w = world().await;
    let (session, _, _) = w.session().await;
    let before = w.head().await.size;
    let refusal = Append::new(EventKind::SignInRefused).fact("code", "bad-token");
    let flood = futures_util::future::join_all((0..FLOOD).map(|_| w.post_as(Service::Broker, "/v1/events", &refusal)));
    let work = async {
        // The flood stands in front.
        while w.head().await.size < before + 20 {
            tokio::task::yield_now().await;
        }
        for n in 0..3 {
            w.batch(&session, n, &frames(n * 5, 5)).await.json::<Acknowledged>();
        }
        let sealed: Receipt = w.end(&session, 3).await.json();
        let ended = Append::new(EventKind::SessionEnded).session(&session).fact("reason", "person");
        let ended: Receipt = w.post_as(Service::Gateway, "/v1/events", &ended).await.json();
        check_receipt(&w.verifier(), &sealed);
        check_receipt(&w.verifier(), &ended);
        ended.index - before
    };
    let (answers, ended_at) = futures_util::future::join(flood, work).await;
    let written = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(written > 1500, "{written} of the flood");
    assert!(answers.iter().filter(|a| a.status != 200).all(|a| a.problem() == (503, "busy".into())));
    assert!(ended_at < 1500, "five calls one after the other stood behind {ended_at} entries");
    assert_eq!(w.head().await.size, before + 2 + u64::try_from(written).expect("few"));
}
