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
