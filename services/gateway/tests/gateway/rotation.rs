//! The issuer has changed its keys.

use crate::bundle::Wish;
use crate::rig::Rig;

/// The administrator enrolled everybody under the first set; the issuer publishes the second one only.
async fn rotated() -> Rig {
    let rig = Rig::new().await;
    rig.published.lock().unwrap().clone_from(&rig.sets[1]);
    rig
}

async fn opened(rig: &Rig) -> (u16, String) {
    let person = rig.person();
    let answer = person.open(&rig.people.bundle(&Wish::default(), &person.certificate)).await;
    (answer.status, if answer.status == 200 { String::new() } else { answer.code() })
}

#[tokio::test]
async fn o_14_who_was_enrolled_before_opens_after_it() {
    let rig = rotated().await;
    let [before, now] = rig.sets.each_ref().map(String::as_str);
    rig.audit.see_keys(&[before, now]);
    assert_eq!(opened(&rig).await, (200, String::new()));
}

#[tokio::test]
async fn o_14_a_set_that_the_log_does_not_know_enrols_nobody() {
    let rig = rotated().await;
    assert_eq!(opened(&rig).await, (403, "not-enrolled".into()));
    let rig = rotated().await;
    rig.audit.see_keys(&[&rig.sets[1]]);
    assert_eq!(opened(&rig).await, (403, "not-enrolled".into()));
}

#[tokio::test]
async fn o_14_a_forged_set_is_refused() {
    let rig = rotated().await;
    let other = Rig::new().await;
    rig.audit.see_keys(&[&other.sets[0], &rig.sets[1]]);
    rig.audit.state.lock().unwrap().key_sets[0].jwks.clone_from(&rig.sets[0]);
    for _ in 0..3 {
        assert_eq!(opened(&rig).await, (503, "log-broken".into()), "its entry is about other keys");
    }
    assert_eq!(rig.audit.state.lock().unwrap().asked_for_keys, 1, "it is not asked more often while it fails");

    let rig = rotated().await;
    other.audit.see_keys(&[&rig.sets[0], &rig.sets[1]]);
    (0..3).for_each(|_| rig.audit.see_keys(&[&rig.sets[1]]));
    let elsewhere = other.audit.state.lock().unwrap().key_sets.clone();
    rig.audit.state.lock().unwrap().key_sets = elsewhere;
    assert_eq!(opened(&rig).await, (503, "log-broken".into()), "its entry is not in this log");
}

#[tokio::test]
async fn o_14_a_request_under_the_retired_key_is_refused() {
    let rig = Rig::new().await;
    rig.published.lock().unwrap().clone_from(&rig.sets[0]);
    rig.audit.see_keys(&[&rig.sets[1], &rig.sets[0]]);
    assert_eq!(opened(&rig).await, (403, "unknown-provider-key".into()));
}

#[tokio::test]
async fn o_14_a_set_that_is_claimed_after_the_gateway_saw_the_current_one_enrols_nobody() {
    let mut rig = rotated().await;
    assert_eq!(opened(&rig).await, (403, "not-enrolled".into()));
    let [before, now] = rig.sets.clone();
    rig.audit.see_keys(&[&before, &now]);
    rig.stop().await;
    rig.start().await;
    assert_eq!(opened(&rig).await, (403, "not-enrolled".into()), "it knows better, also after a restart");
    std::fs::remove_file(rig.folder.path().join("spool/provider-keys.json")).unwrap();
    rig.stop().await;
    rig.start().await;
    assert_eq!(opened(&rig).await, (200, String::new()), "who saw nothing has to believe the log");
}
