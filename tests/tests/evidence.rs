//! An Evidence file: accepted when everything in it is right, rejected when any part is not, even when the log's own
//! operator made the file again around the change.

use domain::{ReasonCategory, Scope};
use statement::{Bundle, sha256};
use tests::forge::{Account, Case, Company, Good, Person, opened_event, remade};
use verify::{Rejected, Report, verify};
use wire::event::{Append, EventKind, Source};
use wire::evidence::{Content, Evidence};
use wire::join::TrustFile;

const OPEN: i64 = 1_800_000_000;

fn rejected(bytes: &[u8], trust: &TrustFile) -> Rejected {
    match verify(bytes, trust) {
        Ok(report) => panic!("accepted:\n{report}"),
        Err(rejected) => rejected,
    }
}

fn accepted(bytes: &[u8], trust: &TrustFile) -> Report {
    verify(bytes, trust).unwrap_or_else(|rejected| panic!("{rejected}"))
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
        "Ines Carvalho (e-1004), who signed neither side, reviewed it",
        "no pinned witness",
        "Device of the reviewer Ines Carvalho was enrolled",
    ] {
        assert!(text.contains(sentence), "{sentence:?} in\n{text}");
    }
    assert!(!text.contains("one growing log"), "the heads are joined:\n{text}");
}

#[test]
fn what_is_missing_is_said() {
    let mut case = Case::new(OPEN);
    let append = opened_event(&case.company, &case.good);
    let bytes = only_opened(&mut case, &append, |content| {
        content.events[0].personal.clear();
    });
    let missing = accepted(&bytes, &case.trust).not_proven.join("\n");
    for sentence in [
        "The recording is not sealed",
        "When and why the Session ended",
        "Nobody reviewed",
        "2 personal fields",
        "of one growing log",
    ] {
        assert!(missing.contains(sentence), "{sentence:?} in\n{missing}");
    }
}

#[test]
fn every_changed_byte_is_rejected() {
    let case = Case::new(OPEN);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let case = (&case.bytes, &case.trust);
            scope.spawn(move || {
                let mut bytes = case.0.clone();
                for at in (worker..bytes.len()).step_by(workers) {
                    bytes[at] ^= 1;
                    assert!(verify(&bytes, case.1).is_err(), "byte {at} of {}", bytes.len());
                    bytes[at] ^= 1;
                }
            });
        }
    });
}

