use domain::{PersonId, Scope};
use policy::Policy;
use statement::{Directory, Identity, Verdict};

use super::*;
use crate::world::{NOW, Person, World};

fn ground(world: &World) -> Ground<'_> {
    Ground { trust: &world.trust, provider: &world.provider, now: NOW }
}

fn identity(world: &World, person: &Person) -> Identity {
    let directory = Directory::new([&person.pk_token], &world.trust, &world.provider).unwrap();
    directory.identity(&statement::sha256(&person.pk_token), NOW).unwrap()
}

fn view(world: &World, shown: &RequestView, me: &Person) -> view::RequestView {
    Indenture::verify(shown, &ground(world)).view(&identity(world, me))
}

#[test]
fn a_good_request_can_be_decided_by_another_approver_only() {
    let world = World::new();
    let shown = world.shown(&world.mara, "");
    let seen_by_tomasz = view(&world, &shown, &world.tomasz);
    assert_eq!(seen_by_tomasz.left.check, SignatureCheck::ChecksOut, "{}", seen_by_tomasz.left.refusal);
    assert!(seen_by_tomasz.decidable && !seen_by_tomasz.mine);
    assert!(!view(&world, &shown, &world.ben).decidable, "no approver");
    let by_mara = view(&world, &shown, &world.mara);
    assert!(by_mara.mine && !by_mara.decidable);
    let own = world.shown(&world.tomasz, "");
    assert!(!view(&world, &own, &world.tomasz).decidable, "one's own request");
}

#[test]
fn every_field_in_which_the_broker_differs_is_caught_and_the_signed_one_shown() {
    let world = World::new();
    type Change = fn(&mut RequestView);
    let changes: [(&str, Change); 9] = [
        ("requester", |r| r.requester = PersonId("e-other".into())),
        ("name", |r| r.requester_name = "Somebody Else".into()),
        ("Organization", |r| r.organization.name = "Delmar Foods".into()),
        ("Scope", |r| r.scope = Scope::Diagnostics),
        ("reason", |r| r.reason = domain::ReasonCategory::Maintenance),
        ("ticket", |r| r.ticket = "SUP-1".into()),
        ("justification", |r| r.justification = "Nothing to worry about at all.".into()),
        ("duration", |r| r.duration_seconds = 60),
        ("state", |r| r.state = RequestState::Approved),
    ];
    for (field, change) in changes {
        let mut shown = world.shown(&world.mara, "");
        change(&mut shown);
        let view = view(&world, &shown, &world.tomasz);
        assert_eq!(view.left.check, SignatureCheck::DoesNotMatch, "{field}");
        assert!(view.left.refusal.contains(field), "{field}: {}", view.left.refusal);
        assert!(!view.decidable, "{field}");
        let signed = World::request_body();
        assert_eq!(
            (view.organization.name.as_str(), view.scope.as_str(), view.ticket.as_str(), view.justification.as_str()),
            (signed.organization.name.as_str(), "read", signed.ticket.as_str(), signed.justification.as_str()),
        );
        assert_eq!((view.duration_seconds, view.left.name.as_str()), (1800, "Mara Lindqvist"));
    }
}

#[test]
fn a_request_under_another_name_than_its_digest_does_not_match() {
    let world = World::new();
    let mut shown = world.shown(&world.mara, "");
    shown.id = statement::sha256("another");
    assert_eq!(view(&world, &shown, &world.tomasz).left.check, SignatureCheck::DoesNotMatch);
}

#[test]
fn an_altered_statement_an_unknown_signer_and_a_device_nobody_enrolled_do_not_match() {
    let world = World::new();
    let mut altered = world.shown(&world.mara, "");
    let middle = altered.request.len() / 2;
    let letter = if altered.request.as_bytes()[middle] == b'A' { "B" } else { "A" };
    altered.request.replace_range(middle..=middle, letter);
    let mut nobody = world.shown(&world.mara, "");
    nobody.pk_tokens.retain(|t| *t != world.mara.pk_token);
    let mut not_enrolled = world.shown(&world.mara, "");
    not_enrolled.enrols.remove(0);
    let elsewhere = World::new();
    let other_issuer = elsewhere.shown(&elsewhere.mara, "");
    for shown in [altered, nobody, not_enrolled, other_issuer] {
        let view = view(&world, &shown, &world.tomasz);
        assert_eq!(view.left.check, SignatureCheck::DoesNotMatch);
        assert!(!view.decidable && !view.left.refusal.is_empty());
    }
}

