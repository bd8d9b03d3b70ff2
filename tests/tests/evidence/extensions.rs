//! More time in the Evidence: countersigned, written down while the Session was open, and no longer than was granted.

use domain::Scope;
use statement::{Extends, Request};
use tests::forge::{Case, Company, Good, More, extended_event};
use wire::event::{Append, EventKind, Source};
use wire::evidence::Content;

use super::{OPEN, accepted, rejected};

fn case() -> Case {
    Case::extended(Company::new(OPEN), |company, good| company.more(good))
}

fn why(mut case: Case, change: impl FnOnce(&mut Content)) -> String {
    let bytes = case.remade_with(change);
    rejected(&bytes, &case.trust).to_string()
}

/// What is said when another request was signed and countersigned for it, and the log's operator wrote it down.
fn asking(change: impl FnOnce(&mut Request)) -> String {
    let case = Case::extended(Company::new(OPEN), |company, good| {
        let mut ask = company.ask_more(good);
        change(&mut ask);
        company.more_with(good, ask, &company.engineer, &company.approver)
    });
    rejected(&case.bytes, &case.trust).to_string()
}

fn place(content: &Content, kind: EventKind) -> usize {
    let of_kind = |leaf: &str| leaf.contains(&format!("\"kind\":{}", serde_json::to_string(&kind).expect("a word")));
    content.events.iter().position(|e| of_kind(&e.receipt.leaf)).expect("one of the kind")
}

/// The file in which the entry of the extension says something else.
fn logged(change: impl FnOnce(&Company, &Good, Append) -> Append) -> String {
    let mut case = case();
    let more = more_of(&case);
    let append = extended_event(&case.company, &case.good, &more, case.good.opened_at + 2700);
    let append = change(&case.company, &case.good, append);
    let entry = case.logged(Source::Audit, &append, more.extended_at);
    why(case, |content| {
        let at = place(content, EventKind::SessionExtended);
        content.events.truncate(at);
        content.events.push(entry);
        content.manifest = None;
        content.reviews.clear();
    })
}

fn more_of(case: &Case) -> More {
    let bundle = serde_json::from_str(&case.content.extensions[0].bundle_json).expect("a bundle");
    More { bundle, tls_client: case.good.tls_client.clone(), extended_at: case.good.opened_at + 1021 }
}

#[test]
fn more_time_is_proven_as_the_opening_is() {
    let case = case();
    let report = accepted(&case.bytes, &case.trust);
    let said = report.proven.join("\n");
    for words in ["asked for more time at", "Read for 45 min in all", "Tomasz Wieczorek (e-1002) countersigned it"] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
    assert_eq!(said.matches("had to end at").count(), 2, "the first end and the last");
}

#[test]
fn a_file_without_extensions_keeps_its_bytes() {
    let json = serde_json::to_string(&Case::new(OPEN).content).expect("plain structs");
    assert!(!json.contains("extensions"));
}

#[test]
fn no_extension_without_its_entry_and_no_entry_without_its_signatures() {
    let cleared = why(case(), |c| c.extensions.clear());
    assert!(cleared.contains("extensions: not the ones that the log names"), "{cleared}");
    let unsigned = why(case(), |c| {
        c.extensions.clear();
        let asked = place(c, EventKind::SessionOpened) + 2;
        c.events.drain(asked..asked + 2);
    });
    assert!(unsigned.contains("extensions: not the ones that the log names"), "{unsigned}");
    let unlogged = why(case(), |c| {
        let at = place(c, EventKind::SessionExtended);
        c.events.remove(at);
    });
    assert!(unlogged.contains("extensions: not the ones that the log names"), "{unlogged}");
    let twice = why(case(), |c| c.extensions.push(c.extensions[0].clone()));
    assert!(twice.contains("extensions: not the ones that the log names"), "{twice}");
}

