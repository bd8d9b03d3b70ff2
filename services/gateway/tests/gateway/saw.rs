//! What whoever signed had seen of the log: besides the bundle's own signers, the administrators who enrolled them, those who
//! adopted a policy, and whoever revokes.

use checkpoint::{LogSigner, LogVerifier, Relation};
use domain::PersonId;
use policy::Policy;
use statement::{Adopt, Adoption, Bundle, Enrol, Revoke, Revoked, sha256};
use wire::audit::Consistency;
use wire::event::EventKind;
use wire::gateway::{Revocation, ServiceProof};

use crate::audit::{Mood, State};
use crate::bundle::{Account, Wish};
use crate::rig::Rig;

/// Heads that the log's key signed and that are not of this log: of a size that it had, of its own, and of one that it has not.
fn forks(rig: &Rig) -> [String; 3] {
    let size = LogVerifier::parse(&rig.audit.signer.verifier_key()).unwrap().open(&rig.audit.note()).unwrap().size;
    [1, size, size + 50].map(|size| rig.audit.signer.sign(size, &[9; 32]))
}

/// The same bundle, whose people were enrolled by somebody who had seen this.
fn enrolled_by_one_who_saw(rig: &Rig, bundle: &Bundle, seen: &str) -> Bundle {
    let enrol = |who: &Account| {
        let body = Enrol { device: who.key.public().thumbprint(), person: PersonId(who.person.clone()) };
        rig.people.statement(rig.people.administrator(), body, 600, seen)
    };
    Bundle { enrols: [&rig.people.mara, &rig.people.tomasz].map(enrol).to_vec(), ..bundle.clone() }
}

#[tokio::test]
async fn l_02_nobody_opens_whose_enrolment_is_by_one_who_was_shown_another_log() {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    for fork in forks(&rig) {
        assert_eq!(person.open(&enrolled_by_one_who_saw(&rig, &bundle, &fork)).await.code(), "log-broken");
    }
    let honest = rig.audit.note();
    assert_eq!(person.open(&enrolled_by_one_who_saw(&rig, &bundle, &honest)).await.status, 200);
}

fn adopted_by_ones_who_saw(rig: &Rig, text: &str, seen: &str) -> Adoption {
    let previous = rig.people.trust.policy.clone();
    let who = [rig.people.administrator(), &rig.people.ben];
    let adopt = || Adopt { comment: "As agreed on Monday.".into(), policy: sha256(text), previous: previous.clone() };
    let statements = who.map(|w| rig.people.statement(w, adopt(), 3600, seen));
    let mfa = [0, 1].map(|n| rig.people.mfa(who[n], Some(&statements[n])));
    let adoption = rig.people.adoption(text, &previous, &who);
    Adoption { statements: statements.to_vec(), mfa: mfa.to_vec(), ..adoption }
}

#[tokio::test]
async fn l_02_no_policy_is_in_force_that_one_adopted_who_was_shown_another_log() {
    let text = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2");
    let wish = Wish { policy: Some(sha256(&text)), ..Wish::default() };
    for which in 0..4 {
        let rig = Rig::new().await;
        let honest = rig.audit.note();
        let seen = forks(&rig).get(which).cloned().unwrap_or(honest);
        rig.audit.adopt(&adopted_by_ones_who_saw(&rig, &text, &seen));
        let person = rig.person();
        let answer = person.open(&rig.people.bundle(&wish, &person.certificate)).await;
        let expected = if which == 3 { (200, String::new()) } else { (503, "log-broken".into()) };
        let code = if answer.status == 200 { String::new() } else { answer.code() };
        assert_eq!((answer.status, code), expected, "{which}");
    }
}

/// What the entry about a revocation says whose signer had seen this, with an audit service that is like that meanwhile; the
/// Session is over all the same.
async fn revoked_by_one_who_saw(seen: impl FnOnce(&Rig) -> String, is: impl FnOnce(&mut State)) -> Option<String> {
    revoked_beside(|_, bundle| bundle.enrols.clone(), seen, is).await
}

/// The same beside these enrolments.
async fn revoked_beside(
    enrols: impl FnOnce(&Rig, &Bundle) -> Vec<String>,
    seen: impl FnOnce(&Rig) -> String,
    is: impl FnOnce(&mut State),
) -> Option<String> {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    assert_eq!(person.open(&bundle).await.status, 200);
    let body = Revoke { reason: "The laptop was stolen.".into(), revokes: Revoked::Grant(sha256(&bundle.request)) };
    let statement = rig.people.statement(&rig.people.tomasz, body, 300, &seen(&rig));
    let enrols = enrols(&rig, &bundle);
    let revocation = Revocation { statement, mfa: None, pk_tokens: bundle.pk_tokens, enrols };
    is(&mut rig.audit.state.lock().unwrap());
    let answer = rig.stranger().call("POST", "/v1/revocations", &serde_json::to_string(&revocation).unwrap()).await;
    assert_eq!((answer.status, answer.json()["ended"].as_array().map(Vec::len)), (200, Some(1)), "{}", answer.text());
    assert_eq!(person.status().await["ended_by"], "revoked");
    rig.audit.set(Mood::Well);
    rig.until("told", |r| r.audit.kinds().contains(&EventKind::Revoked)).await;
    let state = rig.audit.state.lock().unwrap();
    let told = state.events.iter().find(|e| e.kind == EventKind::Revoked).unwrap();
    told.facts.get("signer-saw").cloned()
}

