//! Forgetting at the broker: proposed by one administrator, signed by another, and carried to the audit service, which decides.

use serde_json::json;
use statement::{Forget, verify_forgetting};
use wire::event::EventKind;
use wire::forgetting::ForgettingList;

use super::world::{Account, Answered, World, code, organizations};

pub(super) fn away(organization: usize) -> Forget {
    Forget {
        justification: "The customer left, and asked for it in writing.".into(),
        organization: organizations()[organization].clone(),
    }
}

async fn sign(w: &World, who: &Account, body: &Forget) -> Answered {
    let statement = w.sign(who, body.clone(), 24 * 3600);
    let mfa = w.attestation(who, &statement).await;
    w.post(who, "/v1/forgettings", json!({"statement": statement, "mfa": mfa})).await
}

#[tokio::test]
async fn r_14_two_administrators_sign_the_same_and_it_is_carried_on() {
    let w = World::new().await;
    let (sofia, mara) = (w.admitted("e-901", &["administrator"]).await, w.admitted("e-100", &["engineer"]).await);
    let body = away(0);
    let (status, list) = sign(&w, &w.ben, &body).await;
    assert_eq!((status, &list["forgettings"], list["proposed"].as_array().map(Vec::len)), (200, &json!([]), Some(1)));
    assert_eq!((w.log.last().kind, w.log.last().organization), (EventKind::ForgettingProposed, None));
    assert_eq!(w.get(&mara, "/v1/forgettings").await.1["proposed"], json!([]), "nothing for others to see");
    assert_eq!(code(&sign(&w, &w.ben, &body).await), (403, "same-person"), "nobody is two people");
    assert_eq!(w.log.last().kind, EventKind::ForgettingRefused);
    let other = Forget { justification: "Another reason, and so another proposal.".into(), ..body.clone() };
    assert_eq!(sign(&w, &sofia, &other).await.1["proposed"].as_array().map(Vec::len), Some(2));
    let unknown = Forget {
        organization: domain::Organization { name: "Another name".into(), ..body.organization.clone() },
        ..body.clone()
    };
    assert_eq!(sign(&w, &sofia, &unknown).await.0, 404, "what it is called is signed too");
    let tomasz = w.admitted("e-200", &["approver"]).await;
    assert_eq!(code(&sign(&w, &tomasz, &body).await), (403, "missing-role"));

    let (status, list) = sign(&w, &sofia, &body).await;
    assert_eq!(status, 200, "{list}");
    let list: ForgettingList = serde_json::from_value(list).expect("a list");
    assert_eq!((list.forgettings.len(), list.proposed.len()), (1, 1), "the other proposal waits on");
    let keys = w.broker.keys().await.expect("keys");
    let forgotten = verify_forgetting(&list.forgettings[0].forgetting, &w.trust, &keys, w.broker.now());
    assert_eq!(forgotten.expect("whoever has it verifies it").body(), &body);
    assert_eq!(code(&w.send_request(&mara, w.request()).await), (410, "organization-forgotten"));
}