#[test]
fn without_it_the_session_ended_too_late() {
    let said = why(case(), |c| {
        c.extensions.clear();
        let from = place(c, EventKind::SessionOpened) + 2;
        c.events.drain(from..from + 3);
    });
    assert!(said.contains("ended later than was granted"), "{said}");
}

#[test]
fn a_12_an_extension_of_something_else_is_rejected() {
    let other = |change: fn(&mut Extends)| asking(|r| change(r.extends.as_mut().expect("an extension")));
    let cases = [
        (other(|e| e.session = statement::sha256("another").into()), "extends another Session"),
        (other(|e| e.opened_at -= 60), "extends another Session"),
        (other(|e| e.ends_at += 60), "ends sooner than its signers were shown"),
        (asking(|r| r.extends = None), "extends none"),
        (asking(|r| r.scope = Scope::ReadWrite), "has the Scope of its Session"),
        (asking(|r| r.duration_seconds = 1800), "adds no time"),
        (asking(|r| r.organization.id = "delmar-foods".parse().expect("an id")), "another Organization"),
    ];
    for (said, expected) in cases {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn what_the_log_says_of_it_is_what_was_signed() {
    let fact = |name: &'static str, value: &'static str| logged(move |_, _, append| append.fact(name, value));
    for said in [
        logged(|_, good, append| append.fact("ends-at", (good.opened_at + 2701).to_string())),
        fact("policy", statement::sha256("another").as_str().to_owned().leak()),
        fact("extended-at", "soon"),
        logged(|_, _, mut append| {
            append.statements.reverse();
            append
        }),
    ] {
        assert!(said.contains("about something else than this extension"), "{said}");
    }
    let bundle = fact("bundle", statement::sha256("another").as_str().to_owned().leak());
    assert!(bundle.starts_with("extensions: the bundle is not the one that entry"), "{bundle}");
    let keys = fact("provider-keys", statement::sha256("another").as_str().to_owned().leak());
    assert!(keys.starts_with("extensions: the provider keys are not the ones that entry"), "{keys}");
    let later = logged(|_, good, append| append.fact("extended-at", (good.opened_at + 1801).to_string()));
    assert!(later.contains("expired"), "{later}");
    let tls = fact("tls-client", statement::sha256("another").as_str().to_owned().leak());
    assert!(tls.contains("another TLS key"), "{tls}");
}

#[test]
fn an_extension_stands_behind_its_signatures_and_before_the_end() {
    for (kind, expected) in [
        (EventKind::RequestSigned, "the request is not among them"),
        (EventKind::Approved, "an Approval is not among them"),
    ] {
        let said = why(case(), |c| {
            let from = place(c, EventKind::SessionOpened) + 1;
            let at = from + place(&Content { events: c.events[from..].to_vec(), ..c.clone() }, kind);
            c.events.remove(at);
        });
        assert!(said.contains(expected), "{said}");
    }
    let mut late = case();
    let more = more_of(&late);
    let append = extended_event(&late.company, &late.good, &more, late.good.opened_at + 2700);
    let entry = late.logged(Source::Audit, &append, late.good.opened_at + 2400);
    let said = why(late, |c| {
        let at = place(c, EventKind::SessionExtended);
        c.events.remove(at);
        c.events.push(entry);
    });
    assert!(said.contains("extended after it had ended"), "{said}");
}

#[test]
fn whoever_countersigned_more_time_does_not_review() {
    let mut company = Company::new(OPEN);
    let roles = ["reviewer", "approver"].map(str::to_owned).to_vec();
    company.reviewer.account.roles = roles;
    let (account, device) = (company.reviewer.account.clone(), company.reviewer.device.clone());
    company.reviewer =
        tests::forge::Person::sign_in_on(&company.provider, account, device, company.reviewer.signed_in_at);
    let case = Case::extended(company, |company, good| {
        company.more_with(good, company.ask_more(good), &company.engineer, &company.reviewer)
    });
    assert!(rejected(&case.bytes, &case.trust).to_string().contains("its signer asked or countersigned"));
}
