//! Watching a Session and ending it, measured on the real gateway and the real audit service: what somebody inside gets is
//! before the watcher within 2 s, whoever watches is named inside, and an end that somebody signed cuts every stream within 1 s.

mod revealing;
mod world;

use std::time::{Duration, Instant};

use domain::SessionId;
use statement::{Revoke, Revoked};
use wire::event::EventKind;
use wire::gateway::Revocation;

use world::{Inside, World};

/// A watcher is at most this far behind.
const BEHIND: Duration = Duration::from_secs(2);
/// An end has its effect within this.
const ENDS: Duration = Duration::from_secs(1);
/// A desktop asks its gateway this often how the Session is doing.
const DESKTOP_LOOKS: Duration = Duration::from_secs(1);

impl World {
    fn revocation(&self, by: &tests::forge::Person, revokes: Revoked) -> Revocation {
        let company = &self.site.company;
        let body = Revoke { reason: "The ticket was closed an hour ago.".into(), revokes };
        let statement = by.sign(&company.trust.gateway_id, body, tests::site::now());
        let mfa = Some(company.mfa(by, Some(&statement), tests::site::now()));
        let mut pk_tokens: Vec<String> = company.administrators.iter().map(|a| a.token.clone()).collect();
        pk_tokens.push(by.token.clone());
        Revocation { statement, mfa, pk_tokens, enrols: self.enrols.clone() }
    }
}

fn sessions(of: &[&Inside]) -> Revoked {
    let mut ids: Vec<SessionId> = of.iter().map(|inside| inside.session.clone()).collect();
    ids.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    Revoked::Sessions(ids)
}

#[test]
fn a_watcher_is_at_most_two_seconds_behind_and_is_seen_by_whoever_is_inside() {
    let world = World::new();
    world.runtime.block_on(async {
        let inside = world.open("kinloch-hotels").await;
        assert_eq!(inside.get("before").await, 200);
        let began = Instant::now();
        let watch = world.reviewer().watch(&inside.session).await.expect("a watch").index;
        let first = world.reviewer().watched(&inside.session, watch, 0).await.expect("a part");
        while inside.status().await.watchers != ["Ines Carvalho"] {
            assert!(began.elapsed() + DESKTOP_LOOKS < BEHIND, "nobody inside knows yet");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let seen_after = began.elapsed() + DESKTOP_LOOKS;
        assert!(!first.lines.is_empty() || first.untold, "what was there comes as soon as it may");

        let watching = tokio::spawn({
            let (reviewer, session) = (world.reviewer(), inside.session.clone());
            async move {
                let mut came = Vec::new();
                let mut from = 0;
                loop {
                    let part = reviewer.watched(&session, watch, from).await.expect("a part");
                    from = part.next;
                    came.push((Instant::now(), part.lines));
                    if part.over {
                        return came;
                    }
                }
            }
        });
        let mut answered = Vec::new();
        for n in 0..20 {
            assert_eq!(inside.get(&format!("page-{n}-")).await, 200);
            answered.push(Instant::now());
            tokio::time::sleep(Duration::from_millis(if n % 4 == 0 { 1_100 } else { 130 })).await;
        }
        inside.end().await;
        let came = watching.await.expect("no panic");
        let arrival = |what: &str| came.iter().find(|(_, lines)| lines.contains(what)).expect("it came").0;
        let mut lags: Vec<Duration> =
            (0..20).map(|n| arrival(&format!("/page-{n}-\"")).saturating_duration_since(answered[n])).collect();
        lags.sort();
        println!("seen inside within {seen_after:?}; behind: median {:?}, at most {:?}", lags[10], lags[19]);
        assert!(lags[19] <= BEHIND, "{lags:?}");
        let whole: String = came.iter().map(|(_, lines)| lines.as_str()).collect();
        let sealed = world.reviewer().segment(&inside.session, 0).await.expect("sealed");
        assert!(whole.as_bytes() == sealed, "what was watched is what was sealed");
    });
}

#[test]
fn an_end_that_somebody_signed_cuts_every_stream_within_a_second_and_stands_in_the_log() {
    let world = World::new();
    world.runtime.block_on(async {
        let inside = world.open("kinloch-hotels").await;
        let mut stream = inside.stream().await;
        assert!(stream.chunk().await.expect("it runs").is_some());
        let revocation = world.revocation(&world.site.company.reviewer, sessions(&[&inside]));
        let began = Instant::now();
        let heard = world.gateway.revoke(&revocation).await.expect("taken");
        let confirmed = began.elapsed();
        assert_eq!(heard.ended, std::slice::from_ref(&inside.session));
        while let Ok(Some(_)) = stream.chunk().await {}
        let cut = began.elapsed();
        println!("confirmed after {confirmed:?}, the stream was cut after {cut:?}");
        assert!(confirmed < ENDS && cut < ENDS);
        let status = inside.status().await;
        let ended_for = status.ended_for.expect("who and why");
        assert!(!status.open);
        assert_eq!(
            (ended_for.name.as_str(), ended_for.reason.as_str()),
            ("Ines Carvalho", "The ticket was closed an hour ago.")
        );
        assert_ne!(inside.get("after").await, 200);
        let ended = world.entry(EventKind::SessionEnded, &inside.session).await;
        assert_eq!(ended.event.facts["reason"], "revoked");
        assert_eq!(ended.event.facts["revocation"], statement::sha256(&revocation.statement).to_string());
        assert_eq!(ended.personal["name"].value, "Ines Carvalho");
        assert_eq!(ended.personal["why"].value, "The ticket was closed an hour ago.");
        let sealed = world.entry(EventKind::RecordingSealed, &inside.session).await;
        assert_eq!(sealed.event.facts["reason"], "revoked", "what was recorded stays");
    });
}

#[test]
fn one_act_ends_exactly_the_sessions_that_it_names() {
    let world = World::new();
    world.runtime.block_on(async {
        let [one, two, three] =
            [world.open("kinloch-hotels").await, world.open("delmar-foods").await, world.open("kinloch-hotels").await];
        let company = &world.site.company;
        let by_the_approver = world.revocation(&company.approver, sessions(&[&one, &two]));
        let refused = world.gateway.revoke(&by_the_approver).await.expect_err("reviewers alone end several");
        assert_eq!(refused.code(), Some("missing-role"));
        for inside in [&one, &two, &three] {
            assert!(inside.status().await.open);
        }
        let began = Instant::now();
        let heard =
            world.gateway.revoke(&world.revocation(&company.reviewer, sessions(&[&one, &two]))).await.expect("taken");
        assert_eq!(heard.ended.len(), 2);
        for (inside, open) in [(&one, false), (&two, false), (&three, true)] {
            assert_eq!(inside.status().await.open, open);
        }
        assert!(began.elapsed() < ENDS);
        assert_eq!(three.get("goes-on").await, 200);
        for inside in [&one, &two] {
            world.entry(EventKind::SessionEnded, &inside.session).await;
        }
        let heard = world.gateway.revoke(&world.revocation(&company.approver, sessions(&[&three]))).await;
        assert_eq!(heard.expect("whoever may countersign ends one").ended, std::slice::from_ref(&three.session));
    });
}
