//! What others had seen of the log who signed what is shown here: one who saw another log breaks it for good.

use statement::{Adopt, BreakGlass, Forget};

use super::*;

/// Two of each that Ben proposes, who had seen this and that: policies, permissions, forgettings.
fn proposals(desk: &Desk, seen: [&str; 2]) -> [(&'static str, serde_json::Value); 3] {
    let ben = &desk.world.ben;
    let signed =
        |statement: String| json!({ "statements": [statement], "mfa": [], "enrols": [], "pk_tokens": [ben.pk_token] });
    let each =
        |proposed: fn(&Desk, usize, &str) -> serde_json::Value| [0, 1].map(|n| proposed(desk, n, seen[n])).to_vec();
    let policies = each(|desk, n, seen| {
        let (text, previous) = (policy(n), desk.world.trust.policy.clone());
        let adopt = Adopt { comment: "As agreed on Monday.".into(), policy: sha256(&text), previous };
        json!({ "statement": desk.world.ben.sign(adopt, NOW - 20, seen), "text": text })
    });
    let permissions = each(|desk, n, seen| {
        let permission = permission(desk, n);
        json!({ "statement": desk.world.ben.sign(permission, NOW - 20, seen) })
    });
    let forgettings = each(|desk, n, seen| json!({ "statement": desk.world.ben.sign(forget(n), NOW - 20, seen) }));
    let statement = |one: &serde_json::Value| one["statement"].as_str().unwrap().to_owned();
    let policies = policies.iter().map(|one| {
        let mut adoption = signed(statement(one));
        adoption["text"] = one["text"].clone();
        json!({ "adoption": adoption, "proposed_at": NOW - 20 })
    });
    let permissions = permissions.iter().map(|one| {
        let signed_in_advance = json!({ "statements": [statement(one)], "mfa": [] });
        let permission = json!({ "signed": signed_in_advance, "enrols": [], "pk_tokens": [ben.pk_token] });
        json!({ "permission": permission, "proposed_at": NOW - 20 })
    });
    let forgettings =
        forgettings.iter().map(|one| json!({ "forgetting": signed(statement(one)), "proposed_at": NOW - 20 }));
    let (policies, permissions, forgettings): (Vec<_>, Vec<_>, Vec<_>) =
        (policies.collect(), permissions.collect(), forgettings.collect());
    [
        ("/v1/policies", json!({ "adopted": [], "proposed": policies })),
        ("/v1/break-glass", json!({ "permissions": [], "proposed": permissions })),
        ("/v1/forgettings", json!({ "forgettings": [], "proposed": forgettings })),
    ]
}

fn policy(n: usize) -> String {
    let name = format!("\"version\": 2{}", " ".repeat(n));
    Policy::compiled_in().text().replace("\"version\": 1", &name)
}

fn permission(desk: &Desk, n: usize) -> BreakGlass {
    BreakGlass {
        duration_seconds: 1800,
        from: NOW - 60,
        organizations: vec![World::request_body().organization],
        persons: vec![desk.world.mara.id.clone()],
        reason: "Payroll runs on Sunday.".into(),
        scope: domain::Scope::Read,
        until: NOW + 30 * 24 * 3600,
        uses: u32::try_from(n).unwrap() + 1,
    }
}

fn forget(n: usize) -> Forget {
    let justification = format!("The customer left, and asked for it {} times.", n + 1);
    Forget { justification, organization: World::request_body().organization }
}

/// What is said of each proposal that is shown, or why none is.
async fn said(desk: &Desk, which: usize) -> Result<Vec<Option<String>>, String> {
    let said = match which {
        0 => desk.engine.policies().await.map(|v| v.proposed.into_iter().map(|one| one.signer_saw).collect()),
        1 => desk.engine.break_glass().await.map(|v| v.proposed.into_iter().map(|one| one.signer_saw).collect()),
        _ => desk.engine.forgettings().await.map(|v| v.proposed.into_iter().map(|one| one.signer_saw).collect()),
    };
    said.map_err(|error| error.code)
}

async fn proposed_by_ones_who_saw(which: usize, seen: [&str; 2]) -> Desk {
    let desk = Desk::new().await;
    let (path, list) = proposals(&desk, seen)[which].clone();
    {
        let mut services = desk.services();
        services.note = desk::note(2);
        if path == "/v1/policies" { services.policies = list } else { drop(services.others.insert(path, list)) }
    }
    desk
}

/// The second administrator signs this one of the two; the code of what comes of it.
async fn countersign(desk: &Desk, which: usize, n: usize) -> String {
    let signed = match which {
        0 => desk.engine.adopt_policy(&policy(n), "As agreed on Monday.", "123456").await.map(drop),
        1 => {
            let id = permission(desk, n).id();
            desk.engine.countersign_break_glass(id.as_str(), "123456").await.map(drop)
        }
        _ => desk.engine.countersign_forgetting(forget(n).id().as_str(), "123456").await.map(drop),
    };
    signed.map_or_else(|error| error.code, |()| String::new())
}

fn marks(said: [&str; 2]) -> Vec<Option<String>> {
    said.map(|mark| Some(mark.to_owned()).filter(|mark| !mark.is_empty())).to_vec()
}

#[tokio::test]
async fn l_02_a_proposal_by_one_who_saw_another_log_is_marked_breaks_it_and_is_not_signed() {
    for which in 0..3 {
        for size in [1, 2, 52] {
            let fork = desk::signer().sign(size, &[9; 32]);
            let desk = proposed_by_ones_who_saw(which, [&fork, &desk::note(1)]).await;
            assert_eq!(said(&desk, which).await, Ok(marks(["another-log", "not-compared"])), "{which} {size}");
            assert_eq!(said(&desk, which).await, Ok(marks(["another-log", "not-compared"])), "{which}: for good");
            for n in [0, 1] {
                assert_eq!(countersign(&desk, which, n).await, "log-broken", "{which} {size} {n}");
            }
            let later = desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err();
            assert_eq!(later.code, "log-broken", "for good");
            assert!(desk.posts().is_empty(), "nothing was signed or sent");
        }
        let desk = proposed_by_ones_who_saw(which, [&desk::note(1), &desk::note(2)]).await;
        assert_eq!(said(&desk, which).await, Ok(marks(["", ""])), "{which}: an older one is its beginning");
    }
}

/// Anybody can write down a head that the log never signed: that breaks nothing, and takes nothing else away.
#[tokio::test]
async fn l_02_one_proposal_that_names_no_head_of_the_log_leaves_the_others_as_they_are() {
    let made_up = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().sign(1, &[9; 32]);
    for which in 0..3 {
        let desk = proposed_by_ones_who_saw(which, [&made_up, &desk::note(1)]).await;
        assert_eq!(said(&desk, which).await, Ok(marks(["another-log", ""])), "{which}");
        assert_eq!(countersign(&desk, which, 0).await, "log-broken", "{which}");
        assert!(desk.posts().is_empty(), "{which}: nothing was signed or sent");
        countersign(&desk, which, 1).await;
        let sent = ["/v1/policies", "/v1/break-glass", "/v1/forgettings"][which];
        assert_eq!(desk.posts(), ["/v1/codes", sent], "the other one is signed and sent");
    }
}

#[tokio::test]
async fn l_02_nobody_signs_beside_one_who_saw_another_log_by_typing_the_same_once_more() {
    let made_up = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().sign(1, &[9; 32]);
    let desk = proposed_by_ones_who_saw(2, [&made_up, &desk::note(1)]).await;
    let propose = async |n| {
        let Forget { justification, organization } = forget(n);
        let proposed = desk.engine.propose_forgetting(organization.id.as_str(), &justification, "123456").await;
        proposed.map_or_else(|error| error.code, |_| String::new())
    };
    assert_eq!(propose(0).await, "log-broken");
    assert!(desk.posts().is_empty(), "nothing was signed or sent");
    propose(1).await;
    assert_eq!(desk.posts(), ["/v1/codes", "/v1/forgettings"], "beside the other one it is signed and sent");
}

#[tokio::test]
async fn a_proposal_that_cannot_be_compared_now_is_shown_and_not_signed() {
    for which in 0..3 {
        let desk = proposed_by_ones_who_saw(which, [&desk::note(1), ""]).await;
        assert!(desk.engine.check_log().await.is_ok());
        desk.services().no_proofs = true;
        assert_eq!(said(&desk, which).await, Ok(marks(["not-compared", ""])), "{which}");
        assert_eq!(countersign(&desk, which, 0).await, "audit-unreachable", "{which}");
        assert!(desk.posts().is_empty(), "{which}: nothing was signed or sent");
        desk.services().no_proofs = false;
        assert_eq!(said(&desk, which).await, Ok(marks(["", ""])), "{which}");
    }
}

#[tokio::test]
async fn l_02_a_request_of_one_enrolled_by_one_who_saw_another_log_is_not_decided() {
    for (size, fork) in [(1, true), (2, true), (52, true), (1, false)] {
        let desk = Desk::new().await;
        let note = if fork { desk::signer().sign(size, &[9; 32]) } else { desk::note(1) };
        desk.world.ben.saw.lock().unwrap().clone_from(&note);
        let shown = desk.world.shown(&desk.world.mara, "");
        desk.services().note = desk::note(2);
        desk.services().shown = vec![shown];
        let view = desk.engine.request(&desk.id()).await.unwrap();
        assert_eq!(view.decidable, !fork, "{size}: {}", view.left.refusal);
    }
}

/// This computer's Device, enrolled by Ben, who had seen this.
async fn enrolled_by_one_who_saw(seen: &str) -> Desk {
    let desk = Desk::new().await;
    seen.clone_into(&mut desk.world.ben.saw.lock().unwrap());
    let tokens = vec![desk.world.ben.pk_token.clone(), desk.world.tomasz.pk_token.clone()];
    let mut services = desk.services();
    services.enrols = (desk.world.enrols(), tokens);
    services.note = desk::note(2);
    drop(services);
    desk
}

async fn step_and_log(desk: &Desk) -> (SetupStep, bool) {
    let state = desk.engine.state().await.unwrap();
    (state.step, state.status.log.verdict == LogVerdict::Broken)
}

#[tokio::test]
async fn l_02_a_computer_that_was_enrolled_by_one_who_saw_another_log_signs_nothing_any_more() {
    for size in [1, 2, 52] {
        let desk = enrolled_by_one_who_saw(&desk::signer().sign(size, &[9; 32])).await;
        assert_eq!(step_and_log(&desk).await, (SetupStep::Ready, true), "{size}: the person reads why");
        assert_eq!(step_and_log(&desk).await, (SetupStep::Ready, true), "{size}: for good");
        assert_eq!(desk.told().await.len(), 1, "{size}: told once");
        let later = desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err();
        assert_eq!(later.code, "log-broken");
        assert!(desk.posts().is_empty(), "nothing was signed or sent");
    }
    let made_up = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().sign(1, &[9; 32]);
    let desk = enrolled_by_one_who_saw(&made_up).await;
    assert_eq!(step_and_log(&desk).await, (SetupStep::WaitForEnrolment, false), "a head that the log never signed");
    let desk = enrolled_by_one_who_saw(&desk::note(1)).await;
    assert_eq!(step_and_log(&desk).await, (SetupStep::Ready, false), "an older one is its beginning");
}

#[tokio::test]
async fn what_an_enrolment_rests_on_is_compared_once_the_audit_service_answers() {
    let desk = enrolled_by_one_who_saw(&desk::signer().sign(1, &[9; 32])).await;
    desk.services().no_proofs = true;
    assert_eq!(step_and_log(&desk).await, (SetupStep::Ready, false), "nothing is known");
    desk.services().no_proofs = false;
    assert_eq!(step_and_log(&desk).await, (SetupStep::Ready, true));
}
