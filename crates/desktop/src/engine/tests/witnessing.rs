use checkpoint::{WitnessSigner, WitnessVerifier};
use statement::{Unverified, WitnessKey, device_witness};
use wire::audit::{DeviceWitness, OutsideWitness, WitnessTrouble, Witnesses};

use super::*;
use crate::view::{WitnessKind, WitnessView};

fn outside() -> WitnessSigner {
    WitnessSigner::from_seed("witness.test/w1", &[1; 32]).unwrap()
}

fn cosigned(witness: &WitnessSigner, note: &str) -> String {
    let head = signer().verifier().open(note).unwrap();
    format!("{note}{}", witness.cosign(&head, u64::try_from(NOW - 5).unwrap()).line)
}

/// Mara's Device, as it would hand this in.
fn device(desk: &Desk, witness: &WitnessSigner, note: &str) -> DeviceWitness {
    let body = WitnessKey { key: witness.verifier().verifier_key() };
    DeviceWitness {
        checkpoint: cosigned(witness, note),
        statement: desk.world.mara.sign(body, NOW - 10, note),
        token: desk.world.mara.pk_token.clone(),
    }
}

fn maras(desk: &Desk, seed: u8) -> WitnessSigner {
    let name = device_witness(&desk.world.trust, &desk.world.mara.thumbprint());
    WitnessSigner::from_seed(&name, &[seed; 32]).unwrap()
}

impl Desk {
    /// Signed in, with a log of so many entries and these witnesses.
    async fn watching(&self, size: usize, witnesses: Witnesses) {
        let (enrols, tokens) = (self.world.enrols(), vec![self.world.ben.pk_token.clone()]);
        {
            let mut services = self.services();
            services.note = desk::note(size);
            services.witnesses = Witnesses { enrols, tokens, ..witnesses };
        }
        self.engine.requests("inbox").await.unwrap();
    }
}

#[tokio::test]
async fn what_was_verified_is_cosigned_with_a_key_that_the_device_names() {
    let desk = Desk::new().await;
    desk.watching(1, Witnesses::default()).await;
    for _ in 0..3 {
        desk.engine.check_log().await.unwrap();
    }
    let handed_in = desk.services().cosigned.clone();
    assert_eq!(handed_in.len(), 1, "once while nothing is new");
    let head = signer().verifier().open(&handed_in[0].checkpoint).unwrap();
    assert_eq!(head.size, 1);
    let key = desk.world.tomasz.device.public();
    let statement = Unverified::<WitnessKey>::read(&handed_in[0].statement).unwrap().verify(&key).unwrap();
    assert_eq!(statement.payload().seen, desk::note(1), "as in every statement");
    let verifier = WitnessVerifier::parse(&statement.body().key).unwrap();
    assert_eq!(verifier.name(), device_witness(&desk.world.trust, &key.thumbprint()));
    assert_eq!(verifier.cosigned(&handed_in[0].checkpoint).unwrap().at, u64::try_from(NOW).unwrap());

    desk.services().note = desk::note(2);
    desk.engine.check_log().await.unwrap();
    desk.clock.advance(301);
    desk.services().clock_off_ms = 301_000;
    desk.engine.check_log().await.unwrap();
    let sizes: Vec<u64> =
        desk.services().cosigned.iter().map(|c| signer().verifier().open(&c.checkpoint).unwrap().size).collect();
    assert_eq!(sizes, [1, 2, 2], "that it is still the last one is news after a while");
    let again = desk.again();
    again.requests("inbox").await.unwrap();
    again.check_log().await.unwrap();
    let last = desk.services().cosigned.last().unwrap().statement.clone();
    assert_eq!(Unverified::<WitnessKey>::read(&last).unwrap().unverified_body(), statement.body(), "one key a profile");
}

