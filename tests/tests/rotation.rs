//! The provider changes its keys: who was enrolled stays enrolled, and nothing else that was signed under the old key
//! opens anything.

use domain::UnixSeconds;
use statement::{Bundle, Enrol, KnownKeys, Refusal, sha256, verify_open};
use tests::forge::{Account, Case, Company, Good, Person};
use wire::join::TrustFile;

const OPEN: UnixSeconds = 1_795_000_000;
const DAY: i64 = 24 * 3600;

fn rotated() -> Company {
    let mut company = Company::new(OPEN);
    company.rotate();
    company
}

fn verified(company: &Company, good: &Good, keys: impl Into<KnownKeys>) -> Result<(), Refusal> {
    verify_open(&good.bundle, &company.trust, keys, &good.tls_client, good.opened_at).map(drop)
}

#[test]
fn o_14_an_enrolment_of_before_opens_after_the_rotation() {
    let company = rotated();
    let good = company.good();
    assert_eq!(verified(&company, &good, company.known_keys()), Ok(()));
    assert_eq!(verified(&company, &good, &company.provider_keys()), Err(Refusal::NotEnrolled));
}

#[test]
fn o_14_the_retired_key_asks_approves_and_opens_nothing() {
    let mut company = Company::new(OPEN);
    let before = company.good();
    let [engineer, approver] = [company.engineer.clone(), company.approver.clone()];
    company.rotate();
    assert_eq!(verified(&company, &before, company.known_keys()), Err(Refusal::UnknownProviderKey));
    let (new_engineer, new_approver) = (company.engineer.clone(), company.approver.clone());
    company.approver = approver;
    assert_eq!(verified(&company, &company.good(), company.known_keys()), Err(Refusal::UnknownProviderKey));
    (company.approver, company.engineer) = (new_approver, engineer.clone());
    assert_eq!(verified(&company, &company.good(), company.known_keys()), Err(Refusal::UnknownProviderKey));
    company.engineer = new_engineer;
    let mut good = company.good();
    good.bundle.open = company.open(&engineer, &good.bundle.request, &good.bundle.decisions, &good.tls_client);
    good.bundle.pk_tokens.push(engineer.token);
    assert_eq!(verified(&company, &good, company.known_keys()), Err(Refusal::UnknownProviderKey));
}

#[test]
fn o_14_a_token_from_after_the_end_enrols_nobody() {
    let mut company = rotated();
    let issued_at = company.administrators[0].signed_in_at;
    company.past[0].until = issued_at;
    assert_eq!(verified(&company, &company.good(), company.known_keys()), Ok(()));
    company.past[0].until = issued_at - 1;
    assert_eq!(verified(&company, &company.good(), company.known_keys()), Err(Refusal::NotEnrolled));
}

#[test]
fn o_14_a_set_that_somebody_made_enrols_nobody_without_an_enrolled_device() {
    let company = rotated();
    let mut forged = Company::new(OPEN);
    forged.rotate();
    let mallory = Person::sign_in(
        &Company::new(OPEN).provider,
        Account::new("e-0001", "Ben Okafor", &["administrator"]),
        OPEN - 30 * DAY,
    );
    let mut good = company.good();
    let stranger = company.engineer.thumbprint();
    good.bundle.enrols = vec![company.enrol(&mallory, &company.engineer.id(), &stranger)];
    good.bundle.pk_tokens.push(mallory.token);
    let keys = KnownKeys::new(std::sync::Arc::new(company.provider_keys()), forged.past);
    assert_eq!(verified(&company, &good, keys), Err(Refusal::NotEnrolled));
}

/// The Session of a rotated company, with what its evidence is verified under.
fn evidence(change: impl FnOnce(&mut TrustFile)) -> (Case, TrustFile) {
    let case = Case::of(rotated());
    let mut trust = case.trust.clone();
    change(&mut trust);
    (case, trust)
}

fn rejection(case: &Case, trust: &TrustFile) -> String {
    verify::verify(&case.bytes, trust).err().map(|r| r.to_string()).unwrap_or_default()
}

