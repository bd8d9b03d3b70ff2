//! More time in an open Session: what the gateway asks for it, and that nobody in the Session notices.

use std::time::{Duration, Instant};

use domain::Scope;
use recording::Captured;
use statement::{Bundle, Request, sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wire::broker::SessionChange;
use wire::event::EventKind;

use crate::bundle::Wish;
use crate::person::Person;
use crate::rig::Rig;
use crate::streams::socket;

/// An open Session, and what opened it.
pub struct Inside {
    pub person: Person,
    pub bundle: Bundle,
    opened_at: i64,
}

impl Inside {
    pub async fn new(rig: &Rig, wish: &Wish) -> Self {
        let person = rig.person();
        let bundle = rig.people.bundle(wish, &person.certificate);
        let answer = person.open(&bundle).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self { person, bundle, opened_at: answer.json()["opened_at"].as_i64().unwrap() }
    }

    /// Asked for so many seconds in all, counted from the first start, and countersigned.
    pub fn more(&self, rig: &Rig, seconds: i64, change: impl FnOnce(&mut Request)) -> Bundle {
        rig.people.more(&self.bundle, &self.person.certificate, |request| {
            let extends = request.extends.as_mut().unwrap();
            extends.ends_at += self.opened_at - extends.opened_at;
            extends.opened_at = self.opened_at;
            request.duration_seconds = seconds;
            change(request);
        })
    }

    async fn is_refused(&self, rig: &Rig, more: &Bundle, code: &str) {
        let before = self.person.status().await["ends_at"].clone();
        let answer = self.person.extend(more).await;
        assert_eq!(answer.code(), code);
        assert!(matches!(answer.status, 403 | 409), "{}", answer.status);
        assert_eq!(self.person.status().await["ends_at"], before);
        assert_eq!(rig.audit.codes(EventKind::SessionRefused).last().unwrap(), code);
        assert!(!rig.audit.kinds().contains(&EventKind::SessionExtended));
    }
}

#[tokio::test]
async fn an_open_websocket_survives_the_old_end_and_dies_at_the_new_one() {
    let rig = Rig::new().await;
    let wish = Wish { seconds: 3, scope: Scope::Read, ..Wish::default() };
    let inside = Inside::new(&rig, &wish).await;
    let began = Instant::now();
    let (mut stream, head) = socket(&inside.person, "https://payroll.test").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let answer = inside.person.extend(&inside.more(&rig, 6, |_| {})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["ends_at"], inside.opened_at + 6);
    let mut got = Vec::new();
    let mut last = Duration::ZERO;
    while let Ok(Ok(n)) = tokio::time::timeout(Duration::from_secs(8), stream.read_buf(&mut got)).await {
        if n == 0 {
            break;
        }
        last = began.elapsed();
        let _ = stream.write_all(&[0x89, 0x80, 0, 0, 0, 0]).await;
    }
    let lived = began.elapsed();
    assert!(lived > Duration::from_millis(4_500) && lived < Duration::from_millis(7_000), "{lived:?}");
    assert!(last > Duration::from_millis(4_000), "bytes came after the old end: {last:?}");
    assert_eq!(inside.person.visit("/o/kinloch-hotels/").await.status, 403);
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    let contents = rig.audit.contents();
    let extended = contents.iter().filter_map(|c| match c {
        Captured::Note { code, detail } if code == "extended" => Some(detail),
        _ => None,
    });
    let words: Vec<_> = extended.collect();
    assert_eq!(words.len(), 1);
    assert!(words[0].ends_with(&format!("until {}", inside.opened_at + 6)), "{words:?}");
    assert!(contents.iter().any(|c| matches!(c, Captured::Done { cut: Some(why), .. } if why == "expired")));
    let ended = rig.audit.state.lock().unwrap().ended.values().next().unwrap().ended_at;
    assert_eq!(ended, inside.opened_at + 6, "not clamped to the first end");
    let told = rig.broker.changes.lock().unwrap().clone();
    assert!(
        told.iter().any(|c| matches!(c, SessionChange::Extended { ends_at, .. } if *ends_at == inside.opened_at + 6))
    );
    assert_eq!(rig.audit.state.lock().unwrap().ended.len(), 1, "one Recording");
}

#[tokio::test]
async fn a_12_nothing_but_an_extension_of_this_session_extends_it() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let other = Inside::new(&rig, &Wish { organization: "delmar-foods", ..Wish::default() }).await;
    let more = |change: fn(&mut Request)| inside.more(&rig, 3600, change);
    let mut alone = more(|_| {});
    alone.decisions.clear();
    alone.open = rig.people.open(&alone, &inside.person.certificate);
    let elsewhere = Bundle { open: rig.people.open(&more(|_| {}), &other.person.certificate), ..more(|_| {}) };
    for (bundle, code) in [
        (inside.bundle.clone(), "extends-nothing"),
        (other.more(&rig, 3600, |_| {}), "other-tls-key"),
        (more(|r| r.extends.as_mut().unwrap().session = sha256("another").into()), "other-session"),
        (more(|r| r.extends.as_mut().unwrap().request = sha256("another")), "other-session"),
        (more(|r| r.extends.as_mut().unwrap().opened_at -= 1), "other-session"),
        (more(|r| r.organization.id = "delmar-foods".parse().unwrap()), "other-organization"),
        (more(|r| r.scope = Scope::ReadWrite), "other-scope"),
        (more(|r| r.extends.as_mut().unwrap().ends_at += 600), "ends-sooner"),
        (more(|r| r.duration_seconds = 1800), "adds-no-time"),
        (more(|r| r.duration_seconds = 4 * 3600 + 1), "duration-out-of-bounds"),
        (alone, "no-approval"),
        (elsewhere, "other-request"),
    ] {
        inside.is_refused(&rig, &bundle, code).await;
    }
    // The other Session's own bundle over the key of this one.
    let mut theirs = other.more(&rig, 3600, |_| {});
    theirs.open = rig.people.open(&theirs, &inside.person.certificate);
    inside.is_refused(&rig, &theirs, "other-session").await;
    // The policy is asked with the whole time: what it does not open at once, no chain opens.
    let longest = inside.more(&rig, 4 * 3600, |_| {});
    assert_eq!(inside.person.extend(&longest).await.status, 403);
    assert_eq!(inside.person.status().await["ends_at"], inside.opened_at + 1800);
}

