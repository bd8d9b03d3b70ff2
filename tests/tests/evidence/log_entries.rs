//! Entries of the log that say something else than the file, written by the log's own operator.

use super::*;

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
        (ReasonCategory::LegalDisclosure, Scope::Read, 1, "take two other people"),
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

/// What the verifier says when one more entry stands at the end of the Session's.
fn after_entry(source: Source, append: impl FnOnce(&Case) -> Append, at: i64) -> String {
    let mut case = Case::new(OPEN);
    let append = append(&case);
    let proven = case.logged(source, &append, at);
    let bytes = case.remade_with(|content| content.events.push(proven));
    rejected(&bytes, &case.trust).to_string()
}

#[test]
fn entries_that_do_not_belong_or_contradict_are_rejected() {
    type Entry = fn(&Case) -> Append;
    let cases: [(&str, Source, Entry, i64); 7] = [
        ("the opening stands in the log twice", Source::Audit, |c| opened_event(&c.company, &c.good), OPEN + 700),
        (
            "the request stands in the log twice",
            Source::Broker,
            |c| Append::new(EventKind::RequestSigned).statement(&c.good.bundle.request),
            OPEN + 700,
        ),
        (
            "the seal of the recording stands in the log twice",
            Source::Audit,
            |c| Append::new(EventKind::RecordingSealed).session(&c.content.session),
            OPEN + 700,
        ),
        (
            "about another Session",
            Source::Gateway,
            |_| Append::new(EventKind::ExchangeRefused).session(&sha256("another").into()),
            OPEN + 700,
        ),
        (
            "about another Organization",
            Source::Gateway,
            |c| {
                let other = "delmar-foods".parse().expect("an id");
                Append::new(EventKind::ExchangeRefused).session(&c.content.session).organization(&other)
            },
            OPEN + 700,
        ),
        ("about nothing of this Session", Source::Broker, |_| Append::new(EventKind::SignedIn), OPEN + 700),
        (
            "older than the entry before it",
            Source::Gateway,
            |c| Append::new(EventKind::ExchangeRefused).session(&c.content.session),
            OPEN + 5,
        ),
    ];
    for (why, source, append, at) in cases {
        let said = after_entry(source, append, at);
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn entries_by_the_wrong_service_are_rejected() {
    let mut case = Case::new(OPEN);
    let bundle = case.good.bundle.clone();
    let asked = Append::new(EventKind::RequestSigned).statement(&bundle.request);
    let approved = Append::new(EventKind::Approved).statement(&bundle.decisions[0]);
    let opened = opened_event(&case.company, &case.good);
    for (sources, why) in [
        ([Source::Gateway, Source::Broker, Source::Audit], "the request was written by another service"),
        ([Source::Broker, Source::Gateway, Source::Audit], "an Approval is not among them"),
        ([Source::Broker, Source::Broker, Source::Gateway], "the opening was written by another service"),
    ] {
        let appends = [&asked, &approved, &opened];
        let events =
            appends.iter().zip(sources).map(|(append, source)| case.logged(source, append, OPEN + 2)).collect();
        let bytes = case.remade_with(|content| {
            content.events = events;
            (content.manifest, content.reviews, content.reviewer_tokens) = (None, vec![], vec![]);
        });
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn a_manifest_that_contradicts_itself_or_is_of_another_session_is_rejected() {
    let cases: [(&str, fn(&mut recording::Manifest)); 4] = [
        ("of another Session", |m| m.session = sha256("another").into()),
        ("do not follow each other", |m| m.segments.swap(0, 1)),
        ("do not follow each other", |m| m.segments[1].first_frame = 19),
        ("do not hold all frames", |m| m.frames = 41),
    ];
    for (why, change) in cases {
        let mut case = Case::new(OPEN);
        let mut manifest = case.content.manifest.clone().expect("one");
        change(&mut manifest);
        let digest = sha256(serde_json::to_vec(&manifest).expect("a manifest")).to_string();
        let append = Append::new(EventKind::RecordingSealed).session(&case.content.session).fact("manifest", digest);
        let sealed = case.logged(Source::Audit, &append, OPEN + 700);
        let bytes = case.remade_with(|content| {
            content.events.truncate(5);
            content.events.push(sealed);
            (content.reviews, content.reviewer_tokens) = (vec![], vec![]);
            content.manifest = Some(manifest);
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
    content.events[0].receipt = other.receipt(content.events[0].receipt.index);
    content.events[1].receipt = fork.receipt(content.events[1].receipt.index);
    case.company.log = fork.fork();
    let bytes = remade(&mut case.company, &content);
    let said = rejected(&bytes, &case.trust).to_string();
    assert!(said.contains("two heads of one size"), "{said}");

    // The other head alone is of no beginning of the log that answers.
    content.events[1].receipt = case.content.events[1].receipt.clone();
    case.company.log = fork;
    let bytes = remade(&mut case.company, &content);
    let said = rejected(&bytes, &case.trust).to_string();
    assert!(said.starts_with("heads: the log was forked"), "{said}");
}

#[test]
fn a_revocation_is_told() {
    let mut case = Case::new(OPEN);
    let session = case.good.session();
    let revoked = Append::new(EventKind::Revoked)
        .session(&session)
        .fact("request", sha256(&case.good.bundle.request).to_string());
    let proven = case.logged(Source::Gateway, &revoked, OPEN + 1900);
    let index = proven.receipt.index;
    let bytes = case.remade_with(|content| content.events.push(proven));
    let report = accepted(&bytes, &case.trust).to_string();
    assert!(
        report.contains(&format!("A revocation of its Grant was logged at 2027-01-15T08:31:40Z, entry {index}.")),
        "{report}"
    );
}