#[test]
fn decisions_are_verified_too() {
    let world = World::new();
    let good = world.decided(world.shown(&world.mara, ""), &world.tomasz, Verdict::Approve);
    let seen = view(&world, &good, &world.mara);
    assert_eq!((seen.left.check, seen.right[0].check), (SignatureCheck::ChecksOut, SignatureCheck::ChecksOut));
    assert_eq!(seen.right[0].verdict, "approve");

    let own = world.decided(world.shown(&world.tomasz, ""), &world.tomasz, Verdict::Approve);
    assert_eq!(view(&world, &own, &world.mara).right[0].check, SignatureCheck::DoesNotMatch, "signed by the requester");

    let mut turned = world.decided(world.shown(&world.mara, ""), &world.tomasz, Verdict::Deny);
    turned.decisions[0].verdict = Verdict::Approve;
    let seen = view(&world, &turned, &world.mara);
    assert_eq!((seen.right[0].check, seen.right[0].verdict.as_str()), (SignatureCheck::DoesNotMatch, "deny"));
}

#[test]
fn signals_stop_at_a_bad_signature_and_look_at_a_new_device() {
    let world = World::new();
    let policy = Policy::compiled_in();
    let shown = world.shown(&world.mara, "");
    let indenture = Indenture::verify(&shown, &ground(&world));
    let found = signals(&indenture, &ground(&world), &policy, Some(&History(&[])));
    assert!(found.iter().any(|s| s.verdict == "look" && s.title == "The Device is new."));
    assert!(found.iter().all(|s| s.verdict != "stop"));

    let mut earlier = indenture.view(&identity(&world, &world.tomasz));
    earlier.id = "earlier".into();
    let found = signals(&indenture, &ground(&world), &policy, Some(&History(&[earlier])));
    assert!(found.iter().any(|s| s.title == "The justification is copied."));

    let mut bad = shown.clone();
    bad.ticket = "SUP-1".into();
    let found = signals(&Indenture::verify(&bad, &ground(&world)), &ground(&world), &policy, Some(&History(&[])));
    assert_eq!(found.iter().map(|s| s.verdict.as_str()).collect::<Vec<_>>(), ["stop"]);
}

#[test]
fn an_enrolment_that_did_not_count_makes_no_device_known() {
    let world = World::new();
    let mut shown = world.shown(&world.mara, "");
    let enrol = statement::Enrol { device: world.mara.thumbprint(), person: world.mara.id.clone() };
    shown.enrols.insert(0, world.tomasz.sign(enrol, NOW - 55, ""));
    let indenture = Indenture::verify(&shown, &ground(&world));
    let found = signals(&indenture, &ground(&world), &Policy::compiled_in(), None);
    let device = found.iter().find(|s| s.title.contains("Device")).unwrap();
    assert_eq!(device.detail, "Ben Okafor enrolled it 50 s ago.", "Tomasz is no administrator");
}

#[test]
fn a_request_that_waits_is_shown_no_longer_than_it_can_be_decided() {
    let world = World::new();
    let mut shown = world.shown(&world.mara, "");
    shown.until += 1;
    assert!(view(&world, &shown, &world.tomasz).left.refusal.contains("time that is left"));
}

#[test]
fn more_time_is_shown_as_what_it_is() {
    let world = World::new();
    let extends = statement::Extends {
        ends_at: NOW + 300,
        opened_at: NOW - 1500,
        request: statement::sha256("a request"),
        session: statement::sha256("a Session").into(),
    };
    let body = statement::Request { duration_seconds: 2700, extends: Some(extends), ..World::request_body() };
    let shown = world.shown_with(&world.mara, body, "");
    let indenture = Indenture::verify(&shown, &ground(&world));
    let found = signals(&indenture, &ground(&world), &Policy::compiled_in(), None);
    let more = found.iter().find(|s| s.title.contains("more time")).expect("it is said");
    assert_eq!(more.verdict, "look");
    assert_eq!(more.detail, "15 min more in the Session that has been open for 25 min; 45 min in all.");
    assert!(view(&world, &shown, &world.tomasz).decidable);
    let plain = world.shown(&world.mara, "");
    let found = signals(&Indenture::verify(&plain, &ground(&world)), &ground(&world), &Policy::compiled_in(), None);
    assert!(!found.iter().any(|s| s.title.contains("more time")));
}

#[test]
fn more_time_is_no_copy_of_the_request_that_it_extends() {
    let world = World::new();
    let first = world.shown(&world.mara, "");
    let of = |request: &domain::Digest| statement::Extends {
        ends_at: NOW + 300,
        opened_at: NOW - 1500,
        request: request.clone(),
        session: statement::sha256("a Session").into(),
    };
    let more = |extends| statement::Request { duration_seconds: 2700, extends: Some(extends), ..World::request_body() };
    let copied = |extends| {
        let shown = world.shown_with(&world.mara, more(extends), "");
        let indenture = Indenture::verify(&shown, &ground(&world));
        let history = [view(&world, &first, &world.tomasz)];
        let found = signals(&indenture, &ground(&world), &Policy::compiled_in(), Some(&History(&history)));
        found.iter().any(|s| s.title == "The justification is copied.")
    };
    assert!(!copied(of(&first.id)));
    assert!(copied(of(&statement::sha256("another request"))), "one of another Session is");
}
