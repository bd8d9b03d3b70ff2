use axum::http::Method;
use statement::{Review, ReviewVerdict, sha256};
use wire::audit::{Acknowledged, SessionDetail};
use wire::broker::SignedStatement;
use wire::event::{EventKind, Receipt};
use wire::evidence::{Content, Evidence};

use super::world::{NOW, check_receipt, frames, hash, world};

#[tokio::test]
async fn the_evidence_holds_everything_and_the_log_answers_for_it() {
    let w = world().await;
    let case = w.case().await;
    w.open(&case).await.json::<Receipt>();
    let session = sha256(&case.bundle.open).into();
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.clone().expect("sealed").digest().expect("digest");
    let review =
        Review { manifest, note: String::new(), session: session.clone(), verdict: ReviewVerdict::NothingToReport };
    let review = w.ines.state(review, NOW, 300, "");
    let body = serde_json::to_vec(&SignedStatement { statement: review.clone() }).expect("json");
    w.person(&w.ines, Method::POST, &format!("/v1/sessions/{session}/reviews"), Some(body)).await.json::<Receipt>();

    let path = format!("/v1/sessions/{session}/evidence");
    assert_eq!(w.person(&w.mara, Method::POST, &path, None).await.problem(), (403, "missing-role".into()));
    let file = w.person(&w.ines, Method::POST, &path, None).await;
    let evidence: Evidence = file.json();
    assert_eq!(serde_json::to_vec(&evidence).expect("json"), file.body, "one spelling");
    assert_eq!(evidence.format, "countersign-evidence/2");
    let made = check_receipt(&w.verifier(), &evidence.made);
    assert_eq!(made.facts["content"], sha256(&evidence.content).to_string());
    let content: Content = serde_json::from_str(&evidence.content).expect("content");
    assert_eq!(serde_json::to_string(&content).expect("json"), evidence.content);
    assert_eq!(content.bundle_json, case.asked.bundle_json);
    assert_eq!(content.manifest, detail.manifest);
    assert_eq!(content.reviews, [review]);
    let mut tokens = [w.ines.token.clone(), w.ben.token.clone()];
    tokens.sort();
    assert_eq!(content.reviewer_tokens, tokens, "the reviewer's, and that of whoever enrolled them");
    assert_eq!(sha256(&content.policy), w.trust.policy);
    let pinned = wire::join::PinnedKeys { jwks: content.provider_keys.clone(), until: None };
    let trust = wire::join::TrustFile { trust: w.trust.clone(), provider_keys: vec![pinned] };
    verify::verify(&file.body, &trust).expect("the offline verifier accepts it");
    let mut kinds = Vec::new();
    for proven in &content.events {
        let event = check_receipt(&w.verifier(), &proven.receipt);
        assert_eq!(event.sealed.len(), proven.personal.len(), "nothing is forgotten yet");
        for (name, field) in &proven.personal {
            let salted = [hash(&field.salt).as_slice(), field.value.as_bytes()].concat();
            assert_eq!(event.sealed[name], sha256(salted));
        }
        if event.kind == EventKind::SessionOpened {
            assert_eq!(event.facts["provider-keys"], sha256(&content.provider_keys).to_string());
        }
        kinds.push(event.kind);
    }
    use EventKind as K;
    assert_eq!(kinds, [K::RequestSigned, K::Approved, K::SessionOpened, K::RecordingSealed, K::ReviewSigned]);
}
