//! An Evidence file: accepted when everything in it is right, rejected when any part is not, even when the log's own
//! operator made the file again around the change.

mod break_glass;
mod bytes;
mod enrolments;
mod extended_under;
mod extensions;
mod kinds;
mod log_entries;
mod map;
mod members;
mod parts;
mod period;
mod policies;
mod reviews;
mod witnesses;

use domain::{ReasonCategory, Scope};
use statement::{Bundle, sha256};
use tests::forge::{Account, Case, Company, Good, Person, made_event, opened_event, remade};
use verify::{Proof, Rejected, Report, prove, verify};
use wire::event::{Append, EventKind, Source};
use wire::evidence::{Content, Evidence, heads_digest};
use wire::join::TrustFile;

const OPEN: i64 = 1_800_000_000;

fn rejected(bytes: &[u8], trust: &TrustFile) -> Rejected {
    match verify(bytes, trust) {
        Ok(report) => panic!("accepted:\n{report}"),
        Err(rejected) => rejected,
    }
}

fn accepted(bytes: &[u8], trust: &TrustFile) -> Report {
    match verify(bytes, trust) {
        Ok(Proof::Session(report)) => report,
        Ok(Proof::Period(report)) => panic!("of a period:\n{report}"),
        Err(rejected) => panic!("{rejected}"),
    }
}

/// What the verifier says to a file that the log's operator made again around this change.
fn after(change: impl FnOnce(&mut Content)) -> String {
    let mut case = Case::new(OPEN);
    let bytes = case.remade_with(change);
    rejected(&bytes, &case.trust).to_string()
}

/// The same for a change inside the bundle, with an entry that names the changed bundle.
fn after_in_bundle(change: impl FnOnce(&mut Bundle, &Company, &Good)) -> String {
    let case = Case::new(OPEN);
    let (bytes, trust) = with_bundle(case, change);
    rejected(&bytes, &trust).to_string()
}

fn with_bundle(mut case: Case, change: impl FnOnce(&mut Bundle, &Company, &Good)) -> (Vec<u8>, TrustFile) {
    let mut append = opened_event(&case.company, &case.good);
    let mut bundle = case.good.bundle.clone();
    change(&mut bundle, &case.company, &case.good);
    let bundle_json = serde_json::to_string(&bundle).expect("a bundle");
    let session = sha256(&bundle.open).into();
    append = append.fact("bundle", sha256(&bundle_json).to_string()).session(&session);
    append.statements =
        std::iter::once(&bundle.request).chain(&bundle.decisions).chain([&bundle.open]).cloned().collect();
    let bytes = only_opened(&mut case, &append, |content| {
        content.bundle_json = bundle_json;
        content.session = session;
    });
    (bytes, case.trust)
}

/// A file whose opening is this entry, and which ends with it.
fn only_opened(case: &mut Case, append: &Append, change: impl FnOnce(&mut Content)) -> Vec<u8> {
    let proven = case.logged(Source::Audit, append, OPEN + 2);
    case.remade_with(|content| {
        content.events.truncate(2);
        content.events.push(proven);
        (content.manifest, content.reviews, content.reviewer_tokens) = (None, vec![], vec![]);
        change(content);
    })
}

#[test]
fn everything_right_is_accepted_and_said_in_plain_sentences() {
    let case = Case::new(OPEN);
    let report = accepted(&case.bytes, &case.trust);
    let text = report.to_string();
    for sentence in [
        "in Kinloch Hotels (kinloch-hotels)",
        "Mara Lindqvist (e-1001) signed a request at 2027-01-15T07:50:00Z: Read for 30 min of Kinloch Hotels",
        "Reason: Customer-reported problem. Ticket: SUP-4711.",
        "Tomasz Wieczorek (e-1002), another person on another Device, countersigned exactly this request",
        "asks for 1 approval.",
        "at 2027-01-15T08:00:01Z, and had to end at 2027-01-15T08:30:01Z",
        "logged 1 refused requests",
        "(ended-by-requester)",
        "2 segments, 40 frames, 7 requests",
        "Ines Carvalho (e-1004), who signed neither side and whose Device an administrator had enrolled, reviewed it",
        "no pinned witness",
    ] {
        assert!(text.contains(sentence), "{sentence:?} in\n{text}");
    }
    assert!(!text.contains("beginnings of this very log"), "the heads are joined:\n{text}");
}

