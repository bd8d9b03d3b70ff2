//! What others had seen of the log who signed what is shown here: one who saw another log breaks it for good.

use statement::{Adopt, BreakGlass, Forget};

use super::*;

/// What Ben proposes, who had seen this: a policy, a permission, a forgetting.
fn proposals(desk: &Desk, seen: &str) -> [(&'static str, serde_json::Value); 3] {
    let ben = &desk.world.ben;
    let organization = World::request_body().organization;
    let text = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2");
    let previous = desk.world.trust.policy.clone();
    let adopt = Adopt { comment: "As agreed on Monday.".into(), policy: sha256(&text), previous };
    let permission = BreakGlass {
        duration_seconds: 1800,
        from: NOW - 60,
        organizations: vec![organization.clone()],
        persons: vec![desk.world.mara.id.clone()],
        reason: "Payroll runs on Sunday.".into(),
        scope: domain::Scope::Read,
        until: NOW + 30 * 24 * 3600,
        uses: 1,
    };
    let forget = Forget { justification: "The customer left, and asked for it.".into(), organization };
    let signed =
        |statement: String| json!({ "statements": [statement], "mfa": [], "enrols": [], "pk_tokens": [ben.pk_token] });
    let mut adoption = signed(ben.sign(adopt, NOW - 20, seen));
    adoption["text"] = text.into();
    let statement = ben.sign(permission, NOW - 20, seen);
    let signed_in_advance = json!({ "statements": [statement], "mfa": [] });
    let permission = json!({ "signed": signed_in_advance, "enrols": [], "pk_tokens": [ben.pk_token] });
    let forgetting = signed(ben.sign(forget, NOW - 20, seen));
    [
        ("/v1/policies", json!({"adopted": [], "proposed": [{"adoption": adoption, "proposed_at": NOW - 20}]})),
        (
            "/v1/break-glass",
            json!({"permissions": [], "proposed": [{"permission": permission, "proposed_at": NOW - 20}]}),
        ),
        (
            "/v1/forgettings",
            json!({"forgettings": [], "proposed": [{"forgetting": forgetting, "proposed_at": NOW - 20}]}),
        ),
    ]
}

/// How many proposals are shown, or why none is.
async fn shown(desk: &Desk, which: usize) -> Result<usize, String> {
    let shown = match which {
        0 => desk.engine.policies().await.map(|view| view.proposed.len()),
        1 => desk.engine.break_glass().await.map(|view| view.proposed.len()),
        _ => desk.engine.forgettings().await.map(|view| view.proposed.len()),
    };
    shown.map_err(|error| error.code)
}

async fn proposed_by_one_who_saw(which: usize, seen: &str) -> (Desk, Result<usize, String>) {
    let desk = Desk::new().await;
    let (path, list) = proposals(&desk, seen)[which].clone();
    {
        let mut services = desk.services();
        services.note = desk::note(2);
        if path == "/v1/policies" { services.policies = list } else { drop(services.others.insert(path, list)) }
    }
    let shown = shown(&desk, which).await;
    (desk, shown)
}

#[tokio::test]
async fn l_02_a_proposal_by_one_who_saw_another_log_breaks_it_and_is_not_shown() {
    for which in 0..3 {
        for size in [1, 2, 52] {
            let fork = desk::signer().sign(size, &[9; 32]);
            let (desk, shown) = proposed_by_one_who_saw(which, &fork).await;
            assert_eq!(shown, Err("log-broken".into()), "{which} {size}");
            let later = desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err();
            assert_eq!(later.code, "log-broken", "for good");
        }
        let (_, shown) = proposed_by_one_who_saw(which, &desk::note(1)).await;
        assert_eq!(shown, Ok(1), "{which}: an older one is its beginning");
    }
}

#[tokio::test]
async fn l_02_nobody_countersigns_a_policy_beside_one_who_saw_another_log() {
    let desk = Desk::new().await;
    let (_, list) = proposals(&desk, &desk::signer().sign(1, &[9; 32]))[0].clone();
    let text = list["proposed"][0]["adoption"]["text"].as_str().unwrap().to_owned();
    desk.services().note = desk::note(2);
    desk.services().policies = list;
    let error = desk.engine.adopt_policy(&text, "As agreed on Monday.", "123456").await.unwrap_err();
    assert_eq!(error.code, "log-broken", "{}", error.message);
    assert!(desk.posts().is_empty(), "nothing was signed or sent");
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
