//! Marks that were opened: what the audit service says of it is shown when two people signed it and it stands in the log.

mod known;
mod signing;

use domain::Organization;
use statement::{Enrol, Reveal, Revealing};
use wire::audit::Consistency;
use wire::revealing::{LoggedReveal, READABLE_SECONDS, RevealList, RevealedMark, RevealedMarks, RevealedSession};

use super::kept::{Stored, factor, leaf, signer};
use super::*;

/// The log of a Session that was opened and sealed, and two entries about what was signed.
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

fn hashes(leaves: &[String]) -> Vec<merkle::Hash> {
    leaves.iter().map(|leaf| merkle::leaf_hash(leaf.as_bytes())).collect()
}

fn digests(path: &[merkle::Hash]) -> Vec<Digest> {
    path.iter().map(|hash| statement::base64url(hash).parse().unwrap()).collect()
}

/// The log from now on; what was seen of it stays its beginning.
pub(super) fn grown(stored: &mut Stored, leaves: &[String]) -> Vec<Receipt> {
    let (hashes, size) = (hashes(leaves), leaves.len() as u64);
    stored.note = signer().sign(size, &merkle::root(&hashes));
    let receipt = |(at, leaf): (usize, &String)| Receipt {
        index: at as u64,
        leaf: leaf.clone(),
        inclusion: digests(&merkle::inclusion_path(at, &hashes)),
        checkpoint: stored.note.clone(),
    };
    let receipts: Vec<Receipt> = leaves.iter().enumerate().map(receipt).collect();
    for (from, to) in (1..=leaves.len()).flat_map(|to| (1..to).map(move |from| (from, to))) {
        let path = digests(&merkle::consistency_path(from, &hashes[..to]));
        let proof = Consistency { from: from as u64, to: to as u64, path };
        let path = format!("/v1/consistency?from={from}&to={to}");
        stored.others.insert(path, serde_json::to_value(proof).unwrap());
    }
    stored.entries.clone_from(&receipts);
    receipts
}

/// Of the first entry of this log.
fn opened_by(kept: &Kept, receipts: &[Receipt]) -> RevealedSession {
    let (open, pk_token) = (kept.detail.bundle.open.clone(), kept.world.mara.pk_token.clone());
    RevealedSession { opened: receipts[0].clone(), open, pk_token }
}

/// What these sign, beside the second entry when `is_revealed`; signed in is `who`.
async fn told(signers: fn(&World) -> Vec<&Person>, is_revealed: bool, who: fn(&World) -> &Person) -> Told {
    told_by_ones_who_saw("", signers, is_revealed, who).await
}

/// The same, the last of whom had seen this of the log.
async fn told_by_ones_who_saw(
    seen: &str,
    signers: fn(&World) -> Vec<&Person>,
    is_revealed: bool,
    who: fn(&World) -> &Person,
) -> Told {
    let kept = kept().await;
    let world = &kept.world;
    let signers = signers(world);
    seen.clone_into(&mut signers.last().unwrap().saw.lock().unwrap());
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
    let second = leaf(second, &kept.id, digests, &facts);
    let leaves = [kept.stored().entries.iter().map(|r| r.leaf.clone()).collect(), vec![proposed, second]].concat();
    {
        let mut stored = kept.stored();
        let receipts = grown(&mut stored, &leaves);
        let session = opened_by(&kept, &receipts);
        let (proposed, second) = (receipts[2].clone(), receipts[3].clone());
        let revealing = Revealing { statements, mfa, enrols, pk_tokens };
        let revealed = is_revealed.then(|| second.clone());
        let reveals = vec![LoggedReveal { revealing, proposed, revealed, session }];
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
    let told = Told { kept, id };
    told.sign_in(who(&told.kept.world));
    told
}

impl Told {
    fn sign_in(&self, who: &Person) {
        let mut person = self.kept.signed_in(who);
        person.factor = Some((factor(&self.kept.world, who, None), NOW - 30));
        self.kept.engine.inner.live().person = Some(Arc::new(person));
    }
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
        assert_eq!((view.readable_until, view.is_own, view.may_sign), (None, is_own, !is_own));
        assert_eq!((view.whose.as_str(), i64::from(view.until)), ("Mara Lindqvist", NOW - 10 + 24 * 3600));
    }
}

