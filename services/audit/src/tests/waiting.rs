//! A Device that was enrolled beside another one of the same person.

use domain::{PersonId, Role};
use serve::Service;
use statement::{Enrol, sha256};
use wire::event::{EventKind, Receipt};

use super::world::{Human, NOW, World, world};

async fn enrol_at(w: &World, by: &Human, whom: &Human, at: i64) -> (u16, String) {
    let enrol = Enrol { device: whom.key.public().thumbprint(), person: PersonId(whom.person.into()) };
    let enrol = by.state(enrol, at, 3600, "");
    let append = World::enrolled_by(by, &enrol, &w.attest_at(by, Some(sha256(&enrol)), at));
    w.post_as(Service::Broker, "/v1/events", &append).await.problem()
}

/// The bundle says nothing of the other Device: the log does.
#[tokio::test]
async fn nothing_opens_that_a_new_device_beside_another_one_countersigned() {
    let w = world().await;
    let case = w.case().await;
    let of_another_person = w.another("p-another", &[Role::Approver]);
    let later = w.another("p-tomasz", &[Role::Approver]);
    let earlier = w.another("p-tomasz", &[Role::Approver]);
    for (who, at, opens) in
        [(&of_another_person, NOW - 55, true), (&later, NOW - 49, true), (&earlier, NOW - 55, false)]
    {
        let enrol = Enrol { device: who.key.public().thumbprint(), person: PersonId(who.person.into()) };
        let enrol = w.ben.state(enrol, at, 3600, "");
        w.append(&World::enrolled_by(&w.ben, &enrol, &w.attest_at(&w.ben, Some(sha256(&enrol)), at))).await;
        let case = if opens { w.case().await } else { case.clone() };
        if opens {
            w.open(&case).await.json::<Receipt>();
        } else {
            assert_eq!(w.open(&case).await.problem(), (403, "device-too-new".into()));
            assert_eq!(w.newest(1).await.remove(0).kind, EventKind::SessionRefused);
        }
    }
}

#[tokio::test]
async fn a_new_device_beside_another_one_enrols_nobody_yet() {
    let w = world().await;
    let (first, second) = (w.another("p-lena", &[Role::Administrator]), w.another("p-lena", &[Role::Administrator]));
    let new = w.another("p-new", &[Role::Reviewer]);
    for (who, at) in [(&first, NOW - 55), (&second, NOW - 50)] {
        let enrol = Enrol { device: who.key.public().thumbprint(), person: PersonId(who.person.into()) };
        let enrol = w.ben.state(enrol, at, 3600, "");
        w.append(&World::enrolled_by(&w.ben, &enrol, &w.attest_at(&w.ben, Some(sha256(&enrol)), at))).await;
    }
    assert_eq!(enrol_at(&w, &second, &new, NOW).await, (403, "device-too-new".into()));
    w.append(&w.enrolled(&first, &new)).await;
}

/// How long a Device waits is counted from a date that its enroller wrote: it is not written far back.
#[tokio::test]
async fn an_enrolment_is_dated_when_it_is_written_down() {
    let w = world().await;
    let [good, late] = ["p-new", "p-late"].map(|person| {
        let new = w.another(person, &[Role::Reviewer]);
        let enrol = Enrol { device: new.key.public().thumbprint(), person: PersonId(person.into()) };
        let enrol = w.ben.state(enrol, NOW, 3600, "");
        World::enrolled_by(&w.ben, &enrol, &w.attest_at(&w.ben, Some(sha256(&enrol)), NOW))
    });
    w.clock.advance(600);
    w.append(&good).await;
    w.clock.advance(1);
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &late).await.problem(), (400, "bad-event".into()));
}
