//! Offers put together of pieces of good ones.

use domain::Scope;
use statement::{Bundle, Request};

use super::{Broker, seeded::Seeded};

impl Broker {
    pub(super) fn swap_a_part(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let from = &self.other.bundle;
        match seed.below(4) {
            0 => b.request = from.request.clone(),
            1 => b.decisions = from.decisions.clone(),
            2 => b.open = from.open.clone(),
            _ => b.mfa = from.mfa.clone(),
        }
        "a part of another bundle"
    }

    pub(super) fn rows_instead_of_signatures(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
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

    pub(super) fn swap_keys(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
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

    pub(super) fn change_the_request(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
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

    pub(super) fn repeat_a_decision(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        for _ in 0..=seed.below(3) {
            b.decisions.push(b.decisions[0].clone());
        }
        b.open = self.company.open(&self.company.engineer, &b.request, &b.decisions, &self.good.tls_client);
        "one decision twice"
    }

    pub(super) fn splice_payloads(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
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

    pub(super) fn mix_two_bundles(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
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
    let Bundle { pk_tokens, enrols, request, decisions, mfa, open, break_glass: _ } = b;
    pk_tokens.iter_mut().chain(enrols).chain([request]).chain(decisions).chain(mfa).chain([open]).collect()
}

pub(super) fn spoil_a_byte(b: &mut Bundle, seed: &mut Seeded) -> &'static str {
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

pub(super) fn drop_a_part(b: &mut Bundle, seed: &mut Seeded) -> &'static str {
    match seed.below(5) {
        0 => drop(b.pk_tokens.remove(seed.below(b.pk_tokens.len()))),
        1 => drop(b.enrols.remove(seed.below(b.enrols.len()))),
        2 => drop(b.mfa.remove(seed.below(b.mfa.len()))),
        3 => b.decisions.clear(),
        _ => b.open.clear(),
    }
    "a missing part"
}
