//! Whoever is inside sees who watches, as the audit service says it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::audit::Mood;
use crate::bundle::Wish;
use crate::person::Person;
use crate::rig::Rig;

/// Beside a desktop that looks each second it is within two.
const SEEN: Duration = Duration::from_secs(1);

async fn until(person: &Person, watchers: &Value) -> Duration {
    let began = Instant::now();
    loop {
        let seen = person.status().await["watchers"].clone();
        if seen == *watchers {
            return began.elapsed();
        }
        assert!(began.elapsed() < 3 * SEEN, "{seen}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn whoever_is_inside_sees_who_watches_and_that_they_do_no_more() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    assert_eq!(person.status().await["watchers"], Value::Null);
    rig.audit.state.lock().unwrap().watchers = vec!["Ines Carvalho", "Leila Haddad", "Leila Haddad"];
    assert!(until(&person, &json!(["Ines Carvalho", "Leila Haddad"])).await < SEEN);
    rig.audit.state.lock().unwrap().watchers.clear();
    assert!(until(&person, &Value::Null).await < SEEN);
}

#[tokio::test]
async fn while_the_audit_service_is_silent_who_was_seen_last_stays_seen() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    rig.audit.state.lock().unwrap().watchers = vec!["Ines Carvalho"];
    until(&person, &json!(["Ines Carvalho"])).await;
    for mood in [Mood::Away, Mood::Silent] {
        rig.audit.state.lock().unwrap().mood = mood;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(person.status().await["watchers"], json!(["Ines Carvalho"]), "{mood:?}");
    }
}
