//! A broker that is wholly taken over: it holds the attestation key, every message that ever passed it, and a provider
//! of its own. It offers 10,000 seeded mutations and forgeries of good bundles. Nothing opens.

use std::collections::BTreeMap;

use domain::Scope;
use statement::{Bundle, Mfa, MfaPurpose, Payload, Refusal, Request, Terms, Verdict, sha256, sign};
use tests::forge::{Account, Company, Good, Person};

const NOON: i64 = 1_795_000_000;
const OFFERS: u64 = 10_000;

/// splitmix64: the same offers on every run and machine.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("fits")
    }
}

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

    fn terms() -> Terms {
        Terms { duration_seconds: 1800, scope: Scope::Read }
    }

    /// Puts a decision of `who` in place of the approver's, with every attestation that a broker can give.
    fn decide_as(&self, b: &mut Bundle, who: &Person, terms: Terms) {
        let decision = self.company.approve(who, &b.request, terms);
        b.pk_tokens.push(who.token.clone());
        b.mfa.push(self.company.mfa(who, Some(&decision), self.company.moments.decide));
        b.open = self.company.open(&self.company.engineer, &b.request, std::slice::from_ref(&decision), &self.good.tls_client);
        b.decisions = vec![decision];
    }

    fn swap_a_part(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let from = &self.other.bundle;
        match seed.below(4) {
            0 => b.request = from.request.clone(),
            1 => b.decisions = from.decisions.clone(),
            2 => b.open = from.open.clone(),
            _ => b.mfa = from.mfa.clone(),
        }
        "a part of another bundle"
    }

    fn rows_instead_of_signatures(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let row = format!(r#"{{"id":{},"status":"approved","approver":"e-1002"}}"#, seed.next());
        let unsigned = format!("{}.{}.", statement::base64url(r#"{"alg":"none"}"#), statement::base64url(&row));
        let value = if seed.below(2) == 0 { row } else { unsigned };
        match seed.below(3) {
            0 => b.decisions = vec![value],
            1 => b.request = value,
            _ => b.enrols = vec![value],
        }
        "rows instead of signatures"
    }

    fn swap_keys(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let token = seed.below(b.pk_tokens.len());
        let mut parts: Vec<String> = b.pk_tokens[token].split('.').map(str::to_owned).collect();
        let donor = &self.unenrolled[seed.below(2)].token;
        let (first, last) = if seed.below(2) == 0 { (3, 5) } else { (0, 3) };
        for (part, from) in parts.iter_mut().zip(donor.split('.')).take(last).skip(first) {
            *part = from.to_owned();
        }
        b.pk_tokens[token] = parts.join(".");
        "keys swapped in a PK token"
    }

    fn unenrolled_approver(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let who = &self.unenrolled[seed.below(2)];
        self.decide_as(b, who, Self::terms());
        "an approver whom nobody enrolled"
    }

    fn second_account_approves(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let who = &self.second_account;
        let administrator = &self.company.administrators[seed.below(2)];
        b.pk_tokens.push(administrator.token.clone());
        b.enrols.push(self.company.enrol(administrator, &who.id(), &who.thumbprint()));
        self.decide_as(b, who, Self::terms());
        "one person's two accounts"
    }

    fn invented_employee(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let who = [&self.invented.approver, &self.invented.second_approver][seed.below(2)];
        b.enrols.extend(self.invented.good().bundle.enrols);
        b.pk_tokens.extend(self.invented.administrators.iter().map(|a| a.token.clone()));
        self.decide_as(b, who, Self::terms());
        "an invented employee"
    }

    fn widen_the_terms(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let more = i64::try_from(seed.below(100_000)).expect("fits");
        let terms = match seed.below(3) {
            0 => Terms { duration_seconds: 1801 + more, scope: Scope::Read },
            1 => Terms { duration_seconds: 1800, scope: Scope::ReadWrite },
            _ => Terms { duration_seconds: 1800, scope: Scope::Administer },
        };
        self.decide_as(b, &self.company.approver, terms);
        "widened terms"
    }

    fn deny_becomes_approve(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let denial = self.company.decide(&self.company.approver, &b.request, Self::terms(), Verdict::Deny);
        if seed.below(2) == 0 {
            let [head, body, signature]: [&str; 3] = denial.split('.').collect::<Vec<_>>().try_into().expect("three");
            let body = statement::base64url_decode(body).expect("base64url");
            let body = String::from_utf8(body).expect("text").replace(r#""deny""#, r#""approve""#);
            b.decisions = vec![format!("{head}.{}.{signature}", statement::base64url(body))];
        } else {
            b.decisions = vec![denial];
        }
        b.mfa.push(self.company.mfa(&self.company.approver, Some(&b.decisions[0]), self.company.moments.decide));
        b.open = self.company.open(&self.company.engineer, &b.request, &b.decisions, &self.good.tls_client);
        "a denial turned round"
    }

    /// The broker may attest what it likes; it still has no decision.
    fn attest_itself(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let body = Mfa {
            method: "totp".into(),
            purpose: MfaPurpose::Statement,
            statement: Some(sha256(seed.next().to_be_bytes())),
            subject: self.company.approver.kid(),
        };
        let payload =
            Payload { aud: self.company.trust.gateway_id.clone(), body, exp: NOON, iat: NOON - 60, jti: "x".into(), seen: String::new() };
        let kid = self.company.broker.public().thumbprint();
        let attestation = sign(&self.company.broker, &kid, &payload).expect("signs");
        b.decisions = vec![attestation.clone()];
        b.mfa.push(attestation);
        "attestations in place of decisions"
    }

    fn enrol_by_the_wrong_hands(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let who = &self.unenrolled[seed.below(2)];
        let signers = [&self.company.engineer, &self.company.approver, &self.unenrolled[1], &self.invented.administrators[0], who];
        let signer = signers[seed.below(signers.len())];
        b.pk_tokens.push(signer.token.clone());
        b.enrols.push(self.company.enrol(signer, &who.id(), &who.thumbprint()));
        self.decide_as(b, who, Self::terms());
        "an enrolment by the wrong hands"
    }

    fn change_the_request(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let ask = self.company.ask();
        let changed = match seed.below(4) {
            0 => Request { scope: Scope::ReadWrite, ..ask },
            1 => Request { duration_seconds: 1801 + i64::try_from(seed.below(20_000)).expect("fits"), ..ask },
            2 => Request { justification: format!("Another justification, number {}.", seed.next()), ..ask },
            _ => {
                let mut ask = ask;
                ask.organization.id = format!("org-{}", seed.below(1000)).parse().expect("an id");
                ask
            }
        };
        let signer = [&self.company.engineer, &self.company.approver, &self.unenrolled[0]][seed.below(3)];
        b.request = self.company.request(signer, changed);
        "a changed request"
    }

    fn repeat_a_decision(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        for _ in 0..=seed.below(3) {
            b.decisions.push(b.decisions[0].clone());
        }
        b.open = self.company.open(&self.company.engineer, &b.request, &b.decisions, &self.good.tls_client);
        "one decision twice"
    }

    fn splice_payloads(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let splice = |a: &str, other: &str, part: usize| {
            let mut parts: Vec<&str> = a.split('.').collect();
            parts[part] = other.split('.').nth(part).expect("three parts");
            parts.join(".")
        };
        let part = 1 + seed.below(2);
        match seed.below(3) {
            0 => b.request = splice(&b.request, &self.other.bundle.request, part),
            1 => b.decisions[0] = splice(&b.decisions[0], &self.other.bundle.decisions[0], part),
            _ => b.open = splice(&b.open, &self.other.bundle.open, part),
        }
        "spliced payloads"
    }

    fn requester_approves(&self, b: &mut Bundle, _: &mut Seeded) -> &'static str {
        self.decide_as(b, &self.company.engineer, Self::terms());
        "the requester's own approval"
    }

    fn wrong_role(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let administrator = &self.company.administrators[seed.below(2)];
        let reviewer = &self.company.reviewer;
        b.pk_tokens.push(administrator.token.clone());
        b.enrols.push(self.company.enrol(administrator, &reviewer.id(), &reviewer.thumbprint()));
        let who = if seed.below(2) == 0 { reviewer } else { administrator };
        self.decide_as(b, who, Self::terms());
        "somebody without the role"
    }

    fn mix_two_bundles(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let from = &self.other.bundle;
        b.decisions.extend(from.decisions.iter().cloned());
        b.mfa.extend(from.mfa.iter().cloned());
        b.pk_tokens.extend(from.pk_tokens.iter().cloned());
        b.enrols.extend(from.enrols.iter().cloned());
        if seed.below(2) == 0 {
            b.open = self.company.open(&self.company.engineer, &b.request, &b.decisions, &self.good.tls_client);
        }
        "two bundles in one"
    }
}

fn parts(b: &mut Bundle) -> Vec<&mut String> {
    let Bundle { pk_tokens, enrols, request, decisions, mfa, open } = b;
    pk_tokens.iter_mut().chain(enrols).chain([request]).chain(decisions).chain(mfa).chain([open]).collect()
}

fn spoil_a_byte(b: &mut Bundle, seed: &mut Seeded) -> &'static str {
    let mut parts = parts(b);
    let part = seed.below(parts.len());
    let at = seed.below(parts[part].len());
    let mut bytes = std::mem::take(parts[part]).into_bytes();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    let replacement = loop {
        let letter = letters[seed.below(letters.len())];
        if letter != bytes[at] {
            break letter;
        }
    };
    bytes[at] = replacement;
    *parts[part] = String::from_utf8(bytes).expect("ascii");
    "a changed byte"
}

fn drop_a_part(b: &mut Bundle, seed: &mut Seeded) -> &'static str {
    match seed.below(5) {
        0 => drop(b.pk_tokens.remove(seed.below(b.pk_tokens.len()))),
        1 => drop(b.enrols.remove(seed.below(b.enrols.len()))),
        2 => drop(b.mfa.remove(seed.below(b.mfa.len()))),
        3 => b.decisions.clear(),
        _ => b.open.clear(),
    }
    "a missing part"
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
        Refusal::BadSignature, Refusal::SamePerson, Refusal::NotEnrolled, Refusal::OtherRequest, Refusal::WiderThanAsked,
        Refusal::Denied, Refusal::Expired, Refusal::OtherTlsKey, Refusal::DecidedTwice, Refusal::NoApproval, Refusal::MissingRole,
    ] {
        assert!(refusals.contains(code.code()), "{code} was never heard: {heard:#?}");
    }
}
