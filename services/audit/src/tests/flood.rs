//! Whoever floods waits behind themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serve::Service;
use wire::audit::Acknowledged;
use wire::event::{Append, EventKind, Receipt};

use super::world::{World, check_receipt, frames, world};

/// Callers of the flood, each with a refusal that waits at every moment. In a single queue, whatever is done stands
/// behind all of them.
const CALLERS: u64 = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t26_a_flood_of_the_broker_s_refusals_does_not_hold_up_recordings_and_ends() {
    let w = Arc::new(world().await);
    let (session, _, _) = w.session().await;
    let before = w.head().await.size;
    let over = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicU64::new(0));
    let flood: Vec<_> =
        (0..CALLERS).map(|_| tokio::spawn(refuse_until(w.clone(), over.clone(), written.clone()))).collect();
    // The flood stands in front.
    while w.head().await.size < before + CALLERS {
        tokio::task::yield_now().await;
    }
    let begun = w.head().await.size;
    for n in 0..3 {
        w.batch(&session, n, &frames(n * 5, 5)).await.json::<Acknowledged>();
    }
    let sealed: Receipt = w.end(&session, 3).await.json();
    let ended = Append::new(EventKind::SessionEnded).session(&session).fact("reason", "person");
    let ended: Receipt = w.post_as(Service::Gateway, "/v1/events", &ended).await.json();
    over.store(true, Ordering::SeqCst);
    check_receipt(&w.verifier(), &sealed);
    check_receipt(&w.verifier(), &ended);
    for caller in flood {
        caller.await.expect("the flood is answered");
    }
    let passed = ended.index - begun;
    assert!(passed < 5 * CALLERS / 2, "five calls one after the other stood behind {passed} entries");
    assert_eq!(w.head().await.size, before + 3 + written.load(Ordering::SeqCst), "no refusal of the flood is lost");
}

/// One caller of the flood: the next refusal follows as soon as the last one is answered.
async fn refuse_until(w: Arc<World>, over: Arc<AtomicBool>, written: Arc<AtomicU64>) {
    let refusal = Append::new(EventKind::SignInRefused).fact("code", "bad-token");
    while !over.load(Ordering::SeqCst) {
        let answer = w.post_as(Service::Broker, "/v1/events", &refusal).await;
        if answer.status == 200 {
            written.fetch_add(1, Ordering::SeqCst);
        } else {
            assert_eq!(answer.problem(), (503, "busy".into()));
        }
    }
}
