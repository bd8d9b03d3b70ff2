//! One administrator proposes a policy, another one adopts it; what is asked from then on is asked of it.

use policy::Policy;
use serde_json::json;
use statement::{Adopt, Revoke, Revoked, sha256};
use wire::event::EventKind;

use super::world::{Account, Answered, World, code};

/// The policy in force with the next version, and Read for 15 minutes.
pub(super) fn next() -> String {
    Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2").replace("<= 7200", "<= 900")
}

pub(super) fn adopt(w: &World, text: &str) -> Adopt {
    Adopt { comment: "As agreed on Monday.".into(), policy: sha256(text), previous: w.trust.policy.clone() }
}

async fn sign(w: &World, who: &Account, text: &str) -> Answered {
    send(w, who, text, &w.sign(who, adopt(w, text), 24 * 3600)).await
}

async fn send(w: &World, who: &Account, text: &str, statement: &str) -> Answered {
    let mfa = w.attestation(who, statement).await;
    w.post(who, "/v1/policies", json!({"text": text, "statement": statement, "mfa": mfa})).await
}

#[tokio::test]
async fn the_second_administrator_puts_it_in_force() {
    let mut w = World::new().await;
    let (sofia, mara) = (w.admitted("e-901", &["administrator"]).await, w.admitted("e-100", &["engineer"]).await);
    let before = w.ask(&mara).await;
    let text = next();
    let (status, list) = sign(&w, &w.ben, &text).await;
    assert_eq!((status, list["adopted"].as_array().map(Vec::len)), (200, Some(0)), "{list}");
    assert_eq!(list["proposed"][0]["adoption"]["text"], text.as_str());
    assert_eq!(
        (w.log.last().kind, w.log.last().facts["policy"].as_str()),
        (EventKind::PolicyProposed, sha256(&text).as_str())
    );
    assert_eq!(w.get(&mara, "/v1/policies").await.1["proposed"], json!([]), "nothing for others to see");
    w.restart().await;
    assert_eq!(code(&sign(&w, &w.ben, &text).await), (403, "same-person"), "nobody is two people");
    assert_eq!(w.log.last().kind, EventKind::PolicyRefused);

    let (status, list) = sign(&w, &sofia, &text).await;
    assert_eq!((status, &list["proposed"]), (200, &json!([])), "{list}");
    assert_eq!(list["adopted"][0]["adoption"]["statements"].as_array().map(Vec::len), Some(2));
    assert_eq!(w.log.last().kind, EventKind::PolicyAdopted);

    let long = w.request();
    assert_eq!(code(&w.send_request(&mara, long).await), (409, "other-policy"));
    w.trust.policy = sha256(&text);
    let long = w.request();
    assert_eq!(code(&w.send_request(&mara, long).await), (403, "duration-out-of-policy"));
    let mut short = w.request();
    short.duration_seconds = 900;
    assert_eq!(w.send_request(&mara, short).await.0, 200);
    let tomasz = w.admitted("e-200", &["approver"]).await;
    assert_eq!(code(&w.approve(&tomasz, &before).await), (409, "other-policy"), "asked before, it is asked again");
    w.trust.policy = Policy::compiled_in().digest().clone();
    w.restart().await;
    assert_eq!(w.get(&mara, "/v1/policies").await.1["adopted"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn signatures_for_a_policy_that_are_refused() {
    let w = World::new().await;
    let (sofia, mara) = (w.admitted("e-901", &["administrator"]).await, w.admitted("e-100", &["engineer"]).await);
    let text = next();
    let refused = |answer: Answered, expected: (u16, &'static str)| {
        assert_eq!(code(&answer), expected);
        assert_eq!((w.log.last().kind, w.log.last().facts["code"].as_str()), (EventKind::PolicyRefused, expected.1));
    };
    refused(sign(&w, &mara, &text).await, (403, "missing-role"));
    let other = text.replace("\"version\": 2", "\"version\": 4");
    refused(sign(&w, &w.ben, &other).await, (409, "not-a-successor"));
    refused(sign(&w, &w.ben, "no policy").await, (409, "not-a-successor"));
    let about_another = w.sign(&w.ben, adopt(&w, "another text"), 600);
    refused(send(&w, &w.ben, &text, &about_another).await, (409, "other-policy"));
    let elsewhere = Adopt { previous: sha256("another"), ..adopt(&w, &text) };
    refused(send(&w, &w.ben, &text, &w.sign(&w.ben, elsewhere, 600)).await, (409, "other-policy"));
    let of_ben = w.sign(&w.ben, adopt(&w, &text), 600);
    refused(send(&w, &sofia, &text, &of_ben).await, (403, "not-your-signature"));
    let without = json!({"text": text, "statement": of_ben, "mfa": null});
    refused(w.post(&w.ben, "/v1/policies", without).await, (403, "no-second-factor"));
    refused(send(&w, &w.ben, &text, &w.sign(&w.ben, adopt(&w, &text), 24 * 3600 + 1)).await, (409, "lives-too-long"));
    assert_eq!(w.get(&w.ben, "/v1/policies").await.1, json!({"adopted": [], "proposed": []}));
}

#[tokio::test]
async fn a_proposal_ends_with_its_signature_or_its_signer() {
    let w = World::new().await;
    let sofia = w.admitted("e-901", &["administrator"]).await;
    let proposed = async |w: &World| w.get(&sofia, "/v1/policies").await.1["proposed"].as_array().map(Vec::len);
    let text = next();
    let short = w.sign(&w.ben, adopt(&w, &text), 600);
    assert_eq!(send(&w, &w.ben, &text, &short).await.0, 200);
    assert_eq!(proposed(&w).await, Some(1));
    w.clock.advance(600);
    assert_eq!(proposed(&w).await, Some(0));
    let adele = w.admitted("e-902", &["administrator"]).await;
    assert_eq!(sign(&w, &adele, &text).await.1["proposed"].as_array().map(Vec::len), Some(1), "it begins anew");
    let what = Revoked::Device(adele.key.public().thumbprint());
    let revoke = w.sign(&w.ben, Revoke { reason: "The computer was stolen.".into(), revokes: what }, 300);
    let mfa = w.attestation(&w.ben, &revoke).await;
    assert_eq!(w.post(&w.ben, "/v1/revocations", json!({"statement": revoke, "mfa": mfa})).await.0, 204);
    assert_eq!(code(&sign(&w, &sofia, &text).await), (403, "revoked"));
    assert!(!w.log.kinds().contains(&EventKind::PolicyAdopted));
}

#[tokio::test]
async fn without_the_audit_service_nothing_is_proposed_or_adopted() {
    let w = World::new().await;
    let sofia = w.admitted("e-901", &["administrator"]).await;
    let text = next();
    let statement = w.sign(&w.ben, adopt(&w, &text), 600);
    let mfa = w.attestation(&w.ben, &statement).await;
    let body = json!({"text": text, "statement": statement, "mfa": mfa});
    w.log.away.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(code(&w.post(&w.ben, "/v1/policies", body.clone()).await), (503, "audit-unreachable"));
    w.log.away.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(w.get(&sofia, "/v1/policies").await.1, json!({"adopted": [], "proposed": []}));
    assert_eq!(w.post(&w.ben, "/v1/policies", body).await.0, 200, "and it can be sent again");
}
