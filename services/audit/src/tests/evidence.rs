use axum::http::Method;
use domain::Scope;
use statement::{Review, ReviewVerdict, sha256};
use wire::audit::{Acknowledged, PeriodEvidence, SessionDetail};
use wire::broker::SignedStatement;
use wire::event::{EventKind, Receipt};
use wire::evidence::{Content, Evidence, PERIOD_FORMAT, PeriodContent, SESSION_FORMAT, heads_digest};

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
    assert_eq!(evidence.format, SESSION_FORMAT);
    let made = check_receipt(&w.verifier(), &evidence.made);
    assert_eq!(made.facts["content"], sha256(&evidence.content).to_string());
    let notes = evidence.heads.iter().map(|head| head.checkpoint.as_str());
    assert_eq!(made.facts["heads"], heads_digest(notes).to_string());
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
    let trust =
        wire::join::TrustFile { trust: w.trust.clone(), provider_keys: vec![pinned], witnesses: Vec::new(), quorum: 0 };
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
    assert_eq!(made.facts["entries"], kinds.len().to_string());
    use EventKind as K;
    assert_eq!(
        kinds,
        [K::RequestSigned, K::Approved, K::SessionOpened, K::RecordingGrows, K::RecordingSealed, K::ReviewSigned]
    );
}

#[tokio::test]
async fn l_02_each_head_that_a_signer_had_verified_is_shown_and_leads_to_the_one_that_answers() {
    let w = world().await;
    let seen = String::from_utf8(w.get("/checkpoint").await.body).expect("a note");
    let size = w.head().await.size;
    let case = w.case_for("kinloch-hotels", Scope::Read, &seen).await;
    w.open(&case).await.json::<Receipt>();
    let session: domain::SessionId = sha256(&case.bundle.open).into();
    w.end(&session, 0).await.json::<Receipt>();
    let file = w.person(&w.ines, Method::POST, &format!("/v1/sessions/{session}/evidence"), None).await;
    let evidence: Evidence = file.json();
    let shown: Vec<_> = evidence.heads.iter().map(|head| w.verifier().open(&head.checkpoint).expect("ours")).collect();
    let made = w.verifier().open(&evidence.made.checkpoint).expect("ours");
    let (head, one) = (&shown[1], &evidence.heads[1]);
    assert_eq!((shown.len(), head.size, &one.checkpoint), (2, size, &seen));
    let path: Vec<_> = one.consistency.iter().map(hash).collect();
    merkle::verify_consistency(size, made.size, &path, &head.root, &made.root).expect("a beginning");
}

#[tokio::test]
async fn a_period_holds_every_session_of_the_organization_in_the_order_of_their_openings() {
    let w = world().await;
    let opened = [w.session().await.0, w.session().await.0];
    w.open(&w.case_for("delmar-foods", Scope::Read, "").await).await.json::<Receipt>();
    let ask = async |from: i64, to: i64| {
        let asked = PeriodEvidence { organization: "kinloch-hotels".parse().expect("id"), from, to };
        let body = Some(serde_json::to_vec(&asked).expect("json"));
        w.person(&w.ines, Method::POST, "/v1/evidence", body).await
    };
    let file = ask(NOW, NOW + 1).await;
    let evidence: Evidence = file.json();
    assert_eq!(serde_json::to_vec(&evidence).expect("json"), file.body, "one spelling");
    assert_eq!(evidence.format, PERIOD_FORMAT);
    let content: PeriodContent = serde_json::from_str(&evidence.content).expect("content");
    assert_eq!(content.sessions.iter().map(|c| c.session.clone()).collect::<Vec<_>>(), opened);
    let made = check_receipt(&w.verifier(), &evidence.made);
    assert_eq!((made.kind, made.session), (EventKind::EvidenceMade, None));
    assert_eq!(made.facts["content"], sha256(&evidence.content).to_string());
    assert_eq!((made.facts["from"].clone(), made.facts["sessions"].as_str()), (NOW.to_string(), "2"));
    assert!(made.sealed.contains_key("person"));
    let pinned = wire::join::PinnedKeys { jwks: content.sessions[0].provider_keys.clone(), until: None };
    let trust =
        wire::join::TrustFile { trust: w.trust.clone(), provider_keys: vec![pinned], witnesses: Vec::new(), quorum: 0 };
    let Ok(verify::Proof::Period(report)) = verify::verify(&file.body, &trust) else { panic!("it does not verify") };
    assert_eq!(report.sessions.len(), 2);
    let content: PeriodContent =
        serde_json::from_str(&ask(NOW + 1, NOW + 2).await.json::<Evidence>().content).expect("content");
    assert!(content.sessions.is_empty());
    assert_eq!(ask(NOW, NOW).await.problem(), (400, "malformed".into()));
    let body = Some(br#"{"organization":"kinloch-hotels","from":1,"to":2}"#.to_vec());
    assert_eq!(w.person(&w.mara, Method::POST, "/v1/evidence", body).await.problem(), (403, "missing-role".into()));
}