#[test]
fn what_was_signed_is_given_with_the_report_and_only_when_everything_holds() {
    let mut case = Case::new(OPEN);
    let proven = prove(&case.bytes, &case.trust).expect("everything holds");
    assert_eq!(proven.proof, Proof::Session(accepted(&case.bytes, &case.trust)));
    let [one] = proven.sessions.as_slice() else { panic!("{} Sessions", proven.sessions.len()) };
    assert_eq!((&one.session, one.opened_at, one.approvals), (&case.good.session(), case.content.opened_at, 1));
    let opening = &one.opening;
    assert_eq!(opening.request().statement.digest(), &sha256(&case.good.bundle.request));
    assert_eq!(opening.decisions()[0].statement.digest(), &sha256(&case.good.bundle.decisions[0]));
    assert_eq!(opening.open().digest(), &sha256(&case.good.bundle.open));
    // The bundle holds, what stands around it does not.
    let bytes = case.remade_with(|content| content.reviews.push(content.reviews[0].clone()));
    assert_eq!(prove(&bytes, &case.trust).err(), Some(rejected(&bytes, &case.trust)));
}

#[test]
fn what_is_missing_is_said() {
    let mut case = Case::new(OPEN);
    let append = opened_event(&case.company, &case.good);
    let bytes = only_opened(&mut case, &append, |content| {
        content.events[0].personal.clear();
    });
    let missing = accepted(&bytes, &case.trust).not_proven.join("\n");
    for sentence in
        ["The recording is not sealed", "When and why the Session ended", "Nobody reviewed", "2 personal fields"]
    {
        assert!(missing.contains(sentence), "{sentence:?} in\n{missing}");
    }
}

#[test]
fn the_same_content_in_another_spelling_is_rejected() {
    let case = Case::new(OPEN);
    let text = String::from_utf8(case.bytes.clone()).expect("UTF-8");
    for other in [
        format!("{text}\n"),
        format!(" {text}"),
        text.replacen("\"format\":", "\"format\": ", 1),
        text.replacen("/3\"", "\\/3\"", 1),
        text.replacen('{', "{\"more\":1,", 1),
        text[..text.len() - 1].to_owned(),
        String::new(),
    ] {
        assert!(verify(other.as_bytes(), &case.trust).is_err());
    }
    let mut case = Case::new(OPEN);
    let mut spelled: Evidence = serde_json::from_slice(&case.bytes).expect("a file");
    spelled.content = spelled.content.replacen("\"session\":", "\"session\" :", 1);
    let made = made_event(&case.content).0.fact("content", sha256(&spelled.content).to_string());
    let mut file: Evidence = serde_json::from_slice(&answered(&mut case, Source::Audit, made)).expect("a file");
    file.content = spelled.content;
    let bytes = serde_json::to_vec(&file).expect("a file");
    assert_eq!(rejected(&bytes, &case.trust).to_string(), "content, session: not in its canonical spelling");
}

/// The file of the case, with this entry in the place of the one that answers for it.
fn answered(case: &mut Case, source: Source, mut made: Append) -> Vec<u8> {
    let mut file: Evidence = serde_json::from_slice(&case.bytes).expect("a file");
    let notes = file.heads.iter().map(|head| head.checkpoint.as_str());
    made.facts.entry("heads".to_owned()).or_insert(heads_digest(notes).to_string());
    made.facts.entry("entries".to_owned()).or_insert(case.content.events.len().to_string());
    let log = &mut case.company.log;
    let index = log.append(source, &made, (OPEN + 4000) * 1000);
    file.made = log.receipt(index);
    let verifier = checkpoint::LogVerifier::parse(&log.verifier_key()).expect("a key");
    for head in &mut file.heads {
        head.consistency = log.path(verifier.open(&head.checkpoint).expect("a note").size, log.size());
    }
    serde_json::to_vec(&file).expect("a file")
}

