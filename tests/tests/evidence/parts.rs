//! Parts that are taken out, doubled, moved, or taken from another file.

use super::*;

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
        ("not in the log's order", |c| c.events.push(c.events[3].clone())),
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
    let cases: [(&str, fn(&mut Content)); 15] = [
        ("its manifest is not in the file", |c| c.manifest = None),
        ("manifest: not the one", |c| c.manifest.as_mut().expect("one").exchanges += 1),
        ("manifest: not the one", |c| c.manifest.as_mut().expect("one").segments.swap(0, 1)),
        ("manifest: not the one", |c| drop(c.manifest.as_mut().expect("one").segments.pop())),
        ("reviews: not the ones", |c| c.reviews.clear()),
        ("reviews: not the ones", |c| c.reviews.push(c.reviews[0].clone())),
        ("reviewers' PK tokens: the reviewer's", |c| c.reviewer_tokens.clear()),
        ("session: the opening in the log", |c| c.session = sha256("another").into()),
        ("TLS key: the opening in the log", |c| c.tls_client = sha256("another")),
        ("another opened-at", |c| c.opened_at += 1),
        ("time of the opening: the opening", |c| c.opened_at += 60),
        ("provider keys: the opening in the log", |c| c.provider_keys = Company::new(OPEN).provider.jwks()),
        ("another provider-keys", |c| c.provider_keys.push(' ')),
        ("policy: not the pinned one", |c| c.policy.push(' ')),
        ("bundle: the opening in the log", |c| c.bundle_json.clear()),
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
    assert!(said.contains("bundle: the opening in the log"), "{said}");
}

/// The log's operator wrote an opening down that names it.
#[test]
fn another_opening_than_was_signed_is_rejected_whatever_the_log_says_of_it() {
    type Change = fn(&mut Content);
    let cases: [(&str, &str, Change); 6] = [
        ("bundle: opened over another TLS key", "tls-client", |c| c.tls_client = sha256("another")),
        ("bundle: expired", "opened-at", |c| c.opened_at += 60),
        ("provider keys: not the pinned ones", "provider-keys", |c| {
            c.provider_keys = Company::new(OPEN).provider.jwks()
        }),
        ("the ID token's key is not one", "provider-keys", |c| c.provider_keys = "{\"keys\":[]}".to_owned()),
        ("bundle: not of the expected shape", "bundle", |c| c.bundle_json.clear()),
        ("session: its id", "", |c| c.session = sha256("another").into()),
    ];
    for (why, name, change) in cases {
        let mut case = Case::new(OPEN);
        let mut content = case.content.clone();
        change(&mut content);
        let mut append = opened_event(&case.company, &case.good).session(&content.session);
        let value = match name {
            "tls-client" => content.tls_client.to_string(),
            "opened-at" => content.opened_at.to_string(),
            "provider-keys" => sha256(&content.provider_keys).to_string(),
            _ => sha256(&content.bundle_json).to_string(),
        };
        if !name.is_empty() {
            append = append.fact(name, value);
        }
        let bytes = only_opened(&mut case, &append, |c| {
            let Content { session, bundle_json, tls_client, opened_at, provider_keys, .. } = content;
            *c = Content { session, bundle_json, tls_client, opened_at, provider_keys, ..c.clone() };
        });
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
}
