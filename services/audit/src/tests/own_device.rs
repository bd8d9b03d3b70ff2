//! A Device that its owner takes out from another one: written down only when both are theirs.

use domain::Role;
use serve::Service;
use statement::{Revoked, sha256};
use wire::event::{EventKind, Receipt};

use super::revoked::revoked;
use super::world::{Human, World, world};

fn device(of: &Human) -> Revoked {
    Revoked::Device(of.key.public().thumbprint())
}

/// Mara at another computer, which is enrolled now: at the same time as her first one, or so many seconds later.
async fn at_another(w: &World, later: i64) -> Human {
    w.clock.advance(later);
    let second = w.another(w.mara.person, &[Role::Engineer]);
    w.enrol(&w.ben, &second).await;
    second
}

#[tokio::test]
async fn a_device_that_its_owner_took_out_opens_nothing_any_more() {
    let w = world().await;
    let (case, second) = (w.case().await, at_another(&w, 0).await);
    w.append(&revoked(&w, &second, device(&w.mara))).await;
    assert_eq!(w.open(&case).await.problem(), (403, "revoked".into()));
    assert_eq!(w.newest(1).await.remove(0).kind, EventKind::SessionRefused);
    let w = w.restart().await;
    assert_eq!(w.open(&case).await.problem(), (403, "revoked".into()));
}

#[tokio::test]
async fn d_07_whose_a_device_is_stands_in_the_log_and_not_in_what_is_brought() {
    let w = world().await;
    let second = at_another(&w, 1).await;
    let other = w.another("p-other", &[Role::Engineer]);
    w.enrol(&w.ben, &other).await;
    let unknown = w.another(w.mara.person, &[Role::Engineer]);
    for (by, what, code) in [
        (&w.mara, device(&w.tomasz), "missing-role"),
        (&w.mara, device(&other), "missing-role"),
        (&other, device(&w.mara), "missing-role"),
        (&w.mara, device(&unknown), "missing-role"),
        (&w.mara, Revoked::Device(sha256("no Device")), "missing-role"),
        (&unknown, device(&w.mara), "not-enrolled"),
        (&second, device(&w.mara), "device-too-new"),
    ] {
        let answer = w.post_as(Service::Broker, "/v1/events", &revoked(&w, by, what)).await;
        assert_eq!(answer.problem(), (403, code.into()));
    }
    let mut without_code = revoked(&w, &w.mara, device(&second));
    without_code.statements.truncate(2);
    let answer = w.post_as(Service::Broker, "/v1/events", &without_code).await;
    assert_eq!(answer.problem(), (403, "no-second-factor".into()));
    w.open(&w.case().await).await.json::<Receipt>();
}

/// Whichever comes first: a thief does not answer in kind.
#[tokio::test]
async fn d_07_a_revoked_device_does_not_take_the_good_one_out() {
    let w = world().await;
    let second = at_another(&w, 0).await;
    w.append(&revoked(&w, &w.mara, device(&second))).await;
    let back = revoked(&w, &second, device(&w.mara));
    for service in [Service::Broker, Service::Gateway] {
        assert_eq!(w.post_as(service, "/v1/events", &back).await.problem(), (403, "revoked".into()));
    }
    w.open(&w.case().await).await.json::<Receipt>();
}