/// The entries would stand in a log that nothing ties to the one that answers.
#[test]
fn an_entry_under_a_head_that_is_not_shown_is_rejected() {
    let mut case = Case::new(OPEN);
    let digest = sha256(serde_json::to_string(&case.content).expect("content")).to_string();
    let none = heads_digest(std::iter::empty::<&str>()).to_string();
    let made = made_event(&case.content).0.fact("content", digest).fact("heads", none);
    let mut file: Evidence = serde_json::from_slice(&answered(&mut case, Source::Audit, made)).expect("a file");
    file.heads.clear();
    let said = rejected(&serde_json::to_vec(&file).expect("a file"), &case.trust).to_string();
    assert!(said.ends_with("under a Checkpoint that is not among the file's heads"), "{said}");
}

#[test]
fn a_receipt_of_something_else_is_rejected() {
    let mut case = Case::new(OPEN);
    let digest = sha256(serde_json::to_string(&case.content).expect("content")).to_string();
    let made = Append::new(EventKind::EvidenceMade).session(&case.content.session).fact("content", &digest);
    let other_session = made.clone().session(&sha256("another").into());
    let other_content = made.clone().fact("content", sha256("another").to_string());
    let other_kind = Append { kind: EventKind::SessionViewed, ..made.clone() };
    for (append, source, why) in [
        (&made, Source::Gateway, "not the audit service's"),
        (&other_session, Source::Audit, "session: the log's entry for this file is about another Session"),
        (&other_content, Source::Audit, "not what the log's entry names"),
        (&other_kind, Source::Audit, "not evidence-made"),
    ] {
        let bytes = answered(&mut case, source, append.clone());
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn everything_made_and_signed_again_with_other_keys_is_rejected() {
    let (case, forged) = (Case::new(OPEN), Case::new(OPEN));
    accepted(&forged.bytes, &forged.trust);
    let said = rejected(&forged.bytes, &case.trust).to_string();
    assert!(said.contains("not signed by this log's key"), "{said}");

    // One pinned key after the other falls into the forger's hands; what is still pinned rejects.
    let mut trust = case.trust.clone();
    trust.trust.log_key.clone_from(&forged.trust.trust.log_key);
    assert_eq!(rejected(&forged.bytes, &trust).to_string(), "provider keys: not the pinned ones");
    trust.provider_keys.clone_from(&forged.trust.provider_keys);
    assert_eq!(rejected(&forged.bytes, &trust).to_string(), "bundle: the Device is not enrolled for this person");
    trust.trust.first_administrators.clone_from(&forged.trust.trust.first_administrators);
    assert_eq!(rejected(&forged.bytes, &trust).to_string(), "bundle: the signature does not match");
    trust.trust.attestation_key = forged.trust.trust.attestation_key.clone();
    accepted(&forged.bytes, &trust);
}

#[test]
fn each_pinned_word_counts() {
    let case = Case::new(OPEN);
    let cases: [fn(&mut TrustFile); 8] = [
        |t| t.trust.issuer.push('/'),
        |t| t.trust.client_id.push('x'),
        |t| t.trust.person_claim.push('x'),
        |t| t.trust.roles_claim.push('x'),
        |t| t.trust.gateway_id.push('x'),
        |t| t.trust.policy = sha256("another"),
        |t| t.trust.limits.max_duration_seconds = 1799,
        |t| t.trust.limits.max_scope = Scope::Diagnostics,
    ];
    for (n, change) in cases.into_iter().enumerate() {
        let mut trust = case.trust.clone();
        change(&mut trust);
        assert!(verify(&case.bytes, &trust).is_err(), "{n}");
    }
}