#[tokio::test]
async fn l_02_a_revocation_ends_the_session_and_says_that_its_signer_was_shown_another_log() {
    for which in 0..3 {
        let said = revoked_by_one_who_saw(|rig| forks(rig)[which].clone(), |_| {}).await;
        assert_eq!(said.as_deref(), Some("another-log"), "{which}");
    }
    let said = revoked_by_one_who_saw(|rig| forks(rig)[0].clone(), |audit| audit.mood = Mood::Away).await;
    assert_eq!(said.as_deref(), Some("another-log"), "also when the log could be asked only later");
    assert_eq!(revoked_by_one_who_saw(|rig| rig.audit.note(), |_| {}).await, None);
    assert_eq!(revoked_by_one_who_saw(|_| String::new(), |_| {}).await, None);
}

#[tokio::test]
async fn l_02_a_revocation_ends_the_session_and_says_that_whoever_enrolled_its_signer_was_shown_another_log() {
    let nothing = |_: &Rig| String::new();
    for which in 0..3 {
        let beside = |rig: &Rig, bundle: &Bundle| enrolled_by_one_who_saw(rig, bundle, &forks(rig)[which]).enrols;
        let said = revoked_beside(beside, nothing, |_| {}).await;
        assert_eq!(said.as_deref(), Some("another-log"), "{which}");
    }
    let honest = |rig: &Rig, bundle: &Bundle| enrolled_by_one_who_saw(rig, bundle, &rig.audit.note()).enrols;
    assert_eq!(revoked_beside(honest, nothing, |_| {}).await, None);
    let said = revoked_beside(honest, nothing, |audit| audit.no_paths = true).await;
    assert_eq!(said.as_deref(), Some("not-compared"), "the log has no path");
}

/// Whoever brings a revocation could say of others that they were shown another log, if what nobody signed were heard.
#[tokio::test]
async fn an_enrolment_beside_a_revocation_that_nobody_signed_says_nothing() {
    let beside = |rig: &Rig, bundle: &Bundle| {
        let mut made_up = enrolled_by_one_who_saw(rig, bundle, &forks(rig)[0]).enrols;
        for enrol in &mut made_up {
            *enrol = format!("{}.{}", enrol.rsplit_once('.').unwrap().0, statement::base64url([7; 64]));
        }
        [bundle.enrols.clone(), made_up].concat()
    };
    assert_eq!(revoked_beside(beside, |_| String::new(), |_| {}).await, None);
}

#[tokio::test]
async fn l_02_what_cannot_be_compared_is_not_called_another_log_and_keeps_no_entry_waiting() {
    let honest = |rig: &Rig| rig.audit.note();
    let said = revoked_by_one_who_saw(honest, |audit| audit.no_paths = true).await;
    assert_eq!(said.as_deref(), Some("not-compared"), "the log has no path");
    let other = LogSigner::from_seed("test/log", &[8; 32]).unwrap().sign(90, &[9; 32]);
    let said = revoked_by_one_who_saw(honest, |audit| audit.shown = Some(other)).await;
    assert_eq!(said.as_deref(), Some("not-compared"), "the log's key did not sign its own head");
}

#[tokio::test]
async fn a_service_gets_what_holds_every_head_in_its_proof_to_one_log() {
    let rig = Rig::new().await;
    let person = rig.person();
    let wish = Wish { seen: rig.audit.note(), ..Wish::default() };
    let bundle = enrolled_by_one_who_saw(&rig, &rig.people.bundle(&wish, &person.certificate), &rig.audit.note());
    assert_eq!(person.open(&bundle).await.status, 200);
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);
    let arrived = rig.service.arrived();
    let assertion = arrived.last().unwrap().headers[wire::ASSERTION_HEADER].to_str().unwrap();
    let ask = format!("GET /v1/proof HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {assertion}\r\n\r\n", rig.address);
    let proof: ServiceProof = serde_json::from_value(rig.stranger().raw(ask.as_bytes()).await.json()).unwrap();
    let log = LogVerifier::parse(&rig.audit.signer.verifier_key()).unwrap();
    let newest = log.open(&proof.log.head).unwrap();
    let heads = proof.heads().unwrap();
    assert_eq!(heads.len(), 2, "what everybody saw, and the receipt's");
    for note in heads {
        let head = log.open(&note).unwrap();
        let path = proof.log.paths.iter().find(|path| path.from == head.size).and_then(Consistency::hashes);
        assert_eq!(Relation::of(&head, &newest, &path.unwrap_or_default()), Relation::Continues);
    }
}
