//! A broker that is wholly taken over: it holds the attestation key, every message that ever passed it, and a provider
//! of its own. It offers 10,000 seeded mutations and forgeries of good bundles. Nothing opens.

mod people;
mod pieces;
mod seeded;

use std::collections::BTreeMap;

use pieces::{drop_a_part, spoil_a_byte};
use seeded::Seeded;
use statement::{Refusal, sha256};
use tests::forge::{Account, Company, Good, Person};

const NOON: i64 = 1_795_000_000;
const OFFERS: u64 = 10_000;

/// What the broker has to work with.
struct Broker {
    company: Company,
    /// A whole company that it made up: other provider, other people, other keys.
    invented: Company,
    good: Good,
    /// Another good bundle of the same people about another Organization.
    other: Good,
    /// People of its own at the real provider whom nobody enrolled.
    unenrolled: Vec<Person>,
    /// The requester's second account on a second, enrolled Device.
    second_account: Person,
}

impl Broker {
    fn new() -> Self {
        let company = Company::new(NOON);
        let sign_in = |person: &str, roles: &[&str]| {
            let mut account = Account::new(person, "Somebody", roles);
            account.subject = format!("other-{person}");
            Person::sign_in(&company.provider, account, company.moments.approver_signs_in)
        };
        let unenrolled = vec![sign_in("e-1002", &["approver"]), sign_in("e-9999", &["approver", "administrator"])];
        let second_account = sign_in("E-1001", &["approver"]);
        let good = company.good();
        let mut ask = company.ask();
        ask.organization.id = "delmar-foods".parse().expect("an id");
        let other = company.good_with(ask, &[&company.second_approver]);
        Self { invented: Company::new(NOON), good, other, unenrolled, second_account, company }
    }

    /// One offer: the name of the trick, and what is handed to the gateway.
    fn offer(&self, seed: &mut Seeded) -> (&'static str, Good) {
        let mut offer = self.good.clone();
        let b = &mut offer.bundle;
        let trick = match seed.below(20) {
            0 => spoil_a_byte(b, seed),
            1 => drop_a_part(b, seed),
            2 => self.swap_a_part(b, seed),
            3 => self.rows_instead_of_signatures(b, seed),
            4 => self.swap_keys(b, seed),
            5 => self.unenrolled_approver(b, seed),
            6 => self.second_account_approves(b, seed),
            7 => self.invented_employee(b, seed),
            8 => self.widen_the_terms(b, seed),
            9 => self.deny_becomes_approve(b, seed),
            10 => {
                offer.opened_at += 60 + i64::try_from(seed.below(1_000_000)).expect("fits");
                "replay later"
            }
            11 => {
                offer.tls_client = sha256(seed.next().to_be_bytes());
                "replay over another TLS key"
            }
            12 => self.attest_itself(b, seed),
            13 => self.enrol_by_the_wrong_hands(b, seed),
            14 => self.change_the_request(b, seed),
            15 => self.repeat_a_decision(b, seed),
            16 => self.splice_payloads(b, seed),
            17 => self.requester_approves(b, seed),
            18 => self.wrong_role(b, seed),
            _ => self.mix_two_bundles(b, seed),
        };
        (trick, offer)
    }
}

#[test]
fn ten_thousand_offers_open_nothing() {
    let broker = Broker::new();
    assert!(broker.good.verify(&broker.company).is_ok(), "the bundle that is spoiled is good");
    assert!(broker.other.verify(&broker.company).is_ok(), "and so is the other one");
    let mut seed = Seeded(0xC0DE_5160);
    let mut heard: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for number in 0..OFFERS {
        let (trick, offer) = broker.offer(&mut seed);
        match offer.verify(&broker.company) {
            Ok(_) => panic!("offer {number} opened the Organization: {trick}"),
            Err(refusal) => *heard.entry((trick, refusal.code())).or_default() += 1,
        }
    }
    let tricks: std::collections::BTreeSet<_> = heard.keys().map(|(trick, _)| *trick).collect();
    assert_eq!(tricks.len(), 20, "every trick was tried: {heard:#?}");
    let refusals: std::collections::BTreeSet<_> = heard.keys().map(|(_, code)| *code).collect();
    for code in [
        Refusal::BadSignature,
        Refusal::SamePerson,
        Refusal::NotEnrolled,
        Refusal::OtherRequest,
        Refusal::WiderThanAsked,
        Refusal::Denied,
        Refusal::Expired,
        Refusal::OtherTlsKey,
        Refusal::DecidedTwice,
        Refusal::NoApproval,
        Refusal::MissingRole,
    ] {
        assert!(refusals.contains(code.code()), "{code} was never heard: {heard:#?}");
    }
}