#[tokio::test]
async fn each_witness_is_shown_with_what_holds_here_of_it() {
    let desk = Desk::new().await;
    let (witness, other) = (outside(), WitnessSigner::from_seed("witness.test/w2", &[2; 32]).unwrap());
    let mut file = desk.file.clone();
    let missing = "witness.test/w3+00000000+AAAA".to_owned();
    file.witnesses = vec![witness.verifier().verifier_key(), missing];
    desk.engine.inner.profile.keep_join(&file).unwrap();
    desk.engine.inner.live().joined = None;
    let said = |witness: &WitnessSigner, checkpoint, trouble| OutsideWitness {
        key: witness.verifier().verifier_key(),
        checkpoint,
        trouble,
    };
    let by_other = cosigned(&witness, &desk::note(1)).replace("witness.test/w1", "witness.test/w2");
    let outside = vec![
        said(&witness, Some(cosigned(&witness, &desk::note(1))), None),
        said(&other, Some(by_other), Some(WitnessTrouble::Unreachable)),
    ];
    let key = maras(&desk, 3);
    let good = device(&desk, &key, &desk::note(2));
    let forged = DeviceWitness { checkpoint: cosigned(&maras(&desk, 4), &desk::note(2)), ..good.clone() };
    let stranger = Person::new(&desk.world.idp, &desk.world.trust.issuer, "e-eve", "Eve", &["engineer"]);
    let name = device_witness(&desk.world.trust, &stranger.thumbprint());
    let eves = WitnessSigner::from_seed(&name, &[5; 32]).unwrap();
    let not_enrolled = DeviceWitness {
        checkpoint: cosigned(&eves, &desk::note(2)),
        statement: stranger.sign(WitnessKey { key: eves.verifier().verifier_key() }, NOW - 10, ""),
        token: stranger.pk_token.clone(),
    };
    let devices = vec![good, forged, not_enrolled];
    desk.watching(2, Witnesses { outside, devices, ..Witnesses::default() }).await;
    let shown = desk.engine.check_log().await.unwrap().witnesses;
    let seen: Vec<(&str, u32, Option<u32>, bool)> =
        shown.iter().map(|w| (w.name.as_str(), w.size, w.at, w.pinned)).collect();
    let at = Some(u32::try_from(NOW - 5).unwrap());
    assert_eq!(
        seen,
        [
            ("witness.test/w1", 1, at, true),
            ("witness.test/w2", 0, None, false),
            ("witness.test/w3", 0, None, true),
            ("Mara Lindqvist", 2, at, true),
        ]
    );
    let WitnessView { kind, key_short, trouble, .. } = &shown[3];
    assert_eq!((*kind, key_short.is_empty(), trouble.as_str()), (WitnessKind::Computer, false, ""));
    assert!(shown[1].trouble.contains("not its cosignature"), "{}", shown[1].trouble);
    assert!(shown[2].trouble.contains("does not show"), "{}", shown[2].trouble);
}

/// T13: a witness was shown another log of the same key. Its note alone is the proof.
#[tokio::test]
async fn l_02_a_fork_that_a_witness_saw_breaks_the_log_here_and_is_told() {
    let desk = Desk::new().await;
    let fork = signer().sign(1, &[9; 32]);
    let outside = vec![OutsideWitness {
        key: outside().verifier().verifier_key(),
        checkpoint: Some(cosigned(&outside(), &fork)),
        trouble: None,
    }];
    desk.watching(2, Witnesses { outside, ..Witnesses::default() }).await;
    desk.engine.check_log().await.unwrap();
    assert_eq!(desk.engine.check_log().await.unwrap_err().code, "log-broken", "for good");
    assert!(desk.told().await.iter().any(|told| told.code == LocalCode::LogBroken));
    let cosigned = desk.services().cosigned.len();
    desk.clock.advance(301);
    desk.services().clock_off_ms = 301_000;
    desk.engine.check_log().await.unwrap_err();
    assert_eq!(desk.services().cosigned.len(), cosigned, "a broken log is cosigned no more");
}
