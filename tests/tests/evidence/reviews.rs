//! Reviews, and the Checkpoints that signers had seen.

use super::*;

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
            content.reviews = vec![review];
            content.reviewer_tokens.push(reviewer.token.clone());
        });
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn a_review_by_a_device_that_nobody_enrolled_is_rejected() {
    type Enrols = fn(&Company) -> Vec<(Person, String)>;
    let cases: [(&str, Enrols); 5] = [
        ("no statement at all", |_| Vec::new()),
        ("another Device of the same person", |c| {
            by(&c.administrators[1], c.enrol(&c.administrators[1], &c.reviewer.id(), &sha256("another Device")))
        }),
        ("the Device as somebody else's", |c| {
            by(&c.administrators[1], c.enrol(&c.administrators[1], &c.engineer.id(), &c.reviewer.thumbprint()))
        }),
        ("by somebody who is no administrator", |c| {
            by(&c.second_approver, c.enrol(&c.second_approver, &c.reviewer.id(), &c.reviewer.thumbprint()))
        }),
        ("by the reviewer alone", |c| {
            by(&c.reviewer, c.enrol(&c.reviewer, &c.reviewer.id(), &c.reviewer.thumbprint()))
        }),
    ];
    for (name, enrols) in cases {
        let company = Company::new(OPEN);
        let enrols = enrols(&company);
        let case = Case::with_reviewer_enrols(company, &enrols);
        let said = rejected(&case.bytes, &case.trust).to_string();
        assert!(said.contains("nobody enrolled the Device"), "{name}: {said}");
    }
    let said = after(|content| content.reviewer_tokens.truncate(1));
    assert_eq!(said, "reviewers' PK tokens: that of whoever enrolled a reviewer is not among them");
}

fn by(signer: &Person, enrol: String) -> Vec<(Person, String)> {
    vec![(signer.clone(), enrol)]
}

#[test]
fn a_review_before_its_enrolment_is_rejected() {
    let company = Company::new(OPEN);
    let body = statement::Enrol { device: company.reviewer.thumbprint(), person: company.reviewer.id() };
    let second = &company.administrators[1];
    let second = Person::sign_in_on(&company.provider, second.account.clone(), second.device.clone(), OPEN);
    let late = second.sign(&company.trust.gateway_id, body, OPEN + 900);
    let case = Case::with_reviewer_enrols(company, &[(second, late)]);
    let said = rejected(&case.bytes, &case.trust).to_string();
    assert!(said.contains("nobody enrolled the Device"), "{said}");
}

#[test]
fn a_review_that_says_something_else_or_came_late_is_rejected() {
    let cases: [(&str, fn(&mut statement::Review), i64); 3] = [
        ("of another Session", |r| r.session = sha256("another").into(), OPEN + 701),
        ("of another recording", |r| r.manifest = sha256("another"), OPEN + 701),
        ("expired", |_| (), OPEN + 1000),
    ];
    for (why, change, logged_at) in cases {
        let mut case = Case::new(OPEN);
        let mut body = statement::Review {
            manifest: sha256(serde_json::to_vec(&case.content.manifest).expect("a manifest")),
            note: String::new(),
            session: case.content.session.clone(),
            verdict: statement::ReviewVerdict::Flagged,
        };
        change(&mut body);
        let review = case.company.reviewer.sign(&case.trust.trust.gateway_id, body, OPEN + 700);
        let append = Append::new(EventKind::ReviewSigned).session(&case.content.session).statement(&review);
        let proven = case.logged(Source::Audit, &append, logged_at);
        let bytes = case.remade_with(|content| {
            content.events[6] = proven;
            content.reviews = vec![review];
        });
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn a_checkpoint_that_a_signer_had_seen_must_be_of_this_log() {
    let mut case = Case::new(OPEN);
    let mut other = case.company.log.fork();
    other.append(Source::Audit, &Append::new(EventKind::LogStarted), (OPEN + 5000) * 1000);
    let mut ahead = other.fork();
    for _ in 0..9 {
        ahead.append(Source::Audit, &Append::new(EventKind::LogStarted), (OPEN + 5000) * 1000);
    }
    for (seen, why) in [
        (Company::new(OPEN).log.checkpoint(), "checkpoint that a signer had seen"),
        (Case::new(OPEN).company.log.checkpoint(), "not signed by this log's key"),
        (other.checkpoint(), "two heads of one size"),
        (ahead.checkpoint(), "ahead of the one that answers"),
    ] {
        let body = statement::Review {
            manifest: sha256(serde_json::to_vec(&case.content.manifest).expect("a manifest")),
            note: String::new(),
            session: case.content.session.clone(),
            verdict: statement::ReviewVerdict::Flagged,
        };
        let payload = statement::Payload {
            aud: case.trust.trust.gateway_id.clone(),
            body,
            exp: OPEN + 1000,
            iat: OPEN + 700,
            jti: tests::forge::jti(),
            seen,
        };
        let review = case.company.reviewer.sign_payload(&payload);
        let log = case.company.log.fork();
        let append = Append::new(EventKind::ReviewSigned).session(&case.content.session).statement(&review);
        let proven = case.logged(Source::Audit, &append, OPEN + 701);
        let bytes = case.remade_with(|content| {
            content.events[6] = proven;
            content.reviews = vec![review];
        });
        case.company.log = log;
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}
