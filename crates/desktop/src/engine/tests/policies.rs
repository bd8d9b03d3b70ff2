use super::*;

/// A laxer policy, as a broker shows it that made it up by itself.
fn made_up() -> serde_json::Value {
    let text = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2").replace("<= 7200", "<= 14400");
    let adoption = json!({"text": text, "statements": [], "mfa": [], "enrols": [], "pk_tokens": []});
    let receipt = json!({"index": 0, "leaf": "{}", "inclusion": [], "checkpoint": desk::note(2)});
    json!({"adopted": [{"adoption": adoption, "receipt": receipt}], "proposed": []})
}

#[tokio::test]
async fn a_policy_that_nobody_adopted_is_refused_and_nothing_is_signed_under_it() {
    let desk = Desk::new().await;
    desk.services.lock().unwrap().policies = made_up();
    let error = desk.engine.policies().await.unwrap_err();
    assert_eq!(error.code, "policy-not-adopted", "{}", error.message);
    assert!(error.message.contains("fewer than two administrators"), "{}", error.message);
    let error = desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err();
    assert_eq!(error.code, "policy-not-adopted", "{}", error.message);
    assert!(desk.services.lock().unwrap().posts.is_empty(), "nothing was signed or sent");
}

#[tokio::test]
async fn a_proposal_whose_signature_does_not_hold_is_not_shown() {
    let desk = Desk::new().await;
    let adoption = made_up()["adopted"][0]["adoption"].clone();
    desk.services.lock().unwrap().policies =
        json!({"adopted": [], "proposed": [{"adoption": adoption, "proposed_at": NOW}]});
    let shown = desk.engine.policies().await.unwrap();
    assert_eq!((shown.adopted.len(), shown.proposed.len()), (1, 0));
    assert_eq!(shown.adopted[0].digest, Policy::compiled_in().digest().to_string());
}

#[tokio::test]
async fn a_text_that_cannot_follow_is_not_signed() {
    let desk = Desk::new().await;
    for text in ["text", Policy::compiled_in().text()] {
        let error = desk.engine.adopt_policy(text, "As agreed on Monday.", "123456").await.unwrap_err();
        assert_eq!(error.code, "not-a-successor", "{}", error.message);
    }
    assert!(desk.services.lock().unwrap().posts.is_empty());
}

/// Ben proposed this text.
fn proposed(desk: &Desk, text: &str) -> serde_json::Value {
    let ben = &desk.world.ben;
    let previous = desk.world.trust.policy.clone();
    let adopt = statement::Adopt { comment: "As agreed on Monday.".into(), policy: sha256(text), previous };
    let statements = [ben.sign(adopt, NOW - 20, "")];
    let adoption =
        json!({"text": text, "statements": statements, "mfa": [], "enrols": [], "pk_tokens": [ben.pk_token]});
    json!({"adopted": [], "proposed": [{"adoption": adoption, "proposed_at": NOW - 20}]})
}

fn version_2() -> String {
    Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2")
}

#[tokio::test]
async fn a_proposal_says_what_it_allows_more_than_the_policy_in_force() {
    let desk = Desk::new().await;
    let said = async |text: &str| {
        desk.services().policies = proposed(&desk, text);
        let shown = desk.engine.policies().await.unwrap().proposed;
        assert_eq!(shown.len(), 1, "{text}");
        shown[0].allows_more.clone()
    };
    let two = "context.scope == 1 && context.duration_seconds <= 7200\n";
    assert!(version_2().contains(two));
    let longer = version_2().replace(two, &two.replace("7200", "14400"));
    let more = said(&longer).await;
    assert!(matches!(&more[0], crate::view::AllowsMoreView::Offer { reason, .. } if reason == "legal-disclosure"));
    assert_eq!(said(&longer).await, more, "the second time too");
    assert_eq!(said(&version_2().replace(two, &two.replace("7200", "3600"))).await, []);
}

#[tokio::test]
async fn the_last_month_is_asked_of_a_text_that_can_follow() {
    let desk = Desk::with_roles(&["approver", "engineer", "administrator", "reviewer"]).await;
    let nobody = desk.engine.policy_last_month(&version_2()).await.unwrap();
    let from = u32::try_from(NOW - 30 * 24 * 3600).unwrap();
    assert_eq!((nobody.from, nobody.requests, nobody.not_asked), (from, 0, 0));
    let error = desk.engine.policy_last_month(Policy::compiled_in().text()).await.unwrap_err();
    assert_eq!(error.code, "not-a-successor", "{}", error.message);
}