/// Whoever signed an extension that is listed beside one's own may have seen more of the log than was there when this call began.
#[tokio::test]
async fn an_extension_that_comes_late_is_no_broken_log() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let (people, of, certificate) = (rig.people.clone(), inside.bundle.clone(), inside.person.certificate.clone());
    let opened_at = inside.opened_at;
    rig.audit.state.lock().unwrap().late = Some(Box::new(move |head| {
        let late = people.more_by_ones_who_saw(head, &of, &certificate, |request| {
            let extends = request.extends.as_mut().unwrap();
            extends.ends_at += opened_at - extends.opened_at;
            extends.opened_at = opened_at;
            request.duration_seconds = 5400;
        });
        serde_json::to_string(&late).unwrap()
    }));
    let answer = inside.person.extend(&inside.more(&rig, 3600, |_| {})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["ends_at"], inside.opened_at + 5400, "both count");
}

#[tokio::test]
async fn a_12_who_is_not_in_the_session_extends_nothing() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let more = inside.more(&rig, 3600, |_| {});
    assert_eq!(rig.person().extend(&more).await.code(), "no-session");
    assert_eq!(rig.stranger().extend(&more).await.code(), "body-too-large");
    assert_eq!(rig.stranger().call("POST", "/v1/session/extensions", "{}").await.code(), "no-certificate");
    assert_eq!(inside.person.status().await["ends_at"], inside.opened_at + 1800);
}

#[tokio::test]
async fn a_12_a_session_that_is_over_is_not_extended() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let more = inside.more(&rig, 3600, |_| {});
    inside.person.call("POST", "/v1/session/end", "").await;
    assert_eq!(inside.person.extend(&more).await.code(), "session-over");

    let inside = Inside::new(&rig, &Wish::default()).await;
    rig.clock.forward(1_790);
    let more = inside.more(&rig, 3600, |_| {});
    rig.clock.forward(10);
    assert_eq!(inside.person.extend(&more).await.code(), "session-over");
    assert!(!rig.audit.kinds().contains(&EventKind::SessionExtended));
}

#[tokio::test]
async fn overlapping_grants_do_not_shorten_each_other() {
    let rig = Rig::new().await;
    let first = Inside::new(&rig, &Wish::default()).await;
    let second = Inside::new(&rig, &Wish { seconds: 600, ..Wish::default() }).await;
    assert_eq!(first.person.status().await["ends_at"], first.opened_at + 1800);
    let (long, short) = (first.more(&rig, 5400, |_| {}), first.more(&rig, 2400, |_| {}));
    for more in [&long, &short] {
        let answer = first.person.extend(more).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["ends_at"], first.opened_at + 5400);
    }
    assert_eq!(second.person.status().await["ends_at"], second.opened_at + 600);
    second.person.call("POST", "/v1/session/end", "").await;
    let status = first.person.status().await;
    assert_eq!((status["open"].as_bool(), status["ends_at"].as_i64()), (Some(true), Some(first.opened_at + 5400)));
}