#[test]
fn the_same_content_in_another_spelling_is_rejected() {
    let case = Case::new(OPEN);
    let text = String::from_utf8(case.bytes.clone()).expect("UTF-8");
    for other in [
        format!("{text}\n"),
        format!(" {text}"),
        text.replacen("\"format\":", "\"format\": ", 1),
        text.replacen("/1\"", "\\/1\"", 1),
        text.replacen('{', "{\"more\":1,", 1),
        text[..text.len() - 1].to_owned(),
        String::new(),
    ] {
        assert!(verify(other.as_bytes(), &case.trust).is_err());
    }
    let mut case = Case::new(OPEN);
    let mut spelled: Evidence = serde_json::from_slice(&case.bytes).expect("a file");
    spelled.content = spelled.content.replacen("\"session\":", "\"session\" :", 1);
    let append = Append::new(EventKind::EvidenceMade)
        .session(&case.content.session)
        .fact("content", sha256(&spelled.content).to_string());
    spelled.made = case.logged(Source::Audit, &append, OPEN + 3000).receipt;
    let bytes = serde_json::to_vec(&spelled).expect("a file");
    assert_eq!(rejected(&bytes, &case.trust).to_string(), "content: not in its canonical spelling");
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
        (&other_session, Source::Audit, "another Session"),
        (&other_content, Source::Audit, "not what the log's entry names"),
        (&other_kind, Source::Audit, "not evidence-made"),
    ] {
        let mut file: Evidence = serde_json::from_slice(&case.bytes).expect("a file");
        file.made = case.logged(source, append, OPEN + 3000).receipt;
        let said = rejected(&serde_json::to_vec(&file).expect("a file"), &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn entries_taken_out_doubled_moved_or_borrowed_are_rejected() {
    let cases: [(&str, fn(&mut Content)); 12] = [
        ("the request is not among them", |c| drop(c.events.remove(0))),
        ("an Approval is not among them", |c| drop(c.events.remove(1))),
        ("the opening is not among them", |c| drop(c.events.remove(2))),
        ("no entry of the log names it", |c| drop(c.events.remove(5))),
        ("not the ones that the log names", |c| drop(c.events.remove(6))),
        ("not in the log's order", |c| c.events.swap(0, 1)),
        ("not in the log's order", |c| c.events.swap(2, 3)),
        ("not in the log's order", |c| c.events.push(c.events[6].clone())),
        ("the opening is not among them", |c| c.events.clear()),
        ("another root", |c| c.events[0].receipt.leaf = c.events[1].receipt.leaf.clone()),
        ("another root", |c| c.events[3].receipt.index = 3),
        ("as long as the tree is high", |c| drop(c.events[4].receipt.inclusion.pop())),
    ];
    for (n, (why, change)) in cases.into_iter().enumerate() {
        let said = after(change);
        assert!(said.contains(why), "{n} {why}: {said}");
    }
    let other = Case::new(OPEN);
    let said = after(|c| c.events[3] = other.content.events[3].clone());
    assert!(said.contains("not signed by this log's key"), "{said}");
}

#[test]
fn parts_of_the_content_taken_out_changed_or_borrowed_are_rejected() {
    let cases: [(&str, fn(&mut Content)); 16] = [
        ("its manifest is not in the file", |c| c.manifest = None),
        ("manifest: not the one", |c| c.manifest.as_mut().expect("one").exchanges += 1),
        ("manifest: not the one", |c| c.manifest.as_mut().expect("one").segments.swap(0, 1)),
        ("manifest: not the one", |c| drop(c.manifest.as_mut().expect("one").segments.pop())),
        ("reviews: not the ones", |c| c.reviews.clear()),
        ("reviews: not the ones", |c| c.reviews.push(c.reviews[0].clone())),
        ("signer's PK token", |c| c.reviewer_tokens.clear()),
        ("session: its id", |c| c.session = sha256("another").into()),
        ("opened over another TLS key", |c| c.tls_client = sha256("another")),
        ("another opened-at", |c| c.opened_at += 1),
        ("expired", |c| c.opened_at += 60),
        ("provider keys: not the pinned ones", |c| c.provider_keys = Company::new(OPEN).provider.jwks()),
        ("the ID token's key is not one", |c| c.provider_keys = "{\"keys\":[]}".to_owned()),
        ("another provider-keys", |c| c.provider_keys.push(' ')),
        ("policy: not the pinned one", |c| c.policy.push(' ')),
        ("bundle: not of the expected shape", |c| c.bundle_json.clear()),
    ];
    for (n, (why, change)) in cases.into_iter().enumerate() {
        let said = after(change);
        assert!(said.contains(why), "{n} {why}: {said}");
    }
    let said = after(|c| {
        let field = c.events[0].personal.get_mut("name").expect("a field");
        field.value = "Somebody Else".to_owned();
    });
    assert!(said.contains("personal field is not the one"), "{said}");
    let said = after(|c| {
        let field = c.events[0].personal["name"].clone();
        c.events[0].personal.insert("more".to_owned(), field);
    });
    assert!(said.contains("personal field is not the one"), "{said}");
    let said = after(|c| c.bundle_json = c.bundle_json.replacen('{', "{ ", 1));
    assert!(said.contains("another bundle"), "{said}");
}

#[test]
fn parts_of_the_bundle_taken_out_moved_or_borrowed_are_rejected() {
    type Change = fn(&mut Bundle, &Company, &Good);
    let cases: [(&str, Change); 14] = [
        ("PK token is not in the bundle", |b, _, _| b.pk_tokens.clear()),
        ("PK token is not in the bundle", |b, _, _| drop(b.pk_tokens.remove(1))),
        ("not enrolled", |b, _, _| b.enrols.clear()),
        ("not enrolled", |b, _, _| drop(b.enrols.pop())),
        ("nobody has countersigned", |b, _, _| b.decisions.clear()),
        ("one person decided twice", |b, _, _| b.decisions.push(b.decisions[0].clone())),
        ("no second factor", |b, _, _| b.mfa.clear()),
        ("no second factor", |b, _, _| drop(b.mfa.pop())),
        ("about another request", |b, c, _| b.request = c.good().bundle.request),
        ("about another request", |b, c, _| b.decisions = c.good().bundle.decisions),
        ("about another request", |b, c, _| b.open = c.good().bundle.open),
        ("no second factor", |b, c, _| b.mfa[1] = c.good().bundle.mfa.remove(1)),
        ("not a statement of the expected kind", |b, _, _| std::mem::swap(&mut b.request, &mut b.open)),
        ("PK token is not in the bundle", |b, _, _| b.request = Company::new(OPEN).good().bundle.request),
    ];
    for (n, (why, change)) in cases.into_iter().enumerate() {
        let said = after_in_bundle(change);
        assert!(said.contains(why), "{n} {why}: {said}");
    }
}

#[test]
fn a_whole_bundle_that_was_never_logged_is_rejected() {
    let mut case = Case::new(OPEN);
    let other = case.company.good();
    let bytes = case.remade_with(|c| {
        c.bundle_json = serde_json::to_string(&other.bundle).expect("a bundle");
        c.session = other.session();
    });
    let said = rejected(&bytes, &case.trust).to_string();
    assert!(said.contains("about nothing of this Session"), "{said}");
}

#[test]
fn an_opening_on_other_terms_than_were_signed_is_rejected() {
    let granted = OPEN + 1 + 1800;
    for (name, value, why) in [
        ("ends-at", (granted + 1).to_string(), "longer than was granted"),
        ("ends-at", (OPEN + 1).to_string(), "longer than was granted"),
        ("ends-at", "soon".to_owned(), "longer than was granted"),
        ("scope", "read-write".to_owned(), "another scope"),
        ("policy", sha256("another").to_string(), "another policy"),
        ("bundle", sha256("another").to_string(), "another bundle"),
        ("tls-client", sha256("another").to_string(), "another tls-client"),
    ] {
        let mut case = Case::new(OPEN);
        let append = opened_event(&case.company, &case.good).fact(name, value);
        let bytes = only_opened(&mut case, &append, |_| {});
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn an_opening_that_was_logged_late_or_before_its_approval_is_rejected() {
    let mut case = Case::new(OPEN);
    let append = opened_event(&case.company, &case.good);
    let late = case.logged(Source::Audit, &append, OPEN + 62);
    let approved = Append::new(EventKind::Approved).statement(&case.good.bundle.decisions[0]);
    let approved_after = case.logged(Source::Broker, &approved, OPEN + 62);
    for (events, why) in [
        (vec![case.content.events[0].clone(), case.content.events[1].clone(), late], "another time than it was logged"),
        (
            vec![case.content.events[0].clone(), case.content.events[2].clone(), approved_after],
            "does not stand between request and opening",
        ),
    ] {
        let bytes = case.remade_with(|content| {
            content.events = events;
            (content.manifest, content.reviews, content.reviewer_tokens) = (None, vec![], vec![]);
        });
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn fewer_approvals_or_wider_terms_than_the_policy_has_are_rejected() {
    for (reason, scope, approvers, why) in [
        (ReasonCategory::LegalDisclosure, Scope::Read, 1, "fewer people countersigned"),
        (ReasonCategory::LegalDisclosure, Scope::ReadWrite, 2, "does not open Read & write"),
    ] {
        let mut case = Case::new(OPEN);
        let ask = statement::Request { reason, scope, ..case.company.ask() };
        let people = [&case.company.approver, &case.company.second_approver];
        case.good = case.company.good_with(ask, &people[..approvers]);
        let append = opened_event(&case.company, &case.good);
        let good = case.good.clone();
        let bytes = only_opened(&mut case, &append, |content| {
            content.bundle_json = serde_json::to_string(&good.bundle).expect("a bundle");
            content.session = good.session();
        });
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn a_review_by_a_signer_or_of_something_else_is_rejected() {
    type Reviewer = fn(&Company) -> Person;
    let again: Reviewer = |c| Person::sign_in(&c.provider, Account::new("E-1001", "Mara", &["reviewer"]), OPEN);
    let cases: [(&str, Reviewer); 4] = [
        ("asked or countersigned", again),
        ("not a reviewer", |c| c.second_approver.clone()),
        ("not one that the issuer publishes", |_| {
            let mut company = Company::new(OPEN);
            company.provider.kid = "another".to_owned();
            Person::sign_in(&company.provider, company.reviewer.account.clone(), OPEN)
        }),
        ("signature does not match", |_| Company::new(OPEN).reviewer),
    ];
    for (why, reviewer) in cases {
        let mut case = Case::new(OPEN);
        let reviewer = reviewer(&case.company);
        let manifest = sha256(serde_json::to_vec(&case.content.manifest).expect("a manifest"));
        let body = statement::Review {
            manifest,
            note: String::new(),
            session: case.content.session.clone(),
            verdict: statement::ReviewVerdict::NothingToReport,
        };
        let review = reviewer.sign(&case.trust.trust.gateway_id, body, OPEN + 700);
        let append = Append::new(EventKind::ReviewSigned).session(&case.content.session).statement(&review);
        let proven = case.logged(Source::Audit, &append, OPEN + 701);
        let bytes = case.remade_with(|content| {
            content.events[6] = proven;
            (content.reviews, content.reviewer_tokens) = (vec![review], vec![reviewer.token.clone()]);
        });
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn a_forked_log_is_rejected() {
    let mut case = Case::new(OPEN);
    let mut fork = case.company.log.fork();
    let mut other = case.company.log.fork();
    let started = Append::new(EventKind::LogStarted);
    fork.append(Source::Audit, &started, (OPEN + 2000) * 1000);
    other.append(Source::Audit, &started.fact("other", "1"), (OPEN + 2000) * 1000);
    let mut content = case.content.clone();
    content.events[0].receipt = fork.receipt(content.events[0].receipt.index);
    content.events[1].receipt = other.receipt(content.events[1].receipt.index);
    case.company.log = fork.fork();
    let bytes = remade(&mut case.company, &content);
    let said = rejected(&bytes, &case.trust).to_string();
    assert!(said.contains("two heads of one size"), "{said}");

    // The file's own receipt is of the last leaf, so that its path holds the head before it.
    content.events[0].receipt = case.content.events[0].receipt.clone();
    case.company.log = fork;
    let bytes = remade(&mut case.company, &content);
    let said = rejected(&bytes, &case.trust).to_string();
    assert!(said.contains("two heads contradict each other"), "{said}");
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