/// Whoever countersigns reads whose Session it was: that is the one who signed it open, and nobody else.
#[tokio::test]
async fn whose_session_it_was_is_what_its_opening_proves() {
    let lies: [fn(&mut RevealedSession, &Kept, &[Receipt]); 5] = [
        |s, kept, _| s.pk_token = kept.world.tomasz.pk_token.clone(),
        |s, kept, _| {
            let other = statement::Unverified::<SessionOpen>::read(&s.open).unwrap().unverified_body().clone();
            s.open = kept.world.ines.sign(other, NOW, "");
            s.pk_token = kept.world.ines.pk_token.clone();
        },
        |s, _, entries| s.opened = entries[1].clone(),
        |s, _, _| s.opened.leaf = s.opened.leaf.replace("opened-at", "closed-at"),
        |s, _, _| s.open = "x".into(),
    ];
    for (n, lie) in lies.into_iter().enumerate() {
        for is_revealed in [false, true] {
            let told = if is_revealed {
                told(|w| vec![&w.ines, &w.tomasz], true, ines).await
            } else {
                told(|w| vec![&w.ines], false, tomasz).await
            };
            let entries = told.kept.stored().entries.clone();
            let list = told.kept.stored().others["/v1/reveals"].clone();
            let mut list: RevealList = serde_json::from_value(list).unwrap();
            lie(&mut list.reveals[0].session, &told.kept, &entries);
            told.kept.stored().others.insert("/v1/reveals".into(), serde_json::to_value(list).unwrap());
            let error = told.kept.engine.reveals().await.unwrap_err();
            assert!(["does-not-match", "not-in-the-log"].contains(&error.code.as_str()), "{n}: {}", error.code);
        }
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

#[tokio::test]
async fn l_02_what_one_signed_who_saw_another_log_is_marked_and_nobody_signs_it() {
    let both: [fn(&World) -> Vec<&Person>; 2] = [|w| vec![&w.ines], |w| vec![&w.ines, &w.tomasz]];
    for (signers, is_revealed) in both.into_iter().zip([false, true]) {
        let made_up = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().sign(2, &[9; 32]);
        let forks = [2, 4, 52].map(|size| signer().sign(size, &[9; 32]));
        for (which, seen) in forks.iter().chain([&made_up]).enumerate() {
            let told = told_by_ones_who_saw(seen, signers, is_revealed, tomasz).await;
            let [view] = &told.kept.engine.reveals().await.unwrap()[..] else { panic!("one") };
            let shown = (view.signer_saw.as_deref(), view.may_sign, view.readable_until, view.whose.as_str());
            assert_eq!(shown, (Some("another-log"), false, None, ""), "{which}");
            let breaks = told.kept.engine.check_log().await.is_err();
            assert_eq!(breaks, *seen != made_up, "{which}: a head that the log never signed breaks nothing");
            if !is_revealed {
                let refused = told.kept.engine.countersign_reveal(&told.id, "123456").await.unwrap_err();
                assert_eq!(refused.code, "log-broken");
                assert!(
                    !told.kept.stored().asked.iter().any(|path| path.starts_with("/v1/codes")),
                    "no code was taken"
                );
            }
        }
    }
}

#[tokio::test]
async fn l_02_what_was_opened_for_one_whose_session_began_under_another_log_is_not_read() {
    let told = told(|w| vec![&w.ines, &w.tomasz], true, ines).await;
    let list = told.kept.stored().others["/v1/reveals"].clone();
    let mut list: RevealList = serde_json::from_value(list).unwrap();
    let receipt = &mut list.reveals[0].session.opened;
    receipt.checkpoint = signer().sign(2, &[9; 32]);
    told.kept.stored().others.insert("/v1/reveals".into(), serde_json::to_value(list).unwrap());
    let [view] = &told.kept.engine.reveals().await.unwrap()[..] else { panic!("one") };
    assert_eq!((view.signer_saw.as_deref(), view.readable_until), (Some("another-log"), None));
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
