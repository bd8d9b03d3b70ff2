use super::*;
use crate::LogSigner;

/// The example of C2SP `tlog-cosignature`: another implementation's cosignature of a head.
const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

fn log() -> LogSigner {
    LogSigner::from_seed("countersign.test/log", &[7; 32]).expect("a good name")
}

fn witness(seed: u8) -> WitnessSigner {
    WitnessSigner::from_seed("witness.test/w1", &[seed; 32]).expect("a good name")
}

fn cosigned(witness: &WitnessSigner, size: u64, at: u64) -> String {
    let note = log().sign(size, &[3; 32]);
    let head = log().verifier().open(&note).expect("its own head");
    note + &witness.cosign(&head, at).line
}

#[test]
fn a_cosigned_note_opens_for_the_log_and_for_the_witness() {
    let witness = witness(9);
    let note = cosigned(&witness, 12, 1_679_315_147);
    assert!(log().verifier().open(&note).is_ok());
    let verifier = WitnessVerifier::parse(&witness.verifier().verifier_key()).expect("its own key");
    assert_eq!(verifier, *witness.verifier());
    let found = verifier.cosigned(&note).expect("cosigned");
    assert_eq!(found.at, 1_679_315_147);
    assert!(note.ends_with(&found.line));
    assert_eq!(message(5, "x\n"), "cosignature/v1\ntime 5\nx\n");
}

#[test]
fn the_example_of_the_specification_has_the_shape_that_is_read() {
    let note = note::split(EXAMPLE).expect("a note");
    let (name, id, signature) = &note.signatures[1];
    let at = u64::from_be_bytes(signature[..8].try_into().expect("8 bytes"));
    assert_eq!(
        (*name, *id, at, signature.len()),
        ("witness.example.com/w1", [0x8d, 0x66, 0xcf, 0x3f], 1_679_315_147, 72)
    );
}

#[test]
fn another_head_another_time_or_another_key_is_not_this_cosignature() {
    let (ours, other) = (witness(9), witness(8));
    let note = cosigned(&ours, 12, 100);
    let line = note.lines().last().expect("a line");
    let elsewhere = log().sign(13, &[3; 32]) + line + "\n";
    assert_eq!(ours.verifier().cosigned(&elsewhere), Err(NoteError::BadSignature));
    assert_eq!(other.verifier().cosigned(&note), Err(NoteError::NotSigned));
    assert_eq!(ours.verifier().cosigned(&log().sign(12, &[3; 32])), Err(NoteError::NotSigned));
    // The log's own key is no witness's, and the other way round.
    assert!(WitnessVerifier::parse(&log().verifier_key()).is_err());
    assert!(crate::LogVerifier::parse(&ours.verifier().verifier_key()).is_err());
}

#[test]
fn any_changed_byte_of_the_line_is_refused() {
    let witness = witness(9);
    let note = cosigned(&witness, 12, 100);
    let from = note.rfind("\u{2014} ").expect("the line");
    for place in from..note.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut bytes = note.clone().into_bytes();
            bytes[place] ^= flip;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(witness.verifier().cosigned(&text).is_err(), "byte {place}");
            }
        }
    }
}

#[test]
fn a_time_that_no_clock_shows_is_refused() {
    let witness = witness(9);
    let late = u64::try_from(i64::MAX).expect("positive");
    assert!(witness.verifier().cosigned(&cosigned(&witness, 12, late)).is_ok());
    assert_eq!(witness.verifier().cosigned(&cosigned(&witness, 12, late + 1)), Err(NoteError::BadSignature));
}
