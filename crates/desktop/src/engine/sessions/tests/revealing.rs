//! Marks that were opened: what the audit service says of it is shown when two people signed it and it stands in the log.

use domain::Organization;
use statement::{Enrol, Reveal, Revealing};
use wire::revealing::{LoggedReveal, READABLE_SECONDS, RevealList, RevealedMark, RevealedMarks};

use super::kept::{factor, leaf, receipts, signer};
use super::*;

/// A log of two entries, about what was signed.
struct Told {
    kept: Kept,
    id: String,
}

fn body(kept: &Kept, reader: &Person) -> Reveal {
    Reveal {
        justification: "The customer asks who was called on Friday.".into(),
        marks: vec!["7f3a91c2d0b4e6f8".into()],
        organization: Organization { id: "kinloch-hotels".parse().unwrap(), name: "Kinloch Hotels".into() },
        reader: reader.thumbprint(),
        session: kept.id.clone(),
    }
}

/// What these sign, beside the second entry when `is_revealed`; signed in is `who`.
async fn told(signers: fn(&World) -> Vec<&Person>, is_revealed: bool, who: fn(&World) -> &Person) -> Told {
    let kept = kept().await;
    let world = &kept.world;
    let signers = signers(world);
    let body = body(&kept, signers[0]);
    let statements: Vec<String> =
        (0..).zip(&signers).map(|(n, who)| who.sign(body.clone(), NOW - 10 + n, "")).collect();
    let mfa = signers.iter().zip(&statements).map(|(who, s)| factor(world, who, Some(sha256(s)))).collect();
    let ines = world.ben.sign(Enrol { device: world.ines.thumbprint(), person: world.ines.id.clone() }, NOW - 50, "");
    let mut pk_tokens: Vec<String> = signers.iter().map(|who| who.pk_token.clone()).collect();
    pk_tokens.push(world.ben.pk_token.clone());
    pk_tokens.sort();
    pk_tokens.dedup();
    let enrols = [world.enrols(), vec![ines]].concat();
    let digests: Vec<Digest> = statements.iter().map(sha256).collect();
    let id = digests[0].to_string();
    let facts = [("reveal", id.clone()), ("marks", "1".to_owned())];
    let second = if is_revealed { EventKind::MarksRevealed } else { EventKind::MarksRead };
    let proposed = leaf(EventKind::RevealProposed, &kept.id, digests[..1].to_vec(), &facts);
    let [proposed, second] = receipts(&signer(), [proposed, leaf(second, &kept.id, digests, &facts)]);
    {
        let mut stored = kept.stored();
        stored.note.clone_from(&proposed.checkpoint);
        stored.entries = vec![proposed.clone(), second.clone()];
        let revealing = Revealing { statements, mfa, enrols, pk_tokens };
        let reveals = vec![LoggedReveal { revealing, proposed, revealed: is_revealed.then(|| second.clone()) }];
        let value = RevealedMark { mark: "7f3a91c2d0b4e6f8".into(), rule: "e-mail".into(), value: "Zora".into() };
        let given = RevealedMarks { marks: vec![value], receipt: second };
        for (path, answer) in [
            ("/v1/time".to_owned(), serde_json::json!({ "now": (NOW + 60) * 1000 })),
            ("/v1/policies".to_owned(), serde_json::json!({ "adopted": [], "proposed": [] })),
            ("/v1/reveals".to_owned(), serde_json::to_value(RevealList { reveals }).unwrap()),
            (format!("/v1/reveals/{id}"), serde_json::to_value(given).unwrap()),
        ] {
            stored.others.insert(path, answer);
        }
    }
    let mut person = kept.signed_in(who(world));
    person.factor = Some((factor(world, who(world), None), NOW - 30));
    kept.engine.inner.live().person = Some(Arc::new(person));
    Told { kept, id }
}

fn ines(world: &World) -> &Person {
    &world.ines
}

fn tomasz(world: &World) -> &Person {
    &world.tomasz
}

#[tokio::test]
async fn a_proposal_is_shown_as_what_it_is() {
    for (who, is_own) in [(ines as fn(&World) -> &Person, true), (tomasz, false)] {
        let told = told(|w| vec![&w.ines], false, who).await;
        let [view] = &told.kept.engine.reveals().await.unwrap()[..] else { panic!("one") };
        assert_eq!((view.id.as_str(), view.by.join(" ").as_str()), (told.id.as_str(), "Ines Carvalho"));
        assert_eq!((view.readable_until, view.is_own), (None, is_own));
    }
}

#[tokio::test]
async fn what_two_signed_can_be_read_for_a_while_and_by_whom_is_said() {
    let told = told(|w| vec![&w.ines, &w.tomasz], true, ines).await;
    let [view] = &told.kept.engine.reveals().await.unwrap()[..] else { panic!("one") };
    assert_eq!(view.by, ["Ines Carvalho", "Tomasz Wieczorek"]);
    assert_eq!(view.readable_until.map(i64::from), Some(NOW + READABLE_SECONDS));
}

#[tokio::test]
async fn a_01_what_one_person_signed_is_not_shown_as_signed_by_two() {
    let alone: [fn(&World) -> Vec<&Person>; 3] =
        [|w| vec![&w.ines, &w.ines], |w| vec![&w.ines], |w| vec![&w.tomasz, &w.ines]];
    for signers in alone {
        let told = told(signers, true, tomasz).await;
        assert_eq!(told.kept.engine.reveals().await.unwrap_err().code, "does-not-match");
    }
}

/// An approver who proposes for their own Device is nobody whom one countersigns for; nothing is signed then.
#[tokio::test]
async fn a_08_a_proposal_that_does_not_hold_is_not_countersigned() {
    let told = told(|w| vec![&w.tomasz], false, ines).await;
    assert!(told.kept.engine.reveals().await.unwrap().is_empty());
    let refused = told.kept.engine.countersign_reveal(&told.id, "123456").await.unwrap_err();
    assert_eq!(refused.code, "no-such-reveal");
    assert!(!told.kept.stored().asked.iter().any(|path| path.starts_with("/v1/codes")), "no code was taken");
}

#[tokio::test]
async fn a_value_is_shown_when_its_reading_stands_in_the_log() {
    let told_it = told(|w| vec![&w.ines], false, ines).await;
    let [one] = &told_it.kept.engine.read_marks(&told_it.id).await.unwrap()[..] else { panic!("one") };
    assert_eq!((one.rule.as_str(), one.value.as_str()), ("e-mail", "Zora"));
    let without = told(|w| vec![&w.ines, &w.tomasz], true, ines).await;
    let refused = without.kept.engine.read_marks(&without.id).await.unwrap_err();
    assert_eq!(refused.code, "does-not-match", "its receipt is of another entry");
}
