//! Which Devices are believed, and who may say so.

use domain::Scope;
use statement::{Enrol, Refusal, Terms, sha256};
use tests::forge::{Account, Company, Person};

use super::{company, decided_by, refusal, reopen};

#[test]
fn an_unenrolled_device_signs_for_nobody() {
    let company = company();
    let account = Account::new("e-1002", "Tomasz Wieczorek", &["approver"]);
    let stranger = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
    let mut good = company.good();
    good.bundle.pk_tokens.push(stranger.token.clone());
    let decision = company.approve(&stranger, &good.bundle.request, Terms { duration_seconds: 60, scope: Scope::Read });
    reopen(&company, &mut good, vec![decision], &stranger);
    assert_eq!(refusal(&company, &good), Refusal::NotEnrolled);

    let mut requester = company.good();
    requester.bundle.enrols.remove(0);
    assert_eq!(refusal(&company, &requester), Refusal::NotEnrolled);
}

#[test]
fn an_enrolment_by_the_wrong_hands_enrols_nobody() {
    let company = company();
    let spoil = |enrol: &dyn Fn(&Company) -> String| {
        let mut good = company.good();
        good.bundle.enrols[1] = enrol(&company);
        refusal(&company, &good)
    };
    let approver = &company.approver;
    // by somebody enrolled who is no administrator
    assert_eq!(spoil(&|c| c.enrol(&c.engineer, &approver.id(), &approver.thumbprint())), Refusal::NotEnrolled);
    // by the person for themselves
    assert_eq!(spoil(&|c| c.enrol(approver, &approver.id(), &approver.thumbprint())), Refusal::NotEnrolled);
    // for another person's name, for another Device
    assert_eq!(
        spoil(&|c| c.enrol(&c.administrators[0], &c.engineer.id(), &approver.thumbprint())),
        Refusal::NotEnrolled
    );
    assert_eq!(spoil(&|c| c.enrol(&c.administrators[0], &approver.id(), &sha256("x"))), Refusal::NotEnrolled);
    // addressed to another gateway
    let elsewhere = Enrol { device: approver.thumbprint(), person: approver.id() };
    assert_eq!(
        spoil(&|c| c.administrators[0].sign("another-gateway", elsewhere.clone(), c.moments.enrol)),
        Refusal::NotEnrolled
    );
}

#[test]
fn an_administrator_does_not_enrol_themselves_a_second_device() {
    let company = company();
    let [first, _] = &company.administrators;
    let account = Account::new("e-0001", "Ben Okafor", &["administrator", "approver"]);
    let second_device = Person::sign_in(&company.provider, account, company.moments.approver_signs_in);
    let mut good = decided_by(&company, &second_device, |_| ());
    assert_eq!(refusal(&company, &good), Refusal::NotEnrolled, "enrolled by {}", first.account.name);
    // the other administrator may; whoever signs nothing any more is not in the bundle
    let [_, other] = &company.administrators;
    good.bundle.pk_tokens.retain(|token| *token != company.approver.token);
    good.bundle.pk_tokens.push(other.token.clone());
    good.bundle.enrols.push(company.enrol(other, &second_device.id(), &second_device.thumbprint()));
    assert!(good.verify(&company).is_ok());
}

#[test]
fn nobody_enrols_their_own_device_in_another_name() {
    let company = company();
    let [first, _] = &company.administrators;
    let account = Account::new("e-1002", "Tomasz Wieczorek", &["approver"]);
    let borrowed =
        Person::sign_in_on(&company.provider, account, first.device.clone(), company.moments.approver_signs_in);
    let good = decided_by(&company, &borrowed, |_| ());
    assert_eq!(refusal(&company, &good), Refusal::NotEnrolled, "an administrator names their own Device after another");
    // The pinned key alone makes nobody an approver either: another administrator has to name the person.
    let mut good = good;
    good.bundle.enrols.truncate(2);
    assert_eq!(refusal(&company, &good), Refusal::NotEnrolled);
}