#[tokio::test]
async fn a_grant_extends_once() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let more = inside.more(&rig, 3600, |_| {});
    for _ in 0..2 {
        let answer = inside.person.extend(&more).await;
        assert_eq!((answer.status, answer.json()["ends_at"].as_i64()), (200, Some(inside.opened_at + 3600)));
    }
    let kinds = rig.audit.kinds();
    assert_eq!(kinds.iter().filter(|k| **k == EventKind::SessionExtended).count(), 1, "told again what it did");
    let notes = |r: &Rig| {
        r.audit.contents().iter().filter(|c| matches!(c, Captured::Note { code, .. } if code == "extended")).count()
    };
    rig.until("recorded", |r| notes(r) > 0).await;
    assert_eq!(notes(&rig), 1);
}

#[tokio::test]
async fn an_extension_whose_answer_was_lost_is_found_again() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let more = inside.more(&rig, 3600, |_| {});
    rig.audit.state.lock().unwrap().lose_answers = 1;
    assert_eq!(inside.person.extend(&more).await.code(), "audit-unreachable");
    assert_eq!(inside.person.status().await["ends_at"], inside.opened_at + 1800, "nothing is believed yet");
    let again = Bundle { open: rig.people.open(&more, &inside.person.certificate), ..more };
    let answer = inside.person.extend(&again).await;
    assert_eq!((answer.status, answer.json()["ends_at"].as_i64()), (200, Some(inside.opened_at + 3600)));
}

#[tokio::test]
async fn what_the_audit_service_says_of_an_extension_is_held_to_what_was_signed() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    rig.audit.state.lock().unwrap().misjudged_end = 60;
    let answer = inside.person.extend(&inside.more(&rig, 3600, |_| {})).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "log-broken"));
    assert_eq!(inside.person.status().await["ends_at"], inside.opened_at + 1800);
}

#[tokio::test]
async fn an_extended_session_goes_on_after_a_crash_until_its_last_end() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    for seconds in [2400, 3600] {
        let answer = inside.person.extend(&inside.more(&rig, seconds, |_| {})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let mut after = rig.crashed_copy().await;
    rig.clock.forward(1_900);
    after.start().await;
    rig.broker.changes.lock().unwrap().clear();
    let person = after.person();
    let mut bundle = inside.bundle.clone();
    bundle.open = after.people.open(&bundle, &person.certificate);
    bundle.mfa.push(after.people.mfa(&after.people.mara, None));
    let answer = person.open(&bundle).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(person.status().await["ends_at"], inside.opened_at + 3600);
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    let told = rig.broker.changes.lock().unwrap().clone();
    assert!(
        told.iter()
            .any(|c| matches!(c, SessionChange::Extended { ends_at, .. } if *ends_at == inside.opened_at + 3600))
    );
    rig.clock.forward(1_700);
    after.until("over", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
}

#[tokio::test]
async fn a_session_that_nobody_takes_up_is_sealed_at_its_last_end() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    assert_eq!(inside.person.extend(&inside.more(&rig, 3600, |_| {})).await.status, 200);
    let mut after = rig.crashed_copy().await;
    rig.clock.forward(1_900);
    after.start().await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(after.audit.state.lock().unwrap().ended.len() <= 1, "its Device may still come");
    rig.clock.forward(1_700);
    after.until("sealed", |r| !r.audit.state.lock().unwrap().ended.is_empty()).await;
    let ended = after.audit.state.lock().unwrap().ended.values().next().unwrap().ended_at;
    assert_eq!(ended, inside.opened_at + 3600);
}

#[tokio::test]
async fn whoever_revokes_an_extension_or_who_countersigned_it_ends_the_session() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let more = inside.more(&rig, 3600, |_| {});
    assert_eq!(inside.person.extend(&more).await.status, 200);
    let revokes = statement::Revoked::Grant(sha256(&more.request));
    let revoke = statement::Revoke { reason: "It was countersigned by mistake.".into(), revokes };
    let statement = rig.people.statement(&rig.people.tomasz, revoke, 60, "");
    let revocation = wire::gateway::Revocation {
        statement,
        mfa: None,
        pk_tokens: more.pk_tokens.clone(),
        enrols: more.enrols.clone(),
    };
    let answer = rig.stranger().call("POST", "/v1/revocations", &serde_json::to_string(&revocation).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(inside.person.status().await["ended_by"], "revoked");
}