#[test]
fn evidence_carries_the_sets_that_it_needs_and_each_is_pinned() {
    let (mut case, trust) = evidence(|_| {});
    assert_eq!(case.content.more_keys.len(), 1);
    assert_eq!(rejection(&case, &trust), "");
    let without = case.remade_with(|c| c.more_keys.clear());
    assert!(verify::verify(&without, &trust).unwrap_err().to_string().starts_with("bundle"));

    let (case, trust) = evidence(|t| drop(t.provider_keys.remove(0)));
    assert!(rejection(&case, &trust).contains("not among the pinned ones"), "{}", rejection(&case, &trust));
    let (case, trust) = evidence(|t| drop(t.provider_keys.pop()));
    assert!(rejection(&case, &trust).contains("not the pinned ones"), "{}", rejection(&case, &trust));
}

#[test]
fn evidence_holds_a_pinned_set_to_its_end() {
    let administrators_sign_in = OPEN - 30 * DAY - 60;
    let (case, trust) = evidence(|t| t.provider_keys[0].until = Some(administrators_sign_in - 1));
    assert!(rejection(&case, &trust).starts_with("bundle"), "{}", rejection(&case, &trust));
    let (case, trust) = evidence(|t| t.provider_keys[0].until = None);
    assert_eq!(rejection(&case, &trust), "", "a trust file of before the rotation, with the new set added");
    let (case, trust) = evidence(|t| t.provider_keys[1].until = Some(OPEN - 3600));
    assert!(rejection(&case, &trust).contains("long before"), "{}", rejection(&case, &trust));
    let (case, trust) = evidence(|t| t.provider_keys[1].until = Some(OPEN - 3500));
    assert!(!rejection(&case, &trust).contains("long before"), "a service may have kept them for an hour");
}

fn with(change: impl FnOnce(&mut Bundle, &Company)) -> Result<(), Refusal> {
    let company = Company::new(OPEN);
    let mut good = company.good();
    change(&mut good.bundle, &company);
    verified(&company, &good, &company.provider_keys())
}

#[test]
fn a_token_that_signed_nothing_is_refused() {
    assert_eq!(with(|_, _| {}), Ok(()));
    assert_eq!(with(|b, c| b.pk_tokens.push(c.reviewer.token.clone())), Err(Refusal::UnusedToken));
    let stranger = || Person::sign_in(&Company::new(OPEN).provider, Account::new("e-7", "Nobody", &[]), OPEN - 60);
    assert_eq!(with(|b, _| b.pk_tokens.push(stranger().token)), Err(Refusal::UnusedToken));
    let renewed = with(|b, c| {
        let old = stranger();
        b.enrols.push(c.enrol(&old, &c.engineer.id(), &c.engineer.thumbprint()));
        b.pk_tokens.push(old.token);
    });
    assert_eq!(renewed, Ok(()), "an enrolment that cannot be verified any more spoils nothing beside the new one");
    let forged = with(|b, c| {
        let (stranger, thief) = (stranger(), c.engineer.clone());
        let body = Enrol { device: c.engineer.thumbprint(), person: c.engineer.id() };
        let claimed = Person { token: stranger.token.clone(), ..thief };
        b.enrols.push(claimed.sign(&c.trust.gateway_id, body, OPEN - 60));
        b.pk_tokens.push(stranger.token);
    });
    assert_eq!(forged, Err(Refusal::UnusedToken), "its Device did not sign");
    let another = with(|b, c| b.enrols.push(c.enrol(&c.administrators[0], &c.reviewer.id(), &sha256("a Device"))));
    assert_eq!(another, Ok(()), "an enrolment more than is needed, by a token that is");
}

#[test]
fn a_bundle_has_bounds() {
    let many = |of: &[String], n: usize| of.iter().cycle().take(n).cloned().collect::<Vec<_>>();
    let too_large = Err(Refusal::TooLarge);
    assert_eq!(with(|b, _| b.pk_tokens = many(&b.pk_tokens, 129)), too_large);
    assert_eq!(with(|b, _| b.enrols = many(&b.enrols, 129)), too_large);
    assert_eq!(with(|b, _| b.decisions = many(&b.decisions, 17)), too_large);
    assert_eq!(with(|b, _| b.mfa = many(&b.mfa, 33)), too_large);
    assert_eq!(with(|b, _| b.pk_tokens = many(&b.pk_tokens, 128)), Ok(()));
}
