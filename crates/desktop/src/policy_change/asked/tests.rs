use domain::Digest;
use statement::{Adopt, Adoption, Mfa, MfaPurpose, sha256};

use super::*;
use crate::engine::asked_in_tests::{asked, period};
use crate::world::{ISSUER, NOW, Person, World};

pub(crate) fn version_2() -> String {
    let text = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2");
    let (from, to) = ("context.scope == 1 && context.duration_seconds <= 7200) ||\n   (context.scope >= 2", "<= 900");
    assert!(text.contains(from));
    text.replace(from, &from.replace("<= 7200", to))
}

/// Reads of maintenance for two hours at most, and since the adoption for 15 minutes.
pub(crate) fn chain() -> Policies {
    let mut w = World::new();
    let sofia = Person::new(&w.idp, ISSUER, "e-sofia", "Sofia Marchetti", &["administrator"]);
    w.trust.first_administrators = vec![w.ben.thumbprint(), sofia.thumbprint()];
    let (text, previous) = (version_2(), w.trust.policy.clone());
    let adopt = Adopt { comment: "Shorter, as agreed.".into(), policy: sha256(&text), previous };
    let signed = [&w.ben, &sofia].map(|who| who.sign(adopt.clone(), NOW - 20, ""));
    let code = |who: &Person, statement: &str| {
        let subject = sha256(&who.pk_token);
        let (method, purpose) = ("totp".to_owned(), MfaPurpose::Statement);
        let body = Mfa { method, purpose, statement: Some(sha256(statement)), subject, address: None };
        let (aud, iat, exp) = (w.trust.gateway_id.clone(), NOW - 20, NOW + 300);
        let payload = statement::Payload { aud, body, exp, iat, jti: "j".repeat(22), seen: String::new() };
        statement::sign(&w.broker, &w.broker.public().thumbprint(), &payload).unwrap()
    };
    let adoption = Adoption {
        text,
        mfa: vec![code(&w.ben, &signed[0]), code(&sofia, &signed[1])],
        statements: signed.to_vec(),
        enrols: Vec::new(),
        pk_tokens: vec![w.ben.pk_token.clone(), sofia.pk_token.clone()],
    };
    Policies::compiled_in(&w.trust).unwrap().follow(&adoption, w.provider.clone(), NOW).unwrap()
}

pub(crate) fn first() -> Digest {
    Policy::compiled_in().digest().clone()
}

#[test]
fn what_would_have_been_answered_otherwise_is_counted_under_the_policy_of_its_time() {
    let second = sha256(version_2());
    let entries = [
        // Two hours were allowed at first, and an hour is now proposed.
        asked(1, "7200", &first(), None),
        asked(2, "600", &first(), None),
        asked(3, "3600", &second, Some("duration-out-of-policy")),
        asked(4, "7200", &second, Some("duration-out-of-policy")),
        asked(5, "600", &sha256("another policy"), None),
    ];
    let counted = |new: &str| Asked::of(&period(chain(), &entries), &Policy::read(new).unwrap()).counted();
    let an_hour = version_2().replace("<= 900", "<= 3600");
    let expected = Counted { requests: 4, allowed: 1, refused: 1, more: 0, fewer: 0 };
    assert_eq!(counted(&an_hour), expected);
    let two_people = version_2().replace("context.approvals >= 1", "context.approvals >= 2");
    let expected = Counted { requests: 4, allowed: 0, refused: 1, more: 1, fewer: 0 };
    assert_eq!(counted(&two_people), expected);
}

#[test]
fn fewer_countersigners_are_counted_too() {
    let two = Policy::read(&version_2().replace("context.approvals >= 1", "context.approvals >= 2")).unwrap();
    let under = |old: &Policy, new: &Policy| {
        let ask = asked(2, "600", &first(), None);
        let period = period(chain(), &[ask]);
        let told = period.asks[0].told.as_ref().unwrap().ask(&period.asks[0]);
        let (old, new) = (old.evaluate(&told).into(), new.evaluate(&told).into());
        Counted::of([RequestUnder { name: String::new(), old, new }].iter())
    };
    let default = Policy::compiled_in();
    assert_eq!(under(&two, &default), Counted { requests: 1, fewer: 1, ..Counted::default() });
    assert_eq!(under(&default, &two), Counted { requests: 1, more: 1, ..Counted::default() });
}
