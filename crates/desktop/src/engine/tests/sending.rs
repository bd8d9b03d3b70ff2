use super::*;
use crate::world::World as Of;

fn form() -> RequestForm {
    let body = Of::request_body();
    RequestForm {
        organization: body.organization.id.to_string(),
        reason: "customer-reported-problem".into(),
        ticket: body.ticket,
        justification: body.justification,
        scope: "read".into(),
        duration_seconds: 1800,
    }
}

#[tokio::test]
async fn a_request_whose_answer_was_lost_is_sent_again_and_is_one_request() {
    let desk = Desk::new().await;
    desk.services().loses = 1;
    let view = desk.engine.sign_request(form()).await.unwrap();
    assert_eq!(view.id, desk.id(), "the one that arrived");
    assert_eq!(desk.posts(), ["/v1/requests", "/v1/requests"]);
}

#[tokio::test]
async fn a_request_that_nobody_answers_for_is_said_to_be_there_perhaps() {
    let desk = Desk::new().await;
    desk.services().loses = 2;
    let error = desk.engine.sign_request(form()).await.unwrap_err();
    assert_eq!(error.code, "unexpected");
    assert!(error.next.contains("Look under Access before you ask again"), "{}", error.next);
}
